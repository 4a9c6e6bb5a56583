"""Rules (`x-match`) inside the branches of unions: obeyed, or refused with a hint."""

from __future__ import annotations

import random
from typing import Any

import pytest

import harness
from harness.core.differ.loose_rules import loose_rules
from harness.core.differ.plan import Plan
from harness.errors import HarnessError

NAME: dict[str, Any] = {"type": "string", "x-match": {"compare": "identifier"}}
NEAR: dict[str, Any] = {"type": "number", "x-match": {"absolute": 1}}
DAY: dict[str, Any] = {"type": "string", "format": "date", "x-match": {"days": 2}}

CASES: list[tuple[list[Any], Any, Any, str]] = [
    ([NAME, NEAR], "AB-1", "ab 1", "correct"),
    ([NAME, NEAR], 5, 5.5, "correct"),
    ([NAME, NEAR], 5, 7, "wrong_value"),
    ([DAY, {"type": "string", "enum": ["present"]}], "2024-01-01", "2024-01-03", "correct"),
    ([DAY, {"type": "string", "enum": ["present"]}], "2024-01-01", "2024-01-04", "wrong_value"),
    ([{**NAME, "pattern": "^A"}, {"type": "string"}], "A-1", "A 1", "correct"),
    ([{**NAME, "pattern": "^A"}, {"type": "string"}], "B-1", "B 1", "wrong_value"),
    ([{"type": "number", "x-match": {"any_of": [6]}}, {"type": "string"}], 5, 6, "correct"),
]
"""Branches, truth, prediction, and what the truth's own branch says of them."""


def union(*branches: object) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": {"anyOf": list(branches)}}}


def outcomes(
    schema: object, expected: object, predicted: object, rules: dict[str, object] | None = None
) -> list[str]:
    return [str(d.outcome) for d in harness.score(expected, predicted, schema, rules).diffs]


@pytest.mark.parametrize(("branches", "expected", "predicted", "outcome"), CASES)
def test_a_scalar_s_rule_in_a_branch_decides_where_the_truth_satisfies_that_branch(
    branches: list[Any], expected: object, predicted: object, outcome: str
) -> None:
    assert outcomes(union(*branches), {"a": expected}, {"a": predicted}) == [outcome]
    items = {"properties": {"a": {"items": {"anyOf": branches}}}}
    told = outcomes(items, {"a": ["z", expected]}, {"a": [predicted, "z"]})
    assert told.count("correct") == 1 + (outcome == "correct")


@pytest.mark.parametrize("rows", [3, 3_000])
def test_rules_of_branches_hold_in_lists_of_any_length_and_order(rows: int) -> None:
    schema = {"items": {"properties": {"no": {"type": "integer"}, "v": {"anyOf": [NAME, NEAR]}}}}
    truth = [{"no": n, "v": f"AB-{n}" if n % 2 else n} for n in range(rows)]
    answer = [{"no": n, "v": f"ab {n}" if n % 2 else n + 0.5} for n in range(rows)]
    random.Random(5).shuffle(answer)
    assert harness.score(truth, answer, schema).f1 == 1
    assert harness.score(truth, answer[::-1], schema).f1 == 1


def test_a_function_of_one_s_own_may_stand_in_a_branch() -> None:
    branch = {"type": "string", "x-match": {"compare": "lab:same"}}
    plan = Plan(union(branch, NEAR), comparators={"lab:same": lambda e, p: e[0] == p[0]})
    assert plan.score({"a": "abc"}, {"a": "axy"}).f1 == 1
    assert plan.score({"a": 5}, {"a": 5.5}).f1 == 1


def test_what_stands_beside_a_union_goes_before_its_branches_and_the_suite_before_both() -> None:
    beside = {"anyOf": [NAME, NEAR], "x-match": {"absolute": 3}}
    schema = {"properties": {"a": beside}}
    assert outcomes(schema, {"a": 5}, {"a": 7}) == ["correct"]
    assert outcomes(schema, {"a": "A-1"}, {"a": "a1"}) == ["correct"]
    suite: dict[str, object] = {"a": {"absolute": 0.1}}
    assert outcomes(schema, {"a": 5}, {"a": 5.5}, suite) == ["wrong_value"]


def test_a_reference_s_rule_and_the_rule_beside_it_hold_both() -> None:
    schema = {"$defs": {"n": NAME}, "properties": {"a": {"$ref": "#/$defs/n", "x-match": {}}}}
    assert outcomes(schema, {"a": "A-1"}, {"a": "a1"}) == ["correct"]


@pytest.mark.parametrize(
    ("branches", "said"),
    [
        ([{"type": "string", "x-match": {"placeholders": ["-"]}}, NEAR], "'placeholders' stands"),
        ([{"type": "string", "x-match": {"ignore": True}}, NEAR], "'ignore' stands"),
        ([{"type": "null", "x-match": {"critical": True}}, NEAR], "null only"),
        (
            [
                {"type": "array", "items": {"properties": {"k": {"type": t}}}, "x-match": rule}
                for t, rule in (("string", {"align": "position"}), ("number", {"align": "best"}))
            ],
            "different `x-match`",
        ),
    ],
)
def test_what_one_branch_cannot_say_of_a_whole_field_is_refused(
    branches: list[Any], said: str
) -> None:
    with pytest.raises(HarnessError, match=r"write .* beside `anyOf`") as caught:
        harness.score({"a": "x"}, {"a": "y"}, union(*branches))
    assert said in str(caught.value)


def test_a_loose_rule_in_a_branch_is_warned_of() -> None:
    plan = Plan(union({"type": "string", "x-match": {"threshold": 0}}, {"type": "number"}))
    assert "is correct where the truth is" in loose_rules(plan, [{"a": "Jane Roe"}])["a"].what


SHAPES = [
    {"type": "array", "items": NAME},
    {"type": "string", "format": "date"},
    {"type": "object", "properties": {"n": NEAR}},
]


@pytest.mark.parametrize(
    ("expected", "predicted", "told"),
    [
        (["A-1"], ["a1"], ["a[0] correct"]),
        ("2024-03-31", "31 March 2024", ["a format_error="]),
        ({"n": 1}, {"n": 2}, ["a.n correct"]),
        ({"n": 1}, {"n": "2"}, ["a.n format_error="]),
        (["A-1"], "a1", ["a[0] format_error="]),
        ("2024-03-31", ["2024-03-31"], ["a format_error="]),
        ({"n": 1}, "x", ["a.n format_error"]),
        (None, ["x"], ["a[0] hallucination"]),
        (None, {"n": 1}, ["a.n hallucination"]),
        ({}, [], []),
    ],
)
def test_a_field_of_several_shapes_is_judged_by_the_branch_of_the_truth_s_shape(
    expected: object, predicted: object, told: list[str]
) -> None:
    result = harness.score({"a": expected}, {"a": predicted}, union(*SHAPES))
    assert [f"{d.path} {d.outcome}{'=' if d.value_equal else ''}" for d in result.diffs] == told
    listed = {"properties": {"a": {"items": {"anyOf": SHAPES}}}}
    assert harness.score({"a": ["z", expected]}, {"a": [expected, "z"]}, listed).f1 == 1


def test_references_inside_a_field_of_several_shapes_are_resolved() -> None:
    person = {"properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    people = {"anyOf": [{"type": "array", "items": person}, {"type": "string"}]}
    rules = {
        "people": {"align": "entity", "match": ["name"]},
        "people[].boss": {"refers_to": "people"},
    }
    truth = {"people": [{"id": 1, "name": "A", "boss": 2}, {"id": 2, "name": "B"}]}
    answer = {"people": [{"id": 5, "name": "B"}, {"id": 4, "name": "A", "boss": 5}]}
    assert harness.score(truth, answer, {"properties": {"people": people}}, rules).f1 == 1


def test_a_schema_that_holds_itself_in_several_shapes_ends() -> None:
    node = {"anyOf": [{"type": "string"}, {"properties": {"c": {"$ref": "#/$defs/n"}}}]}
    schema = {"$defs": {"n": node}, "$ref": "#/$defs/n"}
    assert outcomes(schema, {"c": {"c": "x"}}, {"c": {"c": "x"}}) == ["correct"]
    assert outcomes(schema, {}, {}) == []


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"type": ["string", "number"]},
        {"type": "string"},
        {"enum": ["a", "b", None]},
        {"anyOf": [{"type": "string"}, {"type": "number"}]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
    ],
)
def test_marks_of_a_whole_field_stand_beside_any_type(schema: dict[str, Any]) -> None:
    marked = {"properties": {"a": {**schema, "x-match": {"focus": True, "critical": True}}}}
    assert outcomes(marked, {"a": "a"}, {"a": "b"}) == ["wrong_value"]
