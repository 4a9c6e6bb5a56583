// Runs side by side: fields and cases across runs, sorted and filtered, and the values of a case.

const NONE = { text: "", show: "", sort: "" };
const wanted = { ...NONE, most: 100 };
const MANY = 100;
const report = byId("report");
const stage = byId("case");
let runs = [];
let strings = [];
let isWhole = true;
let left = [];
let opened = null;
let from = 0;

const known = (cell) => cell[0] !== null;
const F1 = (cell) => cell[0];
const base = (one) => one.cells[0];

// No answer where the base has one loses all of it.
const loss = (one) => (known(base(one)) ? Math.min(...one.cells.slice(1).map((cell) => (F1(cell) ?? 0) - F1(base(one)))) : 0);
const win = (one) => Math.max(...one.cells.slice(1).map((cell) => (F1(cell) ?? 0) - (F1(base(one)) ?? 0)));
const spread = (one) => Math.max(...one.cells.map((cell) => F1(cell) ?? 0)) - Math.min(...one.cells.map((cell) => F1(cell) ?? 0));

const KINDS = {
  worse: ["worse in some run", (one) => one.worst < 0],
  better: ["better in some run", (one) => one.best > 0],
  apart: ["not the same in all", (one) => one.spread > 0],
  wrong: ["wrong in every run", (one) => one.cells.every((cell) => known(cell) && F1(cell) < 1)],
  silent: ["without an answer", (one) => one.cells.some((cell) => !known(cell) || cell[4])],
};

const falling = (key) => (a, b) => b[key] - a[key] || a.place - b.place;
const ORDERS = {
  worst: (a, b) => a.worst - b.worst || a.place - b.place,
  best: falling("best"), spread: falling("spread"),
  id: (a, b) => a.place - b.place,
};

function order(key) {
  if (ORDERS[key]) return ORDERS[key];
  const run = Number(key);
  return (a, b) => (F1(a.cells[run]) ?? -1) - (F1(b.cells[run]) ?? -1) || a.place - b.place;
}

const address = () => {
  const said = new URLSearchParams(Object.keys(NONE).filter((key) => wanted[key] !== "").map((key) => [key, wanted[key]]));
  return said.size ? `#list/${said}` : "#cases";
};

function shade(f1, other) {
  const delta = f1 === null || other === null ? 0 : f1 - other;
  if (!delta) return ["", ""];
  const step = Math.min(3, 1 + Math.max(0, Math.ceil(Math.log2(Math.abs(delta) / 0.1))));
  const points = Math.abs(delta * 100).toFixed(1);
  return [`${delta > 0 ? "up" : "down"}-${step}`, `${delta > 0 ? "+" : "-"}${points === "0.0" ? "<0.1" : points}`];
}

function acrossCell(cell, first) {
  if (!known(cell)) return el("td", { class: "num" }, el("span", { class: "f1" }, "–"), " ", el("small", { class: "quiet" }, isolated(strings[cell[1]])));
  const [css, points] = shade(F1(cell), F1(first));
  const note = strings[cell[4] ?? 0] || strings[cell[3] ?? 0];
  return el("td", { class: `num ${css}` }, el("span", { class: "f1" }, strings[cell[1]]),
    points ? [" ", el("small", null, points)] : null, note ? [" ", el("small", { class: "quiet" }, isolated(note))] : null);
}

const signed = (value) => (value ? `${value > 0 ? "+" : ""}${(value * 100).toFixed(1)}` : "0");

function lineOf(one) {
  return el("tr", null, el("th", { scope: "row" }, el("a", { href: linkTo(one) }, isolated(one.id))),
    one.cells.map((cell) => acrossCell(cell, base(one))), el("td", { class: "num quiet" }, signed(one.worst)));
}

function fillMatrix() {
  const text = wanted.text.toLowerCase();
  const kind = KINDS[wanted.show];
  left = data.cases.filter((one) => (!kind || kind[1](one)) &&
    (!text || one.id.toLowerCase().includes(text) || one.tags.some((name) => strings[name].toLowerCase().includes(text))));
  left.sort(order(wanted.sort || "worst"));
  byId("matrix-rows").replaceChildren(...left.slice(0, wanted.most).map(lineOf));
  const more = left.length - wanted.most;
  byId("matrix-rest").replaceChildren(`${counted(left.length, "case")}. `, more > 0 ?
    button(`Show ${grouped(Math.min(MANY, more))} more`, () => { wanted.most += MANY; fillMatrix(); }) : "");
  byId("matrix-clear").hidden = Object.keys(NONE).every((key) => wanted[key] === "");
}

function want(changes) {
  Object.assign(wanted, { most: MANY }, changes);
  for (const key of ["text", "show", "sort"]) {
    const control = byId(`matrix-${key}`);
    if (control.value !== wanted[key]) control.value = wanted[key];
  }
  if (opened === null) history.replaceState(null, "", address());
  fillMatrix();
}

function picker(key, label, choices) {
  const count = ([value, words]) => {
    const kind = key === "show" && KINDS[value];
    return el("option", { value }, kind ? `${words} (${grouped(data.cases.filter(kind[1]).length)})` : words);
  };
  return el("label", null, el("span", { class: "sr" }, label), el("select", { id: `matrix-${key}`,
    onchange: (event) => want({ [key]: event.target.value }) }, choices.map(count)));
}

function matrixTools() {
  const bar = byId("matrix-tools");
  const shows = [["", `all cases (${grouped(data.cases.length)})`], ...Object.entries(KINDS).map(([key, [words]]) => [key, words])];
  const sorts = [["", "greatest loss first"], ["best", "greatest gain first"], ["spread", "widest apart first"], ["id", "by id"],
    ...runs.map((run, place) => [String(place), `worst of ${run.letter} first`])];
  bar.append(el("label", null, el("span", { class: "sr" }, "Find cases by id or tag"), el("input", { id: "matrix-text",
    type: "search", placeholder: "Find an id or tag", oninput: (event) => want({ text: event.target.value }) })),
  picker("show", "Which cases", shows), picker("sort", "Order of cases", sorts),
  button("Clear", () => want(NONE), { id: "matrix-clear", hidden: true }));
  bar.hidden = false;
}

// The columns of the small tables sort, too.
function fieldTools() {
  const table = byId("field-matrix");
  const rows = [...table.tBodies[0].rows];
  const value = (row, key) => (key === "name" ? row.cells[0].textContent : key === "worst" ? Number(row.dataset.worst) :
    Number(row.dataset.f1s.split(" ")[key] || 2));
  for (const heading of table.tHead.querySelectorAll("[data-sort]")) {
    const key = heading.dataset.sort;
    heading.replaceChildren(button([...heading.childNodes], () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      rows.sort((a, b) => {
        const [x, y] = [value(a, key), value(b, key)];
        return (down ? -1 : 1) * (key === "name" ? x.localeCompare(y) : x - y);
      });
      for (const one of table.tHead.querySelectorAll("[aria-sort]")) one.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      table.tBodies[0].append(...rows);
    }));
  }
  const bar = byId("field-tools");
  if (rows.length < 6) return;
  bar.append(el("label", null, el("span", { class: "sr" }, "Find fields"), el("input", { type: "search", id: "field-text",
    placeholder: "Find a field", oninput: (event) => {
      const text = event.target.value.toLowerCase();
      for (const row of rows) row.hidden = !row.cells[0].textContent.toLowerCase().includes(text);
    } })));
  bar.hidden = false;
}

// One case: a row for each field, what every run says beside what is expected.

function answerOf([outcome, said, times], replicates) {
  const often = replicates > 1 ? el("span", { class: "quiet small-note" }, `${times} of ${replicates}`) : null;
  if (outcome === null) return el("div", { class: "said" }, el("span", { class: "absent" }, "nothing said"), often);
  const text = said === 0 ? null : literal(said);
  return el("div", { class: "said" }, verdict(outcome), " ",
    said === 0 ? null : text === null ? el("span", { class: "absent" }, "absent") : el("code", { class: "value" }, isolated(text)), often);
}

function valueCell(cell, run) {
  if (cell === null) return el("td", { "data-label": run.letter, class: "quiet" }, "no answer");
  const answers = cell === 0 ? [[0, 0, 1]] : cell;
  const replicates = answers.reduce((sum, one) => sum + (one[2] ?? 1), 0);
  if (!answers.length) return el("td", { "data-label": run.letter }, verdict(0), el("span", { class: "quiet" }, " nothing said"));
  return el("td", { "data-label": run.letter }, answers.map((one) => answerOf(one, replicates)));
}

const isRight = (cells) => cells === undefined;
const differs = (cells) => cells !== undefined && new Set(cells.map((cell) => JSON.stringify(cell))).size > 1;

function fieldRow([path, expected, cells]) {
  const text = literal(expected);
  return el("tr", null, el("th", { scope: "row", class: "path" }, pathText(path)),
    el("td", { "data-label": "expected" }, text === null ? el("span", { class: "absent" }, "nothing") : el("code", { class: "value" }, isolated(text))),
    runs.map((run, place) => valueCell(cells === undefined ? 0 : cells[place], run)));
}

function stepTo(by, label, key) {
  const at = left.findIndex((one) => one.place === opened.place);
  const one = left[at + by];
  return el("a", { class: "step", href: one && at >= 0 ? linkTo(one) : null, "aria-disabled": !(one && at >= 0) && "true",
    role: one && at >= 0 ? null : "link" }, label, " ", el("kbd", null, key));
}

async function showCase(place) {
  const { kinds, cases } = await chunk(Math.floor(place / data.size));
  const rows = cases[place % data.size].map(([kind, expected, cells]) => [kinds[kind], expected, cells]);
  const one = data.cases[place];
  const kind = rows.some(([, , cells]) => differs(cells)) ? "apart" : rows.some(([, , cells]) => !isRight(cells)) ? "errors" : "all";
  opened = { place, rows, kind };
  const heads = runs.map((run) => el("th", { scope: "col" }, el("span", { class: "letter" }, run.letter), " ",
    el("a", { href: `${run.report}${linkTo(one)}`, class: "of-run" }, isolated(run.name))));
  stage.replaceChildren(
    el("header", { class: "case-head" },
      el("nav", { "aria-label": "Cases" }, el("a", { class: "step", href: address() }, "← Comparison ", el("kbd", null, "Esc")),
        stepTo(-1, "‹ Previous", "k"), stepTo(1, "Next ›", "j")),
      el("h1", { id: "case-title", tabindex: "-1" }, isolated(one.id)),
      el("p", { class: "byline" }, runs.map((run, at) => el("span", null, `${run.letter} `, known(one.cells[at]) ?
        `${strings[one.cells[at][1]]}, ${counted(one.cells[at][2], "error")}` : isolated(strings[one.cells[at][1]]),
      known(one.cells[at]) && one.cells[at][3] ? ` (replicates ${strings[one.cells[at][3]]})` : "")))),
    el("div", { class: "tools", id: "value-tools" }),
    el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "Values of every run" },
      el("table", { class: "plain values-across", "data-name": `values of ${one.id}` },
        el("thead", null, el("tr", null, el("th", { scope: "col" }, "Field"), el("th", { scope: "col" }, "Expected"), heads)),
        el("tbody", { id: "value-rows" }))),
    isWhole ? "" : el("p", { class: "quiet" }, "Fields that are right in every run are left out of so large a page; the runs' reports have them."));
  stage.querySelector(".wide").after(tableTools(stage.querySelector("table")));
  fillValues();
  if (report.hidden === false) from = scrollY;
  report.hidden = true;
  stage.hidden = false;
  scrollTo(0, 0);
  byId("case-title").focus({ preventScroll: true });
}

function fillValues() {
  const kinds = { apart: ["Differences", ([, , cells]) => differs(cells)], errors: ["Errors", ([, , cells]) => !isRight(cells)], all: ["All fields", () => true] };
  byId("value-tools").replaceChildren(el("div", { class: "switch", role: "group", "aria-label": "Fields shown" },
    Object.entries(kinds).map(([key, [words, takes]]) => button(`${words} (${grouped(opened.rows.filter(takes).length)})`,
      () => { opened.kind = key; fillValues(); }, { "aria-pressed": String(opened.kind === key) }))));
  byId("value-rows").replaceChildren(...opened.rows.filter(kinds[opened.kind][1]).map(fieldRow));
}

function leaveCase() {
  opened = null;
  stage.hidden = true;
  stage.replaceChildren();
  report.hidden = false;
  scrollTo(0, from);
}

function decodedKey(text) {
  try {
    return keyOf(decodeURIComponent(text));
  } catch {
    return null;
  }
}

async function go() {
  const [kind, said] = location.hash.slice(1).split("/");
  const key = kind === "case" && said !== undefined ? decodedKey(said) : null;
  if (key !== null && data.places.has(key)) return showCase(data.places.get(key));
  const was = opened !== null;
  if (was) leaveCase();
  if (kind === "list" && address() !== location.hash) {
    const params = new URLSearchParams(location.hash.slice("#list/".length));
    want(Object.fromEntries(Object.keys(NONE).map((name) => [name, params.get(name) ?? ""])));
    byId("cases").scrollIntoView();
  } else if (!was && kind && kind !== "list") {
    byId(kind)?.scrollIntoView();
  }
  return null;
}

function keyboardHere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  if (opened === null) return;
  const steps = [...stage.querySelectorAll(".case-head nav a")];
  const link = { Escape: steps[0], k: steps[1], j: steps[2] }[event.key];
  if (link && link.hasAttribute("href")) location.hash = link.getAttribute("href");
}

async function begin() {
  const holder = byId("index");
  const found = await unpacked(holder);
  holder.remove();
  data.unseen = new RegExp(`[${found.unseen}\\u{e0000}-\\u{e007f}]`, "gu");
  data.verdicts = found.verdicts;
  data.size = found.chunk;
  ({ runs, strings, whole: isWhole } = found);
  data.cases = found.cases.map(([id, tags, cells], place) => {
    const one = { id, tags, cells, place, key: keyOf(id) };
    return Object.assign(one, { worst: loss(one), best: win(one), spread: spread(one) });
  });
  data.places = new Map(data.cases.map((one) => [one.key, one.place]));
  matrixTools();
  fieldTools();
  const table = byId("matrix-rows").closest("table");
  for (const heading of table.tHead.querySelectorAll("[data-sort]")) {
    heading.replaceChildren(button([...heading.childNodes], () => want({ sort: heading.dataset.sort === "worst" ? "" : heading.dataset.sort })));
  }
  wholeTables.set(table, () => left.map((one) => [one.id, ...one.cells.map((cell) => (known(cell) ? strings[cell[1]] : "–")), signed(one.worst)]));
  takeAlong();
  fillMatrix();
  addEventListener("hashchange", go);
  document.addEventListener("keydown", keyboardHere);
  await go();
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
}

begin();
