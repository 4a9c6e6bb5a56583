"""Speed of the review for `review.py`: a large case in a browser, and the replay of a long log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import process_time

from playwright.sync_api import Browser, Page

from harness.cases.decisions.case_fold import fold_decisions
from harness.cases.decisions.decision import Act, Decision, value_digest
from harness.cases.decisions.decision_log import append, read_logs
from harness.core.values import Json
from tests.cases.documents.office import pdf
from tests.review.web.by_keys import harness, opened, reviewing

PAGES = 40
ITEMS = 58
"""Of five fields each: 300 fields with the ten of the head."""
KEYS = 100
DECISIONS = 20_200
CASES = 200
NOTE_KEYS = """() => {
  const times = [];
  let keys = 0;
  addEventListener("keydown", () => { keys += 1; }, true);
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.name === "keydown") times.push(one.duration);
  }).observe({ type: "event", durationThreshold: 16 });
  window.keyTimes = async () => {
    await new Promise((done) => setTimeout(done, 500));
    return [...times, ...Array(keys - times.length).fill(16)];
  };
}"""
"""Note for each key how long it takes until what it changed is painted, as the browser has it
(Event Timing: in steps of 8 ms, and 16 for all that takes no longer)."""
_OPEN = """async (id) => {
  const begun = performance.now();
  for (const name of ["case-drawn", "case-ready"]) performance.clearMarks(name);
  location.hash = `#case/${encodeURIComponent(id)}`;
  const marked = async (name) => {
    while (!performance.getEntriesByName(name).length) await new Promise(requestAnimationFrame);
    return performance.getEntriesByName(name)[0].startTime - begun;
  };
  const drawn = await marked("case-drawn");
  const picture = document.querySelector("#paper img");
  while (picture && !picture.complete) await new Promise(requestAnimationFrame);
  const shown = performance.now() - begun;
  return [drawn, shown, await marked("case-ready")];
}"""


@dataclass(frozen=True)
class LargeCase:
    """What a reviewer waits for, in milliseconds."""

    drawn: float
    """Until the fields are there."""
    shown: float
    """Until the page's picture is there, too."""
    marked: float
    """Until all values are marked."""
    key: float
    """From a key to the screen, which one key in twenty takes longer than."""
    cpu: float
    """The browser's own work for a key."""


def large_case(browser: Browser, project: Path) -> LargeCase:
    """Open a case of 300 fields and 40 pages, and press keys in it."""
    _write(project)
    with reviewing(project, "evals/large") as served:
        page, _ = opened(browser, served.address)
        times = [_opening(page, name) for name in ("first", "second", "third")]
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.evaluate(NOTE_KEYS)
        before = _work(session.send("Performance.getMetrics"))
        for number in range(KEYS):
            page.keyboard.press("Enter" if number % 2 else "j")
        cpu = (_work(session.send("Performance.getMetrics")) - before) / KEYS
        keys = page.evaluate("window.keyTimes()")
        page.close()
    drawn, shown, marked = (median(each) for each in zip(*times, strict=True))
    return LargeCase(drawn, shown, marked, quantiles(keys, n=20)[-1], cpu * 1000)


def _write(project: Path) -> None:
    project.mkdir(parents=True)
    (project / "pyproject.toml").touch()
    for name in ("first", "second", "third"):
        head: dict[str, Json] = {f"f{n}": f"{name} {n}" for n in range(9)}
        items: list[Json] = [
            {"sku": f"S-{n:03}", "name": f"Part {n}", "qty": n, "price": n + 0.5, "code": f"C{n}"}
            for n in range(ITEMS)
        ]
        lines = [f"S-{n:03} Part {n} {n} {n + 0.5} C{n}" for n in range(ITEMS)]
        pages = ["\n".join([f"Page {n}", *lines[n::PAGES]]) for n in range(PAGES)]
        folders = [project / f"evals/large/{one}" for one in ("documents", "answers")]
        for folder in (*folders, project / "ground_truth/large"):
            folder.mkdir(parents=True, exist_ok=True)
        (folders[0] / f"{name}.pdf").write_bytes(pdf(*pages))
        truth = json.dumps({**head, "items": items})
        (project / f"ground_truth/large/{name}.json").write_text(truth, "utf-8")
        (folders[1] / f"{name}.json").write_text(truth.replace("Part 1", "Port 1"), "utf-8")
    suite = "extractors: {read: {kind: recorded, answers: answers}}\n"
    (project / "evals/large/suite.yaml").write_text(suite, "utf-8")
    harness(project, "run", "evals/large", "-q")


def _opening(page: Page, name: str) -> list[float]:
    times: list[float] = page.evaluate(_OPEN, name)
    page.locator(f"html[data-ready={name}]").wait_for(state="attached")
    return times


def _work(metrics: dict[str, list[dict[str, float]]]) -> float:
    named = {str(each["name"]): each["value"] for each in metrics["metrics"]}
    return named["TaskDuration"]


def replay(home: Path, rounds: int) -> float:
    """Return the CPU seconds in which the logs of four people are read and added up."""
    truth: Json = {"lines": [{"sku": f"S{n}", "qty": n, "amount": n * 1.5} for n in range(20)]}
    for number in range(CASES):
        _decide(home, f"case-{number:03}", truth, number * DECISIONS // CASES)
    times = []
    for _ in range(rounds):
        start = process_time()
        decisions = read_logs(home)
        fold_decisions(decisions)
        times.append(process_time() - start)
        assert len(decisions) == DECISIONS  # noqa: S101  # else the figure means nothing
    return median(times)


def _decide(home: Path, case: str, truth: Json, first: int) -> None:
    """Write a case's log: a truth, then approvals, each fifth decision an edit."""
    at, document = "2026-11-30T10:00:00.000+00:00", "0" * 20
    ids = [f"20261130T10{n:013}-{n:08x}" for n in range(first, first + DECISIONS // CASES)]
    begun = Decision(ids[0], at, "(file)", case, Act.BASE, document, to=truth)
    by: dict[str, list[Decision]] = {"ann": [begun]}
    edits: dict[tuple[str, ...], str] = {}
    for number, each in enumerate(ids[1:]):
        path = ("lines", str(number % 20), "qty")
        person = ("ann", "bo", "cy", "di")[number % 4]
        made = Decision(each, at, person, case, Act.APPROVE, document, seconds=2.5)
        if number % 5:
            seen: Json = [{"run": "20261130-100000-a", "value": number % 20}]
            made = made._replace(fields=((path, value_digest(number % 20)),), saw=seen)
        else:
            made = made._replace(do=Act.SET, path=path, to=number, sees=edits.get(path))
            edits[path] = each
        by.setdefault(person, []).append(made)
    for decisions in by.values():
        append(home, decisions, decisions[-1].by)
