"use strict";
// The case view. Text from documents only ever becomes text nodes; nothing here parses HTML.
(() => {
  const byId = (id) => document.getElementById(id);
  const CHUNK = 200;
  const LONG = 280;
  const report = byId("report");
  const stage = byId("case");
  let data = null;
  let unseen = null;
  let places = null;
  let open = null;
  let scrolled = 0;

  // --- making elements -------------------------------------------------------------------

  function el(name, options, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(options || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : value);
    }
    for (const child of children.flat()) if (child !== null) node.append(child);
    return node;
  }

  function svg(name, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const counted = (number, noun) => `${grouped(number)} ${noun}${number === 1 ? "" : "s"}`;

  function chips(text) {
    const parts = [];
    let done = 0;
    for (const match of text.matchAll(unseen)) {
      const code = match[0].codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
      parts.push(text.slice(done, match.index), el("span", { class: "chip" }, `U+${code}`));
      done = match.index + match[0].length;
    }
    parts.push(text.slice(done));
    return parts;
  }

  const isolated = (text) => el("bdi", null, chips(text));
  const pathText = (text) => el("bdi", null, text.split(/(?<=[._/])(?=[^._/])/).flatMap(
    (step, i) => (i ? [el("wbr"), ...chips(step)] : chips(step))));
  const tag = (name) => el("span", { class: "tag" }, isolated(name));
  const spaced = (nodes) => nodes.flatMap((node) => [node, " "]);

  function verdict(place) {
    const [css, icon, word] = data.verdicts[place];
    return el("span", { class: `verdict ${css}` },
      el("span", { class: "icon", "aria-hidden": "true" }, icon), ` ${word}`);
  }

  // --- the data --------------------------------------------------------------------------

  async function load() {
    const holder = byId("data");
    let text = holder.textContent;
    if (holder.dataset.encoding === "deflate-raw") {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      text = await new Response(stream).text();
    }
    data = JSON.parse(text);
    unseen = new RegExp(`[${data.unseen}\\u{e0000}-\\u{e007f}]`, "gu");
    data.cases = data.cases.map(
      ([id, f1, right, counts, tags, failure, repairs, approximate, documents, reply, rows]) => ({
        id, key: id.replace(/\p{Surrogate}/gu, "\ufffd"), f1, right, counts,
        tags: tags.map((place) => data.strings[place]),
        failure, repairs, approximate, documents, reply, rows,
        errors: counts.slice(1).reduce((sum, n) => sum + n, 0),
      }));
    places = new Map(data.cases.map((one, place) => [one.key, place]));
    holder.remove();
  }

  function diff(row, place) {
    const [path, outcome, comparator, expected, predicted, inExpected, inPredicted,
      tags, similarity, elsewhere, equal] = row;
    return {
      place, outcome, similarity, elsewhere, equal, expected,
      path: data.strings[path],
      comparator: data.strings[comparator],
      predicted: predicted === 0 ? expected : predicted,
      tags: (tags || []).map((one) => data.strings[one]),
      evidence: { expected: inExpected, predicted: inPredicted },
    };
  }

  const linkTo = (one) => "#case=" + encodeURIComponent(one.key);
  const fieldOf = (row) => data.strings[data.fields[row[0]]];

  // --- the list of cases -----------------------------------------------------------------

  const list = { words: "", field: null, most: CHUNK };

  function caseRow(one) {
    const share = parseFloat(one.f1);
    const bar = Number.isNaN(share) ? null : svg("svg",
      { class: "bar", width: "100%", height: 6, "aria-hidden": "true" },
      svg("rect", { class: "track", width: "100%", height: 6, rx: 1 }),
      svg("rect", { class: "fill", width: `${share}%`, height: 6, rx: 1 }));
    const cells = one.counts.slice(1).map((n, place) => {
      const [css, , word] = data.verdicts[place + 1];
      const none = n ? "" : " none";
      return el("td", { class: `num ${css}${none}`, "data-label": word }, n ? grouped(n) : "");
    });
    const failure = one.failure && el("span", { class: "verdict failure" }, one.failure[0]);
    return el("tr", { class: "row" },
      el("th", { scope: "row" }, el("a", { href: linkTo(one) }, isolated(one.id))),
      el("td", { class: "bar-cell" }, bar),
      el("td", { class: "num", "data-label": "F1" }, one.f1),
      el("td", { class: "num", "data-label": "right" }, one.right),
      cells,
      el("td", { class: "tags" }, failure, failure && " ", spaced(one.tags.map(tag))));
  }

  function isWrongIn(one, field) {
    return one.failure === null && one.rows.some((row) =>
      row[1] !== 0 && fieldOf(row) === field);
  }

  function listed() {
    const words = list.words.toLowerCase();
    return data.cases.filter((one) =>
      (list.field === null || isWrongIn(one, list.field)) &&
      (!words || [one.id, ...one.tags, one.failure ? one.failure[0] : ""]
        .some((text) => text.toLowerCase().includes(words))));
  }

  function relist() {
    const rows = byId("case-rows");
    if (!rows) return;
    const found = listed();
    rows.replaceChildren(...found.slice(0, list.most).map(caseRow));
    const rest = byId("case-rest") || rows.closest("table").insertAdjacentElement(
      "afterend", el("p", { id: "case-rest", class: "quiet" }));
    const more = found.length - list.most;
    rest.replaceChildren(`${counted(found.length, "case")}. `, more > 0 ? el("button", {
      type: "button", onclick: () => { list.most += CHUNK; relist(); },
    }, `Show ${grouped(Math.min(CHUNK, more))} more`) : "");
    tools();
  }

  function tools() {
    const bar = byId("case-tools");
    bar.hidden = !byId("case-rows");
    const chosen = list.field === null ? null : el("p", { class: "chosen" },
      "Wrong in ", el("span", { class: "path" }, pathText(list.field)), " ",
      el("button", { type: "button", onclick: () => { location.hash = "#cases"; } }, "show all"));
    const old = bar.querySelector(".chosen");
    if (old) old.remove();
    if (!bar.querySelector("input")) {
      bar.append(el("label", null, el("span", { class: "sr" }, "Find cases by id, tag or failure"),
        el("input", { type: "search", placeholder: "Find by id, tag or failure",
          oninput: (event) => { list.words = event.target.value; list.most = CHUNK; relist(); } })));
    }
    if (chosen) bar.append(chosen);
  }

  function firstRest() {
    const rest = byId("case-rest");
    if (rest) rest.append(" ", el("button", { type: "button", onclick: relist }, "Show all cases"));
  }

  // --- one case --------------------------------------------------------------------------

  function show(place) {
    const one = data.cases[place];
    const diffs = one.rows.map(diff);
    open = { place, one, diffs, onlyErrors: one.errors > 0, document: 0, marks: new Map() };
    stage.replaceChildren(caseHead(one, place), ...caseNotes(one), caseBody(one));
    fillRows();
    fillDocument();
  }

  function step(by) {
    const one = data.cases[open.place + by];
    if (one) location.hash = linkTo(one);
  }

  function stepper(by, label, key) {
    const one = data.cases[open.place + by];
    return el("a", { class: "step", href: one ? linkTo(one) : null, "aria-disabled": !one && "true" },
      label, " ", el("kbd", null, key));
  }

  function caseHead(one, place) {
    const facts = one.failure && one.failure[2] ? "never answered" :
      `F1 ${one.f1} · ${one.right} right · ${counted(one.errors, "error")}`;
    return el("header", { class: "case-head" },
      el("nav", { "aria-label": "Cases" },
        el("a", { class: "step", href: "#", onclick: back }, "← Report ", el("kbd", null, "Esc")),
        el("span", { class: "quiet" }, `case ${grouped(place + 1)} of ${grouped(data.cases.length)}`),
        stepper(-1, "‹ Previous", "k"), stepper(1, "Next ›", "j")),
      el("h1", { id: "case-title", tabindex: "-1" }, isolated(one.id)),
      el("p", { class: "byline" }, el("span", null, facts),
        one.tags.length ? el("span", null, spaced(one.tags.map(tag))) : null));
  }

  function caseNotes(one) {
    const notes = [];
    if (one.failure) {
      notes.push(el("p", { class: "banner" }, el("strong", null, `No answer: ${one.failure[0]}. `),
        isolated(one.failure[1])));
    }
    const said = [];
    if (one.repairs.length) said.push(`The reply was repaired before it could be read: ${one.repairs.join(", ")}.`);
    if (one.approximate.length) said.push(`Rows were paired approximately in ${one.approximate.join(", ")}.`);
    if (said.length) notes.push(el("p", { class: "aside" }, isolated(said.join(" "))));
    return notes;
  }

  function caseBody(one) {
    const tabs = one.documents.length > 1 ? el("div", { class: "tabs", id: "tabs" }) : null;
    const reply = one.reply && el("details", { class: "reply" }, el("summary", null, "Raw reply"),
      one.reply[0] === null ? el("p", { class: "quiet" }, one.reply[1]) :
        el("pre", { tabindex: "0" }, isolated(one.reply[0])));
    return el("div", { class: "spread" },
      el("section", { class: "page", "aria-label": "Document" }, tabs,
        el("div", { id: "paper", class: "paper", tabindex: "0" })),
      el("section", { class: "verso", "aria-label": "Fields" },
        el("div", { class: "tools", id: "filter" }),
        el("table", { class: "diffs" },
          el("thead", null, el("tr", null, ["Field", "Expected", "Predicted", "Why"].map(
            (word) => el("th", { scope: "col" }, word)))),
          el("tbody", { id: "diff-rows" })),
        reply));
  }

  function shown() {
    return open.onlyErrors ? open.diffs.filter((one) => one.outcome !== 0) : open.diffs;
  }

  function fillRows() {
    const choice = (only, label) => el("button", {
      type: "button", "aria-pressed": String(open.onlyErrors === only),
      onclick: () => { open.onlyErrors = only; fillRows(); fillDocument(); },
    }, label);
    byId("filter").replaceChildren(el("div", { class: "switch", role: "group", "aria-label": "Fields shown" },
      choice(true, `Errors (${grouped(open.one.errors)})`),
      choice(false, `All fields (${grouped(open.diffs.length)})`)));
    byId("diff-rows").replaceChildren(...shown().map(diffRow));
  }

  function diffRow(one) {
    const why = [one.equal ? "right value" : null, ...one.tags].filter(Boolean);
    const judged = one.comparator + (one.similarity === undefined || one.similarity === null ||
      one.outcome === 0 || one.similarity === 1 ? "" : `, similarity ${one.similarity}`);
    const look = () => emphasise(one.place);
    return el("tr", { tabindex: "0", id: `d${one.place}`, onmouseenter: look, onfocus: look,
      onmouseleave: () => emphasise(null), onblur: () => emphasise(null) },
      el("th", { scope: "row" }, el("span", { class: "path" }, pathText(one.path)), verdict(one.outcome)),
      el("td", { "data-label": "expected" }, value(one.expected, one.predicted)),
      el("td", { "data-label": "predicted" }, value(one.predicted, one.expected),
        one.elsewhere ? el("p", { class: "quiet elsewhere" }, "at ", pathText(one.elsewhere)) : null),
      el("td", { class: "why" }, spaced(why.map(tag)),
        el("p", { class: "quiet" }, isolated(judged)), notFound(one)));
  }

  function notFound(one) {
    const nowhere = ["expected", "predicted"].filter((side) =>
      one[side] !== null && one[side] !== undefined &&
      one.evidence[side] && !one.evidence[side].length);
    if (!nowhere.length) return null;
    const text = nowhere.length > 1 ? "neither value stands in the text" :
      `${nowhere[0]} value not in the text`;
    return el("p", { class: "quiet" }, text);
  }

  // A value, the part that differs from the other one marked if both are much alike.
  function value(text, other) {
    if (text === null || text === undefined) return el("span", { class: "absent" }, "absent");
    const code = el("code", { class: "value" });
    if (text.length <= LONG) {
      code.append(el("bdi", null, differing(text, other)));
      return code;
    }
    const all = el("button", { type: "button", class: "all", onclick: () => {
      code.replaceChildren(isolated(text));
      all.remove();
    } }, `show all ${grouped(text.length)} characters`);
    code.append(isolated(text.slice(0, LONG) + "…"));
    return el("div", null, code, " ", all);
  }

  function differing(text, other) {
    if (!other || other === text || other.length > LONG) return chips(text);
    const least = Math.min(text.length, other.length);
    let head = 0;
    while (head < least && text[head] === other[head]) head += 1;
    let tail = 0;
    while (tail < least - head && text.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
    const middle = text.slice(head, text.length - tail);
    if (head + tail < least / 2 || !middle || /[\ud800-\udfff]/.test(text)) return chips(text);
    return [chips(text.slice(0, head)), el("span", { class: "differs" }, chips(middle)),
      chips(text.slice(text.length - tail))].flat();
  }

  // --- the document ----------------------------------------------------------------------

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
      const piece = chips(text.slice(start, sorted[i + 1]));
      return active.length ? [mark(piece, active)] : piece;
    });
  }

  function mark(piece, spans) {
    const sides = new Set(spans.map((span) => (span.one.outcome === 0 ? "right" : span.side)));
    const node = el("mark", { class: [...sides].join(" "),
      onclick: () => byId(`d${spans[0].one.place}`).focus() }, piece);
    for (const { one } of spans) {
      if (!open.marks.has(one.place)) open.marks.set(one.place, []);
      open.marks.get(one.place).push(node);
    }
    return node;
  }

  function fillDocument() {
    const tabs = byId("tabs");
    const { documents } = open.one;
    if (tabs) {
      tabs.replaceChildren(...documents.map(([name], place) => el("button", {
        type: "button", "aria-pressed": String(place === open.document),
        onclick: () => { open.document = place; fillDocument(); },
      }, isolated(name))));
    }
    open.marks.clear();
    const paper = byId("paper");
    if (!documents.length) {
      paper.replaceChildren(el("p", { class: "quiet" }, "No document was kept for this case."));
      return;
    }
    const [name, text, note] = documents[open.document];
    paper.replaceChildren(...[
      tabs ? null : el("h2", { class: "document-name" }, isolated(name)),
      note ? el("p", { class: "quiet" }, isolated(note)) : null,
      text === null ? null : el("pre", { class: /\S {2,}\S|\t/.test(text) && "aligned" }, el("bdi", null, marked(text, spansIn(open.document)))),
    ].filter(Boolean));
    legend(paper);
  }

  function legend(paper) {
    const kinds = [["expected", "expected value"], ["predicted", "predicted value"],
      ["expected predicted", "both"]];
    const used = new Set([...paper.querySelectorAll("mark")].map((node) => node.className));
    const keys = kinds.filter(([css]) => used.has(css));
    if (keys.length) {
      paper.prepend(el("p", { class: "key quiet" },
        keys.map(([css, words]) => el("mark", { class: css }, words))));
    }
  }

  function emphasise(place) {
    for (const node of stage.querySelectorAll("mark.on")) node.classList.remove("on");
    if (place === null) return;
    const { evidence } = open.diffs[place];
    const spans = [...(evidence.expected || []), ...(evidence.predicted || [])];
    if (!open.marks.has(place) && spans.length && spans[0] !== open.document) {
      open.document = spans[0];
      fillDocument();
    }
    const nodes = open.marks.get(place) || [];
    for (const node of nodes) node.classList.add("on");
    if (nodes.length) reveal(nodes[0]);
  }

  function reveal(node) {
    const paper = byId("paper");
    const top = node.getBoundingClientRect().top - paper.getBoundingClientRect().top;
    if (top > 24 && top < paper.clientHeight - 48) return;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    paper.scrollTo({ top: paper.scrollTop + top - paper.clientHeight / 3,
      behavior: still ? "auto" : "smooth" });
  }

  // --- going about -----------------------------------------------------------------------

  function named(prefix) {
    if (!location.hash.startsWith(prefix)) return null;
    try {
      return decodeURIComponent(location.hash.slice(prefix.length));
    } catch {
      return null;
    }
  }

  function back(event) {
    event.preventDefault();
    location.hash = "";
  }

  function enter(place) {
    if (open === null) scrolled = scrollY;
    report.hidden = true;
    stage.hidden = false;
    show(place);
    scrollTo(0, 0);
    byId("case-title").focus({ preventScroll: true });
  }

  function leave() {
    const link = linkTo(open.one);
    open = null;
    stage.hidden = true;
    stage.replaceChildren();
    report.hidden = false;
    scrollTo(0, scrolled);
    const links = [...report.querySelectorAll("a")].filter((a) => a.getAttribute("href") === link);
    if (links.length) links.at(-1).focus({ preventScroll: true });
  }

  function route() {
    const id = named("#case=");
    if (id !== null && places.has(id)) {
      enter(places.get(id));
      return;
    }
    const left = open !== null;
    if (left) leave();
    const field = named("#field=");
    const target = field === null ? byId(location.hash.slice(1)) : byId("cases");
    if (field !== list.field) {
      list.field = field;
      list.most = CHUNK;
      relist();
    }
    if (field !== null || (left && target)) target.scrollIntoView();
  }

  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (open === null || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") location.hash = "";
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });

  load().then(() => {
    tools();
    firstRest();
    addEventListener("hashchange", route);
    route();
    performance.mark("ready");
    document.documentElement.dataset.ready = "true";
  });
})();
