// The keyboard: everything can be done without a pointer.

const help = byId("keys");

function digit(number) {
  const row = hereRow();
  if (row) take(row, number - 1);
}

const onRow = (act) => () => {
  const row = hereRow();
  if (row) act(row);
};

function right() {
  const stop = here();
  if (!stop) return byId("next")?.click();
  return stop.bulk ? approveGroup(stop.bulk) : approve(stop);
}

const inCase = {
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  J: () => stepCase(1), K: () => stepCase(-1), n: () => advance(),
  Enter: right, y: right, Y: onRow(approveNeighbours), c: onRow((row) => (row.list ? approve(row) : tellAll("This is no list"))),
  e: onRow((row) => startEdit(row)), 0: onRow(makeAbsent), m: takeSelection,
  "+": onRow(addItem), "-": onRow(removeItem), d: onRow((row) => startNote(row, "dispute")), u: undo,
  s: onRow(defer), ".": onRow((row) => startNote(row, "note")), a: approveCase, h: onRow(showPast),
  "[": () => turnPage(-1), "]": () => turnPage(1), t: () => hasImages() && changeView(),
  "/": () => byId("find").focus(), o: startTaking,
  Escape: () => { location.hash = `#queue/${encodeURIComponent(queue.name)}`; },
};
for (let number = 1; number <= 9; number += 1) inCase[number] = () => digit(number);
const inList = {
  j: () => moveInQueue(1), k: () => moveInQueue(-1), ArrowDown: () => moveInQueue(1), ArrowUp: () => moveInQueue(-1),
};

const inSettling = {
  j: () => moveSettling(1), k: () => moveSettling(-1), ArrowDown: () => moveSettling(1), ArrowUp: () => moveSettling(-1),
  e: () => openSettling(),
  "[": () => open && turnPage(-1), "]": () => open && turnPage(1), t: () => open && hasImages() && changeView(),
};
for (let number = 1; number <= 9; number += 1) inSettling[number] = () => takeSide(number - 1);

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  const pressing = event.key === "Enter" && /^(BUTTON|A|SUMMARY)$/.test(event.target.tagName);
  const scrolling = event.target.id === "paper" && event.key.startsWith("Arrow");
  if (typing || pressing || scrolling) return;
  if (event.key.length === 1 && !byId("keys-on").checked && event.key !== "?") return;
  const screen = settling ? inSettling : open ? inCase : inList;
  const key = event.key === "?" ? () => help.showModal() : screen[event.key];
  if (!key) return;
  event.preventDefault();
  performance.mark("key");
  key();
}
