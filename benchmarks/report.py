"""Measure the HTML pages: `python benchmarks/report.py [--cases N ...]`.

Invented runs of 20 fields a case, documents left out: time to make the report and the comparison
with another run, their sizes, and in a headless Chromium, where there is one, what a reader waits
for. Then a case whose document has 300 pages: until its values are marked.
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final

from measure import Goal, table

import harness
from harness.core.differ.plan import Plan
from harness.core.records import Answer, Case
from harness.core.rules.field_rule import NO_RULES
from harness.core.values import Json
from harness.report.comparison.comparison_page import render_compared
from harness.report.rendering.html_page import render
from harness.run.results.results_document import ScoringSettings, results_document
from harness.run.results.score_cases import ScoredCase, Scorer

FIELDS: Final = 20
PAGES: Final = 300
WRONG: Final = 0.12
ROUNDS: Final = 3
CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FILTERING: Final = """() => {
  const control = document.getElementById("case-search");
  const took = ["7", "77", "777", ""].map((text) => {
    const start = performance.now();
    control.value = text;
    control.dispatchEvent(new Event("input"));
    return performance.now() - start;
  });
  return Math.max(...took);
}"""
"""Type into the search and say what the slowest key took, in milliseconds."""


@dataclass(frozen=True)
class Measured:
    """One page."""

    cases: int
    made: float
    """CPU seconds."""
    megabytes: float
    painted: float | None = None
    """Milliseconds to the first contentful paint; None without a browser, like all that follow."""
    ready: float | None = None
    filtered: float | None = None
    elements: int | None = None


def invented(cases: int) -> dict[str, Any]:
    """Return the results of a run in which one field in eight is wrong."""
    rng = random.Random(11)
    scorer = Scorer(NO_RULES)
    scored = [_scored(number, rng, scorer.plan(None)) for number in range(cases)]
    settings = ScoringSettings("invented", "0" * 64, NO_RULES, "model", target_f1=0.9)
    document: Any = results_document(settings, scored, scorer.null_floor([]))
    return document  # type: ignore[no-any-return]


def _scored(number: int, rng: random.Random, plan: Plan) -> ScoredCase:
    names = (f"block_{place // 4}_field_{place}" for place in range(FIELDS))
    truth: dict[str, Json] = {name: f"value {rng.randrange(10**6)}" for name in names}
    answer = dict(truth)
    for name in truth:
        chance = rng.random()
        if chance < 0.03:
            del answer[name]
        elif chance < 0.12:
            answer[name] = str(truth[name])[:-2]
    case = Case(f"case-{number:05}", (), truth, tags=(f"batch-{number % 7}",))
    return ScoredCase(case, Answer(answer), plan.score(truth, answer))


def run_record(results: dict[str, Any]) -> dict[str, Any]:
    """Return what the page asks of `run.json`."""
    moment = "2026-01-01T00:00:00+00:00"
    return {
        "run_id": "invented", "suite": "invented", "description": "", "extractor": "model",
        "extractor_kind": "recorded", "prompt": None, "started": moment, "finished": moment,
        "harness_version": results["harness_version"], "complete": True,
    }  # fmt: skip


def measured(cases: int, folder: Path) -> Measured:
    """Make a page three times, then open it."""
    results: Any = invented(cases)
    run: Any = run_record(results)
    took, html = [], ""
    for _ in range(ROUNDS):
        gc.collect()
        start = process_time()
        html = render(run, results, {}).html
        took.append(process_time() - start)
    page = folder / f"{cases}.html"
    page.write_text(html, encoding="utf-8")
    size = page.stat().st_size / 1e6
    found = list(opened(page))
    if not found:
        return Measured(cases, median(took), size)
    middle = [median(column) for column in zip(*found, strict=True)]
    return Measured(cases, median(took), size, middle[0], middle[1], middle[2], int(middle[3]))


def opened(page: Path) -> Iterator[tuple[float, float, float, int]]:
    """Yield for each opening: painted, ready, slowest filter, elements; none without Chromium."""
    if not Path(CHROMIUM).exists():
        return
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only where it is wanted

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for _ in range(ROUNDS):
            tab = browser.new_page()
            tab.goto(page.as_uri())
            tab.locator("html[data-ready]").wait_for(state="attached")
            painted = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
            ready = "performance.getEntriesByName('ready')[0].startTime"
            times = tab.evaluate(painted), tab.evaluate(ready)
            tab.evaluate(FILTERING)
            tab.wait_for_timeout(2_000)  # the values are read now
            yield *times, tab.evaluate(FILTERING), tab.locator("*").count()
            tab.close()
        browser.close()


def compared(cases: int, folder: Path) -> tuple[str, ...]:
    """Compare two runs of so many cases; return the row of the table."""
    rng, arms = random.Random(12), []
    truths = [
        {f"field_{place}": f"value {rng.randrange(10**6)}" for place in range(FIELDS)}
        for _ in range(cases)
    ]
    for name in ("one", "other"):
        answers = [
            {key: value[:-2] if rng.random() < WRONG else value for key, value in truth.items()}
            for truth in truths
        ]
        place = folder / f"{name}-{cases}"
        harness.evaluate(truths, answers).save(place)
        arms.append(place)
    gc.collect()
    start = process_time()
    html = render_compared(arms, folder / "compare")
    took = process_time() - start
    page = folder / f"compare-{cases}.html"
    page.write_text(html, encoding="utf-8")
    painted = seen(page, "", "performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return (
        f"{cases:,}",
        f"{took:.2f}",
        f"{page.stat().st_size / 1e6:.2f}",
        "-" if painted is None else f"{painted:,.0f}",
    )


def long_document(folder: Path) -> tuple[str, ...]:
    """Open a case whose document has 300 pages, its values all over it; return the row."""
    results: Any = invented(1)
    run: Any = run_record(results)
    line = "Nothing of what stands here is asked for by anybody at all. " * 40
    text, places = "", []
    for number, diff in enumerate(results["cases"][0]["diffs"]):
        text += (line + "\f") * (PAGES // FIELDS)
        value = str(diff.get("expected", ""))
        places.append((len(text), len(text) + len(value)))
        text += f"{value} field {number}\n"
    for diff, (start, end) in zip(results["cases"][0]["diffs"], places, strict=True):
        diff["evidence"] = {"expected": [{"document": "long.txt", "start": start, "end": end}]}
    sources: Any = {
        "case-00000": {"documents": [{"name": "long.txt", "text": text, "note": ""}], "raw": None}
    }
    start_time = process_time()
    rendered = render(run, results, sources)
    took = process_time() - start_time
    page = folder / "long.html"
    page.write_text(rendered.html, encoding="utf-8")
    beside = sum(len(each.encode()) for each in rendered.beside.values())
    marked = seen(page, "#case/case-00000", "performance.now()", "#paper mark")
    return (
        f"{text.count(chr(12)) + 1}",
        f"{len(text):,}",
        f"{took:.2f}",
        f"{page.stat().st_size / 1e6:.2f}",
        f"{beside / 1e6:.2f}",
        "-" if marked is None else f"{marked:,.0f}",
    )


def seen(page: Path, fragment: str, asked: str, waited: str = "body") -> float | None:
    """Return the median of what a page says once something is in it; None without Chromium."""
    if not Path(CHROMIUM).exists():
        return None
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only where it is wanted

    found: list[float] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        for _ in range(ROUNDS):
            tab = browser.new_page()
            tab.goto(page.as_uri() + fragment)
            tab.locator(waited).first.wait_for(state="attached")
            found.append(float(tab.evaluate(asked)))
            tab.close()
        browser.close()
    return median(found)


def goals(largest: Measured) -> tuple[Goal, ...]:
    """Return the bounds a page of 10,000 cases must keep."""
    return (
        Goal("made", 2, largest.made, "CPU s"),
        Goal("size", 4, largest.megabytes, "MB"),
        Goal("first view", 1500, largest.painted, "ms"),
        Goal("ready", 1500, largest.ready, "ms"),
        Goal("slowest filter", 100, largest.filtered, "ms"),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[100, 1_000, 10_000])
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = [measured(cases, Path(folder)) for cases in wanted.cases]
        pairs = [compared(cases, Path(folder)) for cases in wanted.cases]
        long = long_document(Path(folder))
    table(
        ("cases", "made, CPU s", "MB", "first view, ms", "ready, ms", "filter, ms", "elements"),
        (
            (f"{m.cases:,}", f"{m.made:.2f}", f"{m.megabytes:.2f}",
             *("-" if part is None else f"{part:,.0f}"
               for part in (m.painted, m.ready, m.filtered, m.elements)))
            for m in found
        ),
    )  # fmt: skip
    table(("cases compared", "made, CPU s", "MB", "first view, ms"), pairs)
    table(
        ("pages", "characters", "made, CPU s", "MB", "MB beside it", "values marked after, ms"),
        [long],
    )
    if found[-1].cases >= 10_000:
        table(("goal at 10,000 cases", "bound", "measured", "met"),
              (goal.cells for goal in goals(found[-1])))  # fmt: skip


if __name__ == "__main__":
    main()
