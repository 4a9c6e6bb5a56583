// The view of one case: its fields as a tree beside its document.

const report = byId("report");
const stage = byId("case");
let open = null;

async function show(place, path) {
  const one = await whole(place);
  open = { place, one, onlyErrors: one.errors > 0, document: 0, marks: new Map(), branches: branches(one.diffs),
    looked: null, which: 0, trouble: new Map() };
  view.page = 1;
  if (path !== null && one.diffs.some((each) => each.path === path && each.outcome === 0)) {
    open.onlyErrors = false;
  }
  stage.replaceChildren(caseHead(one), ...caseNotes(one), caseBody(one));
  fillRows();
  drawDocument();
}

// Previous and next go through the cases that the list's filters leave.
function neighbour(by) {
  const at = found.findIndex((one) => one.place === open.place);
  return at < 0 ? data.cases[open.place + by] : found[at + by];
}

function step(by) {
  const one = neighbour(by);
  if (one) location.hash = linkTo(one);
}

function stepper(by, label, key) {
  const one = neighbour(by);
  return el("a", { class: "step", href: one ? linkTo(one) : null, "aria-disabled": !one && "true",
    role: one ? null : "link" }, label, " ", el("kbd", null, key));
}

function position() {
  const at = found.findIndex((one) => one.place === open.place);
  const some = at >= 0 && found.length < data.cases.length;
  return some ? `${grouped(at + 1)} of ${grouped(found.length)} chosen` :
    `case ${grouped(open.place + 1)} of ${grouped(data.cases.length)}`;
}

function caseHead(one) {
  const facts = one.failure && one.failure.missing ? "never answered" :
    `F1 ${one.f1} · ${one.right} right · ${counted(one.errors, "error")}`;
  const others = data.cases.filter((other) => other.id === one.id);
  const answers = others.length < 2 ? null : el("nav", { class: "answers", "aria-label": "Answers to this case" },
    "answers ", spaced(others.sort((a, b) => a.replicate - b.replicate).map((other) => el("a", {
      href: linkTo(other), "aria-current": other.place === one.place && "page" },
    `${other.replicate}: ${other.f1}`))));
  return el("header", { class: "case-head" },
    el("nav", { "aria-label": "Cases" },
      el("a", { class: "step", href: "#", onclick: back }, "← Report ", el("kbd", null, "Esc")),
      el("span", { class: "quiet" }, position()),
      stepper(-1, "‹ Previous", "k"), stepper(1, "Next ›", "j")),
    el("h1", { id: "case-title", tabindex: "-1" }, isolated(one.id)),
    el("p", { class: "byline" }, el("span", null, facts), one.effort.map((fact) => el("span", null, fact)),
      one.tags.length ? el("span", null, spaced(one.tags.map(tag))) : null), answers);
}

function caseNotes(one) {
  const notes = [];
  if (one.failure) {
    notes.push(el("p", { class: "banner" }, el("strong", null, "No answer: ", isolated(one.failure.kind), ". "),
      isolated(one.message)));
  }
  const said = [];
  if (one.repairs.length) said.push(`The reply was repaired before it could be read: ${one.repairs.join(", ")}.`);
  if (one.approximate.length) said.push(`Rows were paired approximately in ${one.approximate.join(", ")}.`);
  if (one.lists.length && !one.failure) {
    notes.push(el("p", { class: "aside" }, "Items: ", one.lists.map(([name, paired, gone, extra], at) => [at ? " · " : "",
      el("span", { class: "path" }, pathText(name)), ` ${grouped(paired)} found, ${grouped(gone)} missing, ${grouped(extra)} extra`])));
  }
  if (said.length) notes.push(el("p", { class: "aside" }, isolated(said.join(" "))));
  return notes;
}

function caseBody(one) {
  return el("div", { class: "spread" },
    documentPane(),
    el("section", { class: "verso", "aria-label": "Fields" },
      el("div", { class: "tools", id: "filter" }),
      el("table", { class: "diffs" },
        el("thead", null, el("tr", null, ["Field", "Expected", "Predicted", "Why"].map(
          (word) => el("th", { scope: "col" }, word)))),
        el("tbody", { id: "diff-rows" })),
      bothSides(one), rawReply(one)));
}

// What was judged as JSON, to look at and to copy; fields that rules ignore are in neither.
function bothSides(one) {
  if (!one.diffs.length) return null;
  const part = (side) => {
    const text = sideAsJson(one.diffs, side);
    return el("section", null, el("h2", null, side[0].toUpperCase() + side.slice(1), " ", button("Copy", (event) => toClipboard(text, event.target))),
      el("pre", { tabindex: "0", role: "region", "aria-label": `${side}, as JSON` }, isolated(text)));
  };
  const holder = el("details", { class: "reply sides", ontoggle: () => {
    if (holder.open && holder.childElementCount === 1) holder.append(el("div", { class: "two" }, part("expected"), part("predicted")));
  } }, el("summary", null, "Both sides as JSON"));
  return holder;
}

function rawReply(one) {
  if (!one.reply) return null;
  const [text, note, place] = one.reply;
  return el("details", { class: "reply" }, el("summary", null, "Raw reply"),
    text === null ? el("p", { class: "quiet" }, note, ...beside(place)) :
      el("pre", { tabindex: "0", role: "region", "aria-label": "Raw reply" }, isolated(text)));
}

const shown = () => (open.onlyErrors ? open.one.diffs.filter((one) => one.outcome !== 0) : open.one.diffs);

function fillRows() {
  const choice = (only, label) => button(label,
    () => { open.onlyErrors = only; fillRows(); drawDocument(); },
    { "aria-pressed": String(open.onlyErrors === only) });
  byId("filter").replaceChildren(el("div", { class: "switch", role: "group", "aria-label": "Fields shown" },
    choice(true, `Errors (${grouped(open.one.errors)})`),
    choice(false, `All fields (${grouped(open.one.diffs.length)})`)));
  const wanted = new Set(shown());
  const groups = open.branches.map((group) => ({ ...group, rows: group.rows.filter(({ one }) => wanted.has(one)) }));
  byId("diff-rows").replaceChildren(...groups.filter(({ rows }) => rows.length).flatMap(
    (group) => [group.stem ? branch(group) : null, ...group.rows.map((row) => diffRow(row, group))]).filter(Boolean));
  if (!wanted.size) byId("diff-rows").append(el("tr", null, el("td", { colspan: 4, class: "quiet" },
    open.one.diffs.length ? "No errors." : "Nothing was judged.")));
}

function branch(group) {
  const { rows } = open.branches.find(({ stem, alone }) => stem === group.stem && alone === group.alone);
  const wrong = rows.filter(({ one }) => one.outcome !== 0).length;
  const other = group.alone ? " only in the prediction" : group.other ? [" predicted as ", pathText(group.other)] : null;
  return el("tr", { class: "branch" }, el("th", { scope: "rowgroup", colspan: 4 },
    el("span", { class: "path" }, pathText(group.stem)),
    el("span", { class: "quiet" }, other, ` · ${wrong ? `${grouped(wrong)} of ${grouped(rows.length)} wrong` : "all right"}`)));
}

function diffRow({ one, leaf }, { stem, other }) {
  const at = one.elsewhere || one.path;
  const tail = one.path.slice(split(one.path)[0].length);
  const apart = one.predicted !== null && at !== (other ?? stem) + tail;
  const look = () => goLook(one);
  const pass = () => (isImage() ? lightBoxes(one) : emphasise(one.place));
  const unlight = () => open !== null && (isImage() ? lightBoxes(null) : emphasise(null));
  return el("tr", { tabindex: "0", id: `d${one.place}`, class: stem && "leaf", onmouseenter: pass, onfocus: look,
    onmouseleave: unlight, onblur: unlight },
    el("th", { scope: "row" }, el("a", { class: "path", href: linkTo(open.one, one.path), tabindex: "-1" },
      stem ? el("span", { class: "sr" }, chips(stem), " ") : null, pathText(leaf)), verdict(one.outcome)),
    el("td", { "data-label": "expected" }, value(one.expected, one.predicted, 1)),
    el("td", { "data-label": "predicted" }, value(one.predicted, one.expected, 2),
      apart ? el("p", { class: "quiet elsewhere" }, "at ", pathText(at)) : null),
    el("td", { class: "why" }, reasons(one)));
}

// One sentence says why, the tags in a word; what else is known of it unfolds.
function reasons(one) {
  const named = [one.equal ? "right value" : null, ...one.tags].filter(Boolean);
  const judged = one.comparator + (one.similarity === undefined || one.similarity === null ||
    one.outcome === 0 || one.similarity === "1" ? "" : `, similarity ${one.similarity}`);
  const meanings = named.filter((name) => data.meanings.has(name)).map((name) => el("p", { class: "quiet" }, data.meanings.get(name)));
  return [spaced(named.map(tag)),
    ...(one.why.length ? one.why.map((text) => el("p", null, coded(text))) : meanings),
    notFound(one),
    manyPlaces(one),
    pointedAt(one),
    one.sure ? el("p", { class: "quiet" }, `sure: ${one.sure}`) : null,
    el("details", { class: "commands" }, el("summary", null, "More"),
      one.why.length ? meanings : [],
      el("p", { class: "quiet" }, "compared as ", isolated(judged)),
      commands(one))];
}

// Commands to copy, ready for a shell: the page itself changes nothing.
const quoted = (text) => (/^[\w.,:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function commands(one) {
  const words = [data.run, open.one.id, one.path];
  const place = (words.some((word) => word.startsWith("-")) ? "-- " : "") + words.map(quoted).join(" ");
  const lines = [`harness explain ${place}`, ...(one.outcome === 0 ? [] : [`harness truth dispute ${place}`])];
  const row = [["case", "path", "outcome", "expected", "predicted"],
    [open.one.id, one.path, data.verdicts[one.outcome][2], one.expected ?? "", one.predicted ?? ""]];
  const copies = [["expected", one.expected], ["predicted", one.predicted], ["row", asMarkdown(row)]].filter(([, text]) => text !== null && text !== undefined);
  return [el("p", null, spaced(copies.map(([what, text]) => button(`Copy ${what}`, (event) => toClipboard(text, event.target))))),
    ...lines.map((line) => el("p", null, el("code", { class: "value" }, isolated(line)), " ", copier(line)))];
}

function copier(line) {
  return button("Copy", (event) => toClipboard(line, event.target));
}

// Marks of a value that stands in several places may point at another one's: how many is said.
function manyPlaces(one) {
  const count = (side) => Math.max(one.places[side], (one.evidence[side] || []).length / 3);
  const said = (side, name) => {
    const marks = (one.evidence[side] || []).length / 3;
    return `${name} stands in ${grouped(count(side))} places${marks < count(side) ? `, ${grouped(marks)} of them marked` : ""}`;
  };
  const both = one.expected === one.predicted;
  const sides = (both ? ["expected"] : ["expected", "predicted"]).filter((side) => count(side) > 1);
  return sides.length ? el("p", { class: "quiet" }, sides.map((side) => said(side, both ? "it" : `${side} value`)).join("; ")) : null;
}

// Where the answer itself says that its value stands, and what came of it.
function pointedAt(one) {
  if (!one.pointed) return null;
  const [page, , , right, overlap] = one.pointed;
  const came = right === null || right === undefined ? "" : right ? ", which is right" : ", the expected value stands elsewhere";
  return el("p", { class: right === false ? null : "quiet" }, `the answer points to page ${grouped(page)}${came}${overlap ? `; boxes overlap ${overlap}` : ""}`);
}

function notFound(one) {
  const nowhere = ["expected", "predicted"].filter((side) =>
    one[side] !== null && one[side] !== undefined &&
    one.evidence[side] && !one.evidence[side].length);
  if (!nowhere.length) return null;
  const text = nowhere.length > 1 ? "neither value stands in the text" :
    `${nowhere[0]} value not in the text`;
  return el("p", { class: "quiet" }, text);
}
