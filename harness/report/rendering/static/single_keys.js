// Letters as keys can be turned off, for those whose voice or hand types them unmeant; it is kept.
const KEPT = "harness-single-keys";

function kept() {
  try {
    return localStorage.getItem(KEPT) !== "off";
  } catch {
    return true; // pages from disk may keep nothing
  }
}

function keep(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "off");
  } catch {
    // it holds until the page is closed
  }
}

// Starts `onKey`, which each application has of its own, and the dialogue that tells of its keys.
function keyboard() {
  document.addEventListener("keydown", onKey);
  byId("keys-on").checked = kept();
  byId("keys-on").addEventListener("change", (event) => keep(event.target.checked));
  byId("keys-close").addEventListener("click", () => help.close());
  byId("keys-open").addEventListener("click", () => help.showModal());
  byId("keys-open").hidden = false;
}
