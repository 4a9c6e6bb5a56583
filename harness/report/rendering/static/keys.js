// The keyboard: j and k go on and back, / searches, ? tells.

function nextError(by) {
  const rows = [...byId("diff-rows").querySelectorAll("tr[tabindex]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement.closest("tr"));
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[next].focus();
}

const help = byId("keys");
const inCase = {
  j: () => step(1), k: () => step(-1), n: () => nextError(1), p: () => nextError(-1),
  a: () => byId("filter").querySelector('[aria-pressed="false"]').click(),
  t: () => hasImages() && changeView(), "[": () => isImage() && turnPage(-1), "]": () => isImage() && turnPage(1),
  "+": () => isImage() && zoomBy(1), "-": () => isImage() && zoomBy(-1), e: () => nextPlace(1),
  Escape: () => { location.hash = listAddress(); },
};
const inReport = {
  j: () => moveInList(1), k: () => moveInList(-1),
  "/": () => { byId("cases").scrollIntoView(); (byId("case-search") || byId("cases")).focus({ preventScroll: true }); },
  Escape: () => { document.activeElement.blur(); },
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.key !== "Escape" && (typing || !byId("keys-on").checked)) return;
  const key = event.key === "?" ? () => help.showModal() : (open === null ? inReport : inCase)[event.key];
  if (!key) return;
  event.preventDefault();
  key();
}
