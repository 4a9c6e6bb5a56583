// Asking the server, and telling it decisions one after another: none is lost, none overtakes.

async function answered(response) {
  if (response.ok) return response.json();
  let said = `The server answers ${response.status}.`;
  try {
    said = (await response.json()).problems.join("\n");
  } catch {
    // it said nothing that can be read
  }
  throw Object.assign(new Error(said), { status: response.status });
}

const ask = async (path) => answered(await fetch(path, { headers: { Accept: "application/json" } }));

const tell = async (path, body) => answered(await fetch(path, {
  method: "POST",
  headers: { "Content-Type": "application/json", "X-Harness-Review": csrf },
  body: JSON.stringify(body),
}));

const at = (path, named) => `${path}?${new URLSearchParams(named)}`;

// Decisions that the server has not acknowledged yet, in order.
const unsent = [];
let sending = false;

// `body` is made when its turn comes: it names what was seen last. It may be null by then.
function decide(about, body, done) {
  unsent.push({ about, body, done, request: crypto.randomUUID() });
  drawUnsent();
  return pump();
}

async function pump() {
  if (sending) return;
  sending = true;
  try {
    while (unsent.length) {
      const one = unsent[0];
      const body = one.body();
      const reply = body === null ? null : await tell("/api/decide", { ...body, request: one.request, knows: sent.version });
      unsent.shift();
      if (reply !== null) one.done(reply, unsent.length === 0);
      showTrouble(null);
    }
  } catch (error) {
    if (error.status >= 400 && error.status < 500 && ![401, 403, 429].includes(error.status)) {
      const [refused] = unsent.splice(0, 1);
      unsent.length = 0; // what came after was said in the belief that this would hold
      drawUnsent();
      sending = false;
      refused.done(null, true, error);
      return;
    }
    showTrouble(error);
  }
  sending = false;
  drawUnsent();
}

function showTrouble(error) {
  const place = byId("trouble");
  place.hidden = error === null;
  if (error === null) return;
  const kept = unsent.length ? ` ${counted(unsent.length, "decision")} not saved yet.` : "";
  const why = error.status === 401 ? "You are no longer signed in: open the address that the server printed." :
    error.status ? error.message : "The server does not answer.";
  place.replaceChildren(el("strong", null, isolated(why)), kept, " ",
    button("Try again", () => pump().then(() => unsent.length || route())));
}

function drawUnsent() {
  byId("unsent").replaceChildren(unsent.length ? `saving ${unsent.length}…` : "");
}

addEventListener("beforeunload", (event) => {
  if (unsent.length) event.preventDefault();
});
