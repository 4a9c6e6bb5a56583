"""Merged entity graphs: ids are local names, and references mean the merged entities."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.confidence.ensemble.merge_answers import Member, merge_answers
from harness.confidence.ensemble.merged_entities import without_reference_criteria
from harness.core.differ.plan import Plan
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json

RULES: dict[str, Any] = {
    "people": {"align": "entity", "match": {"name": 1, "parents": 0}},
    "people[].parents[]": {"refers_to": "people"},
    "bonds": {"align": "entity", "match": ["a", "b"], "unordered": ["a", "b"]},
    "bonds[].a": {"refers_to": "people"},
    "bonds[].b": {"refers_to": "people"},
    "head": {"refers_to": "people"},
}

PLAN = Plan(None, without_reference_criteria(parse_rules(RULES), {}))


def family(size: int) -> dict[str, Any]:
    """Return a graph of so many people: each a child of the one before, bonds between some."""
    people = [
        {"id": n, "name": f"N{n}", "born": 1900 + n, "parents": [n - 1] if n else []}
        for n in range(size)
    ]
    bonds = [{"id": n, "a": n, "b": n + 1, "since": 1950 + n} for n in range(0, size - 1, 2)]
    return {"people": people, "bonds": bonds, "head": size - 1}


def renamed(graph: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the same graph under other ids, in another order, some bonds the other way round."""
    draw = random.Random(seed)
    named = [f"{'pqrs'[seed % 4]}{n}" for n in range(len(graph["people"]))]
    draw.shuffle(named)
    people = [
        {**one, "id": named[one["id"]], "parents": [named[p] for p in one["parents"]]}
        for one in graph["people"]
    ]
    bonds = []
    for one in graph["bonds"]:
        ends = [named[one["a"]], named[one["b"]]]
        draw.shuffle(ends)
        bonds.append({**one, "id": f"x{one['id']}", "a": ends[0], "b": ends[1]})
    draw.shuffle(people)
    draw.shuffle(bonds)
    return {"people": people, "bonds": bonds, "head": named[graph["head"]]}


def merged(*values: Any) -> Any:  # noqa: ANN401  # JSON
    return merge_answers(PLAN, [Member(value) for value in values]).value


@pytest.mark.parametrize("size", [3, 300])
def test_a_graph_under_three_sets_of_names_is_one_graph(size: int) -> None:
    graph = family(size)
    whole = merged(*(renamed(graph, seed) for seed in range(3)))
    result = harness.score(graph, whole, rules=RULES)
    assert (result.f1, result.counts.total) == (1.0, result.counts.correct)
    found = {name: items[1:] for name, items in result.items.items()}
    assert (found["people"], found["bonds"]) == ((0, 0), (0, 0))


@pytest.mark.parametrize("size", [3, 300])
def test_references_that_single_members_get_wrong_are_outvoted(size: int) -> None:
    graph, members = family(size), []
    for seed in range(3):
        other = renamed(graph, seed)
        for child in other["people"]:
            if child["name"] == f"N{seed + 1}":
                child["parents"] = [child["id"]]
        other["people"].append({"id": "new", "name": f"made up {seed}", "parents": ["new"]})
        other["head"] = other["people"][0]["id"] if seed == 0 else other["head"]
        members.append(other)
    whole = merged(*members)
    assert len(whole["people"]) == size
    assert harness.score(graph, whole, rules=RULES).f1 == 1
    names = [one["id"] for one in whole["people"]]
    assert len(set(names)) == size


def test_who_only_others_have_gets_a_name_of_its_own_and_is_referred_to_by_it() -> None:
    two: Json = {"people": [{"id": 1, "name": "Ann", "parents": []}, {"id": 2, "name": "Bob"}]}
    other: Json = {
        "people": [{"id": 1, "name": "Cy", "parents": [2]}, {"id": 2, "name": "Ann"}],
        "head": 1,
    }
    whole = merged(two, other, other)
    assert whole == {
        "people": [{"id": 1, "name": "Cy", "parents": [2]}, {"id": 2, "name": "Ann"}],
        "head": 1,
    }
    mixed = merged(two, other)
    by_name = {one["name"]: one for one in mixed["people"]}
    assert set(by_name) == {"Ann", "Bob", "Cy"}
    assert by_name["Cy"]["parents"] == [by_name["Ann"]["id"]]
    assert len({one["id"] for one in by_name.values()}) == 3


def test_a_reference_to_somebody_who_was_left_out_is_left_out() -> None:
    ann: Json = {"people": [{"id": 1, "name": "Ann"}]}
    pair: Json = {"people": [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Zed"}], "head": 2}
    assert merged(ann, ann, pair) == ann


def test_ids_have_no_confidence() -> None:
    one: Json = {"people": [{"id": 1, "name": "Ann", "parents": []}], "head": 1}
    found = merge_answers(PLAN, [Member(one)] * 2)
    assert found.shares == {"people[0].name": 1.0, "head": 1.0}


people = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 4), "name": st.sampled_from("ABC")},
        optional={"parents": st.lists(st.integers(1, 5), max_size=2), "born": st.just(1900)},
    ),
    max_size=4,
)
graphs = st.fixed_dictionaries({"people": people}, optional={"head": st.integers(1, 4)})


@given(st.lists(graphs, min_size=1, max_size=4), st.randoms())
def test_the_order_of_members_changes_no_graph(values: list[Json], draw: random.Random) -> None:
    shuffled = values[:]
    draw.shuffle(shuffled)
    assert merged(*values) == merged(*shuffled)


MAPS: dict[str, Any] = {
    "people": {"align": "entity", "match": ["name"]},
    "people{}.boss": {"refers_to": "people"},
    "head": {"refers_to": "people"},
}


def crew(order: list[int], prefix: str) -> dict[str, Any]:
    """Return people by keys of a member's own, each with the one before as boss."""
    keys = {n: f"{prefix}{at}" for at, n in enumerate(order)}
    people = {
        keys[n]: {"name": f"N{n}", **({"boss": keys[n - 1]} if n - 1 in keys else {})}
        for n in order
    }
    return {"people": people, "head": keys[1]}


@pytest.mark.parametrize("size", [3, 300])
def test_entities_of_maps_are_merged_whatever_keys_members_give_them(size: int) -> None:
    plan = Plan(None, parse_rules(MAPS))
    every = [crew(list(range(size)), "p"), crew(list(reversed(range(size))), "p")]
    every.append(crew([*range(1, size), 0], "q"))
    for turn in range(3):
        value = merge_answers(plan, [Member(one) for one in (*every[turn:], *every[:turn])]).value
        for one in every:
            assert plan.score(one, value).f1 == 1


@pytest.mark.parametrize("size", [3, 300])
def test_an_entry_that_some_have_takes_the_key_of_no_other(size: int) -> None:
    # What most have, few, and both by one key: the second half is unknown to the first member.
    few = crew(list(range(size)), "p")
    most = [crew(list(reversed(range(2 * size))), "p"), crew(list(reversed(range(2 * size))), "p")]
    plan = Plan(None, parse_rules(MAPS))
    value = merge_answers(plan, [Member(few), *(Member(one) for one in most)]).value
    assert plan.score(most[0], value).f1 == 1
    best = Plan(None, {"parts": {"align": "best"}})
    parts: list[Any] = [
        {"parts": {"a": {"n": 1, "m": 2}}},
        {"parts": {"b": {"n": 1, "m": 2}, "a": {"n": 3, "m": 4}}},
    ]
    both = merge_answers(best, [Member(parts[0]), Member(parts[1]), Member(parts[1])]).value
    assert isinstance(both, dict)
    held: Any = both["parts"]
    by_place = [(one["n"], one["m"]) for one in held.values()]
    assert sorted(by_place) == [(1, 2), (3, 4)]
    assert "$key" not in str(both)


def test_a_reference_to_an_entry_that_was_not_kept_is_left_out() -> None:
    plan = Plan(None, parse_rules(MAPS))
    alone: Any = {"people": {"a": {"name": "Ann"}, "x": {"name": "Xim"}}, "head": "x"}
    two: Any = {"people": {"a": {"name": "Ann"}}}
    value = merge_answers(plan, [Member(alone), Member(two, 0.4), Member(two, 0.7)]).value
    assert value == {"people": {"a": {"name": "Ann"}}}
