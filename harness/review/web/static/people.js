// People: who may come in by a token, and as what; for admins.

async function showPeople() {
  const turn = ++going;
  open = null;
  const found = await ask("/api/people");
  if (turn !== going) return;
  page("People", peopleParts(found));
}

const ROLE_WORDS = {
  annotator: "decides on fields",
  auditor: "also settles conflicts, works on held-out cases, sees who agrees with whom",
  admin: "also sees what each person did, and says who may come in",
};

function peopleParts(found) {
  const roles = (name, chosen) => el("select", { "aria-label": `role of ${name}` }, found.roles.map((role) =>
    el("option", { value: role, selected: role === chosen ? "selected" : null }, role)));
  const name = el("input", { id: "new-person", type: "text", autocomplete: "off", spellcheck: "false" });
  const role = roles("the new person", "annotator");
  const add = () => changePeople({ do: "invite", name: name.value.trim(), role: role.value });
  return [
    el("p", { class: "lead" }, found.token ? ["The token of the person you let in, shown this once: ", el("code", { id: "token" }, found.token)] :
      found.people.length === 1 ? "One person may come in." : `${found.people.length} people may come in.`),
    el("dl", { class: "roles" }, found.roles.map((each) => el("div", null, el("dt", null, each), el("dd", null, ROLE_WORDS[each])))),
    el("table", { class: "plain people" }, el("thead", null, el("tr", null, ["Person", "Role", "Change"].map((word) => el("th", { scope: "col" }, word)))),
      el("tbody", null, found.people.map((one) => {
        const choice = roles(one.name, one.role);
        choice.addEventListener("change", () => changePeople({ do: "role", name: one.name, role: choice.value }));
        return el("tr", null, el("th", { scope: "row" }, isolated(one.name)), el("td", null, choice),
          el("td", null, button("Let in no more", () => changePeople({ do: "remove", name: one.name }), { class: "act", "aria-label": `let ${one.name} in no more` })));
      }))),
    el("p", { class: "new-person" }, el("label", { for: "new-person" }, "Let somebody in: "), name, " ", role, " ", button("Let in", add, { class: "act" })),
  ];
}

async function changePeople(body) {
  try {
    const found = await tell("/api/person", body);
    page("People", peopleParts(found));
  } catch (error) {
    showRefusal(error);
  }
}
