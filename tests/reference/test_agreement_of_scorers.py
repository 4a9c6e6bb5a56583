"""The scorer and a second one, written by somebody who had not read it, say the same."""

from __future__ import annotations

from dataclasses import asdict
from random import Random

import pytest

from .agreement import allowed, disagrees, is_open, told, told_of_maps
from .random_documents import entity_example, example, shrunk


def test_thousands_of_random_documents_are_judged_as_the_second_scorer_judges_them() -> None:
    compared = 0
    for seed in range(1500):
        one = example(Random(seed))
        if is_open(one):
            continue
        compared += 1
        if disagrees(one):
            small = shrunk(one, lambda e: disagrees(e) and not is_open(e))
            raise AssertionError({"seed": seed, **asdict(small)}, told(small), allowed(small))
    assert compared > 1300


@pytest.mark.parametrize(
    ("seed", "ruling"),
    [
        (
            57795,
            'a list of texts: "9.00" meets the number 9.0, as it does alone; harness was wrong',
        ),
        (59066, "20240331 is the day that 2024-03-31 is, in another format; the second was wrong"),
        (59040, "the same in a list below an object; the second was wrong"),
        (59132, "the same in a list; the second was wrong"),
        (50956, "a blank beside the only item adds nothing: wrapped; the second was wrong"),
        (57145, "the same of another text; the second was wrong"),
        (57835, "the same of null; the second was wrong"),
        (51020, "differed once; both have been right since"),
        (200540, "a day apart within `days: 1` is the same, so it is shared; harness was wrong"),
        (80763, "the namesakes by whom two events are matched, not one; harness was wrong"),
        (702948, "the namesakes whose reference agrees; harness was wrong"),
    ],
)
def test_documents_that_were_judged_in_two_ways_are_judged_as_the_rules_say(
    seed: int, ruling: str
) -> None:
    one = example(Random(seed))
    assert told(one) in allowed(one), ruling


@pytest.mark.parametrize("seed", [1732, 2509])
def test_values_that_a_rule_calls_the_same_decide_between_entities_as_equal_ones_do(
    seed: int,
) -> None:
    one = entity_example(Random(seed))
    assert told(one) in allowed(one), "a date within `days: 1` is the same; harness was wrong"


@pytest.mark.parametrize("seed", [684, 1957, 2137])
def test_entities_are_matched_as_is_best_by_pairs_then_by_what_agrees(seed: int) -> None:
    one = entity_example(Random(seed))
    assert told(one) in allowed(one), "one pair more, or one value more; harness was wrong"


def test_graphs_of_maps_are_judged_as_the_second_scorer_judges_them_as_lists() -> None:
    compared = 0
    for seed in range(300):
        one = entity_example(Random(seed))
        if is_open(one):
            continue
        compared += 1
        assert told_of_maps(one) in allowed(one), seed
    assert compared > 200
