// Settling: what two people said of a place, side by side, beside what the document says there.

let settling = null; // the conflicts on screen

async function showSettle() {
  const turn = ++going;
  open = null;
  const found = await ask("/api/conflicts");
  if (turn !== going) return;
  if (!queue.cases.length) await loadQueue();
  settling = { all: found.conflicts, at: 0, may: found.may };
  page("Settle", [el("p", { class: "lead", id: "settle-lead" }), el("div", { id: "settle", class: "settle" })]);
  drawSettling();
}

const leftToSettle = () => settling.all.filter((one) => !one.done);

function drawSettling() {
  const left = leftToSettle().length;
  const who = settling.may ? "Take a side by its digit, or open the case to type another value." : "An auditor settles them.";
  byId("settle-lead").replaceChildren(left ? `${counted(left, "place")} where people said different things. ${who}` :
    settling.all.length ? "All of it is settled." : "Nobody contradicts anybody.");
  byId("settle").replaceChildren(...settling.all.map(settleNode));
  byId(`s${settling.at}`)?.focus({ preventScroll: true });
  byId(`s${settling.at}`)?.scrollIntoView({ block: "nearest" });
}

function settleNode(one, place) {
  const isHere = place === settling.at;
  return el("section", { id: `s${place}`, tabindex: isHere ? "0" : "-1", "aria-label": `${one.id}, ${one.path}${one.done ? ", settled" : ""}`,
    class: `conflict${isHere ? " at" : ""}${one.formOnly ? " form-only" : ""}${one.done ? " done" : ""}` },
  el("h2", null, el("a", { href: linkToPlace(one) }, isolated(one.id)), " ", el("span", { class: "path" }, pathText(one.path)),
    one.formOnly ? el("span", { class: "quiet" }, " only written otherwise") : null, one.done ? el("span", { class: "right-word" }, " ✓ settled") : null),
  el("ol", { class: "sides" }, one.sides.map((side, i) => el("li", null,
    settling.may && !one.done ? button([el("kbd", null, String(i + 1)), " ", isolated(side.who)], () => { settling.at = place; takeSide(i); },
      { class: "take", "aria-label": `take ${i + 1}, ${side.who}, for ${one.path}` }) : el("span", { class: "who" }, isolated(side.who)),
    el("span", { class: "quiet" }, side.sure),
    el("p", { class: "holds" }, value(side.value, i ? one.sides[0].value : null, 2)),
    el("blockquote", null, side.value === null ? el("span", { class: "quiet" }, "says that there is nothing") : side.stands.length ?
      side.stands.map(([before, there, after, name]) => el("p", null, el("span", { class: "quiet" }, before), el("mark", null, isolated(there)),
        el("span", { class: "quiet" }, after), el("span", { class: "quiet source" }, isolated(name)))) :
      el("span", { class: "quiet" }, "stands nowhere in the document"))))));
}

const linkToPlace = (one) => `${linkOf(one)}/${encodeURIComponent(JSON.stringify(one.slots))}`;

function moveSettling(by) {
  settling.at = Math.min(Math.max(settling.at + by, 0), settling.all.length - 1);
  drawSettling();
}

function openSettling() {
  const one = settling.all[settling.at];
  if (one) location.hash = linkToPlace(one);
}

function takeSide(i) {
  const one = settling.all[settling.at];
  const side = one && one.sides[i];
  if (!side || one.done) return null;
  if (!settling.may) return tellAll("An auditor settles what people disagree about");
  const gone = side.value === null && one.gone;
  return decide(`${one.id} ${one.path}`, () => ({ case: one.id, do: "set", path: one.slots, sees: one.head, gone,
    literal: gone ? null : side.value ?? "null" }), (reply, isLast, error) => {
    if (error) return showRefusal(error);
    one.done = true;
    if (!settling) return null;
    const next = settling.all.findIndex((each, place) => place > settling.at && !each.done);
    settling.at = next >= 0 ? next : Math.max(settling.all.findIndex((each) => !each.done), 0);
    return drawSettling();
  });
}
