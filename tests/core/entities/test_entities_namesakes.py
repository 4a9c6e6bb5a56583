"""People of one name are told apart by who stands around them, whatever their ids and order."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from tests.core.entities.test_entities import RULES


def person(own: int, name: str, *parents: int) -> dict[str, Any]:
    return {"id": own, "name": name, "parents": list(parents)}


def family(draw: random.Random) -> dict[str, Any]:
    """Return a family in which few names go round, with events and couples."""
    everyone = range(draw.randint(1, 7))
    names = draw.sample(["Ann", "Bert", "Cilla", "Dora"], draw.randint(1, 3))
    people = [
        person(n, draw.choice(names), *draw.sample(range(n), min(n, draw.randint(0, 2))))
        for n in everyone
    ]
    events = [
        {
            "kind": draw.choice(["move", "death"]),
            "description": draw.choice(["goes away", "dies at sea"]),
            "person": draw.choice(everyone),
            "anxiety": draw.choice(["up", "down", None]),
        }
        for _ in range(draw.randint(0, 4))
    ]
    bonds = [
        {"person_a": draw.choice(everyone), "person_b": draw.choice(everyone)}
        for _ in range(draw.randint(0, 3))
    ]
    return {"people": people, "events": events, "pair_bonds": bonds}


def retold(truth: dict[str, Any], draw: random.Random) -> dict[str, Any]:
    """Return the same family under other ids and in another order."""
    new = draw.sample(range(50, 99 + len(truth["people"])), len(truth["people"]))
    people = [
        person(new[p["id"]], p["name"], *(new[q] for q in reversed(p["parents"])))
        for p in truth["people"]
    ]
    events = [{**event, "person": new[event["person"]]} for event in truth["events"]]
    bonds = [
        {"person_a": new[bond["person_b"]], "person_b": new[bond["person_a"]]}
        for bond in truth["pair_bonds"]
    ]
    for each in (people, events, bonds):
        draw.shuffle(each)
    return {"people": people, "events": events, "pair_bonds": bonds}


@given(seed=st.integers(0, 100_000))
def test_a_family_of_namesakes_is_itself_under_other_ids_and_in_another_order(seed: int) -> None:
    draw = random.Random(seed)
    truth = family(draw)
    assert harness.score(truth, retold(truth, draw), None, RULES).is_perfect


def test_a_ring_of_one_name_is_settled_one_by_one() -> None:
    ring = [person(n, "A", (n + 1) % 4) for n in range(4)]
    assert harness.score({"people": ring}, {"people": ring[::-1]}, None, RULES).is_perfect


def test_each_of_several_parents_finds_one_of_its_own() -> None:
    truth = [
        person(0, "Kid", 1, 2, 3),
        *(person(n, name) for n, name in ((1, "A"), (2, "B"), (3, "C"))),
    ]
    reply = [{**truth[0], "parents": [3, 1, 2]}, *truth[1:]]
    assert harness.score({"people": truth}, {"people": reply}, None, RULES).is_perfect


def test_a_number_is_the_same_id_as_float_and_as_text() -> None:
    truth = {"people": [person(1, "A", 2), person(2, "B")]}
    reply = {"people": [{"id": "1", "name": "A", "parents": [2.0]}, person(2, "B")]}
    assert harness.score(truth, reply, None, RULES).is_perfect


def test_a_whole_answer_in_a_list_of_one_is_matched_all_the_same() -> None:
    truth = {
        "people": [person(1, "A"), person(2, "B")],
        "pair_bonds": [{"person_a": 1, "person_b": 2}],
    }
    result = harness.score(truth, [truth], None, RULES)
    assert result.items["pair_bonds"] == (1, 0, 0)
    assert all(diff.value_equal for diff in result.diffs)


def verdicts(
    truth: dict[str, Any], answer: dict[str, Any], rules: dict[str, Any] = RULES
) -> Counter[tuple[str, str, bool]]:
    result = harness.score(truth, answer, rules=rules)
    return Counter((d.field, str(d.outcome), d.value_equal) for d in result.diffs)


@pytest.mark.parametrize("seed", range(60))
def test_unrelated_families_get_the_same_verdicts_under_other_ids_in_any_order(seed: int) -> None:
    draw = random.Random(seed)
    truth, answer = family(draw), family(draw)
    told = verdicts(truth, answer)
    assert verdicts(retold(truth, draw), retold(answer, draw)) == told
    assert verdicts(truth, retold(answer, draw)) == told


@pytest.mark.parametrize("size", [3, 3_000])
def test_so_do_unrelated_graphs_with_many_namesakes_at_any_size(size: int) -> None:
    draw = random.Random(size)

    def graph() -> dict[str, Any]:
        some = range(size)
        people = [
            person(own, f"N{draw.randrange(1 + size // 3)}", *draw.sample(some, draw.randint(0, 2)))
            for own in some
        ]
        return {"people": people, "events": [], "pair_bonds": []}

    rules = {
        "people": {"align": "entity", "match": ["name"]},
        "people[].parents[]": {"refers_to": "people"},
    }
    truth, answer = graph(), graph()
    told = verdicts(truth, answer, rules)
    assert verdicts(retold(truth, draw), retold(answer, draw), rules) == told


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_date_that_a_rule_calls_the_same_tells_no_more_than_an_equal_one(size: int) -> None:
    """Of two events a day apart, the one with the note that was predicted is meant."""
    rules = {
        "events": {"align": "entity", "match": {"place": 1}},
        "events[].when": {"compare": "date", "days": 1},
    }
    truth = [
        {"place": f"p{n}", "when": day, "note": note}
        for n in range(size)
        for day, note in (("2024-03-31", "x"), ("2024-04-01", "y"))
    ]
    answer = [{"place": f"p{n}", "when": "2024-03-31", "note": "y"} for n in range(size)]
    counts = harness.score({"events": truth}, {"events": answer}, None, rules).counts
    assert (counts.correct, counts.omission, counts.total) == (3 * size, 3 * size, 6 * size)
