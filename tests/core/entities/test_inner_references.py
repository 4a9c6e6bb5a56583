"""References inside of criteria that are lists or objects: resolved before entities are matched."""

from __future__ import annotations

import random
from typing import Any

import pytest

import harness

RULES: dict[str, object] = {
    "people": {"align": "entity", "match": ["name"]},
    "events": {"align": "entity", "match": ["parts"]},
    "events[].parts[].who": {"refers_to": "people"},
}


def graph(people: list[str], events: list[list[tuple[str, int | None]]], shift: int) -> Any:  # noqa: ANN401  # JSON
    named = [{"id": n + shift, "name": name} for n, name in enumerate(people)]
    held = [
        {
            "id": n + shift,
            "note": f"n{sorted(map(str, parts))}",
            "parts": [
                {"role": role} | ({} if who is None else {"who": who + shift})
                for role, who in parts
            ],
        }
        for n, parts in enumerate(events)
    ]
    return {"people": named, "events": held}


def paired(truth: object, answer: object) -> int:
    return sum(d.outcome == "correct" for d in harness.score(truth, answer, rules=RULES).diffs)


def test_events_that_only_their_participants_tell_apart_find_each_other() -> None:
    events: list[list[tuple[str, int | None]]] = [
        [("r", 0), ("r", 1)],
        [("r", 0), ("r", 2)],
        [("r", 1), ("r", 2)],
    ]
    truth, answer = graph(["A", "B", "C"], events, 0), graph(["A", "B", "C"], events, 50)
    for side in answer.values():
        side.reverse()
    assert harness.score(truth, answer, rules=RULES).f1 == 1


@pytest.mark.parametrize(
    ("said", "agree"),
    [
        ([("a", 0), ("b", 1)], True),
        ([("b", 1), ("a", 0)], True),
        ([("a", 1), ("b", 0)], False),
        ([("a", 0), ("b", 2)], False),
        ([("a", 0), ("b", None)], True),
        ([("a", 2), ("b", None)], False),
        ([("a", 0)], False),
    ],
)
def test_containers_agree_only_if_the_entities_they_refer_to_are_the_same(
    said: list[tuple[str, int | None]],
    agree: bool,  # noqa: FBT001  # a parameter
) -> None:
    truth = graph(["A", "B", "C"], [[("a", 0), ("b", 1)]], 0)
    result = harness.score(truth, graph(["A", "B", "C"], [said], 9), rules=RULES)
    matched, *_ = result.items["events"]
    assert matched == int(agree)


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_graph_equals_itself_under_other_ids_in_any_order(rows: int) -> None:
    rules = {**RULES, "events": {"align": "entity", "match": ["note", "parts"]}}
    names = [f"N{n}" for n in range(rows)]
    events: list[list[tuple[str, int | None]]] = [
        [("a", n), ("b", (7 * n + 1) % rows)] for n in range(rows)
    ]
    truth, answer = graph(names, events, 0), graph(names, events, 9_000)
    for side in answer.values():
        random.Random(3).shuffle(side)
    assert harness.score(truth, answer, rules=rules).f1 == 1
    assert harness.score(answer, truth, rules=rules).f1 == 1


@pytest.mark.parametrize("rows", [3, 3_000])
def test_containers_alone_pair_entities_without_holding_each_against_all(rows: int) -> None:
    rules: dict[str, object] = {"e": {"align": "entity", "match": ["tags"]}}
    truth = [{"id": n, "tags": [{"k": f"t{n}", "of": ["x", n]}]} for n in range(rows)]
    answer = [{"id": 9 - n, "tags": [{"k": f"T{n}", "of": [n, "X"]}]} for n in range(rows)]
    random.Random(3).shuffle(answer)
    assert harness.score({"e": truth}, {"e": answer}, rules=rules).f1 == 1


PAIRED: dict[str, Any] = {
    "people": {"align": "entity", "match": {"name": 1, "pairs": 0}},
    "people[].pairs[][]": {"refers_to": "people"},
}


def people_in_pairs(rows: int, first: int, step: int) -> dict[str, Any]:
    """Return people of whom every other one has lists of pairs of references."""
    ids = [first + step * n for n in range(rows)]
    people: list[dict[str, Any]] = [{"id": at, "name": f"n{n // 2}"} for n, at in enumerate(ids)]
    for n in range(1, rows, 2):
        people[n]["pairs"] = [[ids[n // 2], ids[n // 3]], [ids[n // 5]]]
    return {"people": people}


@pytest.mark.parametrize("rows", [3, 3_000])
def test_references_in_lists_of_lists_tell_namesakes_apart(rows: int) -> None:
    truth, answer = people_in_pairs(rows, 0, 1), people_in_pairs(rows, 50_000, -1)
    random.Random(3).shuffle(answer["people"])
    assert harness.score(truth, answer, rules=PAIRED).f1 == 1
    assert harness.score(answer, truth, rules=PAIRED).f1 == 1


@pytest.mark.parametrize("rows", [3, 60])
def test_references_in_lists_of_lists_may_be_the_only_criterion(rows: int) -> None:
    rules = {**PAIRED, "people": {"align": "entity", "match": ["pairs"]}}
    truth, answer = people_in_pairs(rows, 0, 1), people_in_pairs(rows, 50_000, -1)
    random.Random(3).shuffle(answer["people"])
    assert harness.score(truth, answer, rules=rules).f1 == 1


@pytest.mark.parametrize("more", [1, 2, 7])
def test_lists_of_references_of_other_lengths_agree_in_what_both_say(more: int) -> None:
    rules = {**PAIRED, "people": {"align": "entity", "match": ["pairs"]}}
    named = [{"id": n, "name": f"n{n}"} for n in range(9)]
    one = {"id": 90, "name": "x", "pairs": [[0], [1]]}
    other = {"id": 90, "name": "x", "pairs": [[0], list(range(1, 2 + more))]}
    truth, answer = ({"people": [*named, side]} for side in (one, other))
    there = harness.score(truth, answer, rules=rules)
    back = harness.score(answer, truth, rules=rules)
    assert there.counts.correct == back.counts.correct > 0
    assert there.counts.hallucination == back.counts.omission
