"""Small random documents, made to collide: few keys, few values, many near misses."""

from __future__ import annotations

from random import Random
from typing import Final

from harness.core.values import Json

SCALARS: Final[tuple[Json, ...]] = (
    *(0, 1, 2, 2.0, 1.5, 12, -3, True, False),
    *("x", "X", " x\n", "y", "yy", "z-y", "z\u2011y", "o'k", "o\u2019k", "caf\u00e9", "cafe\u0301"),
    *("1", "2", "12", "1.5", "true", "False", "10\u00b2", "102"),
)
BLANKS: Final[tuple[Json, ...]] = (None, "", " \n", [], {})


def document(rng: Random) -> Json:
    """Return an object of a few keys, at most three levels deep."""
    return {key: value(rng, 3) for key in rng.sample("abcd", rng.randrange(1, 5))}


def value(rng: Random, depth: int) -> Json:
    shape = rng.random()
    if depth == 0 or shape < 0.45:
        return scalar(rng)
    if shape < 0.6:
        return {key: value(rng, depth - 1) for key in rng.sample("abc", rng.randrange(4))}
    if shape < 0.75:
        return [scalar(rng) for _ in range(rng.randrange(5))]
    if shape < 0.93:
        return [row(rng, depth - 1) for _ in range(rng.randrange(4))]
    return [[scalar(rng) for _ in range(rng.randrange(1, 4))] for _ in range(2)]


def scalar(rng: Random) -> Json:
    return rng.choice(BLANKS if rng.random() < 0.15 else SCALARS)


def row(rng: Random, depth: int) -> Json:
    return {
        key: scalar(rng) if rng.random() < 0.8 else value(rng, depth)
        for key in rng.sample("abc", rng.randrange(1, 4))
    }


def edited(rng: Random, given: Json, odds: float) -> Json:
    """Return the same value after a careless copy: things lost, added, moved, retyped, reframed."""
    if isinstance(given, dict):
        kept = {k: edited(rng, v, odds) for k, v in given.items() if rng.random() > odds / 2}
        if rng.random() < odds / 2:
            kept[rng.choice("abcde")] = value(rng, 1)
        return [kept] if rng.random() < odds / 8 else kept
    if isinstance(given, list):
        items = [edited(rng, item, odds) for item in given if rng.random() > odds / 2]
        if items and rng.random() < odds:
            items.append(rng.choice(items))
        if rng.random() < odds:
            rng.shuffle(items)
        return items[0] if len(items) == 1 and rng.random() < odds else items
    if rng.random() > odds:
        return given
    if rng.random() < 0.3 and given is not None:
        return str(given)
    if rng.random() < 0.1:
        return [given]
    return value(rng, 1) if rng.random() < 0.2 else scalar(rng)


def pair(rng: Random) -> tuple[Json, Json]:
    """Return a truth and a prediction: mostly an edited truth, sometimes another document."""
    truth = document(rng)
    if rng.random() < 0.15:
        return truth, document(rng)
    return truth, edited(rng, truth, rng.choice((0.1, 0.3, 0.6)))
