// The document: its text with marks, or its pages as they look, with boxes around values.

const ZOOMS = [50, 75, 100, 140, 200, 300];
const view = { images: true, zoom: 2, page: 1, boxes: new Map(), turn: 0 };
const hasImages = () => Boolean(open.one.documents[open.document]?.[4]);
const isImage = () => view.images && hasImages();
const textOf = (place) => open.one.documents[place]?.[1] ?? "";

// Where each page's text begins: form feeds stand between pages.
function pageStarts(text) {
  const starts = [0];
  for (let i = text.indexOf("\f"); i >= 0; i = text.indexOf("\f", i + 1)) starts.push(i + 1);
  return starts;
}
const pageAt = (text, offset) => pageStarts(text).findLastIndex((start) => start <= offset) + 1;

function documentPane() {
  return el("section", { class: "page", "aria-label": "Document" },
    el("div", { class: "paper-tools" },
      el("div", { class: "tabs", id: "tabs", role: "group", "aria-label": "Documents", hidden: open.one.documents.length < 2 }),
      el("div", { id: "paper-tools" })),
    el("div", { id: "paper", class: "paper", tabindex: "0", role: "region", "aria-label": "Pages of the document" }));
}

function drawDocument() {
  drawTools();
  if (isImage()) return drawPage();
  byId("paper").classList.remove("picture");
  fillDocument();
  const pre = byId("paper").querySelector("pre");
  if (pre) pre.dataset.document = String(open.document);
  return null;
}

function drawTools() {
  const count = open.one.documents[open.document]?.[5] ?? 0;
  const pages = isImage() && count > 1 ? [
    button(["‹ ", el("kbd", null, "[")], () => turnPage(-1), { "aria-label": "Previous page" }),
    el("span", { class: "quiet" }, `page ${view.page} of ${count}`),
    button([el("kbd", null, "]"), " ›"], () => turnPage(1), { "aria-label": "Next page" })] : [];
  const zoom = isImage() ? [
    button("−", () => zoomBy(-1), { "aria-label": "Smaller" }),
    el("span", { class: "quiet" }, `${ZOOMS[view.zoom]} %`),
    button("+", () => zoomBy(1), { "aria-label": "Larger" })] : [];
  const change = hasImages() ? [button([isImage() ? "Text " : "Page ", el("kbd", null, "t")], changeView)] : [];
  byId("paper-tools").replaceChildren(...spaced([...pages, ...zoom, ...change, searchField()]));
}

function changeView() {
  view.images = !view.images;
  drawDocument();
  const row = hereRow();
  if (row) lookAt(row);
}

function turnPage(by) {
  const count = open.one.documents[open.document]?.[5] ?? 1;
  view.page = Math.min(Math.max(view.page + by, 1), count);
  drawDocument();
}

function zoomBy(by) {
  view.zoom = Math.min(Math.max(view.zoom + by, 0), ZOOMS.length - 1);
  drawDocument();
}

// --- a page as it looks ---------------------------------------------------------------------------

function drawPage() {
  const paper = byId("paper");
  const turn = ++view.turn;
  const tabs = byId("tabs");
  tabs.replaceChildren(...open.one.documents.map(([name], place) => button(isolated(name),
    () => { open.document = place; view.page = 1; drawDocument(); }, { "aria-pressed": String(place === open.document) })));
  const named = { case: open.one.id, document: String(open.document), page: String(view.page) };
  const picture = el("img", { src: at("/page.png", named), alt: `Page ${view.page} of ${open.one.documents[open.document][0]}` });
  const boxes = svg("svg", { class: "boxes", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  const sheet = el("div", { class: "sheet" }, picture, boxes);
  sheet.style.width = `${ZOOMS[view.zoom]}%`;
  picture.addEventListener("error", () => sheet.replaceWith(el("p", { class: "quiet" }, "The page cannot be shown: its file is gone or has changed.")));
  paper.classList.add("picture");
  paper.replaceChildren(sheet);
  paper.addEventListener("wheel", wheel, { passive: false });
  sheet.addEventListener("pointerdown", dragWords);
  return drawBoxes(turn);
}

function wheel(event) {
  if (!event.ctrlKey || !isImage()) return;
  event.preventDefault();
  zoomBy(event.deltaY < 0 ? 1 : -1);
}

// Offsets in the text of the page that is shown, of the values that stand on it.
function spansOnPage() {
  const text = textOf(open.document);
  const starts = pageStarts(text);
  const [from, to] = [starts[view.page - 1] ?? 0, starts[view.page] ?? text.length + 1];
  const once = new Map();
  for (const span of spansIn(open.document)) {
    const key = `${span.start} ${span.end} ${span.one.place}`;
    if (!once.has(key)) once.set(key, span);
  }
  const list = [...once.values()].filter((span) => span.start >= from && span.start < to);
  return list.map((span) => ({ ...span, from: span.start - from, to: Math.min(span.end, to - 1) - from }));
}

async function drawBoxes(turn) {
  const spans = spansOnPage();
  const body = { case: open.one.id, document: open.document, page: view.page, spans: spans.map(({ from, to }) => [from, to]) };
  let boxes;
  try {
    boxes = spans.length ? (await tell("/api/boxes", body)).boxes : [];
  } catch {
    return; // the page is there, its marks are not
  }
  if (turn !== view.turn || !open || !isImage()) return;
  open.marks.clear();
  const layer = byId("paper").querySelector(".boxes");
  layer.replaceChildren(...spans.flatMap((span, i) => boxes[i].map(([x, y, right, bottom]) => {
    const kind = span.one.outcome === 0 ? "right" : span.side;
    const [across, up] = [(bottom - y) * 0.12, (bottom - y) * 0.22]; // letters' own boxes are tight
    const node = svg("rect", { class: kind, x: x - across, y: y - up, width: right - x + 2 * across, height: bottom - y + 2 * up,
      onclick: () => byId(`d${span.one.place}`).focus() });
    if (!open.marks.has(span.one.place)) open.marks.set(span.one.place, []);
    open.marks.get(span.one.place).push(node);
    return node;
  })));
  const row = hereRow();
  if (row) lightBoxes(row);
}

function lightBoxes(row) {
  for (const node of byId("paper").querySelectorAll("rect.on")) node.classList.remove("on");
  const nodes = open.marks.get(row.place) || [];
  for (const node of nodes) node.classList.add("on");
  if (nodes.length) reveal(nodes[0]);
}

// Bring a row's value into view, on whatever page it stands.
function lookAt(row) {
  const spans = [...(row.evidence.expected || []), ...(row.evidence.predicted || [])];
  if (!isImage()) {
    emphasise(row.place);
    return;
  }
  if (!spans.length) return lightBoxes(row);
  const page = pageAt(textOf(spans[0]), spans[1]);
  if (spans[0] !== open.document || page !== view.page) {
    open.document = spans[0];
    view.page = page;
    drawDocument();
    return;
  }
  lightBoxes(row);
}

// Words under a rectangle that is drawn over the page are marked, as text is by dragging over it.
async function dragWords(event) {
  if (event.button !== 0 || event.target.tagName === "rect") return;
  event.preventDefault();
  const sheet = event.currentTarget;
  const box = sheet.getBoundingClientRect();
  const place = (e) => [(e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height];
  const [x, y] = place(event);
  const lasso = svg("rect", { class: "lasso", x, y, width: 0, height: 0 });
  sheet.querySelector(".boxes").append(lasso);
  sheet.setPointerCapture(event.pointerId);
  let now = [x, y];
  const draw = (e) => {
    now = place(e);
    fill(lasso, { x: Math.min(x, now[0]), y: Math.min(y, now[1]), width: Math.abs(x - now[0]), height: Math.abs(y - now[1]) });
  };
  sheet.addEventListener("pointermove", draw);
  sheet.addEventListener("pointerup", async () => {
    sheet.removeEventListener("pointermove", draw);
    lasso.remove();
    await chooseWords([Math.min(x, now[0]), Math.min(y, now[1]), Math.max(x, now[0]), Math.max(y, now[1])]);
  }, { once: true });
}

async function chooseWords([left, top, right, bottom]) {
  if (right - left < 0.005) return;
  const text = textOf(open.document);
  const start = pageStarts(text)[view.page - 1] ?? 0;
  const page = text.slice(start).split("\f", 1)[0];
  const words = [...page.matchAll(/\S+/g)].map((word) => [word.index, word.index + word[0].length]);
  const { boxes } = await tell("/api/boxes", { case: open.one.id, document: open.document, page: view.page, spans: words });
  const chosen = words.filter((_, i) => boxes[i].some(([a, b, c, d]) =>
    (a + c) / 2 >= left && (a + c) / 2 <= right && (b + d) / 2 >= top && (b + d) / 2 <= bottom));
  if (!chosen.length) return;
  const [from, to] = [start + chosen[0][0], start + chosen.at(-1)[1]];
  choose({ document: open.document, start: from, end: to });
  const layer = byId("paper").querySelector(".boxes");
  for (const old of layer.querySelectorAll(".chosen")) old.remove();
  chosen.forEach((word) => boxes[words.indexOf(word)].forEach(([a, b, c, d]) =>
    layer.append(svg("rect", { class: "chosen", x: a, y: b, width: c - a, height: d - b }))));
}

// --- a passage that is to be a value ----------------------------------------------------------------

function choose(passage) {
  open.passage = passage;
  const text = textOf(passage.document).slice(passage.start, passage.end);
  byId("chosen").replaceChildren(text ? el("span", null, el("kbd", null, "m"), " takes ", isolated(text.length > 60 ? `${text.slice(0, 60)}…` : text)) : "");
}

// Offsets of what is selected in the text: what is drawn as a chip counts as the character it is.
function selectedPassage() {
  const selection = getSelection();
  const pre = byId("paper")?.querySelector("pre");
  if (!pre || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!pre.contains(range.startContainer) || !pre.contains(range.endContainer)) return null;
  const start = offsetIn(pre, range.startContainer, range.startOffset);
  const end = offsetIn(pre, range.endContainer, range.endOffset);
  return start < end ? { document: open.document, start, end } : null;
}

function offsetIn(pre, node, offset) {
  const before = document.createRange();
  before.setStart(pre, 0);
  before.setEnd(node, offset);
  const walker = document.createTreeWalker(before.cloneContents(), NodeFilter.SHOW_TEXT);
  let size = 0;
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const chip = text.parentElement?.closest(".chip");
    size += chip ? String.fromCodePoint(parseInt(text.data.slice(2), 16) || 0xfffd).length : text.data.length;
  }
  return size;
}

function takeSelection() {
  const row = hereRow();
  const passage = selectedPassage() || open.passage;
  if (!row || !passage) return tellAll("Select a passage of the document first, or find it: /");
  const [start, end] = trimmed(textOf(passage.document), passage);
  const text = textOf(passage.document).slice(start, end);
  if (!text) return null;
  getSelection().removeAllRanges();
  open.passage = null;
  byId("chosen").replaceChildren();
  return setText(row, text, [passage.document, start, end]);
}

function trimmed(text, { start, end }) {
  while (start < end && /\s/.test(text[start])) start += 1;
  while (end > start && /\s/.test(text[end - 1])) end -= 1;
  return [start, end];
}

// --- finding a passage by keys ------------------------------------------------------------------------

function searchField() {
  const field = el("input", { type: "search", id: "find", placeholder: "Find in the document  /", "aria-label": "Find in the document" });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      find(field.value, event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      focusHere();
    }
  });
  return field;
}

// The next passage that reads like what was typed, white space and case aside.
function find(words, by) {
  if (!words.trim()) return focusHere();
  const pattern = new RegExp(words.trim().split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("\\s+"), "giu");
  const hits = open.one.documents.flatMap((_, document) =>
    [...textOf(document).matchAll(pattern)].map((hit) => ({ document, start: hit.index, end: hit.index + hit[0].length })));
  if (!hits.length) return tellAll(`"${words}" is not in the document`);
  const now = open.passage;
  const place = now ? hits.findIndex((hit) => hit.document === now.document && hit.start === now.start) : -1;
  const hit = hits[(place + by + hits.length) % hits.length];
  choose(hit);
  showPassage(hit);
  tellAll(`${hits.indexOf(hit) + 1} of ${hits.length}`);
  return null;
}

function showPassage({ document: place, start, end }) {
  if (isImage()) {
    const page = pageAt(textOf(place), start);
    open.document = place;
    if (page !== view.page) view.page = page;
    drawPage().then(async () => {
      const from = pageStarts(textOf(place))[page - 1];
      const { boxes } = await tell("/api/boxes", { case: open.one.id, document: place, page, spans: [[start - from, end - from]] });
      const layer = byId("paper").querySelector(".boxes");
      const nodes = boxes[0].map(([a, b, c, d]) => svg("rect", { class: "chosen", x: a, y: b, width: c - a, height: d - b }));
      layer?.append(...nodes);
      if (nodes.length) reveal(nodes[0]);
    });
    return;
  }
  if (place !== open.document) {
    open.document = place;
    drawDocument();
  }
  const range = rangeOf(byId("paper").querySelector("pre"), start, end);
  if (!range) return;
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  reveal(range);
}

function rangeOf(pre, start, end) {
  const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let size = 0;
  let begun = false;
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const chip = text.parentElement?.closest(".chip");
    const length = chip ? String.fromCodePoint(parseInt(text.data.slice(2), 16) || 0xfffd).length : text.data.length;
    if (!begun && start < size + length) {
      range.setStart(text, chip ? 0 : start - size);
      begun = true;
    }
    if (begun && end <= size + length) {
      range.setEnd(text, chip ? text.data.length : end - size);
      return range;
    }
    size += length;
  }
  return null;
}
