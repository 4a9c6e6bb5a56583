// The case on screen: its document on the left, its fields on the right.

const linkOf = (one) => `#case/${encodeURIComponent(one.id)}`;
const queue = { cases: [], name: "worst", drawn: 0 };

// The next case of the queue that is on screen, those that are done left out.
function nextCase(by) {
  const place = queue.cases.findIndex((one) => open && one.id === open.one.id);
  if (place < 0) return queue.cases.find((one) => one.open > 0) || null;
  const rest = by > 0 ? queue.cases.slice(place + 1) : queue.cases.slice(0, place).toReversed();
  return rest.find((one) => one.open > 0 && !one.holder) || rest.find((one) => one.open > 0) || null;
}

function stepCase(by) {
  const place = queue.cases.findIndex((one) => one.id === open.one.id);
  const next = queue.cases[place + by];
  if (next) location.hash = linkOf(next);
}

async function showCase(id) {
  const turn = ++going;
  if (!queue.cases.length) await loadQueue();
  const one = await ask(at("/api/case", { case: id }));
  if (turn !== going) return;
  open = { one: null, at: null, document: 0, marks: new Map(), groups: new Map(), places: new Map(),
    editing: null, past: null, passage: null, since: performance.now(), holder: one.holder, lost: null, taking: false };
  view.page = 1;
  takeRows(wholeCase(one));
  document.title = `${id.replace(data.unseen, "\ufffd")} · ${data.suite.name} · review`;
  stage.replaceChildren(caseHead(), el("div", { class: "spread" }, documentPane(),
    el("section", { class: "verso", id: "fields", "aria-label": "Fields" })));
  stage.className = "case";
  const first = stops().find(isOpenStop);
  open.at = first ? stopId(first) : null;
  byId("fields").replaceChildren(...fieldsPane());
  drawDocument();
  scrollTo(0, 0);
  if (open.at) focusHere();
  else byId("next")?.focus({ preventScroll: true });
  byId("fields").addEventListener("focusin", follow);
  active = true;
  performance.mark("case-drawn");
  hold();
  await placesSoon();
  performance.mark("case-ready");
}

// Focus that comes by tab or pointer takes the row along.
function follow(event) {
  const stop = event.target.closest(".field, header[role=group]");
  if (stop && stop.id !== open.at) goTo(stop.id);
}

// Where values stand in the document comes after the fields: it takes a while in long ones.
async function placesSoon() {
  const { id } = open.one;
  const found = await ask(at("/api/places", { case: id }));
  if (!isOnCase(id)) return;
  open.places = new Map(found.places.map(([slots, expected, predicted]) => [JSON.stringify(slots), { expected, predicted }]));
  for (const row of open.one.diffs) Object.assign(row.evidence, open.places.get(keyOfRow(row)) || { expected: null, predicted: null });
  drawDocument();
  const row = hereRow();
  if (row) lookAt(row);
  document.documentElement.dataset.ready = id;
}

async function reload() {
  const { id } = open.one;
  const one = await ask(at("/api/case", { case: id }));
  if (isOnCase(id)) {
    open.holder = one.holder;
    replaceRows(wholeCase(one));
  }
}

function caseHead() {
  const place = queue.cases.findIndex((one) => one.id === open.one.id);
  const stepper = (by, label, key) => {
    const next = queue.cases[place + by];
    return el("a", { class: "step", href: next ? linkOf(next) : null, "aria-disabled": !next && "true", role: next ? null : "link" },
      label, " ", el("kbd", null, key));
  };
  return el("header", { class: "case-head", id: "case-head" },
    el("nav", { "aria-label": "Cases" },
      el("a", { class: "step", href: "#queue" }, "← Queue ", el("kbd", null, "Esc")),
      el("span", { class: "quiet" }, place < 0 ? "" : `${grouped(place + 1)} of ${grouped(queue.cases.length)}`),
      stepper(-1, "‹ Previous", "K"), stepper(1, "Next ›", "J")),
    el("h1", { id: "case-title", tabindex: "-1" }, isolated(open.one.id)),
    el("p", { class: "byline", id: "case-facts" }, caseFacts()),
    el("p", { class: "lease", id: "lease", role: "status" }, leaseLine()),
    el("p", { class: "chosen quiet", id: "chosen", role: "status" }));
}

function caseFacts() {
  const { one } = open;
  const right = one.diffs.filter((row) => row.state === "right").length;
  return [
    el("span", null, `${grouped(right)} of ${grouped(one.diffs.length)} fields reviewed`),
    ...one.badges.map(badge),
    one.drafted ? el("span", null, "drafted by ", isolated(one.drafted)) : null,
    one.heldOut ? el("span", null, el("strong", null, "held out"), ": no answers are shown") : null,
    one.blind ? el("span", null, "blind: no answers are shown until you have decided") : null,
  ];
}

// Who else works on the case: a word to the wise, never a lock.
const holderTag = (one) => el("span", { class: "tag holder", title: `last at work less than 15 minutes ago; for ${one.minutes} min more` },
  isolated(one.name), ` · ${one.minutes} min`);

function leaseLine() {
  if (open.lost) {
    return [el("strong", null, isolated(open.lost.by), " has taken this case over: "), isolated(open.lost.why)];
  }
  if (!open.holder) return [];
  const said = [el("strong", null, isolated(open.holder.name), " works on this case"),
    `, for ${counted(open.holder.minutes, "minute")} more. Whatever both of you decide is kept. `];
  if (!open.taking) return [...said, button(["Take it over ", el("kbd", null, "o")], startTaking, { class: "act" })];
  const field = el("input", { id: "why-taken", type: "text", maxlength: "500", autocomplete: "off" });
  const save = () => takeOver(field.value);
  const form = el("span", { class: "taking" }, el("label", { for: "why-taken" }, `Tell ${open.holder.name} why: `), field, " ",
    button(["Take over ", el("kbd", null, "Enter")], save, { class: "act" }), " ",
    button(["Cancel ", el("kbd", null, "Esc")], stopTaking, { class: "act" }));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === field) save();
    else if (event.key === "Escape") stopTaking();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return [...said, form];
}

function startTaking() {
  if (!open.holder) return tellAll("Nobody else works on this case");
  open.taking = true;
  drawHead();
  return byId("why-taken").focus();
}

function stopTaking() {
  open.taking = false;
  drawHead();
  focusHere();
}

async function takeOver(why) {
  if (!why.trim()) return tellAll("Say in a sentence why");
  try {
    const said = await tell("/api/claim", { case: open.one.id, why });
    open.holder = said.holder;
    stopTaking();
    return tellAll("The case is yours for 15 minutes");
  } catch (error) {
    return showRefusal(error);
  }
}

// The score of one run on one case, as `harness score` prints it.
function badge(one) {
  return el("span", { class: "badge", title: one.run }, isolated(one.label), " ",
    one.f1 === null ? el("span", { class: "quiet" }, one.why) : [el("strong", null, `F1 ${one.f1}`),
      el("span", { class: "quiet" }, ` TP ${one.tp} FP ${one.fp} FN ${one.fn}`)]);
}

function drawHead() {
  byId("case-facts")?.replaceChildren(...caseFacts().filter(Boolean));
  if (!(open.taking && byId("why-taken"))) byId("lease")?.replaceChildren(...leaseLine());
}

// A lease lasts as long as somebody does something: an open window alone keeps nothing.
let holding = null;
let active = true;
for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, () => { active = true; }, { passive: true });

async function hold() {
  clearTimeout(holding);
  if (!open || settling) return;
  const { id } = open.one;
  if (document.visibilityState === "visible" && !unsent.length) {
    try {
      const said = await tell("/api/hold", { case: id, active });
      active = false;
      if (!isOnCase(id)) return;
      open.holder = said.holder;
      open.lost = said.lost;
      drawHead();
      if (said.rev !== open.one.rev && !unsent.length && !open.editing) await reload();
    } catch (error) {
      showTrouble(error);
    }
  }
  holding = setTimeout(hold, 15000);
}
document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") hold(); });

function showRefusal(error) {
  const place = byId("trouble");
  place.hidden = false;
  place.replaceChildren(el("strong", null, "Not saved: "), isolated(error.message), " ", button("Close", () => { place.hidden = true; }));
  tellAll(`Not saved: ${error.message}`);
}
