"""Entities of one name: structure tells them apart, and ids and orders never do."""

from __future__ import annotations

import copy
from random import Random
from typing import Any, Final

import pytest

from harness import Plan, score
from harness.core.rules.field_rule import parse_rules

RULES: Final = {
    "people": {"align": "entity", "match": {"name": 1}},
    "people[].parents[]": {"refers_to": "people"},
    "people[].father": {"refers_to": "people"},
    "events": {"align": "entity", "match": ["kind", "tags"]},
    "events[].who": {"refers_to": "people"},
}


def _families(rng: Random, size: int) -> dict[str, Any]:
    """Return people of two names whose parents are any of them, and what they did."""
    people = []
    for i in range(size):
        others = [k for k in range(size) if k != i]
        parents = rng.sample(others, min(len(others), rng.choice((0, 0, 1, 2))))
        people.append({"id": i, "name": rng.choice("JM"), "parents": parents})
    events = [
        {"id": i, "kind": rng.choice("ab"), "tags": rng.sample("pqr", rng.randrange(1, 3)),
         "who": rng.randrange(size)}
        for i in range(rng.randrange(4))
    ]  # fmt: skip
    return {"people": people, "events": events}


def _renamed(truth: dict[str, Any], rng: Random) -> dict[str, Any]:
    """Return the same under other ids, every list whose order is free in another order."""
    other = copy.deepcopy(truth)
    ids = list(range(1000, 1000 + 2 * len(other["people"])))
    rng.shuffle(ids)
    for person in other["people"]:
        person["id"] = ids[person["id"]]
        person["parents"] = [ids[parent] for parent in person["parents"]]
        rng.shuffle(person["parents"])
    for event in other["events"]:
        event["id"], event["who"] = event["id"] + 500, ids[event["who"]]
        rng.shuffle(event["tags"])
    rng.shuffle(other["people"])
    rng.shuffle(other["events"])
    return other


@pytest.mark.parametrize(("size", "documents"), [(3, 150), (6, 150), (60, 3)])
def test_a_graph_equals_itself_under_other_ids_and_in_another_order(
    size: int, documents: int
) -> None:
    rng, plan = Random(size), Plan(None, parse_rules(RULES))
    for _ in range(documents):
        truth = _families(rng, size)
        assert plan.score(truth, _renamed(truth, rng)).f1 == 1.0, truth


@pytest.mark.parametrize("field", ["parents", "father"])
def test_father_and_son_of_one_name_are_told_apart_by_who_refers_to_whom(field: str) -> None:
    one: Any = {"parents": [2], "father": 2}[field]
    other: Any = {"parents": [12], "father": 12}[field]
    truth = {"people": [{"id": 1, "name": "J", field: one}, {"id": 2, "name": "J"}]}
    answer = {"people": [{"id": 12, "name": "J"}, {"id": 11, "name": "J", field: other}]}
    assert score(truth, answer, None, RULES).f1 == 1.0


@pytest.mark.parametrize("families", [1, 1000])
def test_three_generations_of_one_name_keep_their_links_where_one_is_left_out(
    families: int,
) -> None:
    """The two that are told are parent and child: 2 names and 1 reference of each family's 3."""
    truth: list[dict[str, Any]] = [
        {"id": f"{n} {age}", "name": f"n{n}", **({"father": f"{n} {age - 1}"} if age else {})}
        for n in range(families)
        for age in range(3)
    ]
    answer = [one if one["id"][-1] == "2" else {**one, "father": None} for one in truth]
    answer = [one for one in answer if one["id"][-1] != "0"]
    result = score({"people": truth}, {"people": answer[::-1]}, None, RULES)
    assert (result.counts.correct, result.counts.omission) == (3 * families, 2 * families)
    assert result.counts.wrong_value == result.counts.hallucination == 0


def _event(kind: str, value: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
    return {"id": 1, "kind": kind, "tags": value}


CONTAINERS: Final[list[tuple[Any, Any]]] = [
    (["p", "q"], ["q", "p"]),
    ({"a": 1, "b": ["x"]}, {"b": ["x"], "a": 1}),
    ([{"a": 1}, {"a": 2}], [{"a": 2}, {"a": 1}]),
    ([[1, 2], [3]], [[3], [2, 1]]),
]


@pytest.mark.parametrize(("one", "same"), CONTAINERS)
def test_a_container_is_a_criterion_that_agrees_where_all_its_leaves_do(
    one: Any,  # noqa: ANN401  # any JSON
    same: Any,  # noqa: ANN401
) -> None:
    truth = {"events": [_event("a", one)]}
    assert score(truth, {"events": [_event("a", same)]}, None, RULES).f1 == 1.0
    counts = score(truth, {"events": [_event("a", ["z"])]}, None, RULES).counts
    assert counts.correct == 0


def test_a_list_is_a_criterion_where_the_schema_says_that_it_is_one() -> None:
    event = {
        "type": "object",
        "properties": {
            "kind": {"type": "string"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    schema = {"type": "object", "properties": {"events": {"type": "array", "items": event}}}
    truth = {"events": [_event("a", ["p", "q"])]}
    assert score(truth, copy.deepcopy(truth), schema, RULES).f1 == 1.0
    assert score(truth, {"events": [_event("a", ["r"])]}, schema, RULES).counts.correct == 0
