"""Reach: the score that curing mistakes can lead to, and whether that is enough."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from harness.cases.prompts.prompt import FIELDS
from harness.cases.suite import Suite
from harness.core.number_text import gained, percent, plain_count, points
from harness.core.records import Prediction
from harness.improve.diagnosis.clusters import Analysis, Cluster, analyse
from harness.improve.diagnosis.disputes import open_places
from harness.improve.diagnosis.exams import sit
from harness.improve.trial.editor import Attempt, Reach

_MANY: Final = 3
_STUBBORN: Final = 2
"""Attempts that came to nothing after which a field is left alone."""
_ROUNDING: Final = 1e-12


def judged_reach(suite: Suite, predictions: Iterable[Prediction]) -> Analysis:
    """Return what went wrong in the answers to a suite's cases."""
    sitting = sit(suite.cases, predictions, suite.rules, suite.comparators.functions)
    return analyse(sitting.exams, suite.empty)


def curable(suite: Suite, clusters: Iterable[Cluster]) -> tuple[Cluster, ...]:
    """Return the clusters that an edit may cure: those whose truths are not in doubt.

    Where many truths seem to be wrong in one way, they follow a convention that is to be told.
    """
    disputed = open_places(suite)

    def in_doubt(cluster: Cluster) -> bool:
        places = ((row.case_id, row.place) for row in cluster.rows)
        doubted = all(row.is_suspect for row in cluster.rows) and not is_convention(cluster)
        return doubted or disputed.issuperset(places)

    return tuple(c for c in clusters if c.headroom > 0 and not in_doubt(c))


def is_convention(cluster: Cluster) -> bool:
    """Tell whether truths that seem wrong are so many that they are how truths are written."""
    return len({row.case_id for row in cluster.rows if row.is_suspect}) >= _MANY


def failed(attempts: Iterable[Attempt]) -> dict[str, int]:
    """Return how many edits of each section came to nothing."""
    by_field: dict[str, int] = {}
    for attempt in attempts:
        if attempt.decision == "reject":
            for name in attempt.sections:
                by_field[name] = by_field.get(name, 0) + 1
    return by_field


def given_up(attempts: Iterable[Attempt]) -> frozenset[str]:
    """Return the fields that are left alone: edits of them came to nothing more than once."""
    often = (name for name, times in failed(attempts).items() if times >= _STUBBORN)
    return frozenset(n.removeprefix(FIELDS).removesuffix(".md") for n in often)


def reach(suite: Suite, analysis: Analysis, stubborn: Collection[str] = ()) -> Reach | None:
    """Return how far curing mistakes can lead, those of some fields left as they are.

    None where nothing was scored.
    """
    macro = analysis.room.macro_f1
    if macro is None:
        return None
    may = curable(suite, analysis.clusters)
    left = [cluster for cluster in may if cluster.field not in stubborn]
    most = macro + analysis.room.gain([cluster.fixes for cluster in left])
    real = sum(cluster.headroom > 0 for cluster in analysis.clusters)
    return Reach(macro, most, real - len(may), len(may) - len(left))


def out_of_reach(limits: Reach, target: float | None, floor: float) -> str | None:
    """Return why no further edit can do what is wanted, with the arithmetic; None where one can.

    >>> out_of_reach(Reach(0.7, 0.88, doubted=3), 0.95, 0.0).partition(":")[0]
    'unreachable by fixing the observed clusters'
    >>> out_of_reach(Reach(0.7, 0.88), None, 0.0) is None
    True
    """
    left = limits.most - limits.macro_f1
    if target is not None and limits.most < target - _ROUNDING:
        return (
            f"unreachable by fixing the observed clusters: {percent(target)} needs "
            f"{gained(target - limits.macro_f1)} over {percent(limits.macro_f1)}, what edits may "
            f"cure holds {gained(left)}{_beside(limits)}; at most --target "
            f"{math.floor(limits.most * 1000) / 1000:.3f} can be reached"
        )
    if left <= _ROUNDING:
        return f"no mistake is left that an edit may cure{_beside(limits)}"
    if left <= floor:
        return (
            f"what is left to win, {gained(left)}, is within the noise floor of {points(floor)}"
            f"{_beside(limits)}"
        )
    return None


def _beside(limits: Reach) -> str:
    """Return what was left out, and what to do about it."""
    parts: Sequence[str] = [
        f"{plain_count(number, 'cluster')} {why}"
        for number, why in (
            (limits.doubted, "of doubtful truths (harness feedback shows them)"),
            (limits.given_up, "given up after edits in vain"),
        )
        if number
    ]
    return f" (without {' and '.join(parts)})" if parts else ""
