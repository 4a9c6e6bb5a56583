"""Verdict on a difference between two runs: what may be claimed, and on which evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from statistics import NormalDist, stdev
from typing import Final

from harness.core.statistics.intervals import Interval
from harness.core.statistics.paired_tests import (
    ALPHA,
    POWER,
    label_permutation,
    smallest_detectable,
)
from harness.core.statistics.permutation import Permutation

TYPICAL_DEVIATION: Final = 0.10
"""Of paired F1 differences, where the documents at hand show no spread to go by."""
ENOUGH: Final = 0.95
"""Share of the cases that must have been scored on both sides before anything is claimed."""
_ROUNDING: Final = 1e-12
_FEWEST: Final = 3
"""Documents from which their own spread is used."""


class Rung(IntEnum):
    """Rungs of evidence for a difference."""

    POINT = 0
    """It is what was seen; chance alone may explain it."""
    DOCUMENTS = 1
    """Beyond run-to-run noise on these very documents."""
    POPULATION = 2
    """Beyond chance for documents like these."""
    HOLDOUT = 3
    """The same on documents that were kept apart."""

    @property
    def carries(self) -> str:
        """The claim that the evidence supports, in words."""
        return _CARRIES[self]


_CARRIES: Final = (
    "a difference was seen; chance alone may explain it",
    "beyond run-to-run noise on these very documents; says nothing of others",
    "beyond chance for documents like these",
    "the same on documents that were kept apart",
)


class ComparisonVerdict(StrEnum):
    """Verdict of a comparison."""

    IMPROVED = "improved"
    EQUAL = "equal"
    """Any difference is within the margin, or there is none."""
    WORSE = "worse"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a comparison: its margin, its figure, and whether unlike runs are accepted."""

    margin: float = 0.01
    """Largest difference of the figure that counts as none."""
    allow_unlike: bool = False
    """Compare the cases they share, even where suites, rules or conventions differ."""
    by: str = "macro"
    """The figure that decides: `macro`, `micro`, `focus`, `field:total`, ..."""


@dataclass(frozen=True, slots=True)
class ComparedScore:
    """A score of both runs over the same cases."""

    base: float | None
    new: float | None
    delta: float | None
    """New less base; None where there is nothing to average."""
    interval: Interval | None
    """Of the difference, BCa over documents; None below two documents."""
    test: Permutation
    """Two-sided: its p-value, and the error of one that was drawn and not counted."""

    @property
    def p_value(self) -> float:
        """The p-value of the test."""
        return self.test.p_value


@dataclass(frozen=True, slots=True)
class Power:
    """Statistical power of so many documents."""

    smallest: float | None
    """The smallest true difference of macro F1 found in four of five such comparisons."""
    deviation: float
    """Standard deviation of the documents' differences that this rests on."""
    assumed: bool
    """The deviation is a typical one: these documents show none."""
    least_p: float
    """The smallest p-value so many documents can give, however large the difference."""
    needed: int | None
    """Documents that would tell a difference of the size seen; None where none is seen."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rung a difference stands on, and the tests it rests on."""

    rung: Rung
    over_documents: float
    """p-value of the sign flip over documents."""
    over_replicates: float | None
    """p-value of permuted replicate labels; None unless both runs have replicates."""


def evidence(
    base: Sequence[Sequence[float]], new: Sequence[Sequence[float]], p_value: float
) -> Evidence:
    """Return the tests a difference rests on; `rung_of` says how firm they make it.

    Args:
        base: each document's F1, one a replicate.
        new: the same of the other run.
        p_value: of the sign flip over documents.
    """
    has_replicates = bool(base) and min(map(len, (*base, *new))) > 1
    within = label_permutation(base, new) if has_replicates else None
    return Evidence(Rung.POINT, p_value, within)


def rung_of(over_documents: float, over_replicates: float, *, held: bool) -> Rung:
    """Return how firm a difference is, by p-values adjusted for all that were looked at.

    `held` says that the documents were kept apart while the runs were made.
    """
    if over_documents <= ALPHA:
        return Rung.HOLDOUT if held else Rung.POPULATION
    return Rung.DOCUMENTS if over_replicates <= ALPHA else Rung.POINT


def power_of(differences: Sequence[float]) -> Power:
    """Return what the documents at hand can tell."""
    size = len(differences)
    spread = stdev(differences) if size >= _FEWEST else 0.0
    deviation = spread if spread > _ROUNDING else TYPICAL_DEVIATION
    normal = NormalDist()
    reach = (normal.inv_cdf(1 - ALPHA / 2) + normal.inv_cdf(POWER)) * deviation
    observed = abs(math.fsum(differences) / size) if size else 0.0
    return Power(
        smallest=smallest_detectable(size, deviation),
        deviation=deviation,
        assumed=spread <= _ROUNDING,
        least_p=min(1.0, 2 / 2 ** min(size, 1000)),
        needed=max(2, math.ceil((reach / observed) ** 2)) if observed > _ROUNDING else None,
    )


def comparison_verdict(
    score: ComparedScore, p_value: float, coverage: float, margin: float
) -> ComparisonVerdict:
    """Return the verdict on a difference.

    `p_value` is the score's, or adjusted for further comparisons. A difference that is real and
    within the margin all the same is called equal where it is a loss, improved where it is a gain.
    """
    if score.delta is None or coverage < ENOUGH:
        return ComparisonVerdict.UNDECIDED
    bounds = score.interval
    within = bounds is not None and -margin <= bounds.low and bounds.high <= margin
    if score.delta and bounds is not None and bounds.low == bounds.high:
        within = False  # a few documents that all moved alike do not show how others move
    if p_value <= ALPHA and score.delta > 0:
        return ComparisonVerdict.IMPROVED
    if within:
        return ComparisonVerdict.EQUAL
    return ComparisonVerdict.WORSE if p_value <= ALPHA else ComparisonVerdict.UNDECIDED
