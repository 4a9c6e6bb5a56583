// The document, with the places marked where the values of the shown fields stand.

function spansIn(place) {
  const spans = [];
  for (const one of shown()) {
    for (const side of ["expected", "predicted"]) {
      const flat = one.evidence[side] || [];
      for (let i = 0; i < flat.length; i += 3) {
        if (flat[i] === place && flat[i + 1] < flat[i + 2]) {
          spans.push({ start: flat[i + 1], end: flat[i + 2], side, one });
        }
      }
    }
  }
  return spans;
}

function marked(text, spans) {
  const edges = new Set([0, text.length]);
  for (const span of spans) edges.add(Math.min(span.start, text.length)).add(Math.min(span.end, text.length));
  const sorted = [...edges].sort((a, b) => a - b);
  const waiting = [...spans].sort((a, b) => a.start - b.start);
  let active = [];
  let next = 0;
  return sorted.slice(0, -1).flatMap((start, i) => {
    while (next < waiting.length && waiting[next].start <= start) active.push(waiting[next++]);
    active = active.filter((span) => span.end > start);
    const piece = text.slice(start, sorted[i + 1]);
    if (!active.length) return chips(piece);
    // Over a line's end the mark goes on with the first letter of the next: no margin is marked.
    let at = start;
    return piece.split(/([^\S\n\f]*[\n\f]\s*)/).flatMap((part) => {
      const begin = at;
      at += part.length;
      if (!part) return [];
      return part.trim() ? [mark(chips(part), active, begin)] : chips(part);
    });
  });
}

function mark(piece, spans, start) {
  const sides = new Set(spans.map((span) => (span.one.outcome === 0 ? "right" : span.side)));
  const node = el("mark", { class: [...sides].join(" "), "data-at": start,
    onclick: () => byId(`d${spans[0].one.place}`).focus() }, piece);
  for (const { one } of spans) {
    if (!open.marks.has(one.place)) open.marks.set(one.place, []);
    open.marks.get(one.place).push(node);
  }
  return node;
}

function fillDocument() {
  const { documents } = open.one;
  fillTabs();
  open.marks.clear();
  const paper = byId("paper");
  if (!documents.length) {
    paper.replaceChildren(el("p", { class: "quiet" }, "No document was kept for this case."));
    return;
  }
  const [name, text, note, place] = documents[open.document];
  paper.replaceChildren(...[
    documents.length > 1 ? null : el("h2", { class: "document-name" }, isolated(name)),
    open.trouble?.has(open.document) ? el("p", { class: "quiet" }, isolated(open.trouble.get(open.document))) : null,
    note ? el("p", { class: "quiet" }, isolated(note), ...beside(place)) : null,
    text === null ? null : el("pre", { class: layout(text) },
      el("bdi", null, marked(text, spansIn(open.document)))),
  ].filter(Boolean));
  fit(paper.querySelector("pre"));
  paper.prepend(...legendOf([...paper.querySelectorAll("mark")].map((node) => node.className)));
}

// Columns stay columns: such a text is set in one width, and not broken while its lines are short.
// A gap behind a short label (`(1)  The lease`) makes no column.
const COLUMN = /\S.{5,}? {2,}\S|\S\t+\S/;
function layout(text) {
  if (!/\S {2,}\S|\t/.test(text)) return null;
  const lines = text.split("\n");
  const columns = lines.filter((line) => COLUMN.test(line.trim())).length;
  return columns > 1 && lines.every((line) => line.length <= 120) ? "aligned whole" : "aligned";
}

// Lines that are a little too long for the pane are set smaller, so that nothing is cut off at its edge.
const SMALLEST = 10;
function fit(pre) {
  const paper = byId("paper");
  if (!pre?.matches(".whole") || !paper.clientWidth) return; // not on screen yet
  const room = paper.clientWidth - (pre.offsetLeft + parseFloat(getComputedStyle(paper).paddingRight));
  const size = parseFloat(getComputedStyle(pre).fontSize);
  const wide = pre.querySelector("bdi").getBoundingClientRect().width;
  const fitting = Math.min(size, Math.floor((10 * size * room) / wide) / 10);
  pre.style.fontSize = `${Math.max(SMALLEST, fitting)}px`;
  if (fitting >= SMALLEST) pre.style.paddingRight = "0"; // nothing to scroll to
}

// A text too long for the page lies in a file beside it, named by its digest.
function beside(place) {
  if (!/^report-texts\/[0-9a-f]{16}\.txt$/.test(place || "")) return [];
  return [" ", el("a", { href: place }, "Open the whole text, in a file beside this page.")];
}

function legendOf(classes) {
  const kinds = pictures.kinds?.() ?? [["expected", "expected value"], ["predicted", "predicted value"],
    ["expected predicted", "both"], ["right", "right"]];
  const used = new Set(classes);
  const keys = kinds.filter(([css]) => used.has(css));
  return keys.length ? [el("p", { class: "key quiet" }, keys.map(([css, words]) => el("mark", { class: css }, words)))] : [];
}

// Light the marks of a field, and bring one into view: that of `at`, document and start, or the first.
function emphasise(place, at) {
  for (const node of stage.querySelectorAll("mark.on")) node.classList.remove("on");
  if (place === null) return;
  const { evidence } = open.one.diffs[place];
  const spans = [...(evidence.expected || []), ...(evidence.predicted || [])];
  const wanted = at ? at[0] : spans[0];
  if (wanted !== undefined && wanted !== open.document && (at || !open.marks.has(place))) {
    open.document = wanted;
    fillDocument();
  }
  const nodes = open.marks.get(place) || [];
  for (const node of nodes) node.classList.add("on");
  if (nodes.length) reveal((at && nodes.find((node) => Number(node.dataset.at) === at[1])) || nodes[0]);
}

// Bring a mark into view, down and sideways: columns stay columns, so lines may be wider than the pane.
function reveal(node) {
  const paper = byId("paper");
  const [mark, pane] = [node.getBoundingClientRect(), paper.getBoundingClientRect()];
  const [top, left] = [mark.top - pane.top, mark.left - pane.left];
  const down = top <= 24 || top >= paper.clientHeight - 48;
  const aside = left < 8 || left + mark.width > paper.clientWidth - 8;
  if (!down && !aside) return;
  const middle = left - Math.max(8, (paper.clientWidth - mark.width) / 2);
  paper.scrollTo({
    top: paper.scrollTop + (down ? top - paper.clientHeight / 3 : 0),
    left: paper.scrollLeft + (aside ? middle : 0),
    behavior: still() ? "auto" : "smooth" });
}
