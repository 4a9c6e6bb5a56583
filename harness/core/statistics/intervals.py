"""Confidence intervals over documents: seeded bootstrap, and bounds that hold for any scores."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final, NamedTuple

from harness.core.counts import Counts, scores

DRAWS: Final = 400_000
"""How many documents are drawn at the most, over all resamples."""
RESAMPLES: Final = 2000
FEWEST: Final = 200
LEVEL: Final = 0.95
METHOD: Final = "bootstrap over documents, Clopper-Pearson where all score alike"
_ROUNDING: Final = 1e-12


class Interval(NamedTuple):
    """Where a score lies with 95 % confidence."""

    low: float
    high: float


class Intervals(NamedTuple):
    """What resampling the documents says of macro and micro F1; None below two documents."""

    macro_f1: Interval | None
    micro_f1: Interval | None
    resamples: int


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, exact to the last digit in any order; None of nothing.

    >>> mean([0.1] * 10), mean([])
    (0.1, None)
    """
    return math.fsum(values) / len(values) if values else None


def bootstrap(
    documents: Sequence[Sequence[Counts]], vacuous: float | None = None, seed: int = 0
) -> Intervals:
    """Return percentile intervals of macro and micro F1 by resampling whole documents.

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
    return resampled(f1s, hits, ofs, times, seed)


def resampled(
    f1s: Sequence[float],
    hits: Sequence[int],
    ofs: Sequence[int],
    times: Sequence[int] | None = None,
    seed: int = 0,
) -> Intervals:
    """Return the same from columns: each case's F1, and its F1's numerator and denominator.

    Of a case that was asked several `times`, each is a sum. Some may never have been answered:
    macro F1 is the mean over what was, in the figure itself and in every resample.

    Fields of one document stand and fall together, so documents are drawn, never fields. Micro F1
    is recomputed from the summed counts of each resample (Efron and Tibshirani 1993, ch. 13).
    """
    size = len(f1s)
    if size < 2 or not any(ofs):  # noqa: PLR2004  # one document, or no field at all: no spread
        return Intervals(None, None, 0)
    resamples = max(FEWEST, min(RESAMPLES, DRAWS // size))
    draw = random.Random(seed)
    macros, micros = [], []
    for _ in range(resamples):
        drawn = draw.choices(range(size), k=size)
        asked = size if times is None else sum(map(times.__getitem__, drawn))
        macros.append(math.fsum(map(f1s.__getitem__, drawn)) / asked)
        of = sum(map(ofs.__getitem__, drawn))
        micros.append(sum(map(hits.__getitem__, drawn)) / of if of else 0.0)
    return Intervals(_percentiles(macros, size), _percentiles(micros, size), resamples)


def unvaried(score: float, size: int) -> Interval:
    """Return where a score lies that all documents share: Clopper and Pearson's interval.

    Drawing the same documents again would make it certain, however few they are.

    >>> [round(bound, 4) for bound in (*unvaried(1.0, 5), *unvaried(0.0, 100))]
    [0.4782, 1.0, 0.0, 0.0362]
    """
    unseen = 1 - ((1 - LEVEL) / 2) ** (1 / size)
    return Interval(score * (1 - unseen), score + (1 - score) * unseen)


def _percentiles(values: list[float], size: int) -> Interval:
    values.sort()
    if values[-1] - values[0] < _ROUNDING:
        return unvaried(values[0], size)
    tail = (1 - LEVEL) / 2
    last = len(values) - 1
    return Interval(values[round(tail * last)], values[round((1 - tail) * last)])


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
