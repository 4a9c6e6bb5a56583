"""Improvement page: the versions tried in one improvement, their effect, and the claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.report.improvement.lineage import (
    SHORT,
    LineageStep,
    VersionTexts,
    signed_points,
    steps_of,
)
from harness.report.rendering.html_page import fill
from harness.run.comparison.verdict import Rung
from harness.run.stored.stored_ledger import CompareStep, LedgerStep, StartStep

_STRENGTHS: Final = (1, 2, 4)
"""Documents from which a cell of the heat map is a shade darker."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """In how many documents one step fixed and broke a field."""

    fixed: int
    broken: int
    shade: str


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One field over all steps."""

    field: str
    cells: tuple[TableCell | None, ...]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Row about the claim for a version."""

    title: str
    version: str
    holds: bool
    rung: int
    carries: str
    reason: str
    interval: str | None


@dataclass(frozen=True, slots=True)
class Improvement:
    """The whole page."""

    name: str
    suite: str
    about: tuple[str, ...]
    target: float | None
    steps: tuple[LineageStep, ...]
    compared: tuple[LineageStep, ...]
    """Those that were tried: the columns of the heat map."""
    rows: tuple[VersionRow, ...]
    noise: str
    claims: tuple[ClaimRow, ...]
    folds: str
    """What searches on parts of the documents did on the others; empty where none were made."""
    looks: int
    outcome: str
    promoted: str | None


def render_improvement(
    name: str, entries: Sequence[LedgerStep], texts: Mapping[str, VersionTexts]
) -> str:
    """Return one session of a prompt's ledger as HTML.

    `entries` are the session's, with the looks at the holdout that came after it; `texts` are the
    prompt's texts by version.
    """
    return fill("improvement.html.j2", (), {"page": improvement(name, entries, texts)})


def improvement(
    name: str, entries: Sequence[LedgerStep], texts: Mapping[str, VersionTexts]
) -> Improvement:
    """Return what the page says."""
    start = next(e for e in entries if e["step"] == "start")
    steps = tuple(steps_of(entries, texts, start))
    compared = {e["version"]: e for e in entries if e["step"] == "compare" or e["step"] == "screen"}
    columns = tuple(step for step in steps if step.fixed is not None)
    ordered = [_full(step.version, compared) for step in columns]
    stop = next((e for e in entries if e["step"] == "stop"), None)
    promoted = next((e for e in entries if e["step"] == "promote"), None)
    return Improvement(
        name,
        str(start.get("suite", name)),
        tuple(_about(start, entries)),
        start.get("target"),
        steps,
        columns,
        tuple(_rows(ordered)),
        _noise(entries),
        tuple(_claims(entries)),
        _folds(entries),
        sum(e["step"] == "holdout" for e in entries),
        str(stop["reason"]) if stop else "stopped half-way; the same command goes on",
        str(promoted["version"])[:SHORT] if promoted else None,
    )


def _full(short: str, by_version: Mapping[str, CompareStep]) -> CompareStep:
    return next(e for version, e in by_version.items() if version.startswith(short))


def _about(start: StartStep, entries: Iterable[LedgerStep]) -> Iterator[str]:
    calls = sum(e.get("calls", 0) for e in entries if e["step"] == "run" or e["step"] == "propose")
    yield f"extractor {start.get('extractor')}"
    engine, writer = str(start.get("engine")), start.get("writer")
    is_program = engine.startswith("command:")
    yield f"edited by {engine if is_program else f'{writer} ({engine})'}"
    yield number_text.counted(start.get("dev", 0), "document") + " to look at"
    yield f"{start.get('holdout', 0)} held out"
    yield number_text.counted(calls, "call")


def _rows(compared: Sequence[CompareStep]) -> Iterator[VersionRow]:
    for field in sorted({field for entry in compared for field in entry["fields"]}):
        yield VersionRow(field, tuple(_cell(entry["fields"].get(field)) for entry in compared))


def _cell(moved: Sequence[int] | None) -> TableCell | None:
    if not moved:
        return None
    fixed, broken = moved
    side = "better" if fixed > broken else "worse" if broken > fixed else "even"
    strength = sum(abs(fixed - broken) >= least for least in _STRENGTHS)
    return TableCell(fixed, broken, f"{side}-{strength}" if strength else side)


def _noise(entries: Iterable[LedgerStep]) -> str:
    step = next((e for e in entries if e["step"] == "noise"), None)
    if step is None:
        return "The extractor was not asked twice."
    if step["steady"]:
        return "Asked twice with one prompt, the extractor gave the same verdicts."
    fields = number_text.counted(len(step["unsteady"]), "field")
    floor = signed_points(step["floor"]).removeprefix("+")
    return f"Asked twice with one prompt, {fields} flipped; the noise floor is {floor}."


def _folds(entries: Iterable[LedgerStep]) -> str:
    step = next((e for e in entries if e["step"] == "folds"), None)
    if step is None:
        return ""
    interval = f", interval {_spread(step['interval'])}" if step["interval"] else ""
    number = number_text.count(len(step["versions"]))
    documents = number_text.counted(step["documents"], "document")
    figure = step.get("figure", "macro F1")
    verdict = "the gain holds" if step["holds"] else "a gain is not shown"
    return (
        f"By folds, {verdict}: {number} searches, each on a part of the documents, changed "
        f"{figure} of the others by {signed_points(step['delta'])}{interval}, over {documents}; "
        f"{number_text.count(step['changed'])} of them kept an edit. That is what this way of "
        "improving is worth, and says nothing of one prompt."
    )


def _spread(bounds: Sequence[float]) -> str:
    low, high = map(signed_points, bounds)
    return f"{low.removesuffix(' points')} to {high}"


def _claims(entries: Iterable[LedgerStep]) -> Iterator[ClaimRow]:
    look = 0
    for entry in entries:
        if entry["step"] == "holdout":
            look = entry["look"]
        if entry["step"] != "claim" and entry["step"] != "verdict":
            continue
        spread = entry["interval"]
        rung = Rung(entry["rung"])
        yield ClaimRow(
            "Fresh answers" if entry["step"] == "claim" else f"Holdout, look {look}",
            str(entry["version"])[:SHORT],
            bool(entry["holds"]),
            int(rung),
            rung.carries,
            str(entry["reason"]),
            _spread(spread) if spread else None,
        )
