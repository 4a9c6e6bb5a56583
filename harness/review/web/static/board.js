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

// A section as the server words it: cards, lines over time, then a table; a cell is a text.
function section({ title, about, cards, drift, head, rows, empty }) {
  const table = rows && rows.length ? el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": `${title}: table` }, el("table", { class: "plain" },
    el("thead", null, el("tr", null, head.map((word, i) => el("th", { scope: "col", class: i ? "num" : null }, isolated(word))))),
    el("tbody", null, rows.map((row) => el("tr", null, row.map((cell, i) => (i ? el("td", { class: "num" }, isolated(cell)) :
      el("th", { scope: "row" }, isolated(cell))))))))) : null;
  return el("section", { class: "block", "aria-label": title }, el("header", null, el("h2", null, title), about ? el("p", null, about) : null),
    el("div", null,
      cards && cards.length ? el("dl", { class: "cards" }, cards.map(([name, figure, note]) =>
        el("div", null, el("dt", null, isolated(name)), el("dd", null, el("strong", null, figure), el("span", { class: "quiet" }, note))))) : null,
      drift ? [drifts(drift), el("details", null, el("summary", null, "The figures"), table)] : table,
      !table && empty ? el("p", { class: "quiet" }, empty) : null));
}

// A line for each person, a place for each week; whiskers are the intervals.
const TALL = 56;
function drifts({ weeks, lines }) {
  const step = Math.max(10, Math.min(64, Math.floor(420 / weeks.length)));
  const width = step * weeks.length;
  const x = (place) => step * (place + 0.5);
  const drawn = ({ name, low, points }) => {
    const y = (value) => Math.round(10 * (4 + (TALL - 8) * (1 - (value - low) / (1 - low)))) / 10;
    const line = (css, x1, y1, x2, y2) => svg("line", { class: css, x1, y1, x2, y2 });
    return svg("svg", { class: "trend", viewBox: `0 0 ${width} ${TALL}`, width, height: TALL, role: "img", "aria-label": `${name}. ${points.map((point) => point[4]).join(". ")}` },
      line("axis", 0, y(1), width, y(1)), line("axis", 0, y(low), width, y(low)),
      ...points.map(([place, , from, to]) => line("whisker", x(place), y(from), x(place), y(to))),
      ...points.slice(1).flatMap(([place, value], i) => (place - points[i][0] > 1 ? [] : line("line", x(place - 1), y(points[i][1]), x(place), y(value)))),
      ...points.map(([place, value, , , words]) => svg("circle", { class: "point", cx: x(place), cy: y(value), r: 3 }, svg("title", null, words))));
  };
  return el("div", { class: "wide trends", tabindex: "0", role: "group", "aria-label": "Week by week, drawn" },
    el("p", { class: "quiet small-note" }, `${weeks[0]} to ${weeks.at(-1)}; bars are 95 % intervals, gaps weeks without work.`),
    el("ul", { class: "drifts" }, lines.map((one) => el("li", null, el("span", null, isolated(one.name)), drawn(one),
      el("span", null, el("strong", null, one.last), el("span", { class: "quiet" }, ` scale ${one.scale}`))))));
}
