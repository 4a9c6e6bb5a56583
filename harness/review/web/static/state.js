// What the page knows: the suite, and the case that is open.

const data = { unseen: /[\u200b]/gu, suite: null };
const stage = byId("stage");
const csrf = document.querySelector('meta[name="csrf"]').content;
let open = null; // the case on screen

// What paper.js marks in the document: the fields, each with the places of its values.
const shown = () => open.one.diffs;

// A text as JSON, any other value as it is written: no digit is lost on the way.
const literal = (text) => JSON.stringify(text);
const spoken = (written) => (written !== null && written.startsWith('"') ? JSON.parse(written) : written);

// Said to screen readers, and shown for a while.
function tellAll(text) {
  byId("said").replaceChildren(chips(text));
}
