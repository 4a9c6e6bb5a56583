// Tables and figures to take along: as CSV, as Markdown, as SVG; commands and values to copy.

// Some tables show a part of what they list: these say what all of it is, as rows of texts.
const wholeTables = new Map();

const cellText = (cell) => {
  const copy = cell.cloneNode(true);
  for (const gone of copy.querySelectorAll(".sr, svg, button:not([scope=col] > button), .icon")) gone.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
};

function rowsToCopy(table) {
  const rows = [...table.rows].filter((row) => !row.matches(".more, .around, .of-case")).map((row) => [...row.cells].flatMap(
    (cell) => [...Array(cell.colSpan - 1).fill(""), cellText(cell)]));
  const whole = wholeTables.get(table);
  const head = table.tHead ? table.tHead.rows.length : 0;
  const all = whole ? [...rows.slice(0, head), ...whole()] : rows;
  const filled = all[0].map((_, at) => all.slice(head).some((row) => row[at]));
  return all.map((row) => row.filter((_, at) => filled[at]));
}

// A cell that begins so would be a formula to a spreadsheet.
const inertCell = (text) => (/^[=@\t\r]|^[+-](?![\d.<>])/.test(text) ? `'${text}` : text);
const asCsv = (rows) => rows.map((row) => row.map((cell) => {
  const text = inertCell(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}).join(",")).join("\r\n");
const asMarkdown = ([head, ...rows]) => [head, head.map(() => "---"), ...rows].map((row) =>
  `| ${row.map((cell) => cell.replace(/[\\`*_[\]|~#!]/g, "\\$&").replace(/[&<>]/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c])).join(" | ")} |`).join("\n");

function download(name, text, kind) {
  const address = URL.createObjectURL(new Blob([text], { type: kind }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function toClipboard(text, node) {
  const label = node.textContent;
  const said = (words) => {
    node.textContent = words;
    setTimeout(() => { node.textContent = label; }, 2000);
  };
  if (!navigator.clipboard) return said("Select it, then copy");
  return navigator.clipboard.writeText(text).then(() => said("Copied"), () => said("Select it, then copy"));
}

function tableTools(table) {
  const name = table.dataset.name;
  return el("p", { class: "take" }, el("span", { class: "sr" }, `Table of ${name}: `),
    button("Copy as Markdown", (event) => toClipboard(asMarkdown(rowsToCopy(table)), event.target)), " ",
    button("Download CSV", () => download(`${name.replace(/\W+/g, "-")}.csv`, `\ufeff${asCsv(rowsToCopy(table))}\r\n`, "text/csv")));
}

// A figure with the colours it has here, so that it can stand alone.
const PAINT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "text-anchor"];

function asSvg(figure) {
  const { width, height } = figure.getBoundingClientRect();
  const copy = figure.cloneNode(true);
  const [from, to] = [figure.querySelectorAll("*"), copy.querySelectorAll("*")];
  from.forEach((node, at) => {
    const style = getComputedStyle(node);
    for (const key of PAINT) to[at].setAttribute(key, style.getPropertyValue(key));
  });
  fill(copy, { xmlns: "http://www.w3.org/2000/svg", width: Math.round(width), height: Math.round(height) });
  copy.prepend(svg("rect", { width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor }));
  return new XMLSerializer().serializeToString(copy);
}

function figureTools(figure) {
  const name = figure.dataset.name || "figure";
  return el("p", { class: "take" },
    button("Download SVG", () => download(`${name}.svg`, asSvg(figure), "image/svg+xml"), { "aria-label": `Download SVG: ${name}` }));
}

function takeAlong() {
  for (const table of document.querySelectorAll("table[data-name]")) {
    (table.closest(".wide") || table).after(tableTools(table));
  }
  for (const figure of document.querySelectorAll("svg[data-name]")) {
    (figure.closest(".wide") || figure).after(figureTools(figure));
  }
  for (const node of document.querySelectorAll("button[data-copy]")) {
    node.hidden = false;
    node.addEventListener("click", () => toClipboard(node.dataset.copy, node));
  }
}
