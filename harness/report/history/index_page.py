"""Index page: links to all reports, by suite, newest run first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlencode

from typing_extensions import TypedDict

from harness.core import number_text
from harness.report.history.run_changes import since_before
from harness.report.history.running_rows import RunningRecord, running_rows
from harness.report.page.drawn_shares import Scale, scale_of
from harness.report.page.measures.goals import tiers
from harness.report.page.past_runs import PastRun, Spark, run_spark
from harness.report.rendering.html_page import fill
from harness.report.words import lead_sentences
from harness.report.words.no_answers import headline_f1
from harness.report.words.visible import well_formed
from harness.run.stored.stored_figures import interval_of
from harness.run.stored.stored_run import HeadlineRecord, RunDocument

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in a line."""

    run_id: str
    link: str
    started: str
    extractor: str
    prompt: str | None
    macro: str
    interval: str | None
    few: str | None
    """What so few documents cannot tell; None where there are enough."""
    scale: Scale | None
    micro: str
    lenient: str
    failures: str
    """Cases without a usable answer; empty for none."""
    incomplete: str | None
    is_open: bool = False
    """It has not ended: it is at work, or was stopped, and nothing is scored."""
    progress: str = ""
    """How far a run at work is, where a server knows it."""
    reviewed: str = ""
    """How many fields of the truths are reviewed; empty where every truth is taken for right."""
    since: str = ""
    """How it differs from the run before, of the same suite and extractor; empty for the first."""
    compare: str = ""
    """Address of both side by side, where a server shows the page; empty for the first."""
    stale: str = ""
    """What has changed of truths and rules since it was scored; empty where nothing is known."""


@dataclass(frozen=True, slots=True)
class SuiteRuns:
    """The runs of one suite, newest first."""

    name: str
    runs: tuple[RunRow, ...]
    best: RunRow | None
    """The best of the complete runs scored as the newest one is; None of fewer than two."""
    spark: Spark | None
    """Macro F1 over those runs of the newest one's extractor."""


class IndexEntry(TypedDict):
    """A run in the index: its record, and its headline where it was scored."""

    run: RunDocument
    results: HeadlineRecord | None


def render_index(
    runs: Sequence[IndexEntry],
    notes: Sequence[str] = (),
    stale: Mapping[str, str] = _NONE,
) -> str:
    """Return the index as HTML, to be written beside the run folders.

    Args:
        runs: for each run `{"run": …, "results": …}`: its record, and its `eval-results.json` or
            None if it was never scored. Suites follow each other by their newest run.
        notes: what is wrong with runs that are not in it.
        stale: what has changed since a run was scored, by run.
    """
    content = {**_content(runs, notes, stale), "running": None, "known": None}
    return fill("index.html.j2", (), content)


def render_live(
    runs: Sequence[IndexEntry],
    running: Sequence[RunningRecord],
    notes: Sequence[str],
    stale: Mapping[str, str],
) -> str:
    """Return the index as a server shows it: what is at work on top, and any two to compare.

    Args:
        runs: as in `render_index`.
        running: for each run that has not ended how far it is
            (`harness.run.asking.progress.Progress`), and `idle`, the seconds since it wrote
            anything.
        notes: as in `render_index`.
        stale: what has changed since a run was scored, by run.
    """
    rows = running_rows(running)
    progress = {one.run_id: one.words for one in rows}
    content = {**_content(runs, notes, stale, progress), "running": rows, "known": len(runs)}
    return fill("index.html.j2", ("live.js",), content, "connect-src 'self'; form-action 'self'")


def render_refusal(lines: Sequence[str], onward: tuple[str, str] | None = None) -> str:
    """Return the page that says why a server does not show what it was asked for.

    `onward` is a link and its words: what can be asked for in its place.
    """
    return fill("refusal.html.j2", (), {"lines": lines, "onward": onward})


def _suite(name: str, rows: Sequence[RunRow], entries: Sequence[IndexEntry]) -> SuiteRuns:
    """Return a suite; its entries stand in the order of its rows, the newest first."""
    first = next((entry for entry in entries if entry["results"] is not None), None)
    if first is None:
        return SuiteRuns(name, tuple(rows), None, None)
    alike = [
        (row, entry["run"], f1)
        for row, entry in zip(rows, entries, strict=True)
        if entry["results"] is not None
        and entry["run"]["signature"] == first["run"]["signature"]
        and entry["run"]["complete"]
        and (f1 := entry["results"]["aggregate"]["macro"]["f1"]) is not None
    ]
    best = max(alike, key=lambda one: one[2])[0] if len(alike) > 1 else None
    mine = [one for one in alike if one[1]["extractor"] == first["run"]["extractor"]]
    past: list[PastRun] = [
        {"run_id": run["run_id"], "f1": f1, "fields": {}, "is_alike": True}
        for _, run, f1 in reversed(mine[1:])
    ]
    return SuiteRuns(name, tuple(rows), best, run_spark(past, mine[0][2]) if mine else None)


def _content(
    runs: Sequence[IndexEntry],
    notes: Sequence[str],
    stale: Mapping[str, str] = _NONE,
    progress: Mapping[str, str] = _NONE,
) -> dict[str, object]:
    newest = sorted(runs, key=lambda entry: str(entry["run"]["started"]), reverse=True)
    suites: dict[str, list[RunRow]] = {}
    before = _before(newest)
    for entry in newest:
        row = _row(entry["run"], entry["results"])
        since, compare = before.get(row.run_id, ("", ""))
        row = replace(row, stale=stale.get(row.run_id, ""), since=since, compare=compare)
        row = replace(row, progress=progress.get(row.run_id, "") if row.is_open else "")
        suites.setdefault(entry["run"]["suite"], []).append(row)
    listed = tuple(
        _suite(name, rows, [entry for entry in newest if entry["run"]["suite"] == name])
        for name, rows in suites.items()
    )
    return {"suites": listed, "runs": number_text.counted(len(runs), "run"), "notes": notes}


def _before(newest: Sequence[IndexEntry]) -> Mapping[str, tuple[str, str]]:
    """Return of each scored run how it differs from the one before, and where both are compared."""
    later: dict[tuple[str, str], tuple[RunDocument, HeadlineRecord]] = {}
    changes: dict[str, tuple[str, str]] = {}
    for entry in newest:
        run, results = entry["run"], entry["results"]
        if results is None:
            continue
        name = run["suite"], run["extractor"]
        if name in later:
            after = later[name][0]["run_id"]
            query = urlencode([("run", run["run_id"]), ("run", after)], errors="replace")
            changes[after] = since_before(later[name], (run, results)), f"/compare?{query}"
        later[name] = run, results
    return changes


def _row(run: RunDocument, results: HeadlineRecord | None) -> RunRow:
    none, is_open = number_text.UNDEFINED, run["finished"] is None
    row = RunRow(
        run_id=run["run_id"],
        link=quote(well_formed(run["run_id"]), safe="") + "/report.html",
        started=number_text.moment(run["started"]),
        extractor=run["extractor"],
        prompt=run["prompt"]["name"] if run["prompt"] else None,
        macro=none,
        interval=None,
        few=None,
        scale=None,
        micro=none,
        lenient=none,
        failures="",
        incomplete="" if is_open else "Not scored yet.",
        is_open=is_open,
    )
    if results is None:
        return row
    aggregate, reviews = results["aggregate"], results.get("reviewed")
    bounds = interval_of(aggregate, "macro")
    failed = aggregate["failed_cases"]
    known = (number_text.count(reviews[key]) for key in ("reviewed", "of")) if reviews else ()
    return replace(
        row,
        macro=headline_f1(results, aggregate["macro"]["f1"]),
        interval=number_text.interval(bounds) if bounds else None,
        few=lead_sentences.few_documents(aggregate.get("intervals")) if bounds else None,
        scale=scale_of(aggregate["macro"]["f1"], bounds, tiers(results)),
        micro=headline_f1(results, aggregate["micro"]["f1"]),
        lenient=headline_f1(results, aggregate["lenient"]["macro"]["f1"]),
        failures=lead_sentences.answers_counted(results, failed) if failed else "",
        incomplete=lead_sentences.incomplete(run, results),
        reviewed=f"{' of '.join(known)} fields reviewed" if reviews else "",
        is_open=False,
    )
