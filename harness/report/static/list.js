// The list of cases: filters, rows, and what is chosen with the keyboard.

const CHUNK = 100;
const chosen = { text: "", field: "", tag: "", outcome: "", most: CHUNK };
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
    (!chosen.tag || one.tags.includes(chosen.tag)) && isWrong(one) && says(one, text));
}

function relist() {
  const rows = byId("case-rows");
  if (!rows) return;
  select();
  rows.replaceChildren(...found.slice(0, chosen.most).map(caseRow));
  const more = found.length - chosen.most;
  const pending = chosen.text && reading === null ? " Values are being read." : "";
  byId("case-rest").replaceChildren(`${counted(found.length, "case")}.${pending} `, more > 0 ?
    button(`Show ${grouped(Math.min(CHUNK, more))} more`, () => { chosen.most += CHUNK; relist(); }) : "");
  byId("case-clear").hidden = !(chosen.text || chosen.field || chosen.tag || chosen.outcome);
}

function choose(changes) {
  Object.assign(chosen, { most: CHUNK }, changes);
  relist();
  if (chosen.text && data.cases.some((one) => one.words === null)) readWords().then(relist);
}

function options(values, all) {
  return [el("option", { value: "" }, all), ...values.map(([value, label]) => el("option", { value }, label))];
}

const plain = (text) => text.replace(data.unseen, (c) =>
  `U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);

function filter(id, label, values, key) {
  const control = el("select", { id, onchange: (event) => {
    if (key === "field" && location.hash.startsWith("#field/")) history.replaceState(null, "", "#cases");
    choose({ [key]: event.target.value });
  } }, options(values, label));
  return el("label", null, el("span", { class: "sr" }, label), control);
}

function tools() {
  const bar = byId("case-tools");
  if (!byId("case-rows")) return;
  const names = (pick) => [...new Set(data.cases.flatMap(pick))].sort().map((name) => [name, plain(name)]);
  const outcomes = data.verdicts.map(([, , word], place) => [String(place), `with ${word}`]).slice(1);
  const tags = names((one) => one.tags);
  const fields = names((one) => one.wrong.map(([name]) => name));
  bar.append(
    el("label", null, el("span", { class: "sr" }, "Find cases by id, tag, path or value"),
      el("input", { id: "case-search", type: "search", placeholder: "Find an id, tag, path or value",
        oninput: (event) => choose({ text: event.target.value }) }), " ", el("kbd", null, "/")),
    filter("case-outcome", "any outcome", [...outcomes, ["failure", "without an answer"], ["right", "all right"]], "outcome"),
    fields.length ? filter("case-field", "any field", fields, "field") : "",
    tags.length ? filter("case-tag", "any tag", tags, "tag") : "",
    button("Clear", clear, { id: "case-clear", hidden: true }));
  bar.hidden = false;
}

function clear() {
  for (const id of ["case-search", "case-outcome", "case-field", "case-tag"]) if (byId(id)) byId(id).value = "";
  if (location.hash.startsWith("#field/")) history.replaceState(null, "", "#cases");
  choose({ text: "", field: "", tag: "", outcome: "" });
}

function chooseField(name) {
  const control = byId("case-field");
  if (control) control.value = name;
  choose({ field: name, outcome: "" });
  if (byId("case-outcome")) byId("case-outcome").value = "";
}

// The first page of cases is written by the server: it is replaced when more is asked for.
function firstRest() {
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
