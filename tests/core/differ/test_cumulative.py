"""A case told in statements, and the attributes of matched entities (seed 003)."""

from __future__ import annotations

from typing import Any

import pytest

import harness
from harness.core.counts import Counts
from harness.core.scores.entity_attributes import attribute_score, codings
from harness.core.scores.scorecard import average

SCHEMA = {
    "type": "object",
    "properties": {
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "people": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "id": {"type": "integer"},
                                "name": {"type": "string"},
                                "mood": {"type": "string", "enum": ["up", "down", "same"]},
                            },
                        },
                    },
                    "delete": {"type": "array", "items": {"type": "integer"}},
                },
            },
        }
    },
}
RULES: dict[str, Any] = {
    "statements": {"align": "position", "cumulative": True},
    "statements[].people": {"align": "entity", "match": ["name"]},
    "statements[].delete": {"ignore": True},
}


def told(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"statements": list(statements)}


def test_a_late_mention_costs_twice_in_statements_and_nothing_in_their_sum() -> None:
    truth = told({"people": [{"id": 1, "name": "Ann"}]}, {"people": []})
    late = told({"people": []}, {"people": [{"id": 7, "name": "Ann"}]})
    result = harness.score(truth, late, SCHEMA, RULES)
    assert result.items["statements[].people"] == (0, 1, 1)
    assert result.cumulative is not None
    assert result.cumulative.items["statements[].people"] == (1, 0, 0)
    assert (result.f1, result.cumulative.f1) == (0.0, 1.0)


def test_what_is_taken_back_is_gone_and_what_is_said_again_is_the_last_word() -> None:
    truth = told(
        {"people": [{"id": 1, "name": "Ann", "mood": "up"}, {"id": 2, "name": "Bert"}]},
        {"people": [{"id": 1, "mood": "down"}], "delete": [2]},
    )
    answer = told({"people": [{"id": 5, "name": "Ann", "mood": "down"}]}, {"people": []})
    state = harness.score(truth, answer, SCHEMA, RULES).cumulative
    assert state is not None
    assert [(d.path, d.outcome) for d in state.diffs] == [
        ("statements[0].people[0].name", "correct"),
        ("statements[0].people[0].mood", "correct"),
    ]


def test_empty_statements_make_a_score_only_where_the_policy_gives_them_one() -> None:
    """Seed 003 reports 7/9 = 0.778 for two statements all wrong among seven empty ones."""
    statements = [Counts(omission=1, hallucination=1)] * 2 + [Counts(true_negatives=3)] * 7
    by_policy = {p: average(statements, p).macro for p in ("one", "skip", "zero")}
    assert by_policy["one"] is not None
    assert by_policy["one"].f1 == pytest.approx(7 / 9)
    assert by_policy["skip"] is not None
    assert by_policy["skip"].f1 == 0.0


def test_attributes_are_scored_on_matched_pairs_only_each_with_the_number_coded() -> None:
    people = [
        {"id": n, "name": name, "mood": mood}
        for n, (name, mood) in enumerate(
            [("Ann", "up"), ("Bert", "up"), ("Cid", None), ("Dan", "same")]
        )
    ]
    said = [
        {"id": 9 - n, "name": name, "mood": mood}
        for n, (name, mood) in enumerate(
            [("Ann", "up"), ("Bert", "down"), ("Cid", None), ("Eve", "up")]
        )
    ]
    result = harness.score(told({"people": people}), told({"people": said}), SCHEMA, RULES)
    moods = [c for name, c in codings(result.ledger) if name.endswith("mood")]
    score = attribute_score(moods)
    assert (score.coded, score.agreement) == (2, harness.Ratio(1, 2))
    # up: 1 hit of 2 expected and 1 predicted = 2/3; down: 0 hits = 0
    assert score.class_macro_f1 == pytest.approx((2 / 3 + 0) / 2)
    # TP 1, FP 1, FN 1
    assert score.pooled == harness.Ratio(2, 4)
    with_none = attribute_score(moods, none_is_class=True)
    assert (with_none.coded, with_none.agreement) == (3, harness.Ratio(2, 3))
    assert with_none.class_macro_f1 == pytest.approx((2 / 3 + 0 + 1) / 3)


def test_equal_but_for_ids_and_order_is_exact_and_a_tolerated_difference_is_not() -> None:
    rules = {**RULES, "statements[].people[].name": {"threshold": 0.6}}
    truth = told({"people": [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bert"}]})
    same = told({"people": [{"id": 5, "name": "Bert"}, {"id": 6, "name": "Ann"}]})
    near = told({"people": [{"id": 5, "name": "Berti"}, {"id": 6, "name": "Ann"}]})
    assert harness.score(truth, same, SCHEMA, rules).is_exact
    tolerated = harness.score(truth, near, SCHEMA, rules)
    assert (tolerated.is_perfect, tolerated.is_exact) == (True, False)


def test_statements_need_no_schema_and_what_is_no_list_is_judged_as_it_is() -> None:
    truth = told({"people": [{"id": 1, "name": "Ann"}]}, {"people": [{"id": 1, "mood": "up"}]})
    result = harness.score(truth, truth, None, RULES)
    assert result.cumulative is not None
    assert result.cumulative.f1 == 1
    for schema in (None, SCHEMA):
        odd = harness.score({"statements": {"people": "Ann"}}, truth, schema, RULES)
        assert odd.f1 == 0
