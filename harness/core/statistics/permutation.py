"""Sums of one choice a document: how often chance alone reaches a sum, exactly where it can.

Each document may add one of several whole numbers, each in so many ways; the ways are equally
likely. Sign flips and permuted labels are both of this kind.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import add
from typing import Final, TypeAlias

Choice: TypeAlias = Mapping[int, int]
"""What one document may add to the sum, and in how many ways each."""

LISTED: Final = 1 << 14
"""Most different sums kept of half of the documents: 28 documents of two choices, or any number of
documents whose choices are few whole numbers."""
_BLOCK: Final = 1 << 12
"""Most sums of the documents that are drawn together."""
_DRAWS: Final = 20_000
_FEWEST: Final = 2000
_WORK: Final = 2_000_000
"""Blocks drawn at the most, over all draws."""


def share_at_least(choices: Sequence[Choice], threshold: int, seed: int = 0) -> float:
    """Return the share of all combinations whose sum is at least the threshold.

    Exact by meeting in the middle (Horowitz and Sahni 1974) while each half has at most `LISTED`
    different sums; beyond, `(k + 1) / (draws + 1)` of seeded draws, which is never 0.

    >>> share_at_least([{1: 1, -1: 1}, {1: 1, -1: 1}], 2)
    0.25
    """
    halves = _halves(choices)
    if halves is None:
        return _drawn(choices, threshold, seed)
    left, right = (sorted(half.items()) for half in halves)
    right.reverse()
    hits = enough = reached = 0
    for total, ways in left:
        while reached < len(right) and right[reached][0] >= threshold - total:
            enough += right[reached][1]
            reached += 1
        hits += ways * enough
    return hits / math.prod(sum(choice.values()) for choice in choices)


def _halves(choices: Sequence[Choice]) -> tuple[Choice, Choice] | None:
    """Return the sums of two halves of the documents; None where one has too many to list."""
    small: Choice = {0: 1}
    large: Choice = {0: 1}
    for choice in choices:
        grown = _both(small, choice)
        if grown is None:
            return None
        small, large = sorted((grown, large), key=len)
    return small, large


def _both(sums: Choice, choice: Choice) -> Choice | None:
    """Return the sums of two and in how many ways each comes about; None of more than `LISTED`."""
    found: dict[int, int] = {}
    for one, ways in sums.items():
        for other, more in choice.items():
            found[one + other] = found.get(one + other, 0) + ways * more
        if len(found) > LISTED:
            return None
    return found


def every_sum(choices: Sequence[Choice], seed: int = 0) -> tuple[Choice, bool]:
    """Return all sums and in how many ways each comes about, and True.

    Where they are more than `LISTED`, return those of seeded draws instead, and False.

    >>> every_sum([{0: 1, 2: 1}, {0: 1, 2: 1}])
    ({0: 1, 2: 2, 4: 1}, True)
    """
    sums: Choice = {0: 1}
    for choice in choices:
        grown = _both(sums, choice)
        if grown is None:
            return Counter(_draw(choices, seed)), False
        sums = grown
    return sums, True


def _drawn(choices: Sequence[Choice], threshold: int, seed: int) -> float:
    sums = _draw(choices, seed)
    return (sum(total >= threshold for total in sums) + 1) / (len(sums) + 1)


def _draw(choices: Sequence[Choice], seed: int) -> list[int]:
    draw = random.Random(seed)
    blocks = _blocks(choices)
    draws = max(_FEWEST, min(_DRAWS, _WORK // len(blocks)))
    sums = [0] * draws
    for block in blocks:
        sums = list(map(add, sums, draw.choices(block, k=draws)))
    return sums


def _blocks(choices: Sequence[Choice]) -> list[list[int]]:
    """Return equally likely sums of the documents in few groups, each drawn at once."""
    blocks: list[list[int]] = []
    for choice in choices:
        ways = [value for value, many in choice.items() for _ in range(many)]
        if blocks and len(blocks[-1]) * len(ways) <= _BLOCK:
            blocks[-1] = [total + value for total in blocks[-1] for value in ways]
        else:
            blocks.append(ways)
    return blocks
