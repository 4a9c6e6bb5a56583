"""Lineage of prompt versions: the parent, changes and result of each one tried."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final

from harness.core import number_text
from harness.core.statistics.intervals import ratio_interval
from harness.report.page.drawn_shares import Scale, scale_of
from harness.run.stored.stored_ledger import (
    CompareStep,
    GuardStep,
    LedgerStep,
    ProposeStep,
    RunStep,
    StartStep,
    VerdictStep,
)

VersionTexts = Mapping[str, str]
"""A prompt's texts by section."""

SHORT: Final = 8
_VERDICTS: Final = {
    "keep": ("correct", "✓", "kept"),
    "reject": ("wrong-value", "✗", "rejected"),
    "undecided": ("omission", "○", "undecided"),
    "refused": ("hallucination", "⊘", "refused"),
    "start": ("quiet", "·", "start"),
}


@dataclass(frozen=True, slots=True)
class LineageLine:
    """A line of a section's difference."""

    mark: str
    """`+`, `-`, or a space."""
    text: str


@dataclass(frozen=True, slots=True)
class LineageSection:
    """Change of one prompt section by an edit."""

    name: str
    lines: tuple[LineageLine, ...]


@dataclass(frozen=True, slots=True)
class LineageStep:
    """One version that was tried or refused."""

    number: int
    version: str
    parent: str | None
    depth: int
    """How many kept edits it stands on."""
    css: str
    icon: str
    word: str
    reason: str
    f1: str
    interval: str | None
    scale: Scale | None
    change: str
    fixed: int | None
    broken: int | None
    tokens: str
    cost: str
    why: str
    sections: tuple[LineageSection, ...]


def steps_of(
    entries: Sequence[LedgerStep], texts: Mapping[str, VersionTexts], start: StartStep
) -> Iterator[LineageStep]:
    """Yield the version it began with, and every other one that was proposed."""
    depth = {str(start["version"]): 0}
    runs = _runs(entries)
    target = start.get("target")
    yield _step(0, start, None, ("start", ""), _Around(runs, texts, target, 0, ()))
    for number, (proposal, version, parent, came) in enumerate(_proposed(entries), 1):
        verdict = _verdict(version, came)
        level = depth.setdefault(version, depth.get(parent, 0) + 1)
        known = {} if verdict[0] == "refused" else runs
        yield _step(number, proposal, parent, verdict, _Around(known, texts, target, level, came))


def _proposed(
    entries: Sequence[LedgerStep],
) -> Iterator[tuple[ProposeStep, str, str, Sequence[LedgerStep]]]:
    """Yield every proposal of another version: it, its parent, and what came of it."""
    places = [n for n, entry in enumerate(entries) if entry["step"] == "propose"]
    for begin, end in pairwise([*places, len(entries)]):
        proposal = entries[begin]
        if proposal["step"] != "propose":
            continue
        version, parent = proposal["version"], proposal.get("parent")
        if version is not None and version != parent:
            yield proposal, version, str(parent), entries[begin:end]


@dataclass(frozen=True, slots=True)
class _Around:
    """Context that a step is shown in."""

    runs: Mapping[str, list[RunStep]]
    texts: Mapping[str, VersionTexts]
    target: float | None
    depth: int
    came: Sequence[LedgerStep]
    """The proposal and what came of it, up to the next one: a version may be proposed again."""


def _step(
    number: int,
    entry: StartStep | ProposeStep,
    parent: str | None,
    verdict: tuple[str, str],
    around: _Around,
) -> LineageStep:
    version = str(entry["version"])
    css, icon, word = _VERDICTS[verdict[0]]
    runs = around.runs.get(version, [])
    compared = _last_comparison(around.came, version)
    guarded = _last_guard(around.came, version)
    f1, bounds = _score(runs)
    goals = [("target", around.target)] if around.target is not None else []
    grown = guarded["tokens_after"] - guarded["tokens_before"] if guarded else None
    return LineageStep(
        number,
        version[:SHORT],
        parent[:SHORT] if parent else None,
        around.depth,
        css,
        icon,
        word,
        verdict[1],
        number_text.percent(f1),
        number_text.interval(bounds) if bounds else None,
        scale_of(f1, bounds, goals),
        signed_points(compared["delta"]) if compared else "",
        compared["fixed"] if compared else None,
        compared["broken"] if compared else None,
        f"{guarded['tokens_after']} ({grown:+d})" if guarded else "",
        _cost(runs),
        str(entry.get("why", "")) if parent else "",
        tuple(_sections(around.texts.get(parent or "", {}), around.texts.get(version, {})))
        if parent
        else (),
    )


def _runs(entries: Iterable[LedgerStep]) -> dict[str, list[RunStep]]:
    runs_by_version: dict[str, list[RunStep]] = {}
    for entry in entries:
        if entry["step"] == "run":
            runs_by_version.setdefault(entry["version"], []).append(entry)
    return runs_by_version


def _last_comparison(entries: Iterable[LedgerStep], version: str) -> CompareStep | None:
    comparison: CompareStep | None = None
    for entry in entries:
        if entry["step"] == "compare" or entry["step"] == "screen":
            comparison = entry if entry["version"] == version else comparison
    return comparison


def _last_guard(entries: Iterable[LedgerStep], version: str) -> GuardStep | None:
    guard: GuardStep | None = None
    for entry in entries:
        if entry["step"] == "guard":
            guard = entry if entry["version"] == version else guard
    return guard


def _last_verdict(entries: Iterable[LedgerStep], version: str) -> VerdictStep | None:
    verdict: VerdictStep | None = None
    for entry in entries:
        if entry["step"] == "keep" or entry["step"] == "reject" or entry["step"] == "undecided":
            verdict = entry if entry["version"] == version else verdict
    return verdict


def _verdict(version: str, came: Sequence[LedgerStep]) -> tuple[str, str]:
    guarded = _last_guard(came, version)
    if guarded is not None and guarded["refusals"]:
        return "refused", "; ".join(guarded["refusals"])
    verdict = _last_verdict(came, version)
    return (verdict["step"], verdict["reason"]) if verdict else ("undecided", "not tried")


def _score(runs: Sequence[RunStep]) -> tuple[float | None, tuple[float, float] | None]:
    """Return mean F1 over documents, askings averaged, and its interval over documents."""
    per_case: dict[str, list[float]] = {}
    for run in runs:
        for case, mark in run["cases"].items():
            if mark["f1"] is not None:
                per_case.setdefault(case, []).append(mark["f1"])
    means = [math.fsum(f1) / len(f1) for f1 in per_case.values()]
    if not means:
        return None, None
    spread = ratio_interval(means, [1] * len(means))
    return math.fsum(means) / len(means), (spread.low, spread.high) if spread else None


def _cost(runs: Sequence[RunStep]) -> str:
    """Return what a document takes: tokens in and out, and dollars where they are known."""
    calls = sum(run["calls"] for run in runs)
    known = [run["usage"] for run in runs if run["usage"]["input_tokens"] is not None]
    if not calls or len(known) != len(runs):
        return ""
    read = sum(usage["input_tokens"] or 0 for usage in known) / calls
    written = sum(usage["output_tokens"] or 0 for usage in known) / calls
    usd = [usage["usd"] for usage in known if usage["usd"]]
    paid = f", {number_text.money(sum(usd) / calls)}" if len(usd) == len(known) else ""
    return f"{read:.0f} + {written:.0f}{paid}"


def _sections(before: VersionTexts, after: VersionTexts) -> Iterator[LineageSection]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            old, new = before.get(name, "").splitlines(), after.get(name, "").splitlines()
            yield LineageSection(name, tuple(_lines(old, new)))


def _lines(old: Sequence[str], new: Sequence[str]) -> Iterator[LineageLine]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (LineageLine(" ", text) for text in old[a:b])
        else:
            yield from (LineageLine("-", text) for text in old[a:b])
            yield from (LineageLine("+", text) for text in new[c:d])


def signed_points(difference: float) -> str:
    """Return a difference of F1 in points, with its sign."""
    sign = "+" if difference > 0 else "\N{MINUS SIGN}" if difference < 0 else ""
    return f"{sign}{abs(100 * difference):.1f} points"
