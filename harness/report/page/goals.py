"""The goals of a suite, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core import number_text
from harness.report.page.drawn_shares import length
from harness.report.words.lead_sentences import corrections_to
from harness.report.words.verdicts import Record


@dataclass(frozen=True, slots=True)
class Tier:
    """One goal and how far a score is from it."""

    name: str
    goal: str
    at: str
    """Its place on the scale."""
    reached: bool
    distance: str


def tiers(results: Record) -> tuple[tuple[str, float], ...]:
    """Return the goals by name, lowest first: `targets` where there are several.

    >>> tiers({"target_f1": 0.9}), tiers({"target_f1": None})
    ((('target', 0.9),), ())
    >>> tiers({"target_f1": 0.9, "targets": {"stretch": 0.95, "minimum": 0.8}})
    (('minimum', 0.8), ('target', 0.9), ('stretch', 0.95))
    """
    named = dict(results.get("targets") or {})
    if results["target_f1"] is not None:
        named.setdefault("target", results["target_f1"])
    goals = ((name, share) for name, share in named.items() if share is not None)
    return tuple(sorted(goals, key=lambda goal: goal[1]))


def tiers_in_points(results: Record, f1: float | None) -> tuple[Tier, ...]:
    """Return the goals, the distance to each in percentage points; none without a score."""
    if f1 is None:
        return ()
    return tuple(
        _tier(
            name, share, None if f1 >= share else f"{number_text.points(share - f1)} points to go"
        )
        for name, share in tiers(results)
    )


def tiers_in_fields(results: Record) -> tuple[Tier, ...]:
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
