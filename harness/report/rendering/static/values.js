// Values as they are written, beside what another side says.

const LONG = 280;

// A value; where the other one is much alike, what differs is marked.
function value(text, other, side) {
  if (text === null || text === undefined) return el("span", { class: "absent" }, "absent");
  const alike = other && other !== text ? differing(text, other, side) : null;
  if (alike || text.length <= LONG) return el("code", { class: "value" }, el("bdi", null, alike || chips(text)));
  const code = el("code", { class: "value" }, isolated(text.slice(0, safe(text, LONG)) + "…"));
  const all = button(`show all ${grouped(text.length)} characters`, () => {
    code.replaceChildren(isolated(text));
    all.remove();
  }, { class: "all" });
  return el("div", null, code, " ", all);
}
