"""Near keys: where too many keys differ to compare each with each, those worth comparing."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from harness.core.comparators.comparator import Key

_RAREST: Final = 4
"""Pieces of a key by which others are looked for."""
_LONGEST: Final = 200
"""Letters of a text that are taken for pieces three by three, and words of it that are pieces."""


def near_keys(predicted: Mapping[Key, object], nearest: int) -> Callable[[Key], Sequence[Key]]:
    """Return what finds the keys that a key is most likely alike to, in whatever order they come.

    These are its neighbours in order, read forwards and backwards, and those that share its rarest
    pieces: words and letters of a text, members of a set or a date. So words in another order, a
    slip at both ends and a text within a longer one are found as well.

    >>> known = {"smith john": 1, "roe anna": 2, "doe jane": 3, "bob": 4}
    >>> "smith john" in near_keys(known, 1)("john smith")
    True
    """
    forwards = sorted(predicted, key=_forwards)
    orders = [
        ([place(key) for key in keys], keys, place)
        for keys, place in (
            (forwards, _forwards),
            (sorted(predicted, key=_backwards), _backwards),
        )
    ]
    ranks: defaultdict[str, list[int]] = defaultdict(list)
    for rank, key in enumerate(forwards):
        for piece in set(_pieces(key)):
            ranks[piece].append(rank)

    def near(key: Key) -> Sequence[Key]:
        neighbours: dict[Key, None] = {}
        for places, keys, place in orders:
            at = bisect_left(places, place(key))
            neighbours |= dict.fromkeys(keys[max(0, at - nearest) : at + nearest])
        rank = bisect_left(orders[0][0], _forwards(key))
        shared = [(len(ranks[piece]), piece) for piece in set(_pieces(key)) if piece in ranks]
        for _, piece in sorted(shared)[:_RAREST]:
            at = bisect_left(ranks[piece], rank)
            others = ranks[piece][max(0, at - nearest) : at + nearest]
            neighbours |= dict.fromkeys(forwards[other] for other in others)
        return list(neighbours)

    return near


def _pieces(key: Key) -> Iterator[str]:
    """Yield what keys that are alike may share; numbers are alike to their neighbours only."""
    if isinstance(key, str):
        yield from key.split()[:_LONGEST]
        start = key[:_LONGEST]
        yield from (start[at : at + 3] for at in range(len(start) - 2))
    elif isinstance(key, tuple | frozenset):
        yield from map(repr, key)


def _forwards(key: Key) -> tuple[object, ...]:
    number = isinstance(key, (int, float))
    return (0, key, "") if number else (1, 0, key if isinstance(key, str) else _text(key))


def _text(key: Key) -> str:
    """Return a key that is no text as one; a set in one order, whatever its own."""
    return repr(sorted(map(repr, key)) if isinstance(key, frozenset) else key)


def _backwards(key: Key) -> tuple[object, ...]:
    *first, text = _forwards(key)
    return (*first, str(text)[::-1])
