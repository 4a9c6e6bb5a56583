"""Nearest namesakes: the pairs worth weighing where more entities agree than can be weighed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

MOST_PAIRS: Final = 150_000
"""How many pairs of entities of a collection are weighed, all of them."""

MOST_NEAREST: Final = 24
"""How many pairs of one entity are weighed where there are more."""

_WINDOW: Final = 3
"""How far from an entity's place in the order of its namesakes others are near it."""

_RARE: Final = 8
"""How many entities may share a value that brings them together."""

Ranks: TypeAlias = tuple[Sequence[int], Sequence[int]]
"""By side and entity, its rank in one order."""

EntityValues: TypeAlias = Sequence[Mapping[str, object]]


def nearest(
    agreeing: Sequence[Collection[int]],
    orders: Sequence[Ranks],
    values: tuple[EntityValues, EntityValues],
) -> list[Collection[int]]:
    """Return by expected entity those that may be it, the nearest where they are many.

    Near are those that look the same, those that share a value with few, and those at one place in
    an order that contents and links decide. `orders` are the ranks in such orders, by side: those
    that look the same in the first one need no other.

    >>> two = ({"a": 1}, {"a": 2})
    >>> nearest([[0, 1], [0, 1]], [([0, 2], [2, 0])], (two, two))
    [[0, 1], [0, 1]]
    """
    blocks: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    known: dict[int, tuple[int, ...]] = {}
    for i, some in enumerate(agreeing):
        if len(some) > MOST_NEAREST:
            blocks[known.get(id(some)) or known.setdefault(id(some), tuple(some))].append(i)
    nearby = list(agreeing)
    for others, block in blocks.items():
        near: dict[int, dict[int, None]] = {i: {} for i in block}
        for i, j in _near_pairs(block, others, orders, values):
            near[i][j] = None
        for i, some in near.items():
            nearby[i] = sorted(some)
    return nearby


def _near_pairs(
    left: Sequence[int],
    right: Sequence[int],
    orders: Sequence[Ranks],
    values: tuple[EntityValues, EntityValues],
) -> Iterator[tuple[int, int]]:
    left, right = (
        sorted(some, key=ranks.__getitem__)
        for some, ranks in zip((left, right), orders[0], strict=True)
    )
    twins = list(_beside(left, right, orders[0]))
    yield from twins
    paired = {i for i, _ in twins}, {j for _, j in twins}
    rest = [i for i in left if i not in paired[0]], [j for j in right if j not in paired[1]]
    for ranks in orders:
        yield from _beside(*rest, ranks)
        ordered = sorted(rest[1], key=ranks[1].__getitem__)
        for k, i in enumerate(sorted(rest[0], key=ranks[0].__getitem__)):
            yield from ((i, j) for j in ordered[max(0, k - _WINDOW) : k + _WINDOW + 1])
    sharing: tuple[defaultdict[object, list[int]], defaultdict[object, list[int]]]
    sharing = defaultdict(list), defaultdict(list)
    for mine, some, own in zip(sharing, rest, values, strict=True):
        for n in some:
            for said_so in own[n].items():
                mine[said_so].append(n)
    for value, ones in sharing[0].items():
        others = sharing[1].get(value, ())
        if max(len(ones), len(others)) <= _RARE:
            yield from ((i, j) for i in ones for j in others)


def _beside(left: Sequence[int], right: Sequence[int], ranks: Ranks) -> Iterator[tuple[int, int]]:
    """Yield those of one rank, one of each side at a time."""
    waiting: defaultdict[int, list[int]] = defaultdict(list)
    for j in reversed(right):
        waiting[ranks[1][j]].append(j)
    for i in left:
        if waiting.get(ranks[0][i]):
            yield i, waiting[ranks[0][i]].pop()
