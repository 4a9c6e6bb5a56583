// The board: how good the runs are on what is reviewed, who did what, and where people disagree.

async function showBoard() {
  const turn = ++going;
  open = null;
  const found = await ask("/api/board");
  if (turn !== going) return;
  page("Board", [
    el("p", { class: "lead" }, found.lead),
    ...found.sections.map(section)]);
}

async function showAgreement() {
  const turn = ++going;
  open = null;
  const found = await ask("/api/agreement");
  if (turn !== going) return;
  page("Agreement", [el("p", { class: "lead" }, found.lead), ...found.sections.map(section)]);
}

function page(title, parts) {
  stage.className = "list";
  document.title = `${title} · ${data.suite.name} · review`;
  stage.replaceChildren(el("header", { class: "masthead" }, el("p", { class: "eyebrow" }, isolated(data.suite.name)),
    el("h1", { tabindex: "-1" }, title)), ...parts);
  scrollTo(0, 0);
  stage.querySelector("h1").focus({ preventScroll: true });
  document.documentElement.dataset.ready = title;
}

// A section as the server words it: cards, then a table; a cell is a text, or a text with what it is.
function section({ title, about, cards, head, rows, empty }) {
  return el("section", { class: "block", "aria-label": title }, el("header", null, el("h2", null, title), about ? el("p", null, about) : null),
    el("div", null,
      cards && cards.length ? el("dl", { class: "cards" }, cards.map(([name, figure, note]) =>
        el("div", null, el("dt", null, isolated(name)), el("dd", null, el("strong", null, figure), el("span", { class: "quiet" }, note))))) : null,
      rows && rows.length ? el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `${title}: table` }, el("table", { class: "plain" },
        el("thead", null, el("tr", null, head.map((word, i) => el("th", { scope: "col", class: i ? "num" : null }, isolated(word))))),
        el("tbody", null, rows.map((row) => el("tr", null, row.map((cell, i) => (i ? el("td", { class: "num" }, isolated(cell)) :
          el("th", { scope: "row" }, isolated(cell))))))))) : null,
      !(rows && rows.length) && empty ? el("p", { class: "quiet" }, empty) : null));
}
