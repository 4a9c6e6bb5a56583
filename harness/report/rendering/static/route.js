// Going about: #case/ID, #case/ID/PATH, #field/NAME, or a heading of the report.

let scrolled = 0;
let going = 0;

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function back(event) {
  event.preventDefault();
  location.hash = listAddress();
}

async function enter(place, path) {
  const turn = ++going;
  if (open === null) scrolled = scrollY;
  const same = open !== null && open.place === place;
  if (!same) await show(place, path);
  if (turn !== going) return;
  report.hidden = true;
  stage.hidden = false;
  fit(byId("paper").querySelector("pre"));
  document.title = `${data.cases[place].id.replace(data.unseen, "\ufffd")} · ${titled}`;
  const row = path === null ? null : open.one.diffs.find((one) => one.path === path);
  if (row && !byId(`d${row.place}`)) {
    open.onlyErrors = false;
    fillRows();
    drawDocument();
  }
  if (row) {
    for (const one of stage.querySelectorAll("tr.at")) one.classList.remove("at");
    byId(`d${row.place}`).classList.add("at");
    byId(`d${row.place}`).focus();
  } else {
    scrollTo(0, 0);
    byId("case-title").focus({ preventScroll: true });
  }
}

function leave() {
  const [link] = linkTo(open.one).split("?");
  open = null;
  stage.hidden = true;
  stage.replaceChildren();
  report.hidden = false;
  document.title = titled;
  scrollTo(0, scrolled);
  const links = [...report.querySelectorAll("a")].filter((a) => a.getAttribute("href")?.split("?")[0] === link);
  if (links.length) links.at(-1).focus({ preventScroll: true });
}

const titled = document.title;

function route() {
  const [place, chosenBy] = location.hash.slice(1).split("?");
  const [kind, key, path] = place.split("/");
  const wanted = kind === "case" && key !== undefined ? keyAsMade(key) : null;
  if (wanted !== null && data.places.has(wanted)) {
    if (chosenBy !== undefined && chosenBy !== data.query()) fromAddress(chosenBy);
    return enter(data.places.get(wanted), path === undefined ? null : decoded(path));
  }
  going += 1;
  const left = open !== null;
  if (left) leave();
  const field = kind === "field" ? decoded(key ?? "") : null;
  if (field !== null || kind === "cause" || (kind === "list" && listAddress() !== location.hash)) {
    if (field !== null) chooseField(field);
    else if (kind === "cause") choose({ ...NOTHING, cause: data.causes[key] === undefined ? "" : key });
    else fromAddress(location.hash.slice("#list/".length));
    byId("cases").scrollIntoView();
  } else if (kind === "errors" && key !== undefined && byId("errors") && errorsAddress() !== location.hash) {
    errorsFrom(location.hash.slice("#errors/".length)).then(() => byId("errors").scrollIntoView());
  } else if (kind === "fields" && key !== undefined && fieldsAddress() !== location.hash) {
    fieldsFrom(location.hash.slice("#fields/".length));
    byId("fields").scrollIntoView();
  } else if (!left && kind && kind !== "list") {
    byId(kind)?.scrollIntoView();
  }
  return null;
}

// A link may have been encoded by another hand: `!` or `%21` is the same case.
function keyAsMade(key) {
  const [, id, answer] = /^(.*?)(?:;(\d+))?$/s.exec(key);
  const text = decoded(id);
  return text === null ? null : keyOf(text, Number(answer || 1));
}

loadIndex().then(async () => {
  outcomeSorts();
  tools();
  sortableCases();
  firstRest();
  offerErrors();
  sortable();
  folding();
  ranking();
  keyboard();
  printing();
  takeAlong();
  const before = byId("compare-previous");
  if (before && location.protocol.startsWith("http")) {
    before.href = `/compare?${new URLSearchParams([["run", before.dataset.previous], ["run", before.dataset.run]])}`;
  }
  addEventListener("hashchange", route);
  await route();
  performance.mark("ready");
  document.documentElement.dataset.ready = "true";
});
