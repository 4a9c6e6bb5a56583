"""Items with several optional lists: what is left out costs nothing, however it is written."""

from __future__ import annotations

import copy
from random import Random
from typing import Final

import pytest

from harness import score
from harness.core.values import Json

NOTHING: Final[tuple[Json, ...]] = (None, [], [""], [None], "missing")
LISTS: Final[tuple[Json, ...]] = (["1"], ["1", "2"], ["x"], [{"k": "1"}], [["1"]])
ITEM: Final[Json] = {"type": "object", "properties": {"a": {"type": "array"}, "d": {}}}
SCHEMA: Final[Json] = {"properties": {"m": {"type": "array", "items": ITEM}}}


def _items(rng: Random) -> list[Json]:
    found: list[Json] = []
    for _ in range(rng.randrange(2, 6)):
        item: dict[str, Json] = {}
        for key in ("a", "d", "t"):
            value = rng.choice((*NOTHING, *LISTS))
            if value != "missing":
                item[key] = value
        found.append(item)
    return found


def _said_otherwise(rng: Random, item: Json) -> Json:
    """Return the same item with each nothing written in some other way."""
    assert isinstance(item, dict)
    other: dict[str, Json] = {}
    for key in ("a", "d", "t"):
        value = item.get(key)
        value = rng.choice(NOTHING) if value in NOTHING else copy.deepcopy(value)
        if value != "missing":
            other[key] = value
    return other


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["no schema", "schema"])
def test_items_with_optional_lists_equal_their_own_copy_in_any_order(schema: Json) -> None:
    rng = Random(1)
    for _ in range(200):
        truth = _items(rng)
        copied = [_said_otherwise(rng, item) for item in truth]
        rng.shuffle(copied)
        counts = score({"m": truth}, {"m": copied}, schema).counts
        assert (counts.omission, counts.hallucination, counts.wrong_value) == (0, 0, 0), truth


def test_a_list_that_one_of_two_items_has_is_weighed_once() -> None:
    truth: Json = {"m": [{"a": ["1"]}, {"a": ["1"], "d": ["x"]}]}
    assert score(truth, copy.deepcopy(truth)).f1 == 1.0
