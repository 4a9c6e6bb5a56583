"""The goals of a suite, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import TypedDict

from harness.core import number_text
from harness.report.page.drawn_shares import length
from harness.report.words.lead_sentences import corrections_to
from harness.run.stored.stored_results import ResultsDocument


@dataclass(frozen=True, slots=True)
class Tier:
    """One goal and how far a score is from it."""

    name: str
    goal: str
    at: str
    """Its place on the scale."""
    reached: bool
    distance: str


class WithTarget(TypedDict):
    """What of results says which F1 the suite wants to reach."""

    target_f1: float | None


def tiers(results: WithTarget) -> tuple[tuple[str, float], ...]:
    """Return the goals by name, lowest first.

    >>> tiers({"target_f1": 0.9}), tiers({"target_f1": None})
    ((('target', 0.9),), ())
    """
    target = results["target_f1"]
    return () if target is None else (("target", target),)


def tiers_in_points(results: ResultsDocument, f1: float | None) -> tuple[Tier, ...]:
    """Return the goals, the distance to each in percentage points; none without a score."""
    if f1 is None:
        return ()
    return tuple(
        _tier(
            name, share, None if f1 >= share else f"{number_text.points(share - f1)} points to go"
        )
        for name, share in tiers(results)
    )


def tiers_in_fields(results: ResultsDocument) -> tuple[Tier, ...]:
    """Return the goals, the distance of micro F1 to each counted in fields."""
    if results["aggregate"]["micro"]["f1"] is None:
        return ()
    found = []
    for name, share in tiers(results):
        more = corrections_to(results, share)
        words = "out of reach" if more is None else number_text.counted(more, "more correct field")
        found.append(_tier(name, share, words if more != 0 else None))
    return tuple(found)


def _tier(name: str, share: float, distance: str | None) -> Tier:
    at = length(share) or "0"
    return Tier(name, number_text.goal(share), at, distance is None, distance or "reached")
