// One list of every field that went wrong, of every case: read from the chunks when it is asked for.

const ALL = { text: "", field: "", outcome: "", tag: "", sort: "" };
const listed = { ...ALL, most: CHUNK, rows: null, found: [], turn: 0 };
const IN_SIGHT = 15;
const ERROR_SORTS = {
  field: ["by field", (a, b) => (a.field < b.field ? -1 : a.field > b.field ? 1 : 0)],
  id: ["by case", (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)],
  outcome: ["by outcome", (a, b) => a.outcome - b.outcome],
  sure: ["surest first", (a, b) => (b.surest ?? -1) - (a.surest ?? -1)],
};
const ERROR_CONTROLS = { text: "error-search", field: "error-field", outcome: "error-outcome", tag: "error-tag", sort: "error-sort" };

let collecting = null;
function collectErrors() {
  collecting ??= (async () => {
    const rows = [];
    for (let number = 0; number * data.size < data.cases.length; number += 1) {
      const { strings, kinds, cases } = await chunk(number);
      cases.forEach((one, at) => {
        const listing = data.cases[number * data.size + at];
        one[6].forEach((row, place) => {
          if (row[1] !== 0) rows.push(errorRow(listing, diff(row, place, strings, kinds)));
        });
      });
    }
    listed.rows = rows;
  })();
  return collecting;
}

function errorRow(listing, one) {
  const tags = [one.equal ? "right value" : null, ...one.tags].filter(Boolean);
  const sure = (one.sure || "").match(/\d+(\.\d+)?/g);
  return { id: listing.id, replicate: listing.replicate, key: listing.key, failure: listing.failure, path: one.path, field: one.field,
    outcome: one.outcome, expected: one.expected, predicted: one.predicted, elsewhere: one.elsewhere, tags,
    why: one.why[0] || "", sure: one.sure, surest: sure && Math.max(...sure.map(Number)),
    words: [listing.id, one.path, one.expected ?? "", one.predicted ?? "", ...tags].join("\n").toLowerCase() };
}

const errorsQuery = () => new URLSearchParams(Object.keys(ALL).filter((key) => listed[key] !== "").map((key) => [key, listed[key]])).toString();
const errorsAddress = () => (errorsQuery() ? `#errors/${errorsQuery()}` : "#errors");

function selectErrors() {
  const text = listed.text.toLowerCase();
  listed.found = listed.rows.filter((one) => (!text || one.words.includes(text)) && (!listed.field || one.field === listed.field) &&
    (listed.outcome === "" || (listed.outcome === "failure" ? one.failure !== null : one.outcome === Number(listed.outcome) && one.failure === null)) &&
    (!listed.tag || one.tags.includes(listed.tag)));
  if (ERROR_SORTS[listed.sort]) listed.found.sort(ERROR_SORTS[listed.sort][1]);
}

function errorLine(one) {
  return el("tr", null,
    el("th", { scope: "row" }, el("a", { class: "path", href: linkTo(one, one.path) }, pathText(one.path)),
      el("span", { class: "quiet of-which" }, isolated(one.id), one.replicate > 1 ? ` answer ${one.replicate}` : "")),
    el("td", null, verdict(one.outcome), one.failure ? el("p", null, el("span", { class: "verdict failure" }, isolated(one.failure.kind))) : null),
    el("td", { "data-label": "expected" }, value(one.expected, one.predicted, 1)),
    el("td", { "data-label": "predicted" }, value(one.predicted, one.expected, 2)),
    el("td", { class: "why" }, spaced(one.tags.map(tag)), one.why ? el("p", null, coded(one.why)) : null,
      one.sure ? el("p", { class: "quiet" }, `sure: ${one.sure}`) : null));
}

function drawErrors() {
  selectErrors();
  // What is in sight comes at once, the rest a moment later: a key that is typed must not wait for it.
  byId("error-rows").replaceChildren(...listed.found.slice(0, IN_SIGHT).map(errorLine));
  const turn = ++listed.turn;
  requestAnimationFrame(() => setTimeout(() => {
    if (turn === listed.turn) byId("error-rows").append(...listed.found.slice(IN_SIGHT, listed.most).map(errorLine));
  }));
  const more = listed.found.length - listed.most;
  byId("error-rest").replaceChildren(`${counted(listed.found.length, "error")}. `, more > 0 ?
    button(`Show ${grouped(Math.min(CHUNK, more))} more`, () => { listed.most += CHUNK; drawErrors(); }) : "");
  byId("error-clear").hidden = Object.keys(ALL).every((key) => listed[key] === "");
}

function setErrors(changes) {
  Object.assign(listed, { most: CHUNK }, changes);
  for (const [key, id] of Object.entries(ERROR_CONTROLS)) {
    if (byId(id).value !== listed[key]) byId(id).value = listed[key];
  }
  drawErrors();
}

function chooseErrors(changes) {
  setErrors(changes);
  history.replaceState(null, "", errorsAddress());
}

function errorTools() {
  const many = (pick) => {
    const met = new Map();
    for (const one of listed.rows) for (const name of pick(one)) met.set(name, (met.get(name) || 0) + 1);
    return met;
  };
  const named = (pick) => [...many(pick)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => [name, `${plain(name)} (${grouped(n)})`]);
  const outcomes = many((one) => (one.failure ? ["failure"] : [one.outcome]));
  const verdicts = data.verdicts.map(([, , word], at) => [String(at), `${word} (${grouped(outcomes.get(at) || 0)})`]).filter((_, at) => outcomes.has(at));
  const choice = (key, label, values) => el("label", null, el("span", { class: "sr" }, label),
    el("select", { id: ERROR_CONTROLS[key], onchange: (event) => chooseErrors({ [key]: event.target.value }) }, options(values, label)));
  const tags = named((one) => one.tags);
  const sorts = Object.entries(ERROR_SORTS).filter(([key]) => key !== "sure" || listed.rows.some((one) => one.surest)).map(([key, [label]]) => [key, label]);
  const bar = byId("error-tools");
  bar.replaceChildren(
    el("label", null, el("span", { class: "sr" }, "Find errors by case, path, value or tag"),
      el("input", { id: "error-search", type: "search", placeholder: "Find a path, value, case or tag", oninput: (event) => chooseErrors({ text: event.target.value }) })),
    choice("outcome", "any kind of error", [...verdicts, ...(outcomes.has("failure") ? [["failure", `without an answer (${grouped(outcomes.get("failure"))})`]] : [])]),
    choice("field", "any field in error", named((one) => [one.field])),
    choice("tag", "any reason", tags),
    choice("sort", "worst case first", sorts),
    button("Clear", () => chooseErrors(ALL), { id: "error-clear", hidden: true }));
  bar.hidden = false;
}

const ERROR_COLUMNS = ["Field", "Outcome", "Expected", "Predicted", "Why"];

// All that are chosen, not only those in sight.
function errorTable() {
  const table = el("table", { class: "diffs all-errors", "data-name": "all errors" },
    el("thead", null, el("tr", null, ERROR_COLUMNS.map((word) => el("th", { scope: "col" }, word)))), el("tbody", { id: "error-rows" }));
  const rows = () => [["case", "answer", "path", "field", "outcome", "expected", "predicted", "predicted path", "reasons", "sure"],
    ...listed.found.map((one) => [one.id, String(one.replicate), one.path, one.field, data.verdicts[one.outcome][2], one.expected ?? "",
      one.predicted ?? "", one.elsewhere ?? "", one.tags.join(", "), one.sure ?? ""])];
  const tools = el("p", { class: "take" }, el("span", { class: "sr" }, "The chosen errors: "),
    button("Copy as Markdown", (event) => toClipboard(asMarkdown(rows()), event.target)), " ",
    button("Download CSV", () => download("errors.csv", `\ufeff${asCsv(rows())}\r\n`, "text/csv")), " ",
    button("Download JSON", () => download("errors.json", errorsAsJson(), "application/json")));
  return [table, tools];
}

// Both sides as they were written; a value that was cut is a text.
function errorsAsJson() {
  const written = (text) => {
    try {
      JSON.parse(text);
      return text;
    } catch {
      return JSON.stringify(text);
    }
  };
  const lines = listed.found.map((one) => {
    const parts = Object.entries({ case: one.id, answer: one.replicate, path: one.path, field: one.field, outcome: data.verdicts[one.outcome][2], tags: one.tags })
      .map(([key, said]) => `"${key}": ${JSON.stringify(said)}`);
    for (const side of ["expected", "predicted"]) if (one[side] !== null && one[side] !== undefined) parts.push(`"${side}": ${written(one[side])}`);
    return `  {${parts.join(", ")}}`;
  });
  return `[\n${lines.join(",\n")}\n]\n`;
}

async function listErrors(changes) {
  await collectErrors();
  if (!byId("error-rows")) {
    byId("error-list").replaceChildren(...errorTable());
    errorTools();
  }
  setErrors({ ...ALL, ...changes });
}

function offerErrors() {
  const rest = byId("error-rest");
  if (!rest) return;
  const many = data.cases.reduce((sum, one) => sum + one.errors, 0);
  rest.append(button(`List ${counted(many, "error")}`, () => listErrors({}).then(() => history.replaceState(null, "", errorsAddress())), { id: "error-open" }));
}

function errorsFrom(address) {
  const params = new URLSearchParams(address);
  return listErrors(Object.fromEntries(Object.keys(ALL).map((key) => [key, params.get(key) ?? ""])));
}
