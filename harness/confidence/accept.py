"""Acceptance by thresholds: counts, F1, precision and coverage of accepted values."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from typing import TypeAlias

from harness.confidence.observations import Observation, Observations, ValueKind
from harness.core.statistics.intervals import LEVEL
from harness.core.statistics.student_t import t_bound
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
        charged = _charged(self)
        return 2 * self.right / charged if charged else None


def accepted_in(
    observed: Observations, threshold_of: ThresholdOf
) -> dict[tuple[str, str], AcceptanceCounts]:
    """Return the counts of every document and entry, each entry under its threshold."""
    counts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in observed.values:
        least = threshold_of(one.entry)
        mine = counts[one.document, one.entry]
        mine["values"] += 1
        if least is None or one.confidence >= least or not one.has_confidence:
            mine[one.kind.value] += 1
        elif one.kind is not ValueKind.EXTRA:
            mine["lost"] += 1
    for place, missed in observed.missed.items():
        counts[place]["lost"] += missed
    return {place: AcceptanceCounts(**mine) for place, mine in counts.items()}


def accepted_by(observed: Observations, threshold_of: ThresholdOf) -> dict[str, AcceptanceCounts]:
    """Return the counts of every entry under its threshold."""
    return added_by_entry(accepted_in(observed, threshold_of))


def added_by_entry(
    counts: Mapping[tuple[str, str], AcceptanceCounts],
) -> dict[str, AcceptanceCounts]:
    """Return counts of documents and entries, added up by entry."""
    whole: dict[str, AcceptanceCounts] = {}
    for (_, entry), mine in counts.items():
        whole[entry] = whole[entry] + mine if entry in whole else mine
    return whole


def macro_interval(
    counts: Mapping[tuple[str, str], AcceptanceCounts],
) -> tuple[float, float] | None:
    """Return where the mean F1 of entries lies with 95 % confidence; documents are what varies.

    Each F1 is a ratio of sums over documents, whose influence on it is linear near enough (delta
    method), with Student's t. None below two documents, or where every document says the same.
    """
    whole = added_by_entry(counts)
    f1s = {entry: one.f1 for entry, one in whole.items() if one.f1 is not None}
    charged = {entry: _charged(one) for entry, one in whole.items()}
    influence: defaultdict[str, float] = defaultdict(float)
    for (document, entry), mine in counts.items():
        influence[document] += 0.0
        if entry in f1s:
            moved = 2 * mine.right - f1s[entry] * _charged(mine)
            influence[document] += moved / charged[entry] / len(f1s)
    size = len(influence)
    spread = fsum(one * one for one in influence.values())
    if size < 2 or not spread:  # noqa: PLR2004  # one document has no spread
        return None
    reach = t_bound((1 - LEVEL) / 2, size - 1) * sqrt(spread * size / (size - 1))
    middle = fsum(f1s.values()) / len(f1s)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _charged(counts: AcceptanceCounts) -> int:
    """Return the denominator of F1: 2 TP + FP + FN."""
    return 2 * counts.right + 2 * counts.wrong + counts.extra + counts.lost


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
    """Figures of one threshold for one entry."""

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
