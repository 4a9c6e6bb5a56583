"""Permutation tests: how often random choices, one a document, reach an observed sum.

Each document may add one of several whole numbers, each in so many ways; the ways are equally
likely. Sign flips, swaps and permuted labels are all of this kind. Exact where the sums are few,
else by seeded draws, and the result says which.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from operator import add
from typing import Final, NamedTuple, TypeAlias

Choice: TypeAlias = Mapping[int, int]
"""What one document may add to the sum, and in how many ways each."""

LISTED: Final = 1 << 14
"""Most different sums kept of half of the documents: 28 documents of two choices, or any number of
documents whose choices are few whole numbers."""
_LISTED_STEPS: Final = 1 << 19
"""Most additions on the way to all sums: beyond, drawing is quicker than counting."""
_BLOCK: Final = 1 << 12
"""Most sums of the documents that are drawn together."""
_MANY: Final = 24
"""Documents of the same two choices from which they are drawn at once, as bits."""
_DRAWS: Final = 20_000
_FEWEST: Final = 2000
_WORK: Final = 2_000_000
"""Blocks drawn at the most, over all draws."""
_TWO: Final = 2


class Permutation(NamedTuple):
    """The p-value of a permutation test, and what it rests on."""

    p_value: float
    draws: int | None = None
    """Seeded draws it was estimated from; None where every combination is counted."""
    error: float = 0.0
    """Standard error of a p-value that was drawn; 0 where it is exact."""


def drawn_share(met: int, draws: int) -> Permutation:
    """Return the share of seeded draws that met a threshold, the seen one among them.

    >>> drawn_share(1249, 2499)
    Permutation(p_value=0.5, draws=2499, error=0.010002...)
    """
    share = (met + 1) / (draws + 1)
    return Permutation(share, draws, math.sqrt(share * (1 - share) / draws))


def share_at_least(choices: Sequence[Choice], threshold: int, seed: int = 0) -> Permutation:
    """Return the share of all combinations whose sum is at least the threshold.

    Exact by meeting in the middle (Horowitz and Sahni 1974) while each half has at most `LISTED`
    different sums; beyond, `(k + 1) / (draws + 1)` of seeded draws, which is never 0.

    >>> share_at_least([{1: 1, -1: 1}, {1: 1, -1: 1}], 2)
    Permutation(p_value=0.25, draws=None, error=0.0)
    """
    halves = _halves(choices)
    if halves is None:
        sums = _draw(choices, seed)
        return drawn_share(sum(total >= threshold for total in sums), len(sums))
    left, right = (sorted(half.items()) for half in halves)
    right.reverse()
    hits = enough = place = 0
    for total, ways in left:
        while place < len(right) and right[place][0] >= threshold - total:
            enough += right[place][1]
            place += 1
        hits += ways * enough
    return Permutation(hits / math.prod(sum(choice.values()) for choice in choices))


def _halves(choices: Sequence[Choice]) -> tuple[Choice, Choice] | None:
    """Return the sums of two halves of the documents; None where one has too many to list."""
    alike = _alike(choices)
    small: Choice = {0: 1}
    large: Choice = {alike.least: 1}
    steps = 0
    for choice in alike.powers():
        steps += len(small) * len(choice)
        grown = _both(small, choice) if steps <= _LISTED_STEPS else None
        if grown is None:
            return None
        small, large = sorted((grown, large), key=len)
    return small, large


class _Alike(NamedTuple):
    """The documents, those of two ways taken together that are as far apart."""

    least: int
    """What documents of two ways add at the least, all together."""
    coins: Mapping[int, int]
    """How many of them may add so much more."""
    others: Sequence[Choice]
    """Documents of more ways, or of ways that are not equally many."""

    def powers(self) -> list[Choice]:
        """Return what may be added, the fewest sums first: many coins make one binomial."""
        return sorted((*(_binomial(*each) for each in self.coins.items()), *self.others), key=len)


def _alike(choices: Sequence[Choice]) -> _Alike:
    least, coins, others = 0, Counter[int](), []
    for choice in choices:
        if len(choice) == _TWO and set(choice.values()) == {1}:
            least += min(choice)
            coins[max(choice) - min(choice)] += 1
        else:
            others.append(choice)
    return _Alike(least, coins, others)


def _binomial(step: int, number: int) -> Choice:
    """Return the sums of so many documents that add nothing or a step."""
    probabilities, ways = {}, 1
    for steps in range(number + 1):
        probabilities[step * steps] = ways
        ways = ways * (number - steps) // (steps + 1)
    return probabilities


def _both(sums: Choice, choice: Choice) -> Choice | None:
    """Return the sums of two and in how many ways each comes about; None of more than `LISTED`."""
    convolved: dict[int, int] = {}
    for one, ways in sums.items():
        for other, more in choice.items():
            convolved[one + other] = convolved.get(one + other, 0) + ways * more
        if len(convolved) > LISTED:
            return None
    return convolved


def every_sum(choices: Sequence[Choice], seed: int = 0) -> tuple[Choice, int | None]:
    """Return all sums and in how many ways each comes about, and None.

    Where they are too many to list, return those of seeded draws instead, and their number.

    >>> every_sum([{0: 1, 2: 1}, {0: 1, 2: 1}])
    ({0: 1, 2: 2, 4: 1}, None)
    """
    alike = _alike(choices)
    sums: Choice = {alike.least: 1}
    steps = 0
    for choice in alike.powers():
        steps += len(sums) * len(choice)
        grown = _both(sums, choice) if steps <= _LISTED_STEPS else None
        if grown is None:
            drawn = _draw(choices, seed)
            return Counter(drawn), len(drawn)
        sums = grown
    return sums, None


def _draw(choices: Sequence[Choice], seed: int) -> list[int]:
    """Return the sums of seeded draws of one way a document."""
    luck = random.Random(seed)
    least, coins, others = _alike(choices)
    many = [(step, number) for step, number in coins.items() if number >= _MANY]
    few: list[Choice] = [
        {0: 1, step: 1} for step, number in coins.items() if number < _MANY for _ in range(number)
    ]
    blocks = _blocks([*few, *others])
    draws = max(_FEWEST, min(_DRAWS, _WORK // (len(blocks) + len(many))))
    sums = [least] * draws
    for step, number in many:
        sums = [total + step * luck.getrandbits(number).bit_count() for total in sums]
    for block in map(_listed, blocks):
        sums = list(map(add, sums, luck.choices(block, k=draws)))
    return sums


def _blocks(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Return groups of documents that are drawn at once: each has few combinations."""
    blocks: list[list[Choice]] = []
    combinations = _BLOCK
    for choice in choices:
        ways = sum(choice.values())
        if combinations * ways > _BLOCK:
            blocks.append([])
            combinations = 1
        blocks[-1].append(choice)
        combinations *= ways
    return blocks


def _listed(block: Sequence[Choice]) -> list[int]:
    """Return the sum of each combination, all equally likely."""
    sums = [0]
    for choice in block:
        ways = [value for value, many in choice.items() for _ in range(many)]
        sums = [total + value for total in sums for value in ways]
    return sums
