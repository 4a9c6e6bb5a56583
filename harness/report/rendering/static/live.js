// How far runs are, asked of the server that shows this page. A run that begins or ends reloads it.

const section = document.getElementById("running");
const spoken = document.getElementById("spoken");
const SAID = ["score", "words", "failures", "waited"];
const shown = () => new Map([...section.querySelectorAll("li")].map((li) => [li.dataset.run, li]));
const choosing = () => document.querySelector("input[name=run]:checked") !== null;
const PAUSE = 2000;
let last = [...shown().values()].map((li) => li.dataset.spoken).join(". ");

async function look() {
  const answer = await fetch("/progress");
  if (!answer.ok) return;
  const { known, running } = await answer.json();
  const rows = shown();
  const same = running.length === rows.size && running.every((run) => rows.has(run.run_id));
  if ((!same || known !== Number(section.dataset.known)) && !choosing()) return void location.reload();
  for (const run of running) {
    const li = rows.get(run.run_id);
    if (!li) continue;
    for (const what of SAID) li.querySelector(`[data-says=${what}]`).textContent = run[what];
    for (const row of document.querySelectorAll("[data-progress]")) if (row.dataset.progress === run.run_id) row.textContent = run.words;
    li.querySelector(".fill").setAttribute("width", run.share);
  }
  speak(running.map((run) => run.spoken).join(". "));
}

// Only what has changed is put where a screen reader says it: a tenth more, or one more failure.
function speak(words) {
  if (words !== last) spoken.textContent = words;
  last = words;
}

async function watch() {
  try {
    await look();
  } catch {
    // The server has stopped; the page stays as it was.
  }
  setTimeout(watch, PAUSE);
}

setTimeout(watch, PAUSE);
