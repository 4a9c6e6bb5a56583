"""How sure a number is: bootstrap over documents, seeded."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final, NamedTuple

from harness.core.metrics import Counts, scores

DRAWS: Final = 400_000
"""How many documents are drawn at the most, over all resamples."""
RESAMPLES: Final = 2000
FEWEST: Final = 200
LEVEL: Final = 0.95


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


def bootstrap(cases: Sequence[Counts], seed: int = 0) -> Intervals:
    """Return percentile intervals of macro and micro F1 by resampling whole documents.

    Fields of one document stand and fall together, so documents are drawn, never fields. Micro F1
    is recomputed from the summed counts of each resample (Efron and Tibshirani 1993, ch. 13).
    """
    scored = [(s.f1, c.f1) for c in cases if (s := scores(c)) is not None]
    size = len(scored)
    if size < 2:  # noqa: PLR2004  # one document has no spread
        return Intervals(None, None, 0)
    f1s = [f1 for f1, _ in scored]
    hits = [ratio.hits for _, ratio in scored]
    ofs = [ratio.of for _, ratio in scored]
    resamples = max(FEWEST, min(RESAMPLES, DRAWS // size))
    draw = random.Random(seed)
    macros, micros = [], []
    for _ in range(resamples):
        drawn = draw.choices(range(size), k=size)
        macros.append(math.fsum(map(f1s.__getitem__, drawn)) / size)
        micros.append(sum(map(hits.__getitem__, drawn)) / sum(map(ofs.__getitem__, drawn)))
    return Intervals(_percentiles(macros), _percentiles(micros), resamples)


def _percentiles(values: list[float]) -> Interval:
    values.sort()
    tail = (1 - LEVEL) / 2
    last = len(values) - 1
    return Interval(values[round(tail * last)], values[round((1 - tail) * last)])
