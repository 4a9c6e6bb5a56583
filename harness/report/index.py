"""The page that leads to every report: all runs, newest first, by suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from harness.report import numbers, story
from harness.report.html import fill
from harness.report.scale import Scale, scale_of
from harness.report.tiers import tiers
from harness.report.verdicts import Record
from harness.report.visible import well_formed


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a line."""

    link: str
    started: str
    extractor: str
    prompt: str | None
    macro: str
    interval: str | None
    scale: Scale | None
    micro: str
    lenient: str
    failures: str
    """Cases without a usable answer; empty for none."""
    incomplete: str | None


@dataclass(frozen=True, slots=True)
class Suite:
    """The runs of one suite, newest first."""

    name: str
    runs: tuple[RunRow, ...]


def render_index(runs: list[Mapping[str, Any]]) -> str:
    """Return the index as HTML, to be written beside the run folders.

    Args:
        runs: for each run `{"run": …, "results": …}`: its record, and its `eval-results.json` or
            None if it was never scored. Suites follow each other by their newest run.
    """
    newest = sorted(runs, key=lambda entry: str(entry["run"]["started"]), reverse=True)
    suites: dict[str, list[RunRow]] = {}
    for entry in newest:
        suites.setdefault(entry["run"]["suite"], []).append(_row(entry["run"], entry["results"]))
    listed = tuple(Suite(name, tuple(rows)) for name, rows in suites.items())
    return fill("index.html.j2", (), {"suites": listed, "runs": numbers.counted(len(runs), "run")})


def _row(run: Record, results: Record | None) -> RunRow:
    link = quote(well_formed(run["run_id"]), safe="") + "/report.html"
    prompt = run["prompt"]["name"] if run["prompt"] else None
    started, extractor = numbers.moment(run["started"]), run["extractor"]
    if results is None:
        none = numbers.UNDEFINED
        return RunRow(
            link, started, extractor, prompt, none, None, None, none, none, "", "Not scored yet."
        )
    aggregate = results["aggregate"]
    bounds = (aggregate.get("intervals") or {}).get("macro_f1")
    failed = aggregate["failed_cases"]
    return RunRow(
        link=link,
        started=started,
        extractor=extractor,
        prompt=prompt,
        macro=numbers.percent(aggregate["macro"]["f1"]),
        interval=numbers.interval(bounds) if bounds else None,
        scale=scale_of(aggregate["macro"]["f1"], bounds, tiers(results)),
        micro=numbers.percent(aggregate["micro"]["f1"]),
        lenient=numbers.percent(aggregate["lenient"]["macro"]["f1"]),
        failures=numbers.count(failed) if failed else "",
        incomplete=story.incomplete(run, results),
    )
