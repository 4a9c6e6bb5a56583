"""What one side leaves open in a criterion is less alike than what both say."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from harness import score

SIZES = (3, 300)


def rules(field: str, **setting: object) -> dict[str, Any]:
    match = {"align": "entity", "match": {field: 1}, "unknown": [field]}
    return {"people": match, f"people[].{field}": setting}


def sides(field: str, said: list[tuple[str, str]], blank: int) -> tuple[Any, Any]:
    """Return two lists of people who say one thing nearly alike, and some who say nothing."""
    truth = [{"id": n, field: one} for n, (one, _) in enumerate(said)]
    answer = [{"id": n, field: other} for n, (_, other) in enumerate(said)]
    for side in (truth, answer):
        side += [{"id": 1000 + n} for n in range(blank)]
        Random(len(side)).shuffle(side)
    return {"people": truth}, {"people": answer}


@pytest.mark.parametrize("size", SIZES)
def test_a_near_date_is_paired_before_one_that_nobody_gives(size: int) -> None:
    said = [(f"20{n % 90 + 10}-{n // 90 + 1:02}-10",) * 2 for n in range(size)]
    said = [(one, other[:-1] + "2") for one, other in said]
    truth, answer = sides("born", said, size)
    result = score(truth, answer, rules=rules("born", compare="date", days=3))
    assert (result.counts.correct, result.counts.total) == (size, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["spring", "n/a", "?", "\u05d0\u05d1", "31/31/2024"])
def test_a_date_that_nobody_can_read_is_paired_with_itself(text: str, size: int) -> None:
    said = [(f"{text} {n}", f"{text} {n}") for n in range(size)]
    truth, answer = sides("born", said, 2)
    result = score(truth, answer, rules=rules("born", compare="date"))
    assert (result.counts.correct, result.counts.total) == (size, size)


@pytest.mark.parametrize("size", SIZES)
def test_a_text_near_enough_is_paired_before_one_that_nobody_gives(size: int) -> None:
    said = [(f"street {n} of the old town", f"street {n} of the old towns") for n in range(size)]
    truth, answer = sides("street", said, size)
    result = score(truth, answer, rules=rules("street", threshold=0.95))
    assert (result.counts.correct, result.counts.total) == (size, size)


def test_lists_that_two_entities_share_tell_them_apart_where_nothing_else_does() -> None:
    truth = [{"id": n, "tags": [f"t{n}", "x"]} for n in range(30)]
    answer = [{"id": 90 - n, "tags": ["x", f"t{n}"]} for n in range(30)]
    Random(2).shuffle(answer)
    rule = {"people": {"align": "entity", "match": {"where": 1}, "unknown": ["where"]}}
    assert score({"people": truth}, {"people": answer}, rules=rule).f1 == 1
