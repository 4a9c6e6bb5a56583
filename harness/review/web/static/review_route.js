// Going about: #queue/NAME, #case/ID/PLACE, #settle, #agreement, #board.

let going = 0;

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

async function route() {
  const [kind, key, place] = location.hash.slice(1).split("/").map((part) => decoded(part));
  delete document.documentElement.dataset.ready;
  if (settling && kind !== "settle") settling = open = null;
  for (const link of document.querySelectorAll(".bar a[data-screen]")) {
    if (link.dataset.screen === (kind || "queue")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  try {
    if (kind === "case" && key) {
      if (!open || open.one.id !== key) await showCase(key);
      const row = place && open ? open.one.diffs.find((one) => keyOfRow(one) === place) : null;
      if (row) goTo(stopId(row));
    } else if (kind === "settle") await showSettle();
    else if (kind === "agreement") await showAgreement();
    else if (kind === "board") await showBoard();
    else if (kind === "people") await showPeople();
    else await showQueue(kind === "queue" ? key : null);
  } catch (error) {
    showTrouble(error);
  }
}

ask("/api/suite").then(async (suite) => {
  data.suite = suite;
  data.unseen = new RegExp(`[${suite.unseen}\\u{e0000}-\\u{e007f}]`, "gu");
  keyboard();
  addEventListener("hashchange", route);
  await route();
  performance.mark("ready");
}).catch(showTrouble);
