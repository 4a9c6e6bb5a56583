"""Shares as places on a drawn scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.report import numbers

_LATE: Final = 0.7
"""Share of the scale beyond which a label does not fit any more."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Positions on a scale from 0 to 100 %, as SVG percentages."""

    point: str
    low: str | None
    width: str | None
    """Of the interval; None with `low` where there is none."""
    target: str | None
    target_label: str | None
    target_late: bool
    """Whether the target stands so far right that its label must stand left of it."""


def length(share: float | None) -> str | None:
    """Return a share as a length or position in an SVG.

    >>> length(0.9167), length(None)
    ('91.67%', None)
    """
    return None if share is None else f"{100 * share:.2f}%"


def scale_of(
    f1: float | None, bounds: Sequence[float] | None, target: float | None
) -> Scale | None:
    """Return where a score, its interval and its target stand; None if there is no score."""
    point = length(f1)
    if point is None:
        return None
    return Scale(
        point=point,
        low=length(bounds[0]) if bounds else None,
        width=length(bounds[1] - bounds[0]) if bounds else None,
        target=length(target),
        target_label=None if target is None else numbers.goal(target),
        target_late=target is not None and target > _LATE,
    )
