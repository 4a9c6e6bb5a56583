// Making elements. Text from documents only ever becomes text nodes; nothing here parses HTML.

const byId = (id) => document.getElementById(id);
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const counted = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function fill(node, attributes) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
}

function el(name, attributes, ...children) {
  const node = document.createElement(name);
  fill(node, attributes);
  for (const child of children.flat(2)) if (child !== null && child !== undefined) node.append(child);
  return node;
}

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  fill(node, attributes);
  node.append(...children);
  return node;
}

const button = (label, onclick, more) => el("button", { type: "button", onclick, ...more }, label);

// What the eye cannot see is written out.
function chips(text) {
  const parts = [];
  let done = 0;
  for (const match of text.matchAll(data.unseen)) {
    const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
    const page = match[0] === "\f" ? { class: "chip page-end", role: "separator", "aria-label": "page break" } : { class: "chip" };
    parts.push(text.slice(done, match.index), el("span", page, `U+${code}`));
    done = match.index + match[0].length;
  }
  parts.push(text.slice(done));
  return parts;
}

const isolated = (text) => el("bdi", null, chips(text));
const pathText = (text) => el("bdi", null, text.split(/(?<=[._/])(?=[^._/])/).flatMap(
  (step, i) => (i ? [el("wbr"), ...chips(step)] : chips(step))));
// A sentence of the scorer, with what stands between backticks as code.
function coded(text) {
  const parts = text.split("`");
  return parts.length % 2 === 0 ? isolated(text) :
    el("bdi", null, parts.flatMap((part, at) => (at % 2 ? [el("code", null, chips(part))] : chips(part))));
}
const tag = (name) => el("span", { class: "tag" }, isolated(name));
const spaced = (nodes) => nodes.flatMap((node) => [node, " "]);

function verdict(place) {
  const [css, icon, word] = data.verdicts[place];
  return el("span", { class: `verdict ${css}` },
    el("span", { class: "icon", "aria-hidden": "true" }, icon), ` ${word}`);
}
