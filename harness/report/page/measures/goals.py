"""Goals of a suite in tiers: the distance to each, and neglected fields."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import TypedDict

from harness.core import number_text
from harness.core.rules.goal_tiers import TIERS
from harness.report.page.drawn_shares import length
from harness.report.words import tier_words
from harness.report.words.gate_sentences import told
from harness.report.words.lead_sentences import corrections_to
from harness.run.gates import goals_of
from harness.run.stored.stored_results import AverageName, ResultsDocument

_NAMED = 12
"""Fields and labels that are listed."""


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
    """Part of results that holds the F1 the suite wants to reach."""

    target_f1: float | None


def tiers(results: WithTarget) -> tuple[tuple[str, float], ...]:
    """Return the goals by name, lowest first.

    >>> tiers({"target_f1": 0.9}), tiers({"target_f1": None})
    ((('target', 0.9),), ())
    """
    target = results["target_f1"]
    return () if target is None else (("target", target),)


def headline_goals(
    results: ResultsDocument, average: AverageName = "macro"
) -> tuple[tuple[str, float], ...]:
    """Return the goals of an average by tier, lowest first.

    Micro F1 is held against the macro goals where no tier names one of its own.
    """
    goals = goals_of({"target_f1": results["target_f1"], "goals": results.get("goals")})
    for name in dict.fromkeys((average, "macro")):
        goals_by_tier = tuple(
            (tier, goals[tier][name]) for tier in TIERS if name in goals.get(tier, {})
        )
        if goals_by_tier:
            return goals_by_tier
    return ()


def tiers_in_points(results: ResultsDocument, f1: float | None) -> tuple[Tier, ...]:
    """Return the goals, the distance to each in percentage points; none without a score."""
    if f1 is None:
        return ()
    return tuple(
        _tier(
            name, share, None if f1 >= share else f"{number_text.points(share - f1)} points to go"
        )
        for name, share in headline_goals(results)
    )


def tiers_in_fields(results: ResultsDocument) -> tuple[Tier, ...]:
    """Return the goals, the distance of micro F1 to each counted in fields."""
    if results["aggregate"]["micro"]["f1"] is None:
        return ()
    tiers = []
    for name, share in headline_goals(results, "micro"):
        more = corrections_to(results, share)
        words = "out of reach" if more is None else number_text.counted(more, "more correct field")
        tiers.append(_tier(name, share, words if more != 0 else None))
    return tuple(tiers)


@dataclass(frozen=True, slots=True)
class GoalRow:
    """One goal of one tier, as the page lists it."""

    tier: str
    """Empty but for the first goal of a tier."""
    reached: bool
    sentence: str
    progress: str
    """Share of the goal that is reached; empty for limits on time and money."""
    under: tuple[str, ...]
    """Fields or labels under a floor."""


@dataclass(frozen=True, slots=True)
class GoalTable:
    """All goals of a suite, and the fields that are neglected: path, what is known."""

    rows: tuple[GoalRow, ...]
    neglected: tuple[tuple[str, str], ...]


def goal_table(results: ResultsDocument) -> GoalTable | None:
    """Return the table of goals; None where a suite names none in tiers."""
    rows = tuple(
        GoalRow(
            tier.name if not number else "",
            gate.is_met,
            told(gate),
            tier_words.tier_progress(gate),
            gate.under[:_NAMED],
        )
        for tier in tier_words.standings_by_tier(results)
        for number, gate in enumerate(tier.gates)
    )
    poor = tier_words.neglected(results)[:_NAMED]
    return (
        GoalTable(rows, tuple((f["field"], tier_words.neglect(f)) for f in poor)) if rows else None
    )


def _tier(name: str, share: float, distance: str | None) -> Tier:
    at = length(share) or "0"
    return Tier(name, number_text.goal(share), at, distance is None, distance or "reached")
