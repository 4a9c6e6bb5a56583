"""Student's t distribution, central and noncentral, for intervals and power analysis."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

_STEPS: Final = 2000
"""Of Simpson's rule: within 1e-9 of the true integral from one degree of freedom on."""
_REACH: Final = 12
"""Standard deviations around its middle beyond which a chi variable is never met."""
_BISECTIONS: Final = 60


def t_above(t: float, freedom: int, shift: float = 0.0) -> float:
    """Return the probability of a (noncentral) t variable above `t`.

    The normal tail above `t` times a chi variable, averaged over the latter (Johnson and Kotz 1970,
    ch. 31).

    >>> round(t_above(2.776445, 4), 6)
    0.025
    """
    return math.fsum(
        weight * math.erfc((t * scale - shift) / math.sqrt(2)) / 2
        for scale, weight in _chi(freedom)
    )


@cache
def _chi(freedom: int) -> Sequence[tuple[float, float]]:
    """Return points of a chi variable over the root of its degrees, each with its probability."""
    spread = _REACH / math.sqrt(2 * freedom)
    low = max(0.0, 1 - spread)
    step = (1 + spread - low) / _STEPS
    half = freedom / 2
    constant = math.log(2) + half * math.log(half) - math.lgamma(half)
    points = []
    for number in range(_STEPS + 1):
        at = low + number * step
        simpson = 1 if number in (0, _STEPS) else 4 if number % 2 else 2
        power = (freedom - 1) * math.log(at) if at else 0.0 if freedom == 1 else -math.inf
        density = math.exp(constant + power - half * at * at)
        points.append((at, simpson * step / 3 * density))
    return tuple(points)


@cache
def t_bound(above: float, freedom: int) -> float:
    """Return the t with so much probability above it.

    >>> round(t_bound(0.05, 9), 4)
    1.8331
    """
    return _root(lambda t: above - t_above(t, freedom))


def shift_for(power: float, freedom: int, above: float, sides: int) -> float:
    """Return the shift that a t test finds with a given power; `above` is one side's level."""
    bound = t_bound(above, freedom)

    def probability(shift: float) -> float:
        upper = t_above(bound, freedom, shift)
        lower = t_above(bound, freedom, -shift) if sides > 1 else 0.0
        return upper + lower - power

    return _root(probability)


def _root(rising: Callable[[float], float]) -> float:
    """Return where a rising function of a positive number passes 0."""
    low, high = 0.0, 1.0
    while rising(high) < 0:
        low, high = high, high * 2
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
