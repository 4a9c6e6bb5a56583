// A document as it looks: a page's image with boxes around values, or its text. The application says
// in `pictures` which documents have pages, where an image is, where pieces of a page's text stand
// on it, which tools it adds, and which row is looked at.

const ZOOMS = [50, 75, 100, 140, 200, 300];
const view = { images: true, zoom: innerWidth < 700 ? 4 : 2, page: 1, start: 0, turn: 0 };
const UNSHOWN = "The page cannot be shown: its file is gone or has changed.";
const hasImages = () => pictures.shown(open.document);
const isImage = () => view.images && hasImages();
const textOf = (place) => open.one.documents[place]?.[1] ?? "";
const pageCount = () => open.one.documents[open.document]?.[5] ?? 0;

// Where each page's text begins in the document: form feeds stand between pages. Of a text that is
// shown in parts both are told, its pages and where each part stood.
function pageStarts(text) {
  const starts = [0];
  for (let i = text.indexOf("\f"); i >= 0; i = text.indexOf("\f", i + 1)) starts.push(i + 1);
  return starts;
}
const startsOf = (place) => open.one.documents[place]?.[6]?.starts ?? pageStarts(textOf(place));
const pageOf = (place, offset) => startsOf(place).findLastIndex((start) => start <= offset) + 1;

function inDocument(place, offset) {
  const parts = open.one.documents[place]?.[6]?.parts;
  const part = parts?.findLast(([at]) => at <= offset);
  return part ? offset - part[0] + part[1] : offset;
}

function documentPane() {
  return el("section", { class: "page", "aria-label": "Document" },
    el("div", { class: "paper-tools" },
      el("div", { class: "tabs", id: "tabs", role: "group", "aria-label": "Documents", hidden: open.one.documents.length < 2 }),
      el("div", { id: "paper-tools" })),
    el("div", { id: "paper-key" }),
    el("div", { id: "paper", class: "paper", tabindex: "0", role: "region", "aria-label": "The document" }));
}

function drawDocument() {
  drawTools();
  byId("paper-key").replaceChildren();
  if (isImage()) return drawPage();
  byId("paper").classList.remove("picture");
  fillDocument();
  const pre = byId("paper").querySelector("pre");
  if (pre) pre.dataset.document = String(open.document);
  return null;
}

function drawTools() {
  const count = pageCount();
  const pages = isImage() && count > 1 ? [
    button(["‹ ", el("kbd", null, "[")], () => turnPage(-1), { "aria-label": "Previous page" }),
    el("span", { class: "quiet" }, `page ${grouped(view.page)} of ${grouped(count)}`),
    button([el("kbd", null, "]"), " ›"], () => turnPage(1), { "aria-label": "Next page" })] : [];
  const zoom = isImage() ? [
    button("−", () => zoomBy(-1), { "aria-label": "Smaller" }),
    el("span", { class: "quiet" }, `${ZOOMS[view.zoom]} %`),
    button("+", () => zoomBy(1), { "aria-label": "Larger" })] : [];
  const change = hasImages() ? [button([isImage() ? "Text " : "Page ", el("kbd", null, "t")], changeView)] : [];
  byId("paper-tools").replaceChildren(...spaced([...pages, ...zoom, ...change, ...pictures.tools()]));
}

function changeView() {
  view.images = !view.images;
  drawDocument();
  const row = pictures.row();
  if (row) lookAt(row);
}

function turnPage(by) {
  view.page = Math.min(Math.max(view.page + by, 1), Math.max(pageCount(), 1));
  drawDocument();
}

function zoomBy(by) {
  view.zoom = Math.min(Math.max(view.zoom + by, 0), ZOOMS.length - 1);
  drawDocument();
}

function fillTabs() {
  byId("tabs")?.replaceChildren(...open.one.documents.map(([name], place) => button(isolated(name),
    () => { open.document = place; view.page = 1; drawDocument(); }, { "aria-pressed": String(place === open.document) })));
}

function drawPage() {
  const paper = byId("paper");
  const turn = ++view.turn;
  fillTabs();
  const address = pictures.address(open.document, view.page);
  if (address === null) {
    paper.classList.remove("picture");
    return paper.replaceChildren(el("p", { class: "quiet" }, pictures.lacking(open.document, view.page)));
  }
  const picture = el("img", { src: address, alt: `Page ${view.page} of ${open.one.documents[open.document][0]}` });
  const boxes = svg("svg", { class: "boxes", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  const sheet = el("div", { class: "sheet" }, picture, boxes);
  sheet.style.width = `${ZOOMS[view.zoom]}%`;
  picture.addEventListener("error", () => (pictures.failed && turn === view.turn ? pictures.failed(address) :
    sheet.replaceWith(el("p", { class: "quiet" }, UNSHOWN))));
  picture.addEventListener("load", () => lightBoxes(pictures.row()));
  paper.classList.add("picture");
  paper.replaceChildren(sheet);
  paper.addEventListener("wheel", wheel, { passive: false });
  pictures.drawn(sheet);
  return drawBoxes(turn);
}

function wheel(event) {
  if (!event.ctrlKey || !isImage()) return;
  event.preventDefault();
  zoomBy(event.deltaY < 0 ? 1 : -1);
}

// Offsets in the text of the page that is shown, of the values that stand on it.
function spansOnPage() {
  const starts = startsOf(open.document);
  const from = starts[view.page - 1] ?? 0;
  const to = starts[view.page] ?? Infinity;
  const once = new Map();
  for (const span of spansIn(open.document)) {
    const key = `${span.start} ${span.end} ${span.one.place}`;
    if (!once.has(key)) once.set(key, span);
    else if (once.get(key).side !== span.side) once.set(key, { ...span, side: "expected predicted" });
  }
  return [...once.values()].map((span) => {
    const start = inDocument(open.document, span.start);
    return { ...span, from: start - from, to: Math.min(start + span.end - span.start, to - 1) - from };
  }).filter((span) => span.from >= 0 && span.from + from < to);
}

async function drawBoxes(turn) {
  const spans = spansOnPage();
  let boxes;
  try {
    boxes = spans.length ? await pictures.boxes(open.document, view.page, spans.map(({ from, to }) => [from, to])) : [];
  } catch {
    return; // the page is there, its marks are not
  }
  if (turn !== view.turn || !open || !isImage()) return;
  open.marks.clear();
  const layer = byId("paper").querySelector(".boxes");
  layer?.replaceChildren(...spans.flatMap((span, i) => (boxes[i] || []).map((box) => boxed(span, box))));
  byId("paper-key").replaceChildren(...legendOf(spans.filter((_, i) => boxes[i]?.length).map(({ one, side }) => (one.outcome === 0 ? "right" : side))));
  const row = pictures.row();
  if (row) lightBoxes(row);
}

function boxed(span, [x, y, right, bottom]) {
  const kind = span.one.outcome === 0 ? "right" : span.side;
  const [across, up] = [(bottom - y) * 0.12, (bottom - y) * 0.22]; // letters' own boxes are tight
  const node = svg("rect", { class: kind, x: x - across, y: y - up, width: right - x + 2 * across, height: bottom - y + 2 * up,
    "data-at": span.start, onclick: () => byId(`d${span.one.place}`).focus() });
  if (!open.marks.has(span.one.place)) open.marks.set(span.one.place, []);
  open.marks.get(span.one.place).push(node);
  return node;
}

function lightBoxes(row) {
  for (const node of byId("paper").querySelectorAll("rect.on")) node.classList.remove("on");
  drawPointed(row);
  const nodes = (row && open.marks.get(row.place)) || [];
  for (const node of nodes) node.classList.add("on");
  if (nodes.length) reveal(nodes.find((node) => Number(node.dataset.at) === view.start) || nodes[0]);
}

// Where an answer itself says that a value stands: document, page and box; null where it does not.
function pointedPlace(row) {
  if (!row?.pointed) return null;
  const [page, box, name] = row.pointed;
  const { documents } = open.one;
  const place = documents.length === 1 ? 0 : documents.findIndex((one) => `/${one[0]}`.endsWith(`/${name}`));
  return place < 0 ? null : { place, page, box };
}

function drawPointed(row) {
  const layer = byId("paper").querySelector(".boxes");
  for (const node of [layer, byId("paper-key")]) node?.querySelector(".pointed")?.remove();
  const at = pointedPlace(row);
  if (!layer || !at?.box || at.place !== open.document || at.page !== view.page) return;
  const [x, y, right, bottom] = at.box;
  layer.append(svg("rect", { class: "pointed", x, y, width: right - x, height: bottom - y }));
  byId("paper-key").append(el("p", { class: "key quiet pointed" }, el("mark", null, "where the answer says it stands")));
}

// The places of a row's values, each once: document and start.
function placesOf(row) {
  const flat = [...(row.evidence.expected || []), ...(row.evidence.predicted || [])];
  const found = new Map();
  for (let i = 0; i < flat.length; i += 3) found.set(`${flat[i]} ${flat[i + 1]}`, [flat[i], flat[i + 1]]);
  return [...found.values()];
}

// Bring a row's value into view, on whatever page it stands; `which` of its places, the first without.
function lookAt(row, which = 0) {
  const place = placesOf(row)[which];
  if (!isImage()) {
    emphasise(row.place, place);
    return null;
  }
  const pointed = pointedPlace(row);
  if (!place && pointed && (pointed.place !== open.document || pointed.page !== view.page)) {
    open.document = pointed.place;
    view.page = Math.min(pointed.page, Math.max(pageCount(), 1));
    return drawDocument();
  }
  if (!place) return lightBoxes(row);
  const page = pageOf(place[0], inDocument(place[0], place[1]));
  view.start = place[1];
  if (place[0] === open.document && page === view.page) return lightBoxes(row);
  open.document = place[0];
  view.page = page;
  return drawDocument();
}
