"""Goals in tiers: what a suite must reach, wants to reach and hopes for, as `goals:` says it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

TierName: TypeAlias = Literal["minimum", "target", "stretch"]
TIERS: Final[tuple[TierName, TierName, TierName]] = ("minimum", "target", "stretch")
"""The tiers, lowest first."""
GoalName: TypeAlias = Literal[
    "macro", "micro", "floor", "class_floor", "p95_seconds", "usd_per_document"
]
GOALS: Final[tuple[GoalName, ...]] = (
    "macro",
    "micro",
    "floor",
    "class_floor",
    "p95_seconds",
    "usd_per_document",
)
UPPER_LIMITS: Final[frozenset[GoalName]] = frozenset({"p95_seconds", "usd_per_document"})
"""Goals that are met by less."""


class TierRecord(TypedDict, total=False):
    """The goals of one tier; those it does not name are left out."""

    macro: float
    micro: float
    floor: float
    """F1 that every field has at least."""
    class_floor: float
    """F1 that every label of every classified field has at least."""
    p95_seconds: float
    usd_per_document: float


class GoalsRecord(TypedDict, total=False):
    """The goals of a suite by tier."""

    minimum: TierRecord
    target: TierRecord
    stretch: TierRecord


class WithGoals(TypedDict):
    """Part of a record that says what is asked of scores: a target of macro F1, goals in tiers."""

    target_f1: float | None
    goals: NotRequired[GoalsRecord | None]


def out_of_order(goals: GoalsRecord) -> Iterator[tuple[TierName, GoalName, str]]:
    """Yield goals that a lower tier asks more of than a higher one: tier, goal, what is wrong.

    >>> list(out_of_order({"minimum": {"macro": 0.8}, "target": {"macro": 0.7}}))
    [('target', 'macro', 'goals.target.macro is 0.7, and the minimum asks for 0.8 already')]
    """
    for low, high in combinations(TIERS, 2):
        for name in GOALS:
            less, more = goals.get(low, {}).get(name), goals.get(high, {}).get(name)
            if less is None or more is None:
                continue
            if (more > less) if name in UPPER_LIMITS else (more < less):
                what = f"goals.{high}.{name} is {more:g}, and the {low} asks for {less:g} already"
                yield high, name, what


def target_of(target_f1: float | None, goals: GoalsRecord | None) -> float | None:
    """Return the macro F1 to reach: `target_f1`, or the target tier's.

    >>> target_of(None, {"target": {"macro": 0.9}}), target_of(0.8, None)
    (0.9, 0.8)
    """
    return target_f1 if target_f1 is not None else (goals or {}).get("target", {}).get("macro")
