"""How low the mean of scores between 0 and 1 may truly be, whatever the scores are like."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final

LEVEL: Final = 0.95
"""One-sided."""
_DRAWS: Final = 5000
_FEWEST: Final = 400
_ALL: Final = 1_000_000
"""Numbers drawn, over all documents."""


def lower_bound(scores: Sequence[float], level: float = LEVEL, seed: int = 0) -> float:
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
