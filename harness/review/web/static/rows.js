// The fields of a case: those that need a person, those all agree on, lists, and what is absent.

const GROUPS = [
  ["needs", "Needs you"],
  ["agreed", "All agree"],
  ["lists", "Nothing missed?"],
  ["absent", "Absent"],
];
const ABOUT = {
  needs: "Answers differ, there is only one, or somebody is in doubt.",
  agreed: "Every run says what the truth says.",
  lists: "Does each list hold everything the document has, and nothing else?",
  absent: "Neither the truth nor any run has a value.",
};
const BULK = new Set(["agreed", "absent"]);
const STATES = {
  right: ["✓", "right"], open: ["", "open"], conflict: ["≠", "in conflict"], disputed: ["?", "disputed"],
  deferred: ["…", "for later"],
};

const keyOfRow = (row) => JSON.stringify(row.slots);
const isOpen = (row) => row.state !== "right" && row.state !== "deferred";
const rowsOf = (group) => open.one.diffs.filter((row) => row.group === group);

// The case as the server has it, untouched by what we believe: of a decision come only the rows it
// changed (`since` is the version they stand on).
const sent = { version: null, rows: new Map() };
function wholeCase(one) {
  if (one.since === undefined) sent.rows.clear();
  for (const row of one.diffs) sent.rows.set(keyOfRow(row), row);
  sent.version = one.version;
  return { ...one, diffs: [...sent.rows.values()].map((row) => ({ ...row, evidence: { ...row.evidence } })) };
}

// Take what the server says; a row stays in the group where it was first seen.
function takeRows(one) {
  for (const row of one.diffs) {
    const key = keyOfRow(row);
    const group = open.groups.get(key);
    if (group === undefined) open.groups.set(key, row.group);
    else if (!row.list) row.group = group;
  }
  const order = GROUPS.map(([name]) => name);
  one.diffs.sort((a, b) => order.indexOf(a.group) - order.indexOf(b.group));
  one.diffs.forEach((row, place) => {
    row.place = place;
    const places = open.places.get(keyOfRow(row));
    if (places) Object.assign(row.evidence, places);
  });
  open.one = one;
}

// Everything j and k stop at: rows, and the heads of groups that are decided on at once.
function stops() {
  return GROUPS.flatMap(([name]) => {
    const rows = rowsOf(name);
    return rows.length && BULK.has(name) ? [{ bulk: name }, ...rows] : rows;
  });
}

const stopId = (stop) => (stop.bulk ? `g-${stop.bulk}` : `d${stop.place}`);
const isOpenStop = (stop) => (stop.bulk ? rowsOf(stop.bulk).some(isOpen) : isOpen(stop));
const here = () => stops().find((stop) => stopId(stop) === open.at) || null;
const hereRow = () => {
  const stop = here();
  return stop && !stop.bulk ? stop : null;
};

// --- drawing ---------------------------------------------------------------------------------

// Rows in parcels: what is out of sight is not laid out, parcel by parcel.
const PARCEL = 40;
const parcels = (rows) => rows.flatMap((_, i) => (i % PARCEL ? [] : el("div", { class: "parcel" },
  rows.slice(i, i + PARCEL).map((row, at) => rowNode(row, rows[i + at - 1])))));

function fieldsPane() {
  const sections = GROUPS.map(([name, title]) => {
    const rows = rowsOf(name);
    if (!rows.length) return null;
    return el("section", { class: `group ${name}`, "aria-label": title },
      groupHead(name, title, rows), el("div", null, parcels(rows)));
  });
  return [...sections, ignoredPart(), caseFoot()].filter(Boolean);
}

// What no rule compares: shown, so that nobody looks for it, and nothing to decide on.
function ignoredPart() {
  const { ignored, ignoredInAll } = open.one;
  if (!ignored.length) return null;
  const more = ignoredInAll - ignored.length;
  return el("details", { class: "group ignored" },
    el("summary", null, "Ignored ", el("span", { class: "quiet" }, grouped(ignoredInAll))),
    el("p", { class: "quiet" }, "A rule says that these are not compared: they are in no score, and nobody reviews them."),
    ignored.map(([path, held]) => el("p", { class: "line" }, el("span", { class: "path quiet" }, pathText(path)), el("span", null, value(held, null, 1)))),
    more > 0 ? el("p", { class: "quiet" }, `and ${grouped(more)} more`) : null);
}

const headSign = (name, rows) => `${rows.filter(isOpen).length} of ${rows.length} ${open.at === `g-${name}`}`;

function groupHead(name, title, rows) {
  const left = rows.filter(isOpen).length;
  const whole = BULK.has(name) && left > 0;
  return el("header", { id: `g-${name}`, "data-sign": headSign(name, rows), class: `group-head${open.at === `g-${name}` ? " at" : ""}`,
    tabindex: BULK.has(name) ? (open.at === `g-${name}` ? "0" : "-1") : null,
    role: BULK.has(name) ? "group" : null, "aria-label": BULK.has(name) ? `${title}, ${left} open` : null },
  el("h2", null, title, " ", el("span", { class: "quiet" }, left ? `${grouped(left)} of ${grouped(rows.length)} open` : grouped(rows.length))),
  el("p", { class: "quiet" }, ABOUT[name], " ",
    whole ? button(["All right ", el("kbd", null, "Enter")], () => approveGroup(name), { class: "act" }) : null));
}

const rowClass = (row) => `field ${row.state}${row.pending ? " pending" : ""}${open.at === `d${row.place}` ? " at" : ""}${!row.list && row.stem ? " leaf" : ""}`;
const rowLabel = (row) => `${row.path}, ${STATES[row.state][1]}`;

function rowNode(row, before) {
  const isHere = open.at === `d${row.place}`;
  const [icon] = STATES[row.state];
  const stem = row.list ? "" : row.stem;
  const heading = stem && (!before || before.stem !== stem) ? el("p", { class: "stem path" }, pathText(stem)) : null;
  return el("div", { id: `d${row.place}`, class: rowClass(row), tabindex: isHere ? "0" : "-1", role: "group", "aria-label": rowLabel(row) },
  heading,
  el("div", { class: "line" },
    el("span", { class: "name path" }, pathText(stem ? row.leaf : row.path)),
    el("span", { class: "holds" }, row.hidden ? el("span", { class: "absent" }, "not shown") : row.list ? listWords(row) : value(row.value, null, 1)),
    el("span", { class: "state", "aria-hidden": "true", title: stateTitle(row) }, icon)),
  isHere ? detail(row) : reasonLine(row));
}

const stateTitle = (row) => (row.by.length ? `right: ${row.by.join(", ")}` : STATES[row.state][1]);
const listWords = (row) => el("span", { class: row.value === null ? "absent" : null },
  row.value === null ? "absent" : counted(row.count, "item"));

// Beside a row that is not in hand: what others say that differs, shortly.
const SHORT = 70;
function reasonLine(row) {
  if (row.state === "right") return null;
  const others = [];
  for (const one of row.sides.length ? [] : row.said.filter((each) => !each.same)) {
    const same = others.find((each) => each.value === one.value);
    if (same) same.who = `${same.who}, ${one.who}`;
    else if (others.length < 2) others.push({ ...one });
  }
  const shorter = (text) => (text.length > SHORT ? `${text.slice(0, safe(text, SHORT))}…` : text);
  const lines = others.map((one) => [isolated(one.who), one.value === null ? " has nothing" :
    row.list ? [" has ", shorter(one.value)] : [" ", el("code", { class: "value" }, isolated(shorter(one.value)))]]);
  if (row.reason) lines.unshift([isolated(row.reason)]);
  if (!lines.length) return null;
  return el("p", { class: "others" }, lines.map((line) => el("span", null, line)));
}

// What a row shows while it is the one to decide on.
function detail(row) {
  if (open.editing) return el("div", { class: "detail" }, editor(row));
  return el("div", { class: "detail" },
    row.reason ? el("p", { class: "reason" }, isolated(row.reason)) : null,
    row.about ? el("p", { class: "quiet about" }, isolated(row.about)) : null,
    choicesOf(row).length ? el("ol", { class: "choices" }, choicesOf(row).map((one, i) => choice(row, one, i))) : null,
    row.more ? el("p", { class: "quiet" }, `and ${counted(row.more, "more proposal")}`) : null,
    row.notes.map((note) => el("p", { class: "note" }, el("span", { class: "quiet" }, isolated(note.by), ": "), isolated(note.why))),
    open.past && open.past.key === keyOfRow(row) ? pastOf(open.past) : null,
    actions(row));
}

// What can be taken by a digit: the sides of a conflict, else what each run says.
function choicesOf(row) {
  return (row.sides.length ? row.sides : row.said).slice(0, 9);
}

function choice(row, one, i) {
  const same = one.value === row.value && !row.list && !row.sides.length;
  return el("li", { class: same ? "same" : null },
    button([el("kbd", null, String(i + 1)), " ", el("span", { class: "who" }, isolated(one.who))], () => take(row, i),
      { class: "take", "aria-label": `take ${i + 1}, ${one.who}` }),
    el("span", { class: "holds" }, one.removes ? el("span", { class: "absent" }, "removes the item") : value(one.value, one.value === null ? null : row.list ? null : row.value, 2)),
    el("span", { class: "quiet sure" }, [one.sure, one.count > 1 ? `${one.count} runs` : null].filter(Boolean).join(" · ")));
}

function actions(row) {
  const act = (label, key, run, more) => button([...[label].flat(), " ", el("kbd", null, key)], run, { class: "act", ...more });
  const listed = row.list || row.item !== null;
  const together = isPlain(row) ? neighboursOf(row).length : 0;
  return el("p", { class: "actions" }, spaced([
    row.state === "conflict" || row.hidden ? null : act(row.list ? "Complete" : "Right", row.list ? "c" : "Enter", () => approve(row)),
    together > 1 ? act(["All ", grouped(together), " of ", row.stem ? isolated(row.stem) : "these"], "Y", () => approveNeighbours(row)) : null,
    row.list ? null : act(row.hidden ? "Give the value" : "Edit", row.hidden ? "Enter" : "e", () => startEdit(row)),
    (row.value === null && !row.hidden) || row.list ? null : act("Absent", "0", () => makeAbsent(row)),
    listed ? act("Add item", "+", () => addItem(row)) : null,
    row.item !== null ? act("Remove item", "-", () => removeItem(row)) : null,
    act("Later", "s", () => defer(row)),
    row.state === "disputed" ? null : act("Dispute", "d", () => startNote(row, "dispute")),
    act("Note", ".", () => startNote(row, "note")),
    act("History", "h", () => showPast(row)),
  ].filter(Boolean)));
}

function caseFoot() {
  const left = open.one.diffs.filter(isOpen).length;
  const lists = rowsOf("lists").filter(isOpen).length;
  const next = nextCase(1);
  return el("footer", { class: "case-foot" },
    left === 0 ?
      el("p", { class: "done" }, el("strong", null, "✓ All fields of this case are reviewed."), " ",
        next ? el("a", { id: "next", class: "act", href: linkOf(next) }, "Next case ", el("kbd", null, "Enter")) :
          el("a", { id: "next", class: "act", href: "#" }, "Back to the queue ", el("kbd", null, "Enter"))) :
      el("p", { class: "quiet" }, `${counted(left, "field")} open. `,
        button(["Approve the whole case ", el("kbd", null, "a")], approveCase, { class: "act", "aria-disabled": lists ? "true" : null }),
        lists ? ` once ${lists === 1 ? "its list is" : `${lists} lists are`} said to be complete.` : null));
}

// --- keeping the screen true -------------------------------------------------------------------

// Draw the whole pane and keep the place; used when rows come, go or move.
function drawFields() {
  const hadFocus = byId("fields").contains(document.activeElement) || document.activeElement === document.body;
  byId("fields").replaceChildren(...fieldsPane());
  if (hadFocus) focusHere();
  drawHead();
}

function drawRow(row) {
  const old = byId(`d${row.place}`);
  if (!old) return;
  const before = open.one.diffs[row.place - 1];
  const hadFocus = old.contains(document.activeElement);
  const fresh = rowNode(row, before?.group === row.group ? before : undefined);
  old.replaceWith(fresh);
  if (hadFocus && open.at === fresh.id) focusHere();
}

// Change a row that is right in place: one key may say it of a thousand.
function drawRight(row) {
  const node = byId(`d${row.place}`);
  if (!node || open.at === node.id) return drawRow(row);
  node.className = rowClass(row);
  node.setAttribute("aria-label", rowLabel(row));
  node.querySelector(".others")?.remove();
  const state = node.querySelector(".state");
  state.textContent = STATES.right[0];
  return state.setAttribute("title", stateTitle(row));
}

function drawCounts() {
  for (const [name, title] of GROUPS) {
    const rows = rowsOf(name);
    const old = byId(`g-${name}`);
    if (!rows.length || !old || old.dataset.sign === headSign(name, rows)) continue;
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(groupHead(name, title, rows));
    if (hadFocus && open.at === `g-${name}`) focusHere();
  }
  const foot = byId("fields").querySelector(".case-foot");
  const hadNext = foot.contains(document.activeElement);
  foot.replaceWith(caseFoot());
  if (hadNext) byId("next")?.focus({ preventScroll: true });
  drawHead();
}

function focusHere() {
  const node = open.at && byId(open.at);
  if (!node) return;
  const field = open.editing ? node.querySelector("input, textarea, select") : null;
  (field || node).focus({ preventScroll: true });
  const box = node.getBoundingClientRect();
  const paper = document.querySelector(".page");
  const isAbove = paper && paper.getBoundingClientRect().right > box.left + 40;
  const above = document.querySelector(".bar").offsetHeight + 8 + (isAbove ? paper.offsetHeight : 0);
  if (box.top < above || box.bottom > innerHeight - 24) {
    scrollBy({ top: box.top - Math.max(above, Math.min(above + innerHeight / 6, innerHeight - box.height - 24)), behavior: "auto" });
  }
}

function goTo(id) {
  const before = here();
  open.editing = null;
  open.past = null;
  open.at = id;
  open.since = performance.now();
  if (before) redraw(before);
  const now = here();
  if (now) redraw(now);
  focusHere();
  if (now && !now.bulk) lookAt(now);
}

const redraw = (stop) => (stop.bulk ? drawCounts() : drawRow(stop));

function move(by) {
  const all = stops();
  const place = all.findIndex((stop) => stopId(stop) === open.at);
  const next = all[Math.min(Math.max(place + by, 0), all.length - 1)];
  if (next) goTo(stopId(next));
}

// On to what is still open: behind this place, else from the top.
function advance() {
  const all = stops();
  const place = all.findIndex((stop) => stopId(stop) === open.at);
  const next = all.slice(place + 1).find(isOpenStop) || all.slice(0, place + 1).find(isOpenStop);
  if (next) {
    goTo(stopId(next));
  } else {
    const before = here();
    open.at = null;
    if (before) redraw(before);
    byId("next")?.focus();
    byId("next")?.scrollIntoView({ block: "nearest" });
  }
}
