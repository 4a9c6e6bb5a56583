// What differs between two texts, character by character.

const MOST_EDITS = 300;
const MOST_COMPARED = 4000;
const ALIKE_SHOWN = 60;

// The shortest script of edits (Myers), as runs [both, onlyLeft, onlyRight]; null if it is long.
function edits(left, right) {
  const most = Math.min(MOST_EDITS, left.length + right.length);
  const reach = new Map([[1, 0]]);
  const trail = [];
  for (let cost = 0; cost <= most; cost += 1) {
    trail.push(new Map(reach));
    for (let k = -cost; k <= cost; k += 2) {
      const down = k === -cost || (k !== cost && reach.get(k - 1) < reach.get(k + 1));
      let x = down ? reach.get(k + 1) : reach.get(k - 1) + 1;
      while (x < left.length && x - k < right.length && left[x] === right[x - k]) x += 1;
      reach.set(k, x);
      if (x >= left.length && x - k >= right.length) return walkBack(left, right, trail);
    }
  }
  return null;
}

function walkBack(left, right, trail) {
  const steps = [];
  let [x, y] = [left.length, right.length];
  for (let cost = trail.length - 1; cost >= 0; cost -= 1) {
    const reach = trail[cost];
    const k = x - y;
    const down = k === -cost || (k !== cost && reach.get(k - 1) < reach.get(k + 1));
    const before = down ? k + 1 : k - 1;
    const fromX = reach.get(before);
    const fromY = fromX - before;
    while (x > fromX && y > fromY && x > 0 && y > 0) { steps.push([0, left[x - 1]]); x -= 1; y -= 1; }
    if (!cost) break;
    steps.push(down ? [2, right[y - 1]] : [1, left[x - 1]]);
    [x, y] = [fromX, fromY];
  }
  return steps.reverse();
}

// Runs of text: kind 0 stands in both, 1 only in the left one, 2 only in the right one.
function runs(left, right) {
  const [a, b] = [Array.from(left), Array.from(right)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const [middleA, middleB] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const small = middleA.length + middleB.length <= MOST_COMPARED;
  const steps = (small && edits(middleA, middleB)) ||
    [[1, middleA.join("")], [2, middleB.join("")]];
  const all = [[0, a.slice(0, head).join("")], ...steps, [0, a.slice(a.length - tail).join("")]];
  return joined(joined(all.filter(([, text]) => text)).flatMap(
    // A letter or two alike by chance between two differences only distracts.
    ([kind, text], i, list) => (kind === 0 && i && i < list.length - 1 && text.length < 3 &&
      /^\p{L}*$/u.test(text) ? [[1, text], [2, text]] : [[kind, text]])));
}

function joined(list) {
  const out = [];
  let open = [];
  for (const [kind, text] of list) {
    if (kind === 0) {
      out.push(...open);
      open = [];
      if (out.length && out.at(-1)[0] === 0) out[out.length - 1] = [0, out.at(-1)[1] + text];
      else out.push([0, text]);
      continue;
    }
    const same = open.find(([what]) => what === kind);
    if (same) same[1] += text;
    else open.push([kind, text]);
  }
  return [...out, ...open];
}

// One side as nodes: what the other lacks is marked, long stretches alike are folded away.
function differing(text, other, side) {
  const list = runs(...(side === 1 ? [text, other] : [other, text]));
  const alike = list.reduce((sum, [kind, part]) => sum + (kind ? 0 : part.length), 0);
  if (alike < Math.min(text.length, other.length) / 2) return null;
  return list.filter(([kind]) => kind === 0 || kind === side).flatMap(([kind, part], i, shown) => {
    if (kind) return [el("span", { class: `differs ${side === 1 ? "left" : "right"}` }, chips(part))];
    return folded(part, i === 0, i === shown.length - 1);
  });
}

function folded(part, first, last) {
  const [before, after] = [first ? 0 : ALIKE_SHOWN, last ? 0 : ALIKE_SHOWN];
  if (part.length <= before + after + ALIKE_SHOWN) return chips(part);
  const [start, end] = [safe(part, before), safe(part, part.length - after)];
  const rest = button(`… ${grouped(end - start)} characters alike …`,
    () => rest.replaceWith(...chips(part.slice(start, end))), { class: "fold" });
  return [...chips(part.slice(0, start)), rest, ...chips(part.slice(end))];
}

// Never cut a surrogate pair in two.
const safe = (text, at) => (/[\udc00-\udfff]/.test(text[at] || "") ? at - 1 : at);
