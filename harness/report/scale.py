"""Shares as places on a drawn scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core import number_text

_LATE: Final = 0.7
"""Share of the scale beyond which a label does not fit any more."""


@dataclass(frozen=True, slots=True)
class Goal:
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
    goals: tuple[Goal, ...]

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
            Goal(name, number_text.goal(share), f"{100 * share:.2f}%", share > _LATE)
            for name, share in goals
        ),
    )
