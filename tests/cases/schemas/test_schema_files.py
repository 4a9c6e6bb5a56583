"""Schemas that are none, and truths that break theirs."""

# ruff: noqa: E501  # messages are quoted whole

from __future__ import annotations

import json

import pytest
from inline_snapshot import snapshot

from harness.core.values import Json
from tests.cases.conftest import Project


def _with(project: Project, schema: Json, truth: Json | str = None) -> None:
    project.suite()
    said = truth if isinstance(truth, str) else json.dumps(truth or {"total": 5})
    project.write(
        {
            "evals/notes/schema.json": json.dumps(schema, indent=1),
            "ground_truth/notes/a.json": said,
        }
    )


def test_a_schema_that_is_none_says_where(project: Project) -> None:
    _with(
        project,
        {
            "type": "object",
            "properties": {
                "total": {"type": "nubmer"},
                "items": {"type": "array", "items": {"properties": [], "pattern": "("}},
            },
            "required": "total",
        },
    )
    assert project.refusal() == snapshot("""\
evals/notes/schema.json:5: properties.total.type: "nubmer" is not a type [bad-schema]
  hint: did you mean 'number'?
evals/notes/schema.json:10: properties.items.items.properties: must be of type object, not [] [bad-schema]
evals/notes/schema.json:11: properties.items.items.pattern: "(" is not a regex [bad-schema]
evals/notes/schema.json:15: required: must be of type array, not "total" [bad-schema]\
""")


@pytest.mark.parametrize("schema", [5, True, [], "x"])
def test_a_schema_is_an_object(project: Project, schema: Json) -> None:
    _with(project, schema)
    said = "evals/notes/schema.json:1: a schema must be a JSON object [bad-schema]"
    assert project.refusal() == said


def test_an_unknown_dialect_is_refused(project: Project) -> None:
    _with(project, {"$schema": "https://json-schema.org/draft/2030-01/schema"})
    assert project.refusal() == snapshot("""\
evals/notes/schema.json:2: unknown $schema 'https://json-schema.org/draft/2030-01/schema' [bad-schema]
  hint: known: 2020-12, 2019-09, draft-07, draft-06, draft-04, draft-03\
""")


def test_older_dialects_are_read_as_such(project: Project) -> None:
    _with(project, {"$schema": "http://json-schema.org/draft-04/schema#", "required": []})
    assert project.refusal() == snapshot(
        "evals/notes/schema.json:3: required: [] should be non-empty [bad-schema]"
    )
    _with(project, {"$schema": "http://json-schema.org/draft-07/schema#", "required": []})
    assert project.warnings() == ""


@pytest.mark.parametrize("fields", [3, 3_000])
def test_a_schema_of_draft_3_says_where_something_else_stands_for_a_schema(
    project: Project, fields: int
) -> None:
    named: dict[str, Json] = {f"f{n}": {"items": {}} for n in range(fields - 1)}
    dialect = "http://json-schema.org/draft-03/schema#"
    _with(project, {"$schema": dialect, "properties": named | {"last": {"items": 5}}})
    where = f"evals/notes/schema.json:{3 * fields + 2}: properties.last.items"
    assert project.refusal() == f"{where}: must be of type schema or array, not 5 [bad-schema]"


def test_references_stay_inside_the_schema(project: Project) -> None:
    _with(
        project,
        {
            "properties": {
                "a": {"$ref": "https://example.com/other.json"},
                "b": {"$ref": "other.json#/x"},
                "c": {"$ref": "#/$defs/Itm"},
                "d": {"$ref": "#/$defs/Item"},
                "e": {"$ref": "urn:x:own#/$defs/own"},
            },
            "$defs": {
                "Item": {"type": "string"},
                "Own": {"$id": "urn:x:own", "$defs": {"own": {}}, "$ref": "#/$defs/own"},
            },
        },
    )
    assert project.refusal() == snapshot("""\
evals/notes/schema.json:4: properties.a.$ref: 'https://example.com/other.json' is in another file [remote-ref]
  hint: copy the other schema into `$defs` and refer to it as `#/$defs/...`
evals/notes/schema.json:7: properties.b.$ref: 'other.json#/x' is in another file [remote-ref]
  hint: copy the other schema into `$defs` and refer to it as `#/$defs/...`
evals/notes/schema.json:10: properties.c.$ref: '#/$defs/Itm' is not in this schema [bad-ref]
  hint: did you mean '#/$defs/Item'?\
""")


def test_a_schema_that_goes_in_circles_is_told_and_no_traceback(project: Project) -> None:
    _with(project, {"$ref": "#"})
    assert project.warnings() == snapshot(
        "ground_truth/notes/a.json: cannot be checked: it is too deep, or its schema refers to itself without an end [truth-breaks-schema]"
    )


def test_rules_in_a_schema_are_checked(project: Project) -> None:
    _with(
        project,
        {
            "properties": {
                "items": {
                    "items": {
                        "properties": {
                            "price": {"type": "number", "x-match": {"relativ": 0.1}},
                            "sku": {"x-match": {"compare": "identifer"}},
                            "ok": {"x-match": {"compare": "exact"}},
                        }
                    },
                    "x-match": "best",
                }
            }
        },
    )
    assert project.refusal() == snapshot("""\
evals/notes/schema.json:9: x-match of items[].price: unknown setting 'relativ' [unknown-key]
  hint: did you mean 'relative'?
evals/notes/schema.json:14: x-match of items[].sku.compare: 'identifer' is not one of its choices [bad-rule]
  hint: did you mean 'identifier'?
evals/notes/schema.json:24: x-match of items: settings must be a mapping [bad-rule]\
""")


SCHEMA: Json = {
    "type": "object",
    "properties": {
        "date": {"type": "string", "format": "date"},
        "kind": {"enum": ["invoice", "receipt"]},
        "total": {"type": "number", "minimum": 0},
        "mail": {"type": "string", "format": "email"},
        "line_items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "sku": {"type": "string", "pattern": "^[A-Z]"},
                    "amount": {"anyOf": [{"type": "number"}, {"type": "string", "minLength": 2}]},
                },
                "required": ["sku", "amount"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["date", "kind", "total"],
    "additionalProperties": False,
}


def test_every_way_a_truth_breaks_its_schema_is_told(project: Project) -> None:
    truth = """\
{
  "date": "2024-03",
  "kind": "invioce",
  "total": "12",
  "mail": "me at home",
  "line_items": [
    {"sku": "A1", "amount": 1},
    {"sku": "b2", "amount": true},
    {"sku": "C3", "amount": 2,
     "amunt": 3}
  ]
}
"""
    _with(project, SCHEMA, truth)
    assert project.warnings() == snapshot("""\
ground_truth/notes/a.json:2: date: expected format date, got "2024-03" [truth-breaks-schema]
ground_truth/notes/a.json:3: kind: expected one of "invoice", "receipt", got "invioce" [truth-breaks-schema]
ground_truth/notes/a.json:4: total: expected number, got string "12" [truth-breaks-schema]
ground_truth/notes/a.json:5: mail: expected format email, got "me at home" [truth-breaks-schema]
ground_truth/notes/a.json:8: line_items[1].sku: expected text that matches '^[A-Z]', got "b2" [truth-breaks-schema]
ground_truth/notes/a.json:8: line_items[1].amount: expected number or string, got true [truth-breaks-schema]
ground_truth/notes/a.json:10: line_items[2].amunt: is not in the schema [truth-breaks-schema]
  hint: did you mean 'amount'?\
""")


@pytest.mark.parametrize(
    "truth",
    [
        {"date": None, "kind": None, "total": None, "mail": "", "line_items": []},
        {"date": " ", "line_items": [{"sku": None, "amount": None}], "total": 1},
        {"line_items": [None, {"sku": "A", "amount": ""}], "stray": None},
        {"total": 0, "line_items": None},
    ],
)
def test_what_is_absent_breaks_no_schema(project: Project, truth: Json) -> None:
    _with(project, SCHEMA, truth)
    assert "truth-breaks-schema" not in project.warnings()


def test_branches_told_apart_by_a_null_are_not_blamed(project: Project) -> None:
    schema: Json = {
        "oneOf": [
            {"properties": {"end": {"type": "null"}}, "required": ["end"]},
            {"properties": {"end": {"type": "string"}}, "required": ["end"]},
        ]
    }
    _with(project, schema, {"total": 5, "end": None})
    assert project.warnings() == ""


def test_a_truth_that_fits_no_branch_is_told(project: Project) -> None:
    schema: Json = {"properties": {"total": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}
    _with(project, schema)
    assert project.warnings() == snapshot(
        "ground_truth/notes/a.json:1: total: expected string or null, got 5 [truth-breaks-schema]"
    )
