"""Ids that several entities bear: references go to one of them, and no order decides to which."""

from __future__ import annotations

import copy
from random import Random
from typing import Any, Final

import pytest

from harness import Plan
from harness.core.rules.field_rule import parse_rules

RULES: Final = {
    "people": {"align": "entity", "match": {"name": 1}},
    "people[].father": {"refers_to": "people"},
    "events": {"align": "entity", "match": ["kind"]},
    "events[].who": {"refers_to": "people"},
}
SIZES: Final = (3, 3000)


def _people(rng: Random, size: int) -> dict[str, Any]:
    """Return people of their own names, each with a father, and what some of them did."""
    people = [{"id": n, "name": f"n{n}", "father": rng.randrange(size)} for n in range(size)]
    events = [{"id": n, "kind": f"k{n}", "who": rng.randrange(size)} for n in range(size // 2)]
    return {"people": people, "events": events}


def _repeated(rng: Random, truth: dict[str, Any]) -> dict[str, Any]:
    """Return a copy in which a third of the people bear an id that several bear."""
    copied = copy.deepcopy(truth)
    ids = [n // 3 * 3 if n == 1 or rng.random() < 1 / 2 else n for n in range(len(truth["people"]))]
    for person in copied["people"]:
        person["id"], person["father"] = ids[person["id"]], ids[person["father"]]
    for event in copied["events"]:
        event["who"] = ids[event["who"]]
    return copied


def _shuffled(rng: Random, value: dict[str, Any]) -> dict[str, Any]:
    return {key: rng.sample(rows, len(rows)) for key, rows in value.items()}


@pytest.mark.parametrize("size", SIZES)
def test_the_order_of_entities_with_repeated_ids_changes_no_count(size: int) -> None:
    rng, plan = Random(size), Plan(None, parse_rules(RULES))
    truth = _people(rng, size)
    answer = _repeated(rng, truth)
    counts = plan.score(truth, answer).counts
    for _ in range(6 if size == 3 else 1):
        assert plan.score(_shuffled(rng, truth), _shuffled(rng, answer)).counts == counts


@pytest.mark.parametrize("size", SIZES)
def test_a_truth_with_repeated_ids_equals_its_copy_in_any_order(size: int) -> None:
    rng = Random(size)
    truth = _repeated(rng, _people(rng, size))
    assert Plan(None, parse_rules(RULES)).score(truth, _shuffled(rng, truth)).f1 == 1.0


def test_namesakes_of_one_id_are_told_apart_by_whom_they_refer_to() -> None:
    fathers = [{"id": "a", "name": "Ann"}, {"id": "b", "name": "Bo"}]
    sons = [{"id": "s", "name": "Cy", "father": "a"}, {"id": "s", "name": "Cy", "father": "b"}]
    truth = {"people": [*fathers, *sons], "events": [{"id": "e", "kind": "k", "who": "s"}]}
    plan = Plan(None, parse_rules(RULES))
    other = {**truth, "people": [*sons[::-1], *fathers]}
    assert plan.score(truth, other).f1 == plan.score(other, truth).f1 == 1.0


@pytest.mark.parametrize("size", SIZES)
def test_one_id_for_everybody_gains_no_more_than_the_references_to_one_of_them(size: int) -> None:
    truth = _people(Random(size), size)
    truth["people"] = [{**one, "father": n - n % 3} for n, one in enumerate(truth["people"])]
    answer = {
        "people": [{**one, "id": "x", "father": "x"} for one in truth["people"]],
        "events": [{**one, "who": "x"} for one in truth["events"]],
    }
    right = [
        diff
        for diff in Plan(None, parse_rules(RULES)).score(truth, answer).diffs
        if diff.field in ("people[].father", "events[].who") and str(diff.outcome) == "correct"
    ]
    most = max(sum(one["who"] == n for one in truth["events"]) for n in range(size))
    assert len(right) <= 3 + most
