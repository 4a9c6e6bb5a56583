"""Accepting values from a confidence on: counts, F1, precision and coverage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TypeAlias

from harness.confidence.observations import Observation, Observations, ValueKind
from harness.run.results.threshold_file import Figures

ThresholdOf: TypeAlias = Callable[[str], float | None]
"""From an entry to the least confidence that is accepted; None accepts everything."""


@dataclass(frozen=True, slots=True)
class AcceptanceCounts:
    """Counts of one entry at one threshold. They add."""

    right: int = 0
    wrong: int = 0
    """Accepted, and another value is expected."""
    extra: int = 0
    """Accepted, and none is expected."""
    lost: int = 0
    """Expected, and withheld or never predicted."""
    values: int = 0

    def __add__(self, other: AcceptanceCounts) -> AcceptanceCounts:
        return AcceptanceCounts(
            self.right + other.right,
            self.wrong + other.wrong,
            self.extra + other.extra,
            self.lost + other.lost,
            self.values + other.values,
        )

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN); None of nothing.

        >>> AcceptanceCounts(right=2, wrong=1, lost=1).f1  # 4 / (4 + 1 + 2)
        0.5714285714285714
        """
        false = 2 * self.wrong + self.extra + self.lost
        return 2 * self.right / (2 * self.right + false) if self.right or false else None


def accepted_by(observed: Observations, threshold_of: ThresholdOf) -> dict[str, AcceptanceCounts]:
    """Return the counts of every entry under its threshold."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in observed.values:
        least = threshold_of(one.entry)
        mine = counts[one.entry]
        mine["values"] += 1
        if least is None or one.confidence >= least or not one.has_confidence:
            mine[one.kind.value] += 1
        elif one.kind is not ValueKind.EXTRA:
            mine["lost"] += 1
    for (_, entry), missed in observed.missed.items():
        counts[entry]["lost"] += missed
    return {entry: AcceptanceCounts(**mine) for entry, mine in counts.items()}


def figures_of(by_entry: Iterable[AcceptanceCounts]) -> Figures:
    """Return macro and micro F1, and how many values are accepted."""
    each = list(by_entry)
    whole = sum(each, AcceptanceCounts())
    f1s = [f1 for one in each if (f1 := one.f1) is not None]
    return Figures(
        macro_f1=fsum(f1s) / len(f1s) if f1s else None,
        micro_f1=whole.f1,
        accepted=whole.right + whole.wrong + whole.extra,
        values=whole.values,
        wrong=whole.wrong + whole.extra,
    )


@dataclass(frozen=True, slots=True)
class ThresholdStep:
    """What a threshold gives for one entry."""

    threshold: float
    counts: AcceptanceCounts


def steps(
    values: Sequence[Observation], missed: int, candidates: Sequence[float]
) -> list[ThresholdStep]:
    """Return the counts at each candidate, highest threshold first; n log n."""
    ordered = sorted(values, key=lambda one: -one.confidence)
    expected = sum(one.kind is not ValueKind.EXTRA for one in ordered) + missed
    met: Counter[ValueKind] = Counter()
    points, index = [], 0
    for least in sorted(candidates, reverse=True):
        while index < len(ordered) and ordered[index].confidence >= least:
            met[ordered[index].kind] += 1
            index += 1
        lost = expected - met[ValueKind.RIGHT] - met[ValueKind.WRONG]
        counts = AcceptanceCounts(
            met[ValueKind.RIGHT], met[ValueKind.WRONG], met[ValueKind.EXTRA], lost, len(ordered)
        )
        points.append(ThresholdStep(least, counts))
    return points
