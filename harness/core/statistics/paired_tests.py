"""Paired tests of two runs over the same documents: p-value and size of the difference.

The unit is the document: fields of one document stand and fall together. Each test equals scipy's
where scipy has it (`tests/core/statistics/test_paired_scipy.py`).
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, combinations
from statistics import NormalDist
from typing import Final, Literal, NamedTuple, TypeAlias

from harness.core.statistics.intervals import LEVEL, Interval
from harness.core.statistics.permutation import (
    Choice,
    Permutation,
    drawn_share,
    every_sum,
    share_at_least,
)
from harness.core.statistics.student_t import shift_for, t_bound

Alternative: TypeAlias = Literal["two-sided", "greater", "less"]

ALPHA: Final = 0.05
POWER: Final = 0.8
_TWO: Final = 2
_UNITS: Final = 10**12
"""Into how many the largest difference is cut: sums that differ by rounding alone are equal."""
_ROUNDING: Final = 1e-12
"""Differences of scores up to this are none: averages of the same replicates may show them."""
_LISTED: Final = 1 << 10
"""Ways to deal one document's replicates that are listed: all of up to six a side."""
_DEALS: Final = 999
_FEWEST_DEALS: Final = 99
_ALL_DEALS: Final = 50_000
"""Of all documents together."""
_RESAMPLES: Final = 5000
_FEWEST: Final = 400
_DRAWS: Final = 1_000_000
_MANY_DOCUMENTS: Final = 1_000
"""From so many on Student's t is the normal distribution to three digits."""
_RAREST: Final = 0.001
_FREQUENT: Final = 0.1
"""p-values between these two need their digits."""


def p_value(p: float) -> str:
    """Return a p-value as text: two significant digits, and never 0.

    >>> [p_value(p) for p in (1.0, 0.5, 0.0625, 0.00123, 0.00001)]
    ['1', '0.50', '0.062', '0.0012', '<0.001']
    """
    if p >= 1:
        return "1"
    if p < _RAREST:
        return f"<{_RAREST}"
    return f"{p:.2f}" if p >= _FREQUENT else f"{p:.2g}"


def sign_flip(
    differences: Sequence[float], alternative: Alternative = "two-sided", seed: int = 0
) -> float:
    """Return the p-value of `sign_flip_test`.

    >>> sign_flip([0.1, 0.2, 0.05, 0.1, 0.3]), sign_flip([0.1, 0.2, 0.05, 0.1, 0.3], "greater")
    (0.0625, 0.03125)
    >>> sign_flip([0.0, 0.0])
    1.0
    """
    return sign_flip_test(differences, alternative, seed).p_value


def sign_flip_test(
    differences: Sequence[float], alternative: Alternative = "two-sided", seed: int = 0
) -> Permutation:
    """Return the test of a mean of paired differences, one a document (Fisher 1935).

    If neither run is better, each difference might as well have the other sign. Exact up to 28
    differences that are not 0, and far beyond where many are alike; then seeded draws, and the
    result says how many.

    >>> sign_flip_test([0.1] * 1000).draws, sign_flip_test([n / 7 for n in range(100)]).draws
    (None, 20000)
    """
    moved = [d for d in differences if abs(d) > _ROUNDING]
    scale = max(map(abs, moved), default=1.0)
    units = sorted(round(d / scale * _UNITS) for d in moved)
    flips = [{abs(d): 1, -abs(d): 1} for d in sorted(units, key=abs)]
    return _p_value(flips, sum(units), alternative, seed)


def label_permutation(
    base: Sequence[Sequence[float]],
    new: Sequence[Sequence[float]],
    alternative: Alternative = "two-sided",
    seed: int = 0,
) -> float:
    """Return the p-value of a difference on these very documents, from replicates of each.

    Both runs asked about each document several times. If only run-to-run noise tells them apart,
    the replicates of one document might as well have changed sides. Says nothing of documents
    that are not here. Where a document was asked too often to list every way to deal its
    replicates, a thousand are drawn with a seed; since what was seen is one of them, a p-value of
    these is as true as of all (Phipson and Smyth 2010), if less fine.

    >>> label_permutation([[0.5, 0.5]] * 3, [[0.6, 0.6]] * 3, "greater") == 1 / 6**3
    True
    """
    means = [(math.fsum(b) / len(b), math.fsum(n) / len(n)) for b, n in zip(base, new, strict=True)]
    scale = max((abs(s) for both in (*base, *new) for s in both), default=0.0) or 1.0
    number = max(_FEWEST_DEALS, min(_DEALS, _ALL_DEALS // max(1, len(base))))
    deals = _Deals(number, random.Random(seed))
    labels = [_relabelled(b, n, scale, deals) for b, n in zip(base, new, strict=True)]
    observed = sum(round((n - b) / scale * _UNITS) for b, n in means)
    return _p_value(labels, observed, alternative, seed).p_value


class _Deals(NamedTuple):
    """Number of random permutations where they are not listed, and their seed."""

    number: int
    luck: random.Random


def _relabelled(base: Sequence[float], new: Sequence[float], scale: float, drawn: _Deals) -> Choice:
    """Return the differences one document may show, whichever of its replicates are the new."""
    pooled = (*new, *base)
    whole = math.fsum(pooled)
    dealt: Iterable[Sequence[float]] = combinations(pooled, len(new))
    if math.comb(len(pooled), len(new)) > _LISTED:
        dealt = chain([new], (drawn.luck.sample(pooled, len(new)) for _ in range(drawn.number)))
    sums = Counter(map(math.fsum, dealt))
    differences: Counter[int] = Counter()
    for some, ways in sums.items():
        difference = some / len(new) - (whole - some) / len(base)
        differences[round(difference / scale * _UNITS)] += ways
    return differences


def _p_value(
    choices: Sequence[Choice], observed: int, alternative: Alternative, seed: int
) -> Permutation:
    """Return how often chance reaches what was seen; two-sided is twice the tail it lies in."""
    slack = 2 * len(choices)  # what rounding to units can add up to
    if alternative == "less" or (alternative == "two-sided" and observed < 0):
        choices = [{-value: ways for value, ways in choice.items()} for choice in choices]
        observed = -observed
    tail = share_at_least(choices, observed - slack, seed)
    if alternative != "two-sided":
        return tail
    return Permutation(min(1.0, 2 * tail.p_value), tail.draws, 2 * tail.error)


def mcnemar(fixed: int, broken: int) -> float:
    """Return the exact p-value of flips in a field that each document has once (McNemar 1947).

    >>> mcnemar(5, 0), mcnemar(3, 3)
    (0.0625, 1.0)
    """
    flips = fixed + broken
    tail = sum(math.comb(flips, k) for k in range(min(fixed, broken) + 1))
    return min(1.0, 2 * tail / (1 << flips))


class ClusteredTest(NamedTuple):
    """Test of change in fields that share documents."""

    exact: float
    """The sign-flip p-value of each document's fixed less broken fields."""
    chi2: float | None
    """Durkalski's statistic (2003), of one degree of freedom; None where nothing flipped."""
    approximate: float | None
    """Its p-value; for many documents only."""


def clustered_mcnemar(per_document_differences: Sequence[float]) -> ClusteredTest:
    """Return McNemar's test for a field that documents may have many times.

    Each number is what one document's fixed fields are more than its broken ones.

    >>> clustered_mcnemar([3, 2, 2, 2, -2]).exact
    0.3125
    """
    squares = math.fsum(d * d for d in per_document_differences)
    exact = sign_flip(per_document_differences)
    if not squares:
        return ClusteredTest(exact, None, None)
    chi2 = math.fsum(per_document_differences) ** 2 / squares
    return ClusteredTest(exact, chi2, math.erfc(math.sqrt(chi2 / 2)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number (Holm 1979), in the order given.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted = [1.0] * len(p_values)
    least = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted


def bca(values: Sequence[float], level: float = LEVEL, seed: int = 0) -> Interval | None:
    """Return a bias-corrected, accelerated interval of a mean (Efron 1987); None of fewer than two.

    Tails are those of `small_sample_tail`.

    >>> bca([0.5, 0.5, 0.5])
    Interval(low=0.5, high=0.5)
    """
    size = len(values)
    return bca_of_sums((values, [1] * size), lambda sums: sums[0] / sums[1], level, seed)


def bca_of_sums(
    columns: Sequence[Sequence[float]],
    statistic: Callable[[Sequence[float]], float],
    level: float = LEVEL,
    seed: int = 0,
) -> Interval | None:
    """Return the same of any statistic of sums over documents; None of fewer than two documents.

    Each column holds one number a document; the statistic takes the sums of the columns.
    """
    size = len(columns[0])
    if size < _TWO:
        return None
    draw = random.Random(seed)
    sums = [math.fsum(column) for column in columns]
    resamples = []
    wide = max(1, len(columns) // 4)  # many columns take as long as many documents
    for _ in range(max(_FEWEST, min(_RESAMPLES, _DRAWS // (size * wide)))):
        drawn = draw.choices(range(size), k=size)
        resamples.append(statistic([math.fsum(map(c.__getitem__, drawn)) for c in columns]))
    resamples.sort()
    left_out = [statistic([s - x for s, x in zip(sums, row, strict=True)])
                for row in zip(*columns, strict=True)]  # fmt: skip
    tail = small_sample_tail((1 - level) / 2, size)
    low, high = _corrected((tail, 1 - tail), resamples, statistic(sums), left_out)
    return Interval(low, high)


def small_sample_tail(tail: float, documents: int) -> float:
    """Return the share of resamples to cut off so that so many documents leave `tail` out.

    A bootstrap takes documents for all there are, and spreads too little: its intervals of twelve
    held the true mean in 90 of 100 simulations. These are the tails at which it spreads as
    Student's t does (Hesterberg 2015, expanded percentiles).

    >>> [round(small_sample_tail(0.025, n), 4) for n in (5, 20, 1000)]
    [0.001, 0.0159, 0.0248]
    """
    bound = t_bound(tail, min(documents - 1, _MANY_DOCUMENTS))
    return max(_ROUNDING, NormalDist().cdf(-bound * math.sqrt(documents / (documents - 1))))


def _corrected(
    tails: tuple[float, float], resamples: list[float], observed: float, left_out: list[float]
) -> list[float]:
    """Return the quantiles of the resamples that a skewed, biased statistic has at some tails."""
    slack = 1e-12 * max(map(abs, resamples))  # equal but for rounding
    below = sum(r < observed - slack for r in resamples) + sum(
        r <= observed + slack for r in resamples
    )
    normal = NormalDist()
    share = below / 2 / len(resamples)
    least = 1 / (2 * len(resamples))
    bias = normal.inv_cdf(min(max(share, least), 1 - least))
    middle = math.fsum(left_out) / len(left_out)
    squares = math.fsum((middle - one) ** 2 for one in left_out)
    cubes = math.fsum((middle - one) ** 3 for one in left_out)
    bend = cubes / (6 * squares**1.5) if squares > slack * slack else 0.0
    resampled = []
    for tail in tails:
        moved = bias + normal.inv_cdf(tail)
        resampled.append(_quantile(resamples, normal.cdf(bias + moved / (1 - bend * moved))))
    return resampled


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile between the two nearest values."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def smallest_detectable(
    documents: int,
    deviation: float,
    alternative: Alternative = "two-sided",
    power: float = POWER,
) -> float | None:
    """Return the smallest true mean difference that so many documents find with a given power.

    `deviation` is the standard deviation of the differences; the level is `ALPHA`. By the
    noncentral t of the paired t test. None below two documents.

    >>> round(smallest_detectable(20, 0.1), 3), round(smallest_detectable(20, 0.1, "greater"), 3)
    (0.066, 0.058)
    """
    if documents < _TWO:
        return None
    sides = 2 if alternative == "two-sided" else 1
    shift = shift_for(power, documents - 1, ALPHA / sides, sides)
    return shift * deviation / math.sqrt(documents)


_HIGH: Final = 1 << 40
"""Two whole numbers travel as one: the numerator this many times, and the denominator."""


class Pair(NamedTuple):
    """One document's F1 in each run, as numerator and denominator."""

    base_hits: int
    base_of: int
    new_hits: int
    new_of: int


def pooled_difference(pairs: Sequence[Pair]) -> float:
    """Return how much the new run's pooled F1 is above the other's.

    >>> pooled_difference([Pair(1, 2, 2, 2), Pair(0, 2, 0, 2)])
    0.25
    """
    return _difference([sum(column) for column in zip(*pairs, strict=True)] or [0] * 4)


def pooled_interval(pairs: Sequence[Pair], level: float = LEVEL, seed: int = 0) -> Interval | None:
    """Return the BCa interval of that difference; None of fewer than two documents.

    Documents are drawn with their counts in both runs, and F1 is made of the sums.
    """
    columns = list(zip(*pairs, strict=True)) or [()]
    return bca_of_sums(columns, _difference, level, seed)


def pooled_swap(pairs: Sequence[Pair], seed: int = 0) -> Permutation:
    """Return the two-sided test of that difference, by swapping documents between the runs.

    If neither run is better, each document's counts might as well have come the other way round.
    Exact while the swaps have few different sums, else by seeded draws.

    >>> pooled_swap([Pair(0, 2, 2, 2)] * 6)
    Permutation(p_value=0.03125, draws=None, error=0.0)
    """
    moved: list[Choice] = [
        {0: 1, (p.new_hits - p.base_hits) * _HIGH + p.new_of - p.base_of: 1}
        for p in pairs
        if p[:2] != p[2:]
    ]
    if not moved:
        return Permutation(1.0)
    base_hits, base_of, new_hits, new_of = (sum(column) for column in zip(*pairs, strict=True))
    observed = abs(pooled_difference(pairs)) - 1e-12

    def reached(code: int) -> bool:
        hits = (code + _HIGH // 2) // _HIGH
        of = code - hits * _HIGH
        swapped = (base_hits + hits, base_of + of, new_hits - hits, new_of - of)
        return abs(_difference(swapped)) >= observed

    sums, draws = every_sum(moved, seed)
    met = sum(ways for code, ways in sums.items() if reached(code))
    whole = sum(sums.values())
    return drawn_share(met, draws) if draws else Permutation(met / whole)


def _difference(sums: Sequence[float]) -> float:
    """Return the difference; who said nothing where nothing was expected is right."""
    base_hits, base_of, new_hits, new_of = sums
    base = base_hits / base_of if base_of else 1.0
    new = new_hits / new_of if new_of else 1.0
    return new - base
