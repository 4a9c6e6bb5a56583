"""What the compiled plan makes of JSON Schemas as people write them."""

from __future__ import annotations

from typing import Any

import pytest

import harness
from harness.core.values import Json


def told(schema: Any, expected: Any, predicted: Any) -> list[str]:  # noqa: ANN401  # any JSON
    result = harness.score(expected, predicted, schema)
    return [f"{d.path} {d.outcome}{'=' if d.value_equal else ''}" for d in result.diffs]


def test_references_and_nullable_unions_as_pydantic_writes_them_are_followed() -> None:
    schema = {
        "$defs": {"Money": {"type": "object", "properties": {"amount": {"type": "number"}}}},
        "properties": {"total": {"anyOf": [{"$ref": "#/$defs/Money"}, {"type": "null"}]}},
    }
    assert told(schema, {"total": {"amount": 5}}, {"total": {"amount": "5"}}) == [
        "total.amount format_error="
    ]
    assert told(schema, {"total": None}, {"total": None}) == []


def test_a_schema_may_hold_itself() -> None:
    schema = {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "left": {"$ref": "#/$defs/Node"}},
            }
        },
    }
    tree = {"name": "a", "left": {"name": "b", "left": {"name": "c"}}}
    assert told(schema, tree, tree) == [
        "name correct",
        "left.name correct",
        "left.left.name correct",
    ]


def test_free_keys_are_folded_in_the_field_and_shown_in_the_path() -> None:
    schema = {
        "properties": {
            "inputs": {
                "type": "object",
                "additionalProperties": {"properties": {"mass": {"type": "number"}}},
            }
        }
    }
    result = harness.score({"inputs": {"m1": {"mass": 1}}}, {"inputs": {"m1": {"mass": 2}}}, schema)
    assert [(d.path, d.field) for d in result.diffs] == [("inputs.m1.mass", "inputs{}.mass")]


def test_a_value_of_several_allowed_types_is_in_format_as_the_truth_is() -> None:
    schema = {"properties": {"n": {"type": ["number", "string"]}}}
    assert told(schema, {"n": 5}, {"n": "5"}) == ["n format_error="]
    assert told(schema, {"n": "5"}, {"n": 5}) == ["n format_error="]
    assert told(schema, {"n": "5"}, {"n": "5"}) == ["n correct"]
    assert told(schema, {"n": 5}, {"n": True}) == ["n format_error"]


@pytest.mark.parametrize(
    ("leaf", "expected", "predicted", "outcome"),
    [
        ({"type": "integer"}, 5, 5.0, "correct"),
        ({"type": "integer"}, 5, 5.5, "format_error"),
        ({"type": "string", "enum": ["a", "b"]}, "a", "A", "format_error="),
        ({"type": "string", "enum": ["a", "b"]}, "a", "b", "wrong_value"),
        ({"type": "string", "enum": ["a", "b"]}, "a", "c", "format_error"),
        ({"enum": [1, 2, None]}, 1, 2, "wrong_value"),
        ({"enum": [1, 2]}, 1, True, "format_error"),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "EUR", "eur", "format_error="),
        ({"type": "string", "format": "date"}, "2024-03-31", "2024-04-01", "wrong_value"),
        ({"type": "string", "format": "date-time"}, "2024-03-31T10:00:00Z",
         "2024-03-31T12:00:00+02:00", "correct"),
        ({"type": "number", "minimum": 0}, 5, -5, "format_error"),
        ({"type": "string", "maxLength": 3}, "abc", "abcd", "format_error"),
        ({"type": "boolean"}, True, "yes", "format_error="),
        ({"const": "invoice"}, "invoice", "Invoice", "format_error="),
    ],
)  # fmt: skip
def test_a_value_that_breaks_its_schema_is_a_format_error(
    leaf: Any,  # noqa: ANN401  # a schema
    expected: Any,  # noqa: ANN401  # any JSON
    predicted: Any,  # noqa: ANN401  # any JSON
    outcome: str,
) -> None:
    assert told({"properties": {"f": leaf}}, {"f": expected}, {"f": predicted}) == [f"f {outcome}"]


def test_a_truth_that_breaks_its_schema_is_still_the_truth() -> None:
    schema = {"properties": {"d": {"type": "string", "format": "date"}}}
    assert told(schema, {"d": "2024-03"}, {"d": "2024-03"}) == ["d correct"]
    assert told(schema, {"d": {"year": 2024}}, {"d": {"year": 2024}}) == ["d.year correct"]


@pytest.mark.parametrize(
    ("expected", "predicted", "outcome"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": "x"}, ["a.b format_error", "a.c format_error"]),
        ({"a": {"b": 1}}, {"a": [{"b": 1}]}, ["a.b format_error="]),
        ({"a": {"b": 1, "c": 3}}, {"a": [{"b": 2}]}, ["a.b format_error", "a.c format_error"]),
        ({"l": [1, 2]}, {"l": 1}, ["l[0] format_error", "l[1] format_error"]),
        ({"l": [{"b": 1}]}, {"l": {"b": 1}}, ["l[0].b format_error="]),
        ({"a": "x"}, {"a": {"b": "x"}}, ["a format_error"]),
        ({"a": "x"}, {"a": ["x", "y"]}, ["a format_error"]),
        ({"a": None}, {"a": {"b": "x", "c": None}}, ["a.b hallucination"]),
    ],
)
def test_every_expected_leaf_below_a_container_of_another_shape_is_a_format_error(
    expected: Any,  # noqa: ANN401  # any JSON
    predicted: Any,  # noqa: ANN401  # any JSON
    outcome: list[str],
) -> None:
    assert told(None, expected, predicted) == outcome


def test_branches_of_objects_become_one_object_that_takes_what_any_of_them_takes() -> None:
    schema = {
        "oneOf": [
            {"properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}},
            {"properties": {"kind": {"const": "b"}, "t": {"type": "string"}}},
        ]
    }
    assert told(schema, {"kind": "b", "t": "x"}, {"kind": "a", "n": "1"}) == [
        "kind wrong_value",
        "t omission",
        "n hallucination",
    ]


def test_a_reference_that_points_outside_or_nowhere_is_refused() -> None:
    for reference, code in (("https://example.org/s", "remote-ref"), ("#/nope", "bad-schema")):
        with pytest.raises(harness.HarnessError, match=code):
            harness.score({}, {}, {"$ref": reference})


def test_a_value_too_deep_to_walk_is_refused_not_a_traceback() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(harness.HarnessError, match="too-deep"):
        harness.score(deep, deep)


@pytest.mark.parametrize("where", [(), ("a",), ("a", "b")])
def test_a_type_that_is_none_is_refused_with_the_nearest_one(where: tuple[str, ...]) -> None:
    schema: Json = {"type": "strin"}
    value: Json = "x"
    for key in where:
        schema = {"type": "object", "properties": {key: schema}}
        value = {key: value}
    with pytest.raises(harness.HarnessError, match="'strin' is not a type") as refused:
        harness.score(value, value, schema=schema)
    assert refused.value.problems[0].hint == "did you mean 'string'?"
