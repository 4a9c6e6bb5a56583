"""Past runs of the same suite and extractor, as a sparkline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from typing_extensions import TypedDict

from harness.core import number_text
from harness.run.stored.stored_results import ResultsDocument, SignatureRecord
from harness.run.stored.stored_run import RunDocument, RunSignature

_HEIGHT: Final = 28
_STEP: Final = 16
_EDGE: Final = 4
_MOST: Final = 20
"""Runs in a line; older ones are left out."""
_LEAST_RANGE: Final = 0.1
"""Height of the line in F1: what is smaller would make noise look like a mountain."""
_COMPARED: Final = ("suite", "rules", "convention", "empty", "harness")
"""Parts of a signature that must be the same for two numbers to mean the same."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One run."""

    x: int
    y: float
    is_alike: bool
    """Whether it was scored as this run was: same cases, same rules, same version."""
    is_last: bool


@dataclass(frozen=True, slots=True)
class Spark:
    """A line over past runs and this one, which is the last."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    lines: tuple[str, ...]
    """`points` of polylines: one for every stretch of runs that were scored alike."""
    words: str
    """The same, read out."""
    has_unlike: bool


class PastRun(TypedDict):
    """Point of a line over past runs."""

    run_id: str
    f1: float | None
    fields: dict[str, float | None]
    is_alike: bool
    """Whether it was scored as this run was."""


def past_runs(
    run: RunDocument, results: ResultsDocument, others: Iterable[RunDocument]
) -> tuple[PastRun, ...]:
    """Return the runs of the same suite and extractor that started before, oldest first."""
    mine = (run["suite"], run["extractor"])
    other_runs = [
        (other, headline)
        for other in others
        if (other["suite"], other["extractor"]) == mine
        and other["started"] < run["started"]
        and (headline := other.get("headline"))
    ]
    other_runs.sort(key=lambda pair: pair[0]["started"])
    signature = results["signature"]
    return tuple(
        {
            "run_id": str(other["run_id"]),
            "f1": headline["aggregate"]["macro"]["f1"],
            "fields": headline.get("fields") or {},
            "is_alike": _is_alike(signature, other.get("signature") or {}),
        }
        for other, headline in other_runs[-(_MOST - 1) :]
    )


def _is_alike(one: SignatureRecord, other: RunSignature) -> bool:
    return all(one.get(part) == other.get(part) for part in _COMPARED)


def run_spark(past: Sequence[PastRun], f1: float | None) -> Spark | None:
    """Return the line of macro F1 up to this run; None without a past."""
    return _spark([(one["f1"], one["is_alike"]) for one in past], f1)


def field_spark(past: Sequence[PastRun], field: str, f1: float | None) -> Spark | None:
    """Return the line of one field's F1 up to this run; None without a past."""
    return _spark([(one["fields"].get(field), one["is_alike"]) for one in past], f1)


def _spark(past: Sequence[tuple[float | None, bool]], f1: float | None) -> Spark | None:
    known = [(value, alike) for value, alike in past if value is not None]
    if f1 is None or not known:
        return None
    values = [*(value for value, _ in known), f1]
    low, high = min(values), max(values)
    spread = max(high - low, _LEAST_RANGE)
    middle, room = (low + high) / 2, _HEIGHT - 2 * _EDGE
    dots = tuple(
        Dot(
            x=_EDGE + place * _STEP,
            y=round(_HEIGHT / 2 - (value - middle) / spread * room, 1),
            is_alike=place == len(known) or known[place][1],
            is_last=place == len(known),
        )
        for place, value in enumerate(values)
    )
    stretches = (list(some) for _, some in groupby(dots, key=lambda dot: dot.is_alike))
    lines = (" ".join(f"{dot.x},{dot.y}" for dot in some) for some in stretches if len(some) > 1)
    count = number_text.counted(len(values), "run")
    return Spark(
        width=2 * _EDGE + (len(values) - 1) * _STEP,
        height=_HEIGHT,
        dots=dots,
        lines=tuple(lines),
        words=f"{count}: {_course(values)}",
        has_unlike=not all(dot.is_alike for dot in dots),
    )


def _course(values: Sequence[float]) -> str:
    """Return how a score went, as words.

    >>> _course([0.5, 0.7, 0.6]), _course([0.5, 0.5])
    ('from 50.0 % to 60.0 %, at best 70.0 %', 'unchanged at 50.0 %')
    """
    first, last = number_text.percent(values[0]), number_text.percent(values[-1])
    best = number_text.percent(max(values))
    if len({first, last, best}) == 1:
        return f"unchanged at {first}"
    return f"from {first} to {last}" + (f", at best {best}" if best != last else "")
