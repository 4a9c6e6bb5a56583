// The table of fields, sorted and narrowed as the reader likes; each field is a row group of its own.

const FIELDS = { find: "", sort: "lost", up: "" };
const fieldView = { ...FIELDS };
const fieldTable = () => document.querySelector("table.fields:not(.causes)");

function drawFields() {
  const table = fieldTable();
  const { find, sort, up } = fieldView;
  const value = (group) => (sort === "name" ? group.dataset.name : Number(group.dataset[sort]));
  const groups = [...table.tBodies].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const order = sort === "name" ? x.localeCompare(y) : x - y;
    return (sort === "name") !== (up === "1") ? order : -order;
  });
  for (const one of table.tHead.querySelectorAll("[data-sort]")) {
    const rises = (sort === "name") !== (up === "1");
    if (one.dataset.sort === sort) one.setAttribute("aria-sort", rises ? "ascending" : "descending");
    else one.removeAttribute("aria-sort");
  }
  table.append(...groups);
  const words = find.toLowerCase();
  groups.forEach((group) => { group.hidden = !group.dataset.name.toLowerCase().includes(words); });
  refold(table);
  if (byId("field-count")) byId("field-count").textContent = find ? counted(groups.filter((group) => !group.hidden).length, "field") : "";
}

function chooseFields(changes) {
  Object.assign(fieldView, changes);
  if (byId("field-find") && byId("field-find").value !== fieldView.find) byId("field-find").value = fieldView.find;
  if (open === null) history.replaceState(null, "", fieldsAddress());
  drawFields();
}

// The table as it is sorted and narrowed, as an address.
function fieldsAddress() {
  const said = new URLSearchParams(Object.keys(FIELDS).filter((key) => fieldView[key] !== FIELDS[key]).map((key) => [key, fieldView[key]]));
  return said.size ? `#fields/${said}` : "#fields";
}

function fieldsFrom(said) {
  const params = new URLSearchParams(said);
  const table = fieldTable();
  if (!table) return;
  const sort = params.get("sort");
  const known = sort !== null && /^\w+$/.test(sort) && table.tHead.querySelector(`[data-sort="${sort}"]`);
  chooseFields({ find: params.get("find") ?? "", sort: known ? sort : FIELDS.sort, up: params.get("up") === "1" ? "1" : "" });
}

// Long tables show ten rows and a way to the rest; on paper they are whole.
const FOLD = 10;
const rowsOf = (table) => (table.matches(".fields") ? [...table.tBodies] : [...table.tBodies[0].rows]);

function refold(table) {
  const open = table.dataset.whole === "true" || (table === fieldTable() && fieldView.find !== "");
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
  const table = fieldTable();
  for (const heading of table ? table.tHead.querySelectorAll("[data-sort]") : []) {
    const label = [...heading.childNodes];
    const key = heading.dataset.sort;
    heading.replaceChildren(button(label, () => chooseFields({ sort: key, up: fieldView.sort === key && fieldView.up === "" ? "1" : "" })));
  }
  if (!table || table.tBodies.length <= FOLD) return;
  table.before(el("div", { class: "tools" }, el("label", null, el("span", { class: "sr" }, "Find fields by name"),
    el("input", { id: "field-find", type: "search", placeholder: "Find a field", oninput: (event) => chooseFields({ find: event.target.value }) })),
  el("span", { id: "field-count", class: "quiet", role: "status" })));
}
