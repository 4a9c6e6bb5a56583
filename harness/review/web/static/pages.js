// Passages of the document that are to become values: found, dragged over, selected.

// What sheet.js asks of this application.
const pictures = {
  shown: (document) => Boolean(open.one.documents[document]?.[4]),
  address: (document, page) => at("/page.png", { case: open.one.id, document: String(document), page: String(page) }),
  boxes: async (document, page, spans) => (await tell("/api/boxes", { case: open.one.id, document, page, spans })).boxes,
  tools: () => (settling ? [] : [searchField()]),
  drawn: (sheet) => (settling ? null : sheet.addEventListener("pointerdown", dragWords)),
  row: () => (settling ? sideInDocument() : hereRow()),
  kinds: () => (settling ? sidesByMark() :
    [["expected", "what the truth says"], ["predicted", "what a run says"], ["expected predicted", "both"], ["right", "all agree"]]),
};

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
  const boxes = await pictures.boxes(open.document, view.page, words);
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
    const page = pageOf(place, start);
    open.document = place;
    if (page !== view.page) view.page = page;
    drawPage().then(async () => {
      const from = pageStarts(textOf(place))[page - 1];
      const boxes = await pictures.boxes(place, page, [[start - from, end - from]]);
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
