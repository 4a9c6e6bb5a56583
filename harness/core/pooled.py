"""The difference of two runs' pooled F1: its interval and its test, by documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from harness.core.paired import bca_of_sums
from harness.core.permutation import Choice, every_sum
from harness.core.stats import LEVEL, Interval

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


def pooled_swap(pairs: Sequence[Pair], seed: int = 0) -> float:
    """Return the two-sided p-value of that difference, by swapping documents between the runs.

    If neither run is better, each document's counts might as well have come the other way round.
    Exact while the swaps have few different sums, else by seeded draws.

    >>> pooled_swap([Pair(0, 2, 2, 2)] * 6)
    0.03125
    """
    moved: list[Choice] = [
        {0: 1, (p.new_hits - p.base_hits) * _HIGH + p.new_of - p.base_of: 1}
        for p in pairs
        if p[:2] != p[2:]
    ]
    if not moved:
        return 1.0
    base_hits, base_of, new_hits, new_of = (sum(column) for column in zip(*pairs, strict=True))
    seen = abs(pooled_difference(pairs)) - 1e-12

    def reached(code: int) -> bool:
        hits = (code + _HIGH // 2) // _HIGH
        of = code - hits * _HIGH
        swapped = (base_hits + hits, base_of + of, new_hits - hits, new_of - of)
        return abs(_difference(swapped)) >= seen

    sums, exact = every_sum(moved, seed)
    met = sum(ways for code, ways in sums.items() if reached(code))
    whole = sum(sums.values())
    return met / whole if exact else (met + 1) / (whole + 1)


def _difference(sums: Sequence[float]) -> float:
    """Return the difference; who said nothing where nothing was expected is right."""
    base_hits, base_of, new_hits, new_of = sums
    base = base_hits / base_of if base_of else 1.0
    new = new_hits / new_of if new_of else 1.0
    return new - base
