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
}

function sortable() {
  const table = document.querySelector("table.fields:not(.causes)");
  for (const heading of table ? table.tHead.querySelectorAll("[data-sort]") : []) {
    const label = [...heading.childNodes];
    heading.replaceChildren(button(label, () => sortFields(table, heading, heading.dataset.sort)));
  }
}
