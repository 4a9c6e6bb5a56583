"""Schemas of all drafts and of all kinds: tuples, patterns, conditions, names, and hostile ones."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.cases.schemas.json_schema import read_schema
from harness.core.comparators.by_name import suggested
from harness.core.differ.forwarding_fields import Positions
from harness.core.differ.plan import Plan
from harness.core.fields.field import EXPECTED, ItemCells
from harness.core.schema.ref_pointers import plain_references
from harness.core.values import Path


def told(schema: Any, expected: Any, predicted: Any) -> list[str]:  # noqa: ANN401  # any JSON
    result = harness.score(expected, predicted, schema)
    return [f"{d.path} {d.outcome}{'=' if d.value_equal else ''}" for d in result.diffs]


PAIR: list[Any] = [{"type": "string"}, {"type": "number"}]


@pytest.mark.parametrize(
    "schema",
    [
        {"prefixItems": PAIR, "items": {"type": "boolean"}},
        {"type": "array", "items": PAIR, "additionalItems": {"type": "boolean"}},
    ],
    ids=["2020-12", "draft-07"],
)
def test_each_position_of_a_tuple_is_judged_by_its_own_schema(schema: Any) -> None:  # noqa: ANN401
    assert told(schema, ["1", 1, True], ["1", "1", True]) == [
        "[0] correct",
        "[1] format_error=",
        "[2] correct",
    ]
    assert told(schema, ["1", 1], [1, 1]) == ["[0] format_error=", "[1] correct"]
    assert told(schema, ["a", 1], ["a"]) == ["[0] correct", "[1] omission"]
    assert told(schema, ["a"], ["a", 1, "yes"]) == [
        "[0] correct",
        "[1] hallucination",
        "[2] hallucination",
    ]
    assert told(schema, ["a", 1], "a") == ["[0] format_error", "[1] format_error"]


def test_items_behind_the_last_position_may_be_anything_or_nothing() -> None:
    for rest in ({}, {"items": False}, {"items": True}):
        assert told({"prefixItems": PAIR, **rest}, ["a", 1, 2], ["a", 1, 3])[2] == "[2] wrong_value"


def test_a_tuple_of_objects_inside_rows_pairs_rows_as_any_list_does() -> None:
    point = {
        "type": "array",
        "prefixItems": [{"type": "number"}, {"properties": {"u": {"type": "string"}}}],
    }
    schema = {"type": "array", "items": {"properties": {"at": point}}}
    expected = [{"at": [1, {"u": "m"}]}, {"at": [2, {"u": "km"}]}]
    assert harness.score(expected, expected[::-1], schema).f1 == 1.0


def test_an_item_of_a_tuple_seen_by_itself_is_one_behind_the_last() -> None:
    place = Path((), "l").item()
    rest = Plan({"type": "number"}).root
    row: ItemCells = {}
    Positions(place, [Plan({"type": "string"}).root], rest).cells(5, EXPECTED, (), row)
    assert list(row.values()) == [5]


def test_a_rule_may_align_a_tuple_otherwise() -> None:
    schema = {"properties": {"l": {"prefixItems": [{"type": "string"}, {"type": "string"}]}}}
    value, turned = {"l": ["a", "b"]}, {"l": ["b", "a"]}
    assert harness.score(value, turned, schema).f1 == 0.0
    assert harness.score(value, turned, schema, {"l": {"align": "best"}}).f1 == 1.0


def test_either_of_several_tuples_or_lists_takes_what_any_of_them_takes() -> None:
    schema = {"anyOf": [{"prefixItems": PAIR}, {"type": "array", "items": {"type": "boolean"}}]}
    assert told(schema, ["a", 1, True], ["a", 1, True]) == [f"[{n}] correct" for n in range(3)]
    plain = {"anyOf": [{"type": "array"}, {"type": "array", "minItems": 2}]}
    assert told(plain, ["a"], ["a"]) == ["[0] correct"]


def test_either_of_several_objects_takes_the_keys_that_any_of_them_takes() -> None:
    one = {"type": "object", "patternProperties": {"^a": {"type": "string"}}}
    two = {
        "type": "object",
        "properties": {"n": NUMBER},
        "patternProperties": {"^a": {"type": "string"}, "^b": NUMBER},
    }
    three = {
        "type": "object",
        "properties": {"n": NUMBER},
        "additionalProperties": {"type": "boolean"},
    }
    schema = {"oneOf": [one, two, three]}
    expected = {"ax": "1", "bx": 1, "n": 1, "z": True}
    predicted = {"ax": 1, "bx": "1", "n": "1", "z": "yes"}
    assert [line.split()[1] for line in told(schema, expected, predicted)] == ["format_error="] * 4


def test_a_property_that_two_parts_speak_of_keeps_to_both() -> None:
    schema = {
        "allOf": [
            {"properties": {"f": {"type": "string"}, "g": NUMBER}},
            {"properties": {"f": {"maxLength": 2}, "g": NUMBER}},
        ]
    }
    assert told(schema, {"f": "ab", "g": 1}, {"f": "abc", "g": 2}) == [
        "f format_error",
        "g wrong_value",
    ]


def test_each_key_goes_by_its_own_pattern() -> None:
    schema = {
        "properties": {"x-id": {"minLength": 1}},
        "patternProperties": {"^x-": {"type": "string"}, "_n$": {"type": "number"}},
        "additionalProperties": {"type": "boolean"},
    }
    expected = {"x-id": "1", "x-a": "1", "b_n": 1, "c": True}
    assert told(schema, expected, expected) == [f"{k} correct" for k in ("x-id", "x-a", "b_n", "c")]
    predicted = {"x-id": 1, "x-a": 1, "b_n": "1", "c": "true"}
    assert told(schema, expected, predicted) == [
        f"{k} format_error=" for k in ("x-id", "x-a", "b_n", "c")
    ]
    fields = [d.field for d in harness.score(expected, expected, schema).diffs]
    assert fields == ["x-id", "{}", "{}", "{}"]


def test_a_key_of_two_patterns_keeps_to_both() -> None:
    schema = {"patternProperties": {"^a": {"type": "string"}, "b$": {"maxLength": 2}}}
    assert told(schema, {"ab": "xy"}, {"ab": "xyz"}) == ["ab format_error"]
    assert told(schema, {"ab": "1"}, {"ab": 1}) == ["ab format_error="]


@pytest.mark.parametrize(
    ("schema", "tags"),
    [
        ({"properties": {"a": {}}, "additionalProperties": False}, ["invented_key"]),
        ({"properties": {}, "additionalProperties": False}, ["invented_key"]),
        ({"type": "object", "patternProperties": {"^x": {}}}, ["invented_key"]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, []),
        ({"type": "object", "unevaluatedProperties": {"type": "string"}}, []),
        ({"type": "object", "unevaluatedProperties": False}, ["invented_key"]),
        ({"type": "object"}, []),
        ({"if": {"required": ["a"]}, "then": {"properties": {"new": {"type": "string"}}}}, []),
        ({"properties": {"a": {}}, "if": True, "else": {"properties": {"new": {}}}}, []),
        ({"properties": {"a": {}}, "dependentSchemas": {"a": {"properties": {"new": {}}}}}, []),
        (
            {
                "properties": {"a": {}},
                "dependencies": {"a": {"properties": {"new": {}}}, "b": ["a"]},
            },
            [],
        ),
        ({"properties": {"a": {}}, "then": {"properties": {"new": {}}}}, ["invented_key"]),
    ],
    ids=str,
)
def test_a_key_is_invented_where_the_schema_has_others_and_not_this_one(
    schema: Any,  # noqa: ANN401  # a schema
    tags: list[str],
) -> None:
    diff = harness.score({"a": None}, {"new": "x"}, schema).diffs[0]
    assert [str(tag) for tag in diff.tags] == tags


def test_a_condition_adds_properties_and_overrides_none() -> None:
    schema = {
        "type": "object",
        "properties": {"kind": {"type": "string"}},
        "if": {"properties": {"kind": {"const": "flat"}}},
        "then": {"properties": {"kind": {"const": "flat"}, "floor": {"type": "integer"}}},
        "else": {"properties": {"floor": {"type": "null"}, "garden": {"type": "boolean"}}},
    }
    assert told(schema, {"kind": "house", "floor": 2}, {"kind": "flat", "floor": "2"}) == [
        "kind wrong_value",
        "floor format_error=",
    ]
    scalar = {"type": "string", "if": {"minLength": 2}, "then": {"properties": {"a": {}}}}
    assert told(scalar, "x", "x") == ["$ correct"]


@pytest.mark.parametrize(
    ("leaf", "predicted", "outcome"),
    [
        ({"type": "number", "minimum": 5, "exclusiveMinimum": True}, 5, "format_error"),
        ({"type": "number", "minimum": 5, "exclusiveMinimum": False}, 5, "wrong_value"),
        ({"type": "number", "maximum": 5, "exclusiveMaximum": True}, 5, "format_error"),
        ({"type": "number", "exclusiveMaximum": 5}, 5, "format_error"),
        ({"type": "number", "multipleOf": 2.5}, 7.5, "wrong_value"),
        ({"type": "number", "multipleOf": 2.5}, 7, "format_error"),
        ({"type": "number", "multipleOf": 1e-300}, 1e300, "wrong_value"),
        ({"type": "number", "multipleOf": 0}, 7, "wrong_value"),
        ({"type": "number", "not": {"const": 7}}, 7, "wrong_value"),
        ({"type": "number", "nullable": True}, 7, "wrong_value"),
        ({"const": 6}, 7, "format_error"),
        ({"anyOf": [{"const": 6}, {"const": None}]}, 7, "format_error"),
        ({"anyOf": [{"enum": ["a", 6]}, {"type": "boolean"}]}, "a", "wrong_value"),
        ({"anyOf": [False, {"type": "number"}]}, "7", "format_error"),
        ({"anyOf": [True, {"type": "number"}]}, 7, "wrong_value"),
        (True, 7, "wrong_value"),
        (False, 7, "wrong_value"),
        ({"$ref": "https://json-schema.org/draft/2020-12/schema"}, 7, "wrong_value"),
    ],
    ids=str,
)
def test_words_of_all_drafts_are_read(leaf: Any, predicted: object, outcome: str) -> None:  # noqa: ANN401
    assert told({"properties": {"f": leaf}}, {"f": 6}, {"f": predicted}) == [f"f {outcome}"]


NUMBER = {"type": "number"}
NUMERAL = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
OLD = "http://json-schema.org/draft-04/schema#"
NAMED: dict[str, Any] = {
    "anchor": {"$ref": "#n", "$defs": {"x": {"$anchor": "n", **NUMBER}}},
    "id in 2020-12": {
        "$id": "https://e.org/root.json",
        "$ref": "number",
        "$defs": {"x": {"$id": "number", **NUMBER}},
    },
    "own full address": {
        "$id": "https://e.org/root.json",
        "$ref": "https://e.org/root.json#/$defs/x",
        "$defs": {"x": NUMBER},
    },
    "pointer inside an embedded resource": {
        "$ref": "#/$defs/inner",
        "$defs": {
            "inner": {"$id": "https://e.org/inner", "$ref": "#/$defs/x", "$defs": {"x": NUMBER}}
        },
    },
    "anchor of an embedded resource": {
        "$id": "https://e.org/root",
        "$ref": "inner#n",
        "$defs": {"inner": {"$id": "inner", "$defs": {"x": {"$anchor": "n", **NUMBER}}}},
    },
    "id in draft 4": {
        "$schema": OLD,
        "id": "https://e.org/root",
        "$ref": "n",
        "definitions": {"x": {"id": "n", **NUMBER}},
    },
    "fragment id in draft 7": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$ref": "#n",
        "definitions": {"x": {"$id": "#n", **NUMBER}},
    },
    "dynamic": {"$dynamicRef": "#n", "$defs": {"x": {"$dynamicAnchor": "n", **NUMBER}}},
    "definitions": {"$ref": "#/definitions/x", "definitions": {"x": NUMBER}},
    "a name with odd characters": {
        "$ref": "#/$defs/a~1b%25c~0d",
        "$defs": {"a/b%c~d": {"$anchor": "odd", "$ref": "#n"}, "x": {"$anchor": "n", **NUMBER}},
    },
}


@pytest.mark.parametrize("schema", NAMED.values(), ids=NAMED)
def test_a_place_in_the_schema_is_found_by_any_name_it_has(
    schema: Any,  # noqa: ANN401  # a schema
    tmp_path: pathlib.Path,
) -> None:
    assert told(schema, 5, "5") == ["$ format_error="]
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema), "utf-8")
    assert read_schema(file).value == schema


def test_a_recursive_reference_of_2019_goes_to_the_root() -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "properties": {"n": NUMBER, "below": {"$recursiveRef": "#"}},
    }
    assert told(schema, {"below": {"n": 5}}, {"below": {"n": "5"}}) == ["below.n format_error="]


def test_a_dynamic_reference_goes_to_the_outermost_anchor_of_its_name() -> None:
    schema = {
        "$id": "https://e.org/strict",
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "properties": {"n": NUMBER},
        "$defs": {
            "tree": {
                "$id": "tree",
                "$dynamicAnchor": "node",
                "type": "object",
                "properties": {"below": {"$dynamicRef": "#node"}},
            }
        },
    }
    assert told(schema, {"below": {"n": 5}}, {"below": {"n": "5"}}) == ["below.n format_error="]


def test_what_only_looks_like_a_reference_or_a_name_is_left_alone() -> None:
    schema: Any = {
        "properties": {"$ref": NUMBER, "$id": {"type": "string"}, "c": {"const": {"$id": "#x"}}},
        "$defs": {"x": {"$anchor": "x"}},
        "default": {"$ref": "#x"},
        "title": "$anchor",
    }
    assert plain_references(schema) == schema
    assert told(schema, {"$ref": 5, "$id": "a"}, {"$ref": "5", "$id": "a"}) == [
        "$ref format_error=",
        "$id correct",
    ]


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("#nowhere", "bad-schema"),
        ("#/$defs/nowhere", "bad-schema"),
        ("#/list/9", "bad-schema"),
        ("#/list/\u00b2", "bad-schema"),
        ("other.json", "remote-ref"),
        ("http://[", "remote-ref"),
        ("http://[#a", "remote-ref"),
    ],
)
def test_a_name_that_is_not_there_is_refused(reference: str, code: str) -> None:
    plain = {"$ref": reference, "list": [{}]}
    named = {"$id": "http://e.org/s", "$ref": reference, "list": [{"$anchor": "a"}]}
    for schema in (plain, named):
        with pytest.raises(harness.HarnessError, match=code):
            harness.score({}, {}, schema)


def test_fields_deep_in_a_schema_that_holds_itself_keep_their_type() -> None:
    node = {"properties": {"n": NUMBER, "left": {"$ref": "#/$defs/node"}}}
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    expected: Any = {"n": 5}
    predicted: Any = {"n": "5"}
    for _ in range(9):
        expected, predicted = {"left": expected}, {"left": predicted}
    assert told(schema, expected, predicted) == [f"{'left.' * 9}n format_error="]


def _each_all(word: str, size: int) -> Any:  # noqa: ANN401  # a schema
    """Return definitions that all refer to all, any of whose paths through them is another."""
    every = [{"$ref": f"#/$defs/d{n}"} for n in range(size)]
    bodies: dict[str, Any] = {
        "anyOf": {"anyOf": every},
        "allOf": {"allOf": every},
        "prefixItems": {"prefixItems": every},
        "items": {"type": "array", "items": {"anyOf": every}},
        "properties": {"properties": {f"k{n}": one for n, one in enumerate(every)}},
        "then": {"if": True, "then": {"oneOf": every}},
        "mixed": {"allOf": [{"properties": {"k0": {"anyOf": every}}}, *every]},
    }
    return {"$ref": "#/$defs/d0", "$defs": {f"d{n}": bodies[word] for n in range(size)}}


@pytest.mark.parametrize(
    "word", ["anyOf", "allOf", "prefixItems", "items", "properties", "then", "mixed"]
)
@pytest.mark.parametrize("size", [1, 2, 12])
def test_definitions_that_all_hold_one_another_are_used_or_refused(word: str, size: int) -> None:
    values: list[Any] = [None, 1, [[1, [2]], 3], {"k0": {"k0": {"k0": {"k0": {"k1": 2}}}}}]
    for value in values:
        try:
            result = harness.score(value, value, _each_all(word, size))
        except harness.HarnessError:
            assert size > 2
            continue
        assert result.counts.omission == result.counts.hallucination == 0
        assert result.counts.true_negatives <= 5 * size


def test_a_chain_of_references_too_long_to_follow_is_refused_not_a_traceback() -> None:
    chain: dict[str, Any] = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(3000)}
    with pytest.raises(harness.HarnessError, match="too-deep"):
        harness.score({}, {}, {"$ref": "#/$defs/d0", "$defs": {**chain, "d3000": NUMBER}})


def test_a_chain_of_branches_that_doubles_at_each_step_is_refused() -> None:
    doubles: dict[str, Any] = {
        f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
        for n in range(40)
    }
    with pytest.raises(harness.HarnessError, match="without end"):
        harness.score({}, {}, {"$ref": "#/$defs/d0", "$defs": {**doubles, "d40": NUMBER}})


@pytest.mark.parametrize("word", ["allOf", "items", "prefixItems", "$defs"])
def test_a_schema_too_deep_to_read_is_refused_not_a_traceback(word: str) -> None:
    schema: Any = {"$anchor": "deepest", **NUMBER}
    for _ in range(2000):
        schema = {word: [schema] if word != "$defs" else {"a": schema}}
    with pytest.raises(harness.HarnessError, match="too-deep"):
        harness.Plan(schema)


def test_a_pattern_that_python_cannot_read_is_named() -> None:
    schemas: list[Any] = [
        {"type": "string", "pattern": r"\p{L}+"},
        {"type": "object", "patternProperties": {"(": {}}},
    ]
    for schema in schemas:
        with pytest.raises(harness.HarnessError, match="not a regular expression"):
            harness.Plan(schema)


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        ({"type": "string", "format": "date"}, "date"),
        ({"type": ["string", "null"], "format": "date-time"}, "datetime"),
        ({"type": "string", "format": "duration"}, "duration"),
        ({"type": "string", "format": "email"}, "text"),
        ({"type": "integer"}, "number"),
        ({"type": ["integer", "number"]}, "number"),
        ({"type": ["string", "number"]}, None),
        ({"type": "string", "pattern": r"^[+-]?\d*\.?\d+$"}, "number"),
        ({"type": "string", "pattern": r"^\d+$"}, "text"),
        ({"type": "string", "pattern": r"\d"}, "text"),
        ({"type": ["number", "string"], "anyOf": [NUMBER, NUMERAL]}, "number"),
        ({"type": "string", "enum": ["a"]}, "enum"),
        ({"enum": [1, 2], "type": "integer"}, "number"),
        ({}, None),
    ],
    ids=str,
)  # fmt: skip
def test_type_format_and_enum_choose_the_comparator(schema: Any, name: str | None) -> None:  # noqa: ANN401
    assert suggested(schema) == name


words = st.sampled_from(["#", "#a", "#/$defs/a", "x", "x#a", "http://e.org/x#/$defs/a", "", "#/"])
odd: st.SearchStrategy[Any] = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "$id": words,
            "id": words,
            "$ref": words,
            "$dynamicRef": words,
            "$recursiveRef": words,
            "$anchor": st.sampled_from(["a", "b"]),
            "$dynamicAnchor": st.sampled_from(["a", "b"]),
            "type": st.sampled_from(["object", "array", "string", "number"]),
        },
    ),
    lambda below: st.fixed_dictionaries(
        {},
        optional={
            "$id": words,
            "$schema": st.sampled_from([OLD, "https://json-schema.org/draft/2020-12/schema"]),
            "$ref": words,
            "properties": st.dictionaries(st.sampled_from(["a", "$ref", "$id"]), below, max_size=2),
            "$defs": st.dictionaries(st.sampled_from(["a", "b"]), below, max_size=2),
            "prefixItems": st.lists(below, max_size=2),
            "items": below | st.lists(below, max_size=2) | st.booleans(),
            "anyOf": st.lists(below, max_size=2),
            "then": below,
            "if": st.just(True),  # noqa: FBT003  # a schema
            "dependentSchemas": st.dictionaries(st.just("a"), below, max_size=1),
        },
    ),
    max_leaves=6,
)


@given(odd, st.sampled_from([None, 1, [1, [2]], {"a": {"a": [1]}}]))
def test_any_schema_is_used_or_refused_and_a_value_always_equals_itself(
    schema: Any,  # noqa: ANN401  # a schema
    value: Any,  # noqa: ANN401  # any JSON
) -> None:
    try:
        result = harness.score(value, value, schema)
    except harness.HarnessError:
        return
    assert result.is_perfect
