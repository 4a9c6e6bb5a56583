"""Texts that differ as their rule allows are paired at any length, also past the comparisons."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest

import harness

_FIRST: Final = ("Anna", "John", "Maria", "Luis", "Chen", "Omar", "Ida", "Paul", "Sven", "Lea")
_LAST: Final = ("Smith", "Jones", "Garcia", "Rossi", "Nowak", "Okafor", "Tanaka", "Silva")


def _name(rng: Random, number: int) -> str:
    middle = "".join(chr(97 + number // 26**n % 26) for n in range(3)).capitalize()
    return f"{rng.choice(_FIRST)} {middle}o {rng.choice(_LAST)}"


def _reordered(text: str) -> str:
    first, middle, last = text.split()
    return f"{last} {first} {middle}"


KINDS: Final[dict[str, tuple[dict[str, Any], Callable[[str], str]]]] = {
    "words in another order": ({"similarity": "token_sort", "threshold": 0.9}, _reordered),
    "a subset of the words": (
        {"similarity": "token_set", "threshold": 0.95},
        lambda text: " ".join(reversed(text.split()[1:])),
    ),
    "a slip at both ends": ({"threshold": 0.8}, lambda text: f"X{text[1:-1]}Z"),
    "within a longer text": (
        {"similarity": "partial", "threshold": 0.95},
        lambda text: f"Dr. {text}, PhD",
    ),
    "any measure": ({"similarity": "wratio", "threshold": 0.9}, _reordered),
    "most items of a set": (
        {"compare": "set", "threshold": 0.5, "delimiter": " "},
        lambda text: f"q {_reordered(text)}",
    ),
}


@pytest.mark.parametrize("size", [3, 3_000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_texts_that_differ_as_their_rule_allows_is_paired(kind: str, size: int) -> None:
    rule, change = KINDS[kind]
    rng = Random(size)
    truth = [_name(rng, number) for number in range(size)]
    said = rng.sample([change(text) for text in truth], size)
    flat = harness.score({"r": truth}, {"r": said}, rules={"r[]": rule})
    assert flat.f1 is not None
    assert flat.f1 > 0.99
    assert flat.approximate == (("r",) if size > 3 else ())
    of_rows: list[list[dict[str, Any]]] = [[{"n": text} for text in side] for side in (truth, said)]
    rows = harness.score({"r": of_rows[0]}, {"r": of_rows[1]}, rules={"r[].n": rule})
    assert rows.counts == flat.counts
