// Where a report has images of its documents' pages from: files beside it, or the server it came from.

const isServed = document.documentElement.dataset.pages === "served";

// What is kept beside the page of a document: stem and ending of files, which pages, and their boxes.
const keptOf = (place) => open.one.documents[place]?.[7] ?? null;

const pictures = {
  shown: (place) => Boolean(open.one.documents[place]?.[4]) && !open.trouble.has(place) && (isServed || keptOf(place) !== null),
  address(place, page) {
    const kept = keptOf(place);
    if (kept?.pages.includes(page) && /^report-pages\/[0-9a-f]{16}$/.test(kept.stem) && /^\w+$/.test(kept.ending)) {
      return `${kept.stem}-${page}.${kept.ending}`;
    }
    return isServed ? asked("page.png", place, page, [["fine", view.zoom > 2 ? "1" : "0"]]) : null;
  },
  lacking: (place, page) => `Page ${grouped(page)} is not kept beside this report, which has the pages of values: harness view shows all.`,
  async boxes(place, page, spans) {
    const kept = keptOf(place);
    if (kept?.pages.includes(page)) {
      const known = new Map((kept.boxes[page] || []).map(([from, to, boxes]) => [`${from} ${to}`, boxes]));
      return spans.map(([from, to]) => (known.get(`${from} ${to}`) || []).map((box) => box.map((part) => part / 10_000)));
    }
    const found = [];
    for (let i = 0; i < spans.length; i += 200) {
      const some = spans.slice(i, i + 200).map((span) => span.join("-")).join(",");
      const answer = await fetch(asked("boxes.json", place, page, [["spans", some]]));
      found.push(...(answer.ok ? (await answer.json()).boxes : []));
    }
    return found;
  },
  tools: () => [placeTool(), keptTool(), pagesTool()].filter(Boolean),
  drawn: () => {},
  row: () => open.looked,
  // The text stays: above it is said why the page is not shown.
  async failed(address) {
    const { one, document: place } = open;
    let why = UNSHOWN;
    if (isServed) {
      const answer = await fetch(address).catch(() => null);
      if (answer && !answer.ok && /^text\/plain/.test(answer.headers.get("content-type") || "")) why = await answer.text();
    }
    if (open?.one !== one) return;
    open.trouble.set(place, why);
    drawDocument();
  },
};

function asked(file, place, page, more) {
  return `${file}?${new URLSearchParams([["case", open.one.id], ["document", place], ["page", page], ...more])}`;
}

function placeTool() {
  const places = open.looked ? placesOf(open.looked) : [];
  if (places.length < 2) return null;
  return button([`Place ${open.which + 1} of ${grouped(places.length)} › `, el("kbd", null, "e")], () => nextPlace(1), { "aria-label": `Next place of ${open.looked.path}` });
}

// Of a long document a report on disk has the first page and those on which values stand.
function keptTool() {
  const kept = keptOf(open.document);
  if (isServed || !isImage() || kept === null || kept.pages.length >= pageCount()) return null;
  return el("span", { class: "quiet" }, `${grouped(kept.pages.length)} of ${grouped(pageCount())} pages are kept, those with values; all: `, el("code", null, "harness view"));
}

function pagesTool() {
  if (!open.one.documents[open.document]?.[4] || pictures.shown(open.document) || open.trouble.has(open.document)) return null;
  return el("span", { class: "quiet" }, "Pages as they look: ", el("code", null, "harness view"));
}

function goLook(one) {
  open.looked = one;
  open.which = 0;
  lookAt(one);
  drawTools();
}

function nextPlace(by) {
  const places = open.looked ? placesOf(open.looked) : [];
  if (!places.length) return;
  open.which = (open.which + by + places.length) % places.length;
  lookAt(open.looked, open.which);
  drawTools();
}

// On paper the text stands whole, with all its marks; a page would be one of many.
function printing() {
  let images = view.images;
  addEventListener("beforeprint", () => {
    images = view.images;
    if (open === null || !isImage() || !textOf(open.document)) return;
    view.images = false;
    drawDocument();
  });
  addEventListener("afterprint", () => {
    if (view.images === images) return;
    view.images = images;
    if (open !== null) drawDocument();
  });
}
