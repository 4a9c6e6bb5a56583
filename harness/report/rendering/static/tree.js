// Fields as a tree. Lists are paired, not zipped: what a predicted item holds is shown in the item
// of the truth it was paired with.

const OMISSION = 3;
const HALLUCINATION = 4;

// The items a path goes through: `a[0].b[1].c` goes through `a[0]` and `a[0].b[1]`.
const items = (path) => [...path.matchAll(/\[\d+\]/g)].map((step) => path.slice(0, step.index + step[0].length));

// For each predicted item the item of the truth that most of its fields were compared with.
function pairing(diffs) {
  const tally = new Map();
  for (const one of diffs) {
    if (one.outcome === OMISSION || one.outcome === HALLUCINATION) continue;
    const there = items(one.elsewhere || one.path);
    items(one.path).forEach((item, i) => {
      if (there[i] === undefined) return;
      const met = tally.get(there[i]) || new Map();
      tally.set(there[i], met.set(item, (met.get(item) || 0) + 1));
    });
  }
  return new Map([...tally].map(([predicted, met]) =>
    [predicted, [...met].sort((a, b) => b[1] - a[1])[0][0]]));
}

// `rooms[0].area` is the leaf `area` on the branch `rooms[0]`.
function split(path) {
  const match = /^(.+?)((?:\.[^.[\]{}"\s]+|\[\d+\]))$/s.exec(path);
  return match ? [match[1], match[2].replace(/^\./, "")] : ["", path];
}

// Branches in the order in which they are met, each with its rows.
function branches(diffs) {
  const pairs = pairing(diffs);
  const found = new Map();
  for (const one of diffs) {
    const [at, alone] = one.outcome === HALLUCINATION ? inTruth(one.elsewhere || one.path, pairs) : [one.path, false];
    const [stem, leaf] = split(at);
    const key = `${alone ? "+" : ""}${stem}`;
    if (!found.has(key)) found.set(key, { stem, alone, rows: [], other: predictedAs(stem, pairs) });
    found.get(key).rows.push({ one, leaf });
  }
  return [...found.values()];
}

// Where something made up belongs, and whether it belongs to no item of the truth.
function inTruth(path, pairs) {
  const through = items(path);
  for (const item of through.toReversed()) {
    if (pairs.has(item)) return [pairs.get(item) + path.slice(item.length), false];
  }
  return [path, through.length > 0];
}

function predictedAs(stem, pairs) {
  const item = items(stem).at(-1);
  if (item === undefined) return null;
  for (const [predicted, truth] of pairs) {
    if (truth === item && predicted !== item) return predicted + stem.slice(item.length);
  }
  return null;
}

// One side of a case as JSON, made of what was judged: values as they were written, no digit lost.
function sideAsJson(diffs, side) {
  const root = new Map();
  for (const one of diffs) {
    if (one[side] === null || one[side] === undefined) continue;
    const path = side === "expected" ? one.path : one.elsewhere || one.path;
    const steps = [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
      ([, quoted, index, plain]) => (index !== undefined ? Number(index) : quoted !== undefined ? JSON.parse(`"${quoted}"`) : plain));
    if (path === "$" || !steps.length) return one[side];
    let node = root;
    for (const step of steps.slice(0, -1)) {
      if (!(node.get(step) instanceof Map)) node.set(step, new Map());
      node = node.get(step);
    }
    node.set(steps.at(-1), one[side]);
  }
  return writeJson(root, "");
}

function writeJson(node, indent) {
  if (!(node instanceof Map)) return node;
  if (!node.size) return "{}";
  const keys = [...node.keys()];
  const isList = keys.every((key) => typeof key === "number");
  if (isList) keys.sort((a, b) => a - b);
  const lines = keys.map((key) => `${indent}  ${isList ? "" : `${JSON.stringify(String(key))}: `}${writeJson(node.get(key), `${indent}  `)}`);
  return `${isList ? "[" : "{"}\n${lines.join(",\n")}\n${indent}${isList ? "]" : "}"}`;
}
