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
