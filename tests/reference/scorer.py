"""A scorer written only from the rules in words: every pairing is tried, nothing is clever.

`tallies` returns every count that an optimal pairing of lists can give: where the rules leave a tie
open (which of two equally good partners), there is more than one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import add
from typing import TypeAlias
from unicodedata import category, normalize

from harness.core.values import Json

Tally: TypeAlias = tuple[int, ...]
"""Correct, omission, hallucination, format error, wrong value, value_equal."""
WORDS_OF_YES, WORDS_OF_NO = ("true", "yes", "y"), ("false", "no", "n")
LOOKS = str.maketrans("\u2018\u2019\u201c\u201d\u00ab\u00bb\u2212", '\'\'""""-')


def fold(text: str) -> str:
    plain = normalize("NFC", text).translate(LOOKS)
    looks = ({"Pd": "-", "Cf": ""}.get(category(c), c) for c in plain)
    return normalize("NFC", " ".join("".join(looks).split()).casefold())


def blank(value: Json) -> bool:
    return value is None or (isinstance(value, str) and not fold(value)) or value in ([], {})


def leaves(value: Json) -> int:
    if isinstance(value, list | dict):
        return sum(map(leaves, value.values() if isinstance(value, dict) else value))
    return int(not blank(value))


def same(e: Json, p: Json) -> bool:
    """Say whether two scalars are one value, read as the expected one's type."""
    if isinstance(e, str) and isinstance(p, str):
        return fold(e) == fold(p)
    if isinstance(e, str):
        code = e.lstrip(" +-")[:1] == "0" and e.lstrip(" +-")[1:2].isdigit()
        return fold(e) == str(p).removesuffix(".0").lower() or (not code and same(p, e))
    if isinstance(e, bool) or isinstance(p, bool):
        words = WORDS_OF_YES if e is True else WORDS_OF_NO
        return (isinstance(e, bool) and isinstance(p, str) and fold(p) in words) or e is p
    try:
        one, other = float(str(e)), float(str(p))
    except ValueError:
        return False
    whole = one.is_integer() and other.is_integer()
    return one == other if whole else f"{one:.15g}" == f"{other:.15g}"


def alike(e: Json, p: Json) -> bool:
    return isinstance(e, dict) == isinstance(p, dict) and isinstance(e, list) == isinstance(p, list)


def kind(value: Json) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def plus(one: set[Tally], other: set[Tally]) -> set[Tally]:
    return {tuple(map(add, a, b)) for a in one for b in other}


def framed(found: set[Tally]) -> set[Tally]:
    """Nothing in a wrong frame is correct: what was right is a format error of equal value."""
    return {(0, 0, h, c + o + f + w, 0, c + v) for c, o, h, f, w, v in found}


def rank(found: set[Tally]) -> tuple[int, int, int]:
    return max((c, v, c + f + w) for c, o, h, f, w, v in found)


def tallies(e: Json, p: Json) -> set[Tally]:  # noqa: PLR0911  # one rule a line
    if not leaves(e) or not leaves(p):
        return {(0, leaves(e), leaves(p), 0, 0, 0)}
    if isinstance(e, dict) and isinstance(p, dict):
        below = (tallies(e.get(key), p.get(key)) for key in e.keys() | p.keys())
        return reduce(plus, below, {(0,) * 6})
    if isinstance(e, list) and isinstance(p, list):
        every = list(pairings(e, p))
        best = max(map(rank, every))
        return set().union(*(found for found in every if rank(found) == best))
    alone = [item for item in e if leaves(item)] if isinstance(e, list) else []
    one = [item for item in p if leaves(item)] if isinstance(p, list) else []
    if len(alone) == 1 and alike(alone[0], p):
        return framed(tallies(alone[0], p))
    if len(one) == 1 and not isinstance(e, list) and alike(e, one[0]):
        return framed(tallies(e, one[0]))
    if isinstance(e, list | dict) or isinstance(p, list | dict):
        return {(0, 0, 0, leaves(e), 0, 0)}
    if kind(e) is kind(p):
        return {(1, 0, 0, 0, 0, 0) if same(e, p) else (0, 0, 0, 0, 1, 0)}
    return {(0, 0, 0, 1, 0, int(same(e, p)))}


def pairings(e: list[Json], p: list[Json]) -> Iterator[set[Tally]]:
    """Yield what every pairing gives; a pair has a leaf that is right, at least read leniently."""
    if not e:
        yield {(0, 0, leaves(p), 0, 0, 0)}
    for rest in pairings(e[1:], p) if e else ():
        yield plus({(0, leaves(e[0]), 0, 0, 0, 0)}, rest)
    for j, item in enumerate(p if e else ()):
        pair = tallies(e[0], item)
        if rank(pair)[:2] > (0, 0):
            yield from (plus(pair, rest) for rest in pairings(e[1:], p[:j] + p[j + 1 :]))
