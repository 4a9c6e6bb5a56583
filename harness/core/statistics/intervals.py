"""Confidence intervals over documents: Wilson, Clopper-Pearson, and Gaffke's lower bound."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from harness.core.counts import Counts, scores
from harness.core.statistics.student_t import t_bound

LEVEL: Final = 0.95
METHOD: Final = (
    "Wilson over documents with Student's t, nearer to Clopper-Pearson the more alike they score"
)
FEW_DOCUMENTS: Final = 20
"""Documents below which rare kinds that are read badly may well be missing from the sample."""
_ROUNDING: Final = 1e-12


class Interval(NamedTuple):
    """Interval in which a score lies with 95 % confidence."""

    low: float
    high: float


class Intervals(NamedTuple):
    """Confidence intervals of macro and micro F1, over documents; None below two of them."""

    macro_f1: Interval | None
    micro_f1: Interval | None
    documents: int
    """Documents with a score."""


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, exact to the last digit in any order; None of nothing.

    >>> mean([0.1] * 10), mean([])
    (0.1, None)
    """
    return math.fsum(values) / len(values) if values else None


def document_intervals(
    documents: Sequence[Sequence[Counts]], vacuous: float | None = None
) -> Intervals:
    """Return the intervals of macro and micro F1, the document being what varies.

    A document has the counts of one or more replicates, which stand and fall together. `vacuous`
    is what one without any field is worth in the macro mean; None leaves it out.
    """
    f1s: list[float] = []
    times: list[int] = []
    hits: list[int] = []
    ofs: list[int] = []
    for replicates in documents:
        worths = [s.f1 if (s := scores(counts)) else vacuous for counts in replicates]
        known = [f1 for f1 in worths if f1 is not None]
        if known:
            ratios = [counts.f1 for counts in replicates]
            f1s.append(math.fsum(known))
            times.append(len(known))
            hits.append(sum(ratio.hits for ratio in ratios))
            ofs.append(sum(ratio.of for ratio in ratios))
    return column_intervals(f1s, hits, ofs, times)


def column_intervals(
    f1s: Sequence[float],
    hits: Sequence[int],
    ofs: Sequence[int],
    times: Sequence[int] | None = None,
) -> Intervals:
    """Return the same from columns: each case's F1, and its F1's numerator and denominator.

    Of a case that was asked several `times`, each is a sum. Some may never have been answered:
    macro F1 is the mean over what was.
    """
    if len(f1s) < 2 or not any(ofs):  # noqa: PLR2004  # one document, or no field at all: no spread
        return Intervals(None, None, len(f1s))
    macro = ratio_interval(f1s, b"\x01" * len(f1s) if times is None else times)
    return Intervals(macro, ratio_interval(hits, ofs), len(f1s))


def ratio_interval(numerators: Sequence[float], denominators: Sequence[float]) -> Interval | None:
    """Return the 95 % interval of sum / sum over documents, a share in [0, 1].

    The variance is that of the ratio with one document left out each (jackknife, Cochran 1977,
    ch. 6), so fields of one document stand and fall together. Wilson's interval (1927) takes
    p (1 - p) / variance for the number of independent documents, and Student's t with one degree of
    freedom less than the documents are worth: where sizes differ, as many equal ones as would
    spread as much (Kish 1965), so that a giant among them does not stand for all others like it.
    Where all documents have one score it is Clopper and Pearson's: equal documents prove no more
    than their number. Nearly equal ones prove hardly more: below `_ALIKE` the less they spread, the
    nearer it comes to that, so that no interval jumps. None below two documents with a denominator.

    >>> [round(bound, 3) for bound in ratio_interval([0.6, 0.9, 1.0, 0.7, 0.8], [1] * 5)]
    [0.556, 0.927]
    """

    def pairs() -> Iterator[tuple[float, float]]:  # of a million documents no list is made
        return (each for each in zip(numerators, denominators, strict=True) if each[1])

    size, whole = sum(1 for _ in pairs()), math.fsum(denominators)
    if size < 2:  # noqa: PLR2004  # one document has no spread
        return None
    share = min(1.0, math.fsum(a for a, _ in pairs()) / whole)
    worth = whole**2 / math.fsum(b * b for _, b in pairs())
    moves = math.fsum(((a - share * b) / (whole - b)) ** 2 for a, b in pairs())
    variance = (size - 1) / size * moves
    if variance < _ROUNDING**2 or share * (1 - share) <= 0:
        return unvaried(share, worth)
    freedom = max(1, math.floor(worth - 1 + _ROUNDING * size))
    bounds = _wilson(share, share * (1 - share) / variance, freedom)
    doubt = max(0.0, 1 - math.sqrt(variance * worth) / _ALIKE)
    return _widened(bounds, unvaried(share, worth), doubt)


_ALIKE: Final = 0.1
"""Standard deviation of documents' scores below which it says little of others: that those at hand
are all read well does not tell how many are not."""


def _widened(bounds: Interval, other: Interval, doubt: float) -> Interval:
    """Return an interval moved towards a wider one by a share of what the other is wider."""
    low = bounds.low - doubt * max(0.0, bounds.low - other.low)
    high = bounds.high + doubt * max(0.0, other.high - bounds.high)
    return Interval(low, high)


def _wilson(share: float, effective: float, freedom: int) -> Interval:
    squared = t_bound((1 - LEVEL) / 2, min(freedom, _NORMAL)) ** 2
    middle = (share + squared / (2 * effective)) / (1 + squared / effective)
    spread = share * (1 - share) / effective + squared / (4 * effective**2)
    half = math.sqrt(squared * spread) / (1 + squared / effective)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


_NORMAL: Final = 1_000
"""Degrees of freedom from which Student's t is the normal distribution to three digits."""


def unvaried(score: float, size: float) -> Interval:
    """Return where a score lies that all documents share: Clopper and Pearson's interval.

    Drawing the same documents again would make it certain, however few they are.

    >>> [round(bound, 4) for bound in (*unvaried(1.0, 5), *unvaried(0.0, 100))]
    [0.4782, 1.0, 0.0, 0.0362]
    """
    unseen = 1 - ((1 - LEVEL) / 2) ** (1 / size)
    return Interval(score * (1 - unseen), score + (1 - score) * unseen)


ONE_SIDED_LEVEL: Final = 0.95
"""One-sided."""
_DRAWS: Final = 5000
_FEWEST: Final = 400
_ALL: Final = 1_000_000
"""Numbers drawn, over all documents."""


def lower_bound(scores: Sequence[float], level: float = ONE_SIDED_LEVEL, seed: int = 0) -> float:
    """Return what the mean of all documents like these is at the least (Gaffke 2005).

    A bootstrap knows only what it has seen: of twelve documents that are all right it makes a
    bound of 1, though a tenth of all others may be wrong, and would not have been met in three
    such dozens out of ten. Here one document more is drawn, that nobody has seen and that scores 0,
    and documents weigh as the gaps between uniform numbers. Of scores that are 0 or 1 this is the
    bound of Clopper and Pearson, of scores that are all alike the score times (1 - level) to the
    power 1 / n: none comes out certain, and a target of 0.9 takes 29 documents without a fault.

    >>> round(lower_bound([1.0] * 29), 2), round(lower_bound([1.0] * 5), 2), lower_bound([])
    (0.9, 0.55, 0.0)
    """
    size = len(scores)
    if not any(scores):
        return 0.0
    if min(scores) == max(scores):
        return float(scores[0] * (1 - level) ** (1 / size))
    luck = random.Random(seed)
    means = []
    for _ in range(max(_FEWEST, min(_DRAWS, _ALL // size))):
        gaps = [luck.expovariate(1.0) for _ in scores]
        unseen = luck.expovariate(1.0)
        weighed = math.fsum(map(float.__mul__, gaps, map(float, scores)))
        means.append(weighed / (math.fsum(gaps) + unseen))
    means.sort()
    return means[math.floor((1 - level) * len(means))]
