"""History table: F1 from run to run, with a mark where the rules it is judged by changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from harness.core import number_text
from harness.report.tables.table import Table, TableColumn, as_cell
from harness.run.history.history_row import Past
from harness.run.history.run_index import RunHistory
from harness.run.stored.stored_review import ReviewedFields


@dataclass(frozen=True, slots=True)
class Run:
    """A past run beside those it can be compared with."""

    past: Past
    ruler: str
    """A letter for what two scores must share to be compared, in order of appearance."""
    change: float | None
    """From the run before it of the same suite, extractor and ruler, in F1; None for the first."""
    f1: float | None
    """What is followed: the macro F1 of the run, or the F1 of one field."""


def runs_of(history: RunHistory, field: str | None = None) -> tuple[Run, ...]:
    """Return the runs, oldest first, with their rulers and how they changed.

    With `field`, the F1 that is followed is that field's.
    """
    rulers: dict[str, dict[str, str]] = {}
    before: dict[tuple[str, str, str], float] = {}
    runs = []
    for past in history.runs:
        known = rulers.setdefault(past.suite, {})
        ruler = known.setdefault(past.era, _letter(len(known)))
        line = past.suite, past.extractor, past.era
        f1 = past.macro_f1 if field is None else _field_f1(history, past, field)
        change = f1 - before[line] if f1 is not None and line in before else None
        if f1 is not None:
            before[line] = f1
        runs.append(Run(past, ruler, change, f1))
    return tuple(runs)


def _letter(number: int) -> str:
    """Return A for 0, Z for 25, AA for 26."""
    rest, last = divmod(number, len(ascii_uppercase))
    return (_letter(rest - 1) if rest else "") + ascii_uppercase[last]


def _field_f1(history: RunHistory, past: Past, field: str) -> float | None:
    for one in history.fields.get(past.uid, ()):
        if one.field == field:
            return one.f1
    return None


def history_table(runs: Sequence[Run], field: str | None = None) -> Table:
    """Return a row for each run, newest first."""
    followed = "macro F1" if field is None else f"F1 of {as_cell(field)}"
    columns = (
        TableColumn("started", "started", number_text.moment, rank=2),
        TableColumn("suite", "suite", as_cell),
        TableColumn("extractor", "extractor", as_cell),
        TableColumn("prompt", "prompt", as_cell, rank=3),
        TableColumn("ruler", "ruler", rank=1),
        TableColumn(
            "f1",
            followed,
            number_text.percent,
            right=True,
        ),
        TableColumn("change", "change", _signed, right=True),
        TableColumn("micro_f1", "micro F1", number_text.percent, right=True, rank=4),
        TableColumn("lenient_macro_f1", "lenient", number_text.percent, right=True, rank=5),
        TableColumn("unanswered", "answers missing", _some, right=True, rank=1),
        *_review_columns(runs),
        TableColumn("usd", "USD", _dollars, right=True, rank=2),
        TableColumn("p50_seconds", "median s", _seconds, right=True, rank=6),
        TableColumn("p95_seconds", "p95 s", _seconds, right=True, rank=7),
        TableColumn("run", "run", as_cell),
    )
    return Table(columns, tuple(_record(run) for run in reversed(runs)))


def _review_columns(runs: Sequence[Run]) -> tuple[TableColumn, ...]:
    """Return the column of what is reviewed, where some run's truths are not taken as they are."""
    if all(run.past.reviewed_of is None for run in runs):
        return ()
    return (TableColumn("reviewed", "fields reviewed", _reviewed, right=True, rank=8),)


def reviewed_share(past: Past) -> str:
    """Return how many fields of a run's truths are reviewed, as `182 of 210`; empty for all."""
    return _reviewed(_reviewed_fields(past))


def _reviewed_fields(past: Past) -> ReviewedFields | None:
    if past.reviewed is None or past.reviewed_of is None:
        return None
    return {"reviewed": past.reviewed, "of": past.reviewed_of}


def _reviewed(fields: ReviewedFields | None) -> str:
    return (
        ""
        if fields is None
        else f"{number_text.count(fields['reviewed'])} of {number_text.count(fields['of'])}"
    )


def _signed(change: float | None) -> str:
    return "" if change is None else f"{'+' if change > 0 else ''}{number_text.points(change)}"


def _some(count: int) -> str:
    return number_text.count(count) if count else ""


def _dollars(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.4f}"


def _seconds(took: float | None) -> str:
    return "" if took is None else f"{took:.2f}"


def _record(run: Run) -> dict[str, Any]:
    past = run.past
    return {
        "started": past.started,
        "suite": past.suite,
        "extractor": past.extractor,
        "prompt": prompt_version(past),
        "ruler": run.ruler,
        "f1": run.f1,
        "change": run.change,
        "micro_f1": past.micro_f1,
        "lenient_macro_f1": past.lenient_macro_f1,
        "unanswered": past.unanswered,
        "reviewed": _reviewed_fields(past),
        "usd": past.usd,
        "p50_seconds": past.p50_seconds,
        "p95_seconds": past.p95_seconds,
        "run": past.run_id,
    }


def prompt_version(past: Past) -> str | None:
    """Return a prompt's name and the beginning of its digest."""
    if past.prompt is None or past.prompt_sha256 is None:
        return past.prompt
    return f"{past.prompt}@{past.prompt_sha256[:7]}"


def notes(runs: Sequence[Run]) -> Iterator[str]:
    """Yield what a reader must know before comparing lines."""
    suites: dict[str, set[str]] = {}
    for run in runs:
        suites.setdefault(run.past.suite, set()).add(run.ruler)
    for suite, rulers in suites.items():
        if len(rulers) > 1:
            named = ", ".join(sorted(rulers))
            yield (
                f"{suite} was measured with {len(rulers)} rulers ({named}): its truths, rules or "
                "harness changed between, so their scores do not compare; harness rescore RUN "
                "--suite SUITE measures stored answers anew"
            )
