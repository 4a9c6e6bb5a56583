// How far runs are, asked of the server that shows this page. A run that begins or ends reloads it.

const section = document.getElementById("running");
const shown = () => new Map([...section.querySelectorAll("li")].map((li) => [li.dataset.run, li]));
const choosing = () => document.querySelector("input[name=run]:checked") !== null;

async function look() {
  const answer = await fetch("/progress");
  if (!answer.ok) return;
  const runs = await answer.json();
  const known = shown();
  const same = runs.length === known.size && runs.every((run) => known.has(run.run_id));
  if (!same && !choosing()) location.reload();
  for (const run of runs) {
    const li = known.get(run.run_id);
    if (!li) continue;
    li.querySelector(".said").textContent = run.words;
    li.querySelector(".fill").setAttribute("width", run.share);
  }
}

async function watch() {
  try {
    await look();
  } catch {
    // The server has stopped; the page stays as it was.
  }
  setTimeout(watch, 1000);
}

setTimeout(watch, 1000);
