"""Outcome bars: shares of a bar, and positions on a drawn scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import TypedDict

from harness.core import number_text
from harness.core.counts import Counts
from harness.report.words.verdicts import OUTCOME_MARKS, OutcomeMark
from harness.run.stored.stored_figures import by_outcome, counts_of, counts_record
from harness.run.stored.stored_results import CountsRecord

_LATE: Final = 0.7
"""Share of the scale beyond which a label does not fit any more."""


@dataclass(frozen=True, slots=True)
class GoalMark:
    """A mark on a scale: one of the goals a suite sets itself."""

    name: str
    label: str
    at: str
    is_late: bool
    """Whether it stands so far right that its label must stand left of it."""

    @property
    def is_main(self) -> bool:
        """Tell whether it is *the* target, whose label is drawn."""
        return self.name == "target"


@dataclass(frozen=True, slots=True)
class Scale:
    """Positions on a scale from 0 to 100 %, as SVG percentages."""

    point: str
    low: str | None
    width: str | None
    """Of the interval; None with `low` where there is none."""
    goals: tuple[GoalMark, ...]

    @property
    def spoken(self) -> str:
        """The goals as they are read out."""
        return "".join(f", {goal.name} {goal.label}" for goal in self.goals)


def length(share: float | None) -> str | None:
    """Return a share as a length or position in an SVG.

    >>> length(0.9167), length(None)
    ('91.67%', None)
    """
    return None if share is None else f"{100 * share:.2f}%"


def scale_of(
    f1: float | None, bounds: Sequence[float] | None, goals: Sequence[tuple[str, float]] = ()
) -> Scale | None:
    """Return where a score, its interval and its goals stand; None if there is no score."""
    point = length(f1)
    if point is None:
        return None
    return Scale(
        point=point,
        low=length(bounds[0]) if bounds else None,
        width=length(bounds[1] - bounds[0]) if bounds else None,
        goals=tuple(
            GoalMark(name, number_text.goal(share), f"{100 * share:.2f}%", share > _LATE)
            for name, share in goals
        ),
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """One outcome's share of everything judged."""

    verdict: OutcomeMark
    count: str
    share: str
    start: str
    width: str


def segments(record: CountsRecord) -> tuple[Segment, ...]:
    """Return the shares of the outcomes that occurred, end to end, in the order of the legend."""
    counts = by_outcome(record)
    total = sum(counts.get(outcome.value, 0) for outcome in OUTCOME_MARKS)
    laid: list[Segment] = []
    done = 0
    for outcome, verdict in OUTCOME_MARKS.items():
        n = counts.get(outcome.value, 0)
        if not n:
            continue
        share = number_text.percent(n / total)
        start, width = f"{100 * done / total:.3f}%", f"{100 * n / total:.3f}%"
        laid.append(Segment(verdict, number_text.count(n), share, start, width))
        done += n
    return tuple(laid)


class WithCounts(TypedDict):
    """A stored record that counts outcomes: a field's, a case's."""

    counts: CountsRecord


def pooled(records: Iterable[WithCounts]) -> CountsRecord:
    """Return the counts of several records together."""
    return counts_record(sum((counts_of(record["counts"]) for record in records), Counts()))
