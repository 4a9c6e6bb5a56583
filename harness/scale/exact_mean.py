"""Means of scores whose sums do not depend on the order of adding.

A float is a whole number of some power of two. Scores of a case are quotients of two numbers of
fields, so all of them are whole numbers of 2**-128: summed as integers, nothing is rounded, and
the one division at the end gives what `math.fsum` over all cases gives, to the last bit.
"""

from __future__ import annotations

from typing import Final

_BITS: Final = 128
"""A quotient of integers below 2**64 has no bit below 2**-117."""
_UNIT: Final = 1 << _BITS


def scaled(score: float) -> int:
    """Return a score as a whole number of 2**-128.

    >>> scaled(0.5) == 2**127, scaled(0.1) + scaled(0.2) == scaled(0.2) + scaled(0.1)
    (True, True)
    """
    numerator, denominator = score.as_integer_ratio()
    return numerator * (_UNIT // denominator)


def exact_mean(total: int, count: int) -> float | None:
    """Return the mean of scores from their sum; None of nothing.

    It is rounded as `core.statistics.intervals.mean` does.

    >>> exact_mean(sum(map(scaled, [0.1] * 10)), 10), exact_mean(0, 0)
    (0.1, None)
    """
    return total / _UNIT / count if count else None
