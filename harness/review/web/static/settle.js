// Settling: what two people said of a place, side by side, beside the document with both marked.

let settling = null; // the conflicts on screen

// The case on screen to decide on its fields, and not only to look at its document.
const isOnCase = (id) => open !== null && settling === null && open.one.id === id;

async function showSettle() {
  const turn = ++going;
  open = null;
  const found = await ask("/api/conflicts");
  if (turn !== going) return;
  if (!queue.cases.length) await loadQueue();
  settling = { all: found.conflicts, at: 0, may: found.may, documents: new Map() };
  page("Settle", [el("p", { class: "lead", id: "settle-lead" }), el("div", { class: "spread" },
    el("div", { id: "settle-document" }), el("div", { id: "settle", class: "settle" }, settling.all.map(settleNode)))]);
  stage.classList.add("settling");
  tellLeft();
  reachConflict();
}

const leftToSettle = () => settling.all.filter((one) => !one.done);

function tellLeft() {
  const left = leftToSettle().length;
  const who = settling.may ? "Take a side by its digit, or open the case to type another value." : "An auditor settles them.";
  byId("settle-lead").replaceChildren(left ? `${counted(left, "place")} where people said different things. ${who}` :
    settling.all.length ? "All of it is settled." : "Nobody contradicts anybody.");
}

// Draw one conflict anew; the others stay as they are.
function drawConflict(place) {
  byId(`s${place}`)?.replaceWith(settleNode(settling.all[place], place));
}

function reachConflict() {
  const node = byId(`s${settling.at}`);
  node?.focus({ preventScroll: true });
  node?.scrollIntoView({ block: "nearest" });
  return showDocument(settling.all[settling.at]);
}

function goToConflict(place) {
  const before = settling.at;
  settling.at = place;
  drawConflict(before);
  drawConflict(place);
  return reachConflict();
}

// The document of a conflict, with the passages of each side marked; nothing is decided in it.
async function showDocument(one) {
  if (!one) return;
  const { documents } = settling;
  if (!documents.has(one.id)) documents.set(one.id, (await ask(at("/api/documents", { case: one.id }))).documents);
  if (!settling || settling.all[settling.at] !== one) return;
  const isOther = open?.one.id !== one.id;
  const diffs = one.sides.map((side, place) => ({ place, outcome: 4, evidence: {
    expected: place ? null : side.places, predicted: place ? side.places : null } }));
  if (isOther) {
    open = { one: { id: one.id, documents: documents.get(one.id), runs: [], diffs }, at: null, document: 0, marks: new Map() };
    view.page = 1;
    byId("settle-document").replaceChildren(documentPane());
  }
  open.one.diffs = diffs;
  drawDocument();
  lookAt(sideInDocument());
}

// The first side that stands in the document: what is brought into view.
const sideInDocument = () => open.one.diffs.find((side) => placesOf(side).length) ?? open.one.diffs[0];

function sidesByMark() {
  const [first, ...others] = settling.all[settling.at].sides.map((side) => side.who);
  return [["expected", first], ["predicted", others.join(", ")], ["expected predicted", "both"]];
}

function settleNode(one, place) {
  const isHere = place === settling.at;
  return el("section", { id: `s${place}`, tabindex: isHere ? "0" : "-1", "aria-label": `${one.id}, ${one.path}${one.done ? ", settled" : ""}`,
    class: `conflict${isHere ? " at" : ""}${one.formOnly ? " form-only" : ""}${one.done ? " done" : ""}` },
  el("h2", null, el("a", { href: linkToPlace(one) }, isolated(one.id)), " ", el("span", { class: "path" }, pathText(one.path)),
    one.formOnly ? el("span", { class: "quiet" }, " only written otherwise") : null, one.done ? el("span", { class: "right-word" }, " ✓ settled") : null),
  el("ol", { class: "sides" }, one.sides.map((side, i) => el("li", { id: isHere ? `d${i}` : null, tabindex: isHere ? "-1" : null },
    settling.may && !one.done ? button([el("kbd", null, String(i + 1)), " ", isolated(side.who)], () => takeSideOf(place, i),
      { class: "take", "aria-label": `take ${i + 1}, ${side.who}, for ${one.path}` }) : el("span", { class: "who" }, isolated(side.who)),
    el("span", { class: "quiet" }, side.sure),
    el("p", { class: "holds" }, side.removes ? el("span", { class: "absent" }, "removes the item") : value(side.value, i ? one.sides[0].value : null, 2)),
    el("blockquote", null, side.removes ? null : side.value === null ? el("span", { class: "quiet" }, "says that there is nothing") : side.stands.length ?
      side.stands.map(([before, there, after, name]) => el("p", null, el("span", { class: "quiet" }, before), el("mark", { class: i ? "predicted" : "expected" }, isolated(there)),
        el("span", { class: "quiet" }, after), el("span", { class: "quiet source" }, isolated(name)))) :
      el("span", { class: "quiet" }, "stands nowhere in the document"))))));
}

const linkToPlace = (one) => `${linkOf(one)}/${encodeURIComponent(JSON.stringify(one.slots))}`;

function moveSettling(by) {
  if (settling.all.length) goToConflict(Math.min(Math.max(settling.at + by, 0), settling.all.length - 1));
}

function openSettling() {
  const one = settling.all[settling.at];
  if (one) location.hash = linkToPlace(one);
}

const takeSide = (i) => takeSideOf(settling.at, i);

function takeSideOf(place, i) {
  const one = settling.all[place];
  const side = one && one.sides[i];
  if (!side || one.done) return null;
  if (!settling.may) return tellAll("An auditor settles what people disagree about");
  const gone = side.value === null && one.gone;
  const said = side.removes ? { do: "remove", path: side.removes } :
    { do: "set", path: one.slots, gone, literal: gone ? null : side.value ?? "null" };
  return decide(`${one.id} ${one.path}`, () => ({ case: one.id, sees: side.sees, shows_rows: false, ...said }), (reply, isLast, error) => {
    if (error) return showRefusal(error);
    one.done = true;
    if (!settling) return null;
    tellLeft();
    drawConflict(place);
    const next = settling.all.findIndex((each, at) => at > place && !each.done);
    return goToConflict(next >= 0 ? next : Math.max(settling.all.findIndex((each) => !each.done), 0));
  });
}
