// The table of fields, sorted as the reader likes; each field is a row group of its own.

function sortFields(table, heading, key) {
  const down = heading.getAttribute("aria-sort") !== "descending" && key !== "name";
  const groups = [...table.tBodies];
  const value = (group) => (key === "name" ? group.dataset.name : Number(group.dataset[key]));
  groups.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const order = key === "name" ? x.localeCompare(y) : x - y;
    return down ? -order : order;
  });
  for (const one of table.tHead.querySelectorAll("[aria-sort]")) one.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", down ? "descending" : "ascending");
  table.append(...groups);
  refold(table);
}

// Long tables show ten rows and a way to the rest; on paper they are whole.
const FOLD = 10;
const rowsOf = (table) => (table.matches(".fields") ? [...table.tBodies] : [...table.tBodies[0].rows]);

function refold(table) {
  const open = table.dataset.whole === "true";
  rowsOf(table).forEach((row, at) => row.classList.toggle("beyond", !open && at >= FOLD));
}

function folding() {
  for (const table of document.querySelectorAll("table.fields, table.slices")) {
    const rows = rowsOf(table);
    if (rows.length <= FOLD) continue;
    refold(table);
    const more = button(`Show all ${grouped(rows.length)}`, () => {
      table.dataset.whole = String(table.dataset.whole !== "true");
      more.textContent = table.dataset.whole === "true" ? `Show the first ${FOLD}` : `Show all ${grouped(rows.length)}`;
      refold(table);
    }, { class: "unfold" });
    table.after(more);
  }
}

// Causes are ranked as the chosen way of counting has it.
function ranking() {
  const table = document.querySelector("table.causes");
  for (const way of document.querySelectorAll("input[name=way]")) {
    way.addEventListener("change", () => {
      const key = byId("way-2").checked ? "lenient" : "strict";
      if (!table) return;
      const groups = [...table.tBodies];
      groups.sort((a, b) => Number(b.dataset[key]) - Number(a.dataset[key]));
      groups.forEach((group) => { group.hidden = Number(group.dataset[key]) === 0 && key === "lenient"; });
      table.tFoot.before(...groups);
      refold(table);
    });
  }
}

function sortable() {
  const table = document.querySelector("table.fields:not(.causes)");
  for (const heading of table ? table.tHead.querySelectorAll("[data-sort]") : []) {
    const label = [...heading.childNodes];
    heading.replaceChildren(button(label, () => sortFields(table, heading, heading.dataset.sort)));
  }
}
