"""The versions an improvement tried: what each stands on, changed, and came to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any, Final

from harness.core import number_text
from harness.core.statistics.paired_tests import bca
from harness.report.page.drawn_shares import Scale, scale_of

LineageEntry = Mapping[str, Any]
"""A line of a prompt's ledger."""
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
    """What an edit made of one section."""

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
    entries: Sequence[LineageEntry], texts: Mapping[str, VersionTexts], start: LineageEntry
) -> Iterator[LineageStep]:
    """Yield the version it began with, and every other one that was proposed."""
    depth = {str(start["version"]): 0}
    runs = _runs(entries)
    target = start.get("target")
    yield _step(0, start, None, ("start", ""), _Around(runs, texts, target, 0, ()))
    places = [n for n, entry in enumerate(entries) if entry["step"] == "propose"]
    proposed = [entries[begin:end] for begin, end in pairwise([*places, len(entries)])]
    told = [came for came in proposed if came[0]["version"] not in (None, came[0].get("parent"))]
    for number, came in enumerate(told, 1):
        version, parent = str(came[0]["version"]), str(came[0]["parent"])
        verdict = _verdict(version, came)
        level = depth.setdefault(version, depth.get(parent, 0) + 1)
        known = {} if verdict[0] == "refused" else runs
        yield _step(number, came[0], parent, verdict, _Around(known, texts, target, level, came))


@dataclass(frozen=True, slots=True)
class _Around:
    """What a step is seen against."""

    runs: Mapping[str, list[LineageEntry]]
    texts: Mapping[str, VersionTexts]
    target: float | None
    depth: int
    came: Sequence[LineageEntry]
    """The proposal and what came of it, up to the next one: a version may be proposed again."""


def _step(
    number: int, entry: LineageEntry, parent: str | None, verdict: tuple[str, str], around: _Around
) -> LineageStep:
    version = str(entry["version"])
    css, icon, word = _VERDICTS[verdict[0]]
    asked = around.runs.get(version, [])
    compared = _last(around.came, ("compare", "screen"), version)
    guarded = _last(around.came, ("guard",), version)
    f1, bounds = _score(asked)
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
        _cost(asked),
        str(entry.get("why", "")) if parent else "",
        tuple(_sections(around.texts.get(parent or "", {}), around.texts.get(version, {})))
        if parent
        else (),
    )


def _runs(entries: Iterable[LineageEntry]) -> dict[str, list[LineageEntry]]:
    found: dict[str, list[LineageEntry]] = {}
    for entry in entries:
        if entry["step"] == "run":
            found.setdefault(str(entry["version"]), []).append(entry)
    return found


def _last(
    entries: Iterable[LineageEntry], steps: tuple[str, ...], version: str
) -> LineageEntry | None:
    found = [e for e in entries if e["step"] in steps and e.get("version") == version]
    return found[-1] if found else None


def _verdict(version: str, came: Sequence[LineageEntry]) -> tuple[str, str]:
    guarded = _last(came, ("guard",), version)
    if guarded is not None and guarded["refusals"]:
        return "refused", "; ".join(guarded["refusals"])
    found = _last(came, ("keep", "reject", "undecided"), version)
    return (str(found["step"]), str(found["reason"])) if found else ("undecided", "not tried")


def _score(runs: Sequence[LineageEntry]) -> tuple[float | None, tuple[float, float] | None]:
    """Return mean F1 over documents, askings averaged, and its interval over documents."""
    per_case: dict[str, list[float]] = {}
    for run in runs:
        for case, mark in run["cases"].items():
            if mark["f1"] is not None:
                per_case.setdefault(case, []).append(mark["f1"])
    means = [math.fsum(f1) / len(f1) for f1 in per_case.values()]
    if not means:
        return None, None
    spread = bca(means)
    return math.fsum(means) / len(means), (spread.low, spread.high) if spread else None


def _cost(runs: Sequence[LineageEntry]) -> str:
    """Return what a document takes: tokens in and out, and dollars where they are known."""
    calls = sum(run["calls"] for run in runs)
    known = [run["usage"] for run in runs if run["usage"]["input_tokens"] is not None]
    if not calls or len(known) != len(runs):
        return ""
    read = sum(usage["input_tokens"] for usage in known) / calls
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
