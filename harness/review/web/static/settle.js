// Settling: places where two people said different things without having seen each other.

async function showSettle() {
  const turn = ++going;
  open = null;
  const found = await ask("/api/conflicts");
  if (turn !== going) return;
  if (!queue.cases.length) await loadQueue();
  page("Settle", [
    el("p", { class: "lead" }, found.conflicts.length ?
      `${counted(found.conflicts.length, "place")} where people said different things. Open one, then take a side by its digit.` :
      "Nobody contradicts anybody."),
    found.conflicts.length ? el("table", { class: "plain settle" },
      el("thead", null, el("tr", null, ["Case", "Field", "Versions"].map((word) => el("th", { scope: "col" }, word)))),
      el("tbody", null, found.conflicts.map((one) => el("tr", null,
        el("th", { scope: "row" }, el("a", { href: `${linkOf(one)}/${encodeURIComponent(JSON.stringify(one.slots))}` }, isolated(one.id))),
        el("td", { class: "path" }, pathText(one.path)),
        el("td", null, one.sides.map((side, i) => el("p", null, el("kbd", null, String(i + 1)), " ", isolated(side.who), " ",
          value(side.value, i ? one.sides[0].value : null, 2)))))))) : null].filter(Boolean));
}
