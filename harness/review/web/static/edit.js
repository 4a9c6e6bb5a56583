// Deciding on a field: shown at once, true once the server has acknowledged it.

// Seconds a person looked at what they decided on; a pause for coffee counts as a minute.
function looked() {
  const seconds = Math.min((performance.now() - (open.since ?? performance.now())) / 1000, 60);
  open.since = performance.now();
  return Math.round(seconds * 10) / 10;
}

// Tell the server about a row; what it names as seen is what stood here when it was decided on.
function decideOn(row, body, change) {
  const { one } = open;
  const key = keyOfRow(row);
  const seconds = looked();
  const isOurs = row.isOurs === true;
  const seen = row.head;
  if (change) Object.assign(row, change, { pending: true });
  row.isOurs = true;
  decide(key, () => ({ case: one.id, path: row.slots, sees: isOurs ? row.head : seen, seconds, ...body }), settled(one.id, key, row));
}

// What to do once a decision is acknowledged or refused. Until all are, the row keeps what we
// believe of it, and learns only what its last edit is called.
const settled = (id, key, row) => (reply, isLast, error) => {
  if (!isOnCase(id)) {
    if (error) showRefusal(error);
    return;
  }
  if (error) {
    showRefusal(error);
    reload();
    return;
  }
  const isBehind = reply.case.since !== undefined && reply.case.since !== sent.version;
  const told = wholeCase(reply.case);
  const fresh = told.diffs.find((each) => keyOfRow(each) === key);
  if (row && fresh) row.head = fresh.head;
  Object.assign(open.one, { undo: told.undo, undone: told.undone });
  if (fresh && fresh.state === "conflict") {
    for (let i = unsent.length - 1; i >= 0; i -= 1) if (unsent[i].about === key) unsent.splice(i, 1);
    tellAll(`${fresh.path}: somebody else has changed it meanwhile`);
  }
  if (isLast || unsent.length === 0) replaceRows(told);
  if (isBehind) reload(); // the whole case came between: what it said of other rows may be newer
};

// Put what the server says in place of what we believed; only what differs is drawn anew.
function replaceRows(one) {
  const signOf = (row) => JSON.stringify({ ...row, evidence: 0, isOurs: 0 });
  const before = open.one.diffs.map((row) => [keyOfRow(row), signOf(row), row.state === "right" ? row.value : undefined]);
  const was = hereRow() ? keyOfRow(hereRow()) : null;
  const moved = open.one.values !== one.values;
  takeRows({ ...one, documents: open.one.documents, runs: open.one.runs });
  const alike = before.length === one.diffs.length && one.diffs.every((row, i) => before[i][0] === keyOfRow(row));
  if (was !== null) {
    const same = one.diffs.find((row) => keyOfRow(row) === was);
    if (same) open.at = `d${same.place}`;
    else if (!here()) open.at = one.diffs.length ? stopId(stops().find(isOpenStop) || stops()[0]) : null;
  }
  if (!alike) drawFields();
  else {
    one.diffs.forEach((row, i) => {
      if (signOf(row) === before[i][1] || (open.editing && open.at === `d${row.place}`)) return;
      if (row.state === "right" && row.value === before[i][2]) drawRight(row);
      else drawRow(row);
    });
    drawCounts();
  }
  if (open.at === null) {
    const left = stops().find(isOpenStop); // we believed that nothing was left
    if (left) goTo(stopId(left));
  }
  if (moved) placesSoon();
}

// On to the next field that is open: the focus is set last, since setting it lays the page out.
function goOn(row) {
  const { at } = open;
  drawCounts();
  advance();
  if (open.at === at || `d${row.place}` !== at) drawRow(row);
}

function approve(row) {
  if (row.hidden) return startEdit(row);
  if (row.state === "conflict") return tellAll("Choose one of the values: 1 to 9, or e");
  decideOn(row, { do: "approve", fields: [[row.slots, row.digest]] }, { state: "right", reason: "", by: [data.suite.person] });
  return goOn(row);
}

function approveMany(rows) {
  if (!rows.length) return;
  const { one } = open;
  const seconds = looked();
  const fields = rows.map((row) => [row.slots, row.digest]);
  for (const row of rows) Object.assign(row, { state: "right", pending: true, by: [data.suite.person] });
  decide("many", () => ({ case: one.id, do: "approve", path: [], fields, seconds }), settled(one.id, "many"));
  rows.forEach(drawRight);
  drawCounts();
  advance();
}

// Rows under the same heading as this one that can be said right together: those in doubt, and those
// of the random audit, are looked at alone.
const isPlain = (row) => row.state === "open" && !row.hidden && !row.reason && !row.list;
function neighboursOf(row) {
  const rows = rowsOf(row.group);
  const isBeside = (one) => one && !one.list && one.stem === row.stem;
  let first = rows.indexOf(row);
  let last = first;
  while (isBeside(rows[first - 1])) first -= 1;
  while (isBeside(rows[last + 1])) last += 1;
  return rows.slice(first, last + 1).filter(isPlain);
}

function approveNeighbours(row) {
  if (row.list) return tellAll("This is a list: c says that it is complete");
  if (!isPlain(row)) return tellAll(row.state === "right" ? "It is right already" : "This one is looked at alone");
  return approveMany(neighboursOf(row));
}

const approveGroup = (name) => approveMany(rowsOf(name).filter(isOpen));

function approveCase() {
  const lists = rowsOf("lists").filter(isOpen);
  if (lists.length) {
    goTo(stopId(lists[0]));
    return tellAll("Say first that each list is complete: c");
  }
  const doubtful = open.one.diffs.find((row) => row.state === "conflict" || row.state === "disputed" || (row.hidden && isOpen(row)));
  if (doubtful) {
    goTo(stopId(doubtful));
    return tellAll(doubtful.hidden ? "Give your value first" : "Settle first what is in doubt");
  }
  return approveMany(open.one.diffs.filter((row) => row.state !== "right"));
}

function setTo(row, given, body) {
  if (row.list) return addTo(row, given, body);
  decideOn(row, { do: "set", ...body }, { value: given, hidden: false, state: "right", reason: "", by: [data.suite.person], sides: [] });
  return goOn(row);
}

function take(row, i) {
  const one = choicesOf(row)[i];
  if (!one) return;
  if (one.whole) takeWhole(row, one);
  else if (row.list && !row.sides.length) addTo(row, one.value, { literal: one.value, after: one.after });
  else if (one.removes) removeItem(row, one.removes.length);
  else if (one.value === null) makeAbsent(row);
  else if (one.value === row.value && row.state !== "conflict") approve(row);
  else setTo(row, one.value, { literal: one.value });
}

// A side of a conflict about what holds the field: a list in another order, an object for a text.
function takeWhole(row, one) {
  const { id } = open.one;
  decide(JSON.stringify(one.whole), () => ({ case: id, do: "set", path: one.whole, literal: one.value ?? "null", sees: one.sees }),
    settled(id, keyOfRow(row)));
}

function makeAbsent(row) {
  if (row.list) return tellAll("Remove its items one by one: -");
  if (row.value === null && row.state !== "conflict" && !row.hidden) return approve(row);
  decideOn(row, { do: "set", gone: row.gone, literal: row.gone ? null : "null" },
    { value: null, hidden: false, state: "right", reason: "", by: [data.suite.person], sides: [] });
  return goOn(row);
}

function defer(row) {
  decideOn(row, { do: "defer" }, { state: "deferred" });
  goOn(row);
}

// --- items of lists ---------------------------------------------------------------------------

const slotName = () => [...crypto.getRandomValues(new Uint8Array(4))].map((b) => b.toString(16).padStart(2, "0")).join("");
const listOf = (row) => (row.list ? row : open.one.diffs.find((one) => one.list && keyOfRow(one) === JSON.stringify(row.slots.slice(0, row.item - 1))));

function addTo(row, given, body) {
  const { one } = open;
  const slot = slotName();
  const seconds = looked();
  const isOurs = row.isOurs === true;
  const seen = row.head ?? ""; // of the list as it is shown: another's item of meanwhile is not seen
  // Who typed a whole item, or took one, goes on with the list: + for the next, c if it is complete.
  open.arrive = body.texts || body.literal ? null : JSON.stringify([...row.slots, slot]);
  Object.assign(row, { pending: true, isOurs: true });
  drawRow(row);
  decide(keyOfRow(row), () => ({ case: one.id, do: "add", path: [...row.slots, slot], sees: isOurs ? row.head ?? "" : seen, seconds, ...body }),
    (reply, isLast, error) => {
      settled(one.id, keyOfRow(row), row)(reply, isLast, error);
      if (!error && isOnCase(one.id)) arrive();
    });
}

// Go to the first field of an item that was added.
function arrive() {
  const wanted = open.arrive && JSON.parse(open.arrive);
  open.arrive = null;
  if (!wanted) return;
  const row = open.one.diffs.find((each) => JSON.stringify(each.slots.slice(0, wanted.length)) === JSON.stringify(wanted) && !each.list);
  if (!row) return;
  goTo(stopId(row));
  if (row.value === null) startEdit(row);
}

function addItem(row) {
  const list = listOf(row);
  if (!list) return tellAll("There is no list here");
  const place = row.list ? list.ids.length : list.ids.indexOf(row.slots[row.item - 1]) + 1;
  goTo(stopId(list));
  open.editing = { what: list.items.length ? "item" : "value", text: null, place };
  drawRow(list);
  return focusHere();
}

// The fields of a new item, typed in one go.
function itemEditor(row) {
  const place = placeField(row);
  const fields = row.items.map((one, i) => {
    const id = `item-${i}`;
    const field = one.options.length ?
      el("select", { id }, el("option", { value: "" }, "absent"), one.options.map((option) => el("option", { value: spoken(option) }, spoken(option)))) :
      el("input", { id, type: "text", autocomplete: "off", spellcheck: "false", placeholder: HINTS[one.type] || (one.type === "string" ? null : "JSON") });
    return [one.name, field, el("label", { for: id }, pathText(one.name))];
  });
  const save = () => {
    const texts = Object.fromEntries(fields.map(([name, field]) => [name, field.value]));
    const after = afterPlace(row, place.value);
    open.editing = null;
    addTo(row, null, { texts, after });
  };
  const node = el("div", { class: "editor item" }, fields.map(([, field, label]) => [label, field]),
    el("label", { for: "item-place" }, "place in the list"), place,
    el("p", { class: "actions" }, button(["Add ", el("kbd", null, "Enter")], save, { class: "act" }), " ",
      button(["Cancel ", el("kbd", null, "Esc")], () => stopEdit(row), { class: "act" })));
  node.addEventListener("keydown", (event) => onTyping(event, save, row));
  return node;
}

// Where a new item goes, counted from 1; the item it stands behind is what is told.
function placeField(row) {
  const field = el("input", { id: "item-place", type: "text", inputmode: "numeric", autocomplete: "off" });
  field.value = String((open.editing.place ?? row.ids.length) + 1);
  return field;
}

function afterPlace(row, text) {
  const place = Math.min(Math.max(Number.parseInt(text, 10) || row.ids.length + 1, 1), row.ids.length + 1);
  return place === 1 ? "" : row.ids[place - 2];
}

function onTyping(event, save, row) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.tagName !== "BUTTON") {
    event.preventDefault();
    save();
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    stopEdit(row);
  }
}

function removeItem(row, size = row.item) {
  if (size === null) return tellAll("This is no item of a list");
  const slots = row.slots.slice(0, size);
  const { one } = open;
  const seconds = looked();
  const gone = open.one.diffs.filter((each) => JSON.stringify(each.slots.slice(0, size)) === JSON.stringify(slots));
  const heads = gone.map((each) => each.head).filter(Boolean).sort();
  const next = stops()[stops().indexOf(gone.at(-1)) + 1] || stops()[stops().indexOf(gone[0]) - 1];
  const nextKey = next && !next.bulk ? keyOfRow(next) : null;
  open.one.diffs = open.one.diffs.filter((each) => !gone.includes(each));
  open.one.diffs.forEach((each, place) => { each.place = place; });
  const arrived = nextKey ? open.one.diffs.find((each) => keyOfRow(each) === nextKey) : null;
  open.at = arrived ? `d${arrived.place}` : next?.bulk ? `g-${next.bulk}` : null;
  decide(JSON.stringify(slots), () => ({ case: one.id, do: "remove", path: slots, sees: heads.at(-1) ?? row.itemHead, seconds }),
    settled(one.id, JSON.stringify(slots)));
  drawFields();
}

// --- typing --------------------------------------------------------------------------------------

function startEdit(row, text) {
  open.editing = { what: "value", text: text ?? null };
  drawRow(row);
  focusHere();
}

function startNote(row, what) {
  open.editing = { what, text: "" };
  drawRow(row);
  focusHere();
}

function stopEdit(row) {
  open.editing = null;
  drawRow(row);
  byId(`d${row.place}`)?.focus({ preventScroll: true });
}

const HINTS = { date: "YYYY-MM-DD", "date-time": "YYYY-MM-DDThh:mm:ssZ", time: "hh:mm:ss", integer: "a whole number", number: "a number" };

function editor(row) {
  const { what, text } = open.editing;
  const { form } = row;
  if (what === "item") return itemEditor(row);
  const isValue = what === "value";
  const known = text ?? (row.list ? "" : spoken(row.value) ?? "");
  const label = isValue ? (row.list ? "New item" : "Value") : what === "dispute" ? "Why may the truth be wrong?" : "Note";
  const id = `edit-${row.place}`;
  let field;
  if (isValue && form.options.length) {
    field = el("select", { id, size: Math.min(form.options.length, 8) }, form.options.map((option) =>
      el("option", { value: option, selected: option === row.value }, spoken(option))));
    if (!field.querySelector("[selected]")) field.selectedIndex = 0;
  } else if (!isValue || form.type === "string") {
    field = el("textarea", { id, rows: Math.min(6, 1 + Math.floor(String(known).length / 60)), spellcheck: "false" });
    field.value = known;
  } else {
    field = el("input", { id, type: "text", autocomplete: "off", spellcheck: "false",
      inputmode: ["number", "integer"].includes(form.type) ? "decimal" : null, placeholder: HINTS[form.type] || "JSON" });
    field.value = known;
  }
  field.addEventListener("keydown", (event) => onTyping(event, () => finish(row, field.value), row));
  return el("div", { class: "editor" }, el("label", { for: id }, label, " ",
    isValue && HINTS[form.type] ? el("span", { class: "quiet" }, HINTS[form.type]) : null), field,
  el("p", { class: "actions" }, button(["Save ", el("kbd", null, "Enter")], () => finish(row, field.value), { class: "act" }), " ",
    button(["Cancel ", el("kbd", null, "Esc")], () => stopEdit(row), { class: "act" })));
}

function finish(row, text) {
  const { what, place } = open.editing;
  open.editing = null;
  if (what === "value") return setText(row, text, null, row.list && place !== undefined ? afterPlace(row, place + 1) : null);
  if (what === "note" && !text.trim()) return stopEdit(row);
  decideOn(row, { do: what, why: text }, what === "dispute" ? { state: "disputed", reason: `disputed: ${text}` } : { notes: [...row.notes, { by: data.suite.person, why: text }] });
  if (what === "dispute") return goOn(row);
  drawRow(row);
  return byId(`d${row.place}`)?.focus({ preventScroll: true });
}

// A value as it was typed or marked. What is JSON of the right type goes as it is; the rest the server reads.
function setText(row, text, evidence, after) {
  const { form } = row;
  const more = row.list ? { evidence, after } : { evidence };
  if (form.options.includes(text)) return setTo(row, text, { literal: text, ...more });
  if (form.type === "string" && evidence === null) {
    if (text === "" && row.hidden) return stopEdit(row);
    if (text === "" && !row.list) return makeAbsent(row);
    if (literal(text) === row.value) return approve(row);
    return setTo(row, literal(text), { literal: literal(text), ...more });
  }
  if (!text.trim()) return row.list || row.hidden ? stopEdit(row) : makeAbsent(row);
  if (["number", "integer"].includes(form.type) && /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text.trim())) {
    if (text.trim() === row.value) return approve(row);
    return setTo(row, text.trim(), { literal: text.trim(), ...more });
  }
  return setTo(row, literal(text), { text, ...more });
}

// --- taking back -----------------------------------------------------------------------------------

function undo() {
  const { one } = open;
  decide("undo", () => (isOnCase(one.id) && open.one.undo ? { case: one.id, do: "withdraw", of: open.one.undo } : null), (reply, isLast, error) => {
    const paths = open?.one.undone;
    settled(one.id, "undo")(reply, true, error);
    if (error || !isOnCase(one.id)) return;
    tellAll("Taken back");
    const row = paths ? open.one.diffs.find((each) => JSON.stringify(each.slots) === JSON.stringify(paths)) : null;
    if (row) goTo(stopId(row));
    else drawFields();
  });
  if (!one.undo && !unsent.some((each) => each.about !== "undo")) tellAll("Nothing to take back");
}

async function showPast(row) {
  const key = keyOfRow(row);
  const past = await ask(at("/api/history", { case: open.one.id, path: key }));
  if (!open || settling || !hereRow() || keyOfRow(hereRow()) !== key) return;
  open.past = { key, lines: past.lines };
  drawRow(hereRow());
}

const pastOf = ({ lines }) => el("table", { class: "plain past" }, el("thead", null, el("tr", null,
  ["When", "Who", "Did", "Value", "Why"].map((word) => el("th", { scope: "col" }, word)))),
el("tbody", null, lines.length ? lines.map((one) => el("tr", { class: one.withdrawn ? "withdrawn" : null },
  el("td", { class: "kind" }, one.when), el("td", null, isolated(one.by)), el("td", null, one.did),
  el("td", null, one.value === undefined ? "" : value(one.value, null, 1)), el("td", null, isolated(one.why)))) :
  el("tr", null, el("td", { colspan: 5, class: "quiet" }, "Nobody has decided on this field yet."))));
