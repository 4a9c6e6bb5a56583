// The queue: which case needs a person most, and how much is left.

const FEW = 200;

async function loadQueue(name) {
  const found = await ask(at("/api/queue", name ? { queue: name } : {}));
  queue.cases = found.cases;
  queue.name = found.queue;
  queue.found = found;
  return found;
}

async function showQueue(name) {
  const turn = ++going;
  const back = open ? open.one.id : null;
  open = null;
  const found = await loadQueue(name);
  if (turn !== going) return;
  stage.className = "list";
  document.title = `${data.suite.name} · review`;
  queue.drawn = FEW;
  stage.replaceChildren(
    el("header", { class: "masthead" },
      el("p", { class: "eyebrow" }, isolated(data.suite.place)),
      el("h1", { tabindex: "-1" }, isolated(data.suite.name)),
      data.suite.description ? el("p", { class: "description" }, isolated(data.suite.description)) : null,
      progressLine(found.progress)),
    el("section", { "aria-label": "Cases" }, queueSwitch(found), queueTable()));
  const first = queue.cases.findIndex((one) => one.id === back);
  const row = byId(`q${Math.max(first, queue.cases.findIndex((one) => one.open > 0), 0)}`) || null;
  (first >= 0 ? byId(`q${first}`) || row : row)?.querySelector("a").focus({ preventScroll: first < 0 });
  if (first < 0) scrollTo(0, 0);
  document.documentElement.dataset.ready = "queue";
}

function progressLine(one) {
  const share = one.fields ? one.reviewed / one.fields : 0;
  return el("div", { class: "progress" },
    el("p", null, el("strong", null, `${grouped(one.reviewed)} of ${grouped(one.fields)} fields reviewed`),
      el("span", { class: "quiet" }, one.fields ? ` · ${one.share}` : ""), el("span", { class: "quiet" }, ` · ${one.left}`)),
    svg("svg", { class: "bar", viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "track", width: 100, height: 1 }), svg("rect", { class: "fill", width: 100 * share, height: 1 })));
}

function queueSwitch(found) {
  return el("div", { class: "tools" }, el("nav", { class: "switch", "aria-label": "Queues" }, found.queues.map(([name, label, count]) =>
    el("a", { href: `#queue/${encodeURIComponent(name)}`, "aria-current": name === found.queue ? "page" : null },
      label, " ", el("span", { class: "quiet" }, grouped(count))))));
}

function queueTable() {
  if (!queue.cases.length) return el("p", { class: "quiet" }, "Nothing is in this queue.");
  const rest = queue.cases.length - queue.drawn;
  return el("div", { id: "queue" }, el("table", { class: "queue" },
    el("thead", null, el("tr", null, ["Case", "Why", "Open", "Score of each run", "State"].map((word) => el("th", { scope: "col" }, word)))),
    el("tbody", null, queue.cases.slice(0, queue.drawn).map(queueRow))),
  rest > 0 ? button(`Show ${grouped(Math.min(rest, FEW))} more of ${grouped(rest)}`, () => {
    queue.drawn += FEW;
    byId("queue").replaceWith(queueTable());
  }) : null);
}

function queueRow(one, place) {
  return el("tr", { id: `q${place}`, class: one.open ? null : "done" },
    el("th", { scope: "row" }, el("a", { href: linkOf(one) }, isolated(one.id))),
    el("td", null, spaced(one.why.map(([word, count]) => el("span", { class: "tag" }, count ? `${count} ${word}` : word)))),
    el("td", { class: "num", "data-label": "open" }, one.open ? [grouped(one.open), el("span", { class: "quiet" }, ` of ${grouped(one.fields)}`)] :
      el("span", { class: "quiet" }, grouped(one.fields))),
    el("td", { class: "badges" }, one.badges.map((each) => el("p", null, badge(each)))),
    el("td", null, one.open ? (one.reviewed ? `${grouped(one.reviewed)} reviewed` : "") : el("span", { class: "right-word" }, "✓ reviewed"),
      one.holder ? [" ", holderTag(one.holder)] : null));
}

function moveInQueue(by) {
  const links = [...stage.querySelectorAll("tbody th a")];
  const place = links.indexOf(document.activeElement);
  links[place < 0 ? 0 : Math.min(Math.max(place + by, 0), links.length - 1)]?.focus();
}
