// The list of cases: filters, rows, and what is chosen with the keyboard.

const CHUNK = 100;
const NOTHING = { text: "", field: "", tag: "", outcome: "", cause: "", sort: "" };
const chosen = { ...NOTHING, most: CHUNK };
const CONTROLS = { text: "case-search", field: "case-field", tag: "case-tag", outcome: "case-outcome",
  cause: "case-cause", sort: "case-sort" };

// What the list can be sorted by; without a choice it is worst first, as the page is made.
const SORTS = {
  best: ["best first", (a, b) => b.place - a.place],
  errors: ["most errors first", (a, b) => b.errors - a.errors],
  seconds: ["slowest first", falling("seconds")],
  tokens: ["most tokens first", falling("tokens")],
  usd: ["dearest first", falling("usd")],
  sure: ["least sure first", (a, b) => (a.sure ?? 2) - (b.sure ?? 2)],
  id: ["by id", (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : a.replicate - b.replicate)],
};

// A heading sorts by what stands under it; F1 both ways, worst first being the page's own order.
function outcomeSorts() {
  SORTS.right = ["most right first", (a, b) => b.counts[0] - a.counts[0]];
  data.verdicts.slice(1).forEach(([, , word], at) => {
    SORTS[`outcome${at + 1}`] = [`most ${word}s first`, (a, b) => b.counts[at + 1] - a.counts[at + 1]];
  });
}

function caseHeadings() {
  const table = byId("case-rows")?.closest("table");
  return table ? [...table.tHead.rows[0].cells].slice(0, -1).map(
    (cell, at) => [cell, [["id"], ["", "best"], ["right"]][at] ?? [`outcome${at - 2}`]]) : [];
}

function sortableCases() {
  for (const [cell, keys] of caseHeadings()) {
    cell.replaceChildren(button([...cell.childNodes], () => choose({ sort: keys[(keys.indexOf(chosen.sort) + 1) % keys.length] })));
  }
  tellSort();
}

function tellSort() {
  for (const [cell, keys] of caseHeadings()) {
    const rises = chosen.sort === "id" || chosen.sort === "";
    if (keys.includes(chosen.sort)) cell.setAttribute("aria-sort", rises ? "ascending" : "descending");
    else cell.removeAttribute("aria-sort");
  }
}

function falling(key) {
  return (a, b) => (b[key] ?? -1) - (a[key] ?? -1);
}

// The list as it is chosen, as an address: it can be sent to somebody, and outlives a reload.
// What is chosen among all errors goes with it.
data.query = () => new URLSearchParams([...Object.keys(NOTHING).filter((key) => chosen[key] !== "").map((key) => [key, chosen[key]]),
  ...(errorsQuery() ? [["errors", errorsQuery()]] : [])]).toString();
const listAddress = () => (data.query() ? `#list/${data.query()}` : "#cases");

function fromAddress(said) {
  const params = new URLSearchParams(said);
  choose(Object.fromEntries(Object.keys(NOTHING).map((key) => [key, params.get(key) ?? ""])));
  if (params.has("errors") && byId("errors")) errorsFrom(params.get("errors"));
}
let found = [];

function caseRow(one) {
  const share = parseFloat(one.f1);
  const bar = Number.isNaN(share) ? null : svg("svg",
    { class: "bar", width: "100%", height: 6, "aria-hidden": "true" },
    svg("rect", { class: "track", width: "100%", height: 6, rx: 1 }),
    svg("rect", { class: "fill", width: `${share}%`, height: 6, rx: 1 }));
  const cells = one.counts.slice(1).map((n, place) => {
    const [css, , word] = data.verdicts[place + 1];
    return el("td", { class: `num ${css}${n ? "" : " none"}`, "data-label": word }, n ? grouped(n) : "");
  });
  const failure = one.failure && el("span", { class: "verdict failure" }, isolated(one.failure.kind));
  const answer = one.replicate > 1 ? el("span", { class: "quiet" }, ` answer ${one.replicate}`) : null;
  return el("tr", { class: "row" },
    el("th", { scope: "row" }, el("a", { href: linkTo(one) }, isolated(one.id)), answer),
    el("td", { class: "bar-cell" }, bar),
    el("td", { class: "num", "data-label": "F1" }, one.f1),
    el("td", { class: "num", "data-label": "right" }, one.right),
    cells,
    el("td", { class: "tags" }, failure, failure && " ", spaced(one.tags.map(tag))));
}

// Outcome and field belong together: an omission *of that field*.
function isWrong(one) {
  const { field, outcome } = chosen;
  if (!field && !outcome) return true;
  if (outcome === "failure") return one.failure !== null && !field;
  if (outcome === "right") return one.failure === null && !one.errors && !field;
  const wanted = outcome === "" ? null : Number(outcome);
  if (!field) return one.counts[wanted] > 0;
  return one.wrong.some(([name, what]) => name === field && (wanted === null || what === wanted));
}

function says(one, text) {
  if (!text) return true;
  const about = [one.id, ...one.tags, one.failure ? one.failure.kind : ""];
  return about.some((word) => word.toLowerCase().includes(text)) ||
    (one.words !== null && one.words.includes(text));
}

function select() {
  const text = chosen.text.toLowerCase();
  found = data.cases.filter((one) =>
    (!chosen.tag || one.tags.includes(chosen.tag)) && isWrong(one) && says(one, text) &&
    (chosen.cause === "" || one.causes.includes(Number(chosen.cause))));
  if (SORTS[chosen.sort]) found.sort(SORTS[chosen.sort][1]);
}

function relist() {
  const rows = byId("case-rows");
  if (!rows) return;
  select();
  tellSort();
  rows.replaceChildren(...found.slice(0, chosen.most).map(caseRow));
  const more = found.length - chosen.most;
  const pending = chosen.text && reading === null ? " Values are being read." : "";
  byId("case-rest").replaceChildren(`${counted(found.length, "case")}.${pending} `, more > 0 ?
    button(`Show ${grouped(Math.min(CHUNK, more))} more`, () => { chosen.most += CHUNK; relist(); }) : "");
  byId("case-clear").hidden = Object.keys(NOTHING).every((key) => chosen[key] === "");
}

function choose(changes) {
  Object.assign(chosen, { most: CHUNK }, changes);
  for (const [key, id] of Object.entries(CONTROLS)) {
    const control = byId(id);
    if (control && control.value !== chosen[key]) control.value = chosen[key];
  }
  if (open === null && !location.hash.startsWith("#case/")) history.replaceState(null, "", listAddress());
  relist();
  if (chosen.text && data.cases.some((one) => one.words === null)) readWords().then(relist);
}

function options(values, all) {
  return [el("option", { value: "" }, all), ...values.map(([value, label]) => el("option", { value }, label))];
}

const plain = (text) => text.replace(data.unseen, (c) =>
  `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);

function filter(id, label, values, key) {
  const control = el("select", { id, onchange: (event) => choose({ [key]: event.target.value }) },
    options(values, label));
  return el("label", null, el("span", { class: "sr" }, label), control);
}

function tools() {
  const bar = byId("case-tools");
  if (!byId("case-rows")) return;
  const names = (pick) => {
    const met = new Map();
    for (const one of data.cases) for (const name of new Set(pick(one))) met.set(name, (met.get(name) || 0) + 1);
    return [...met.keys()].sort().map((name) => [name, `${plain(name)} (${grouped(met.get(name))})`]);
  };
  const many = (takes) => ` (${grouped(data.cases.filter(takes).length)})`;
  const outcomes = data.verdicts.map(([, , word], place) => [String(place), `with ${word}${many((one) => one.counts[place] > 0)}`]).slice(1);
  const tags = names((one) => one.tags);
  const fields = names((one) => one.wrong.map(([name]) => name));
  bar.append(
    el("label", null, el("span", { class: "sr" }, "Find cases by id, tag, path or value"),
      el("input", { id: "case-search", type: "search", placeholder: "Find an id, tag, path or value",
        oninput: (event) => choose({ text: event.target.value }) }), " ", el("kbd", null, "/")),
    filter("case-outcome", "any outcome", [...outcomes, ["failure", `without an answer${many((one) => one.failure)}`], ["right", `all right${many((one) => !one.failure && !one.errors)}`]], "outcome"),
    fields.length ? filter("case-field", "any field", fields, "field") : "",
    tags.length ? filter("case-tag", "any tag", tags, "tag") : "",
    data.causes.length > 1 ? filter("case-cause", "any cause",
      data.causes.map((title, place) => [String(place), `${plain(title)}${many((one) => one.causes.includes(place))}`]), "cause") : "",
    filter("case-sort", "worst first", sorts(), "sort"),
    button("Clear", clear, { id: "case-clear", hidden: true }));
  bar.hidden = false;
}

// What nobody measured, nothing is sorted by.
function sorts() {
  return Object.entries(SORTS).filter(([key]) => !["seconds", "tokens", "usd", "sure"].includes(key) ||
    data.cases.some((one) => one[key] !== null && one[key] !== undefined)).map(([key, [label]]) => [key, label]);
}

const clear = () => choose(NOTHING);
const chooseField = (name) => choose({ ...NOTHING, field: name });

// The first page of cases is written by the server: it is replaced when more is asked for.
function firstRest() {
  const table = byId("case-rows")?.closest("table");
  if (table) {
    wholeTables.set(table, () => found.map((one) => [one.id + (one.replicate > 1 ? ` answer ${one.replicate}` : ""), "", one.f1, one.right,
      ...one.counts.slice(1).map(String), [one.failure && one.failure.kind, ...one.tags].filter(Boolean).join(", ")]));
  }
  const rest = byId("case-rest");
  select();
  if (rest && data.cases.length > byId("case-rows").rows.length) {
    rest.append(" ", button("Show all cases", relist));
  }
}

function moveInList(by) {
  const links = [...document.querySelectorAll("#case-rows th a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by;
  const link = links[Math.min(Math.max(next, 0), links.length - 1)];
  link.focus();
  link.scrollIntoView({ block: "nearest" });
}
