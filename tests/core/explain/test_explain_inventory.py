"""Every field of a plan is told of once, with what judges it."""

from __future__ import annotations

from typing import Any

from harness.core.differ.plan import Plan
from harness.core.explain.field_inventory import InventoryEntry, inventory
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "secret": {"type": "string", "x-match": {"ignore": True}},
        "rows": {
            "type": "array",
            "x-match": {"align": "key", "key": ["sku"]},
            "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
        },
        "point": {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]},
        "by_year": {"type": "object", "additionalProperties": {"type": "integer"}},
        "tree": {"$ref": "#/$defs/node"},
        "free": {},
    },
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "below": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
        }
    },
}


def found(plan: Plan, *truths: Json) -> dict[str, InventoryEntry]:
    entries = inventory(plan, truths)
    assert len({entry.field for entry in entries}) == len(entries)
    return {entry.field: entry for entry in entries}


def test_a_schema_s_fields_are_told_of_in_its_order_and_recursion_ends() -> None:
    entries = found(Plan(SCHEMA), {"free": [{"x": 1}], "surprise": 2})
    kinds = {name: str(entry.kind) for name, entry in entries.items() if name.count("below") < 2}
    assert kinds == {
        "total": "scalar",
        "secret": "ignored",
        "rows": "list",
        "rows[].sku": "scalar",
        "point": "list",
        "point[]": "scalar",
        "by_year{}": "scalar",
        "tree.name": "scalar",
        "tree.below": "list",
        "tree.below[]": "recursion",
        "free": "list",
        "free[].x": "scalar",
        "surprise": "scalar",
    }


def test_a_list_says_how_it_is_aligned_and_who_said_so() -> None:
    entries = found(Plan(SCHEMA))
    said = {
        name: [(s.name, s.value, str(s.origin)) for s in entries[name].provenance.settings]
        for name in ("rows", "point", "tree.below", "secret")
    }
    assert said == {
        "rows": [
            ("align", "key", "x-match in the schema"),
            ("key", ["sku"], "x-match in the schema"),
        ],
        "point": [("align", "position", "the schema's `prefixItems`")],
        "tree.below": [("align", "best", "the default")],
        "secret": [("ignore", True, "x-match in the schema")],
    }


def test_entity_collections_their_ids_and_references_are_named() -> None:
    rules = parse_rules(
        {
            "people": {"align": "entity", "match": ["name"]},
            "people[].parents[]": {"refers_to": "people"},
        }
    )
    truth: Json = {"people": [{"id": 1, "name": "Ann", "parents": [2]}]}
    entries = found(Plan(None, rules), truth)
    assert {name: str(entry.kind) for name, entry in entries.items()} == {
        "people": "entities",
        "people[].id": "local name",
        "people[].name": "scalar",
        "people[].parents": "list",
        "people[].parents[]": "reference",
    }
    settings = entries["people"].provenance.settings
    assert [(s.name, s.value) for s in settings] == [
        ("align", "entity"),
        ("match", {"name": 1.0}),
        ("id", "id"),
    ]


def test_maps_whose_entries_are_paired_are_told_with_their_keys() -> None:
    rules = parse_rules(
        {
            "people": {"align": "entity", "match": ["name"]},
            "people{}.boss": {"refers_to": "people"},
            "parts": {"align": "best"},
        }
    )
    truth: Json = {"people": {"p1": {"name": "Ann", "boss": "p1"}}, "parts": {"a": {"mass": 1}}}
    value: Json = {"additionalProperties": {"properties": {"name": {}, "boss": {}}}}
    schema: Json = {"properties": {"people": value, "parts": {"additionalProperties": {}}}}
    for plan in (Plan(None, rules), Plan(schema, rules)):
        entries = found(plan, truth)
        assert {name: str(entry.kind) for name, entry in entries.items()} == {
            "people": "entities",
            "people{}.$key": "local name",
            "people{}.name": "scalar",
            "people{}.boss": "reference",
            "parts": "list",
            "parts{}.$key": "scalar",
            "parts{}.mass": "scalar",
        }
        ids = [s.value for s in entries["people"].provenance.settings if s.name == "id"]
        assert ids == ["$key"]


def test_a_similarity_that_lists_go_by_names_its_bound() -> None:
    entries = found(Plan(None, parse_rules({"rows": {"threshold": 0.5}})), {"rows": [1]})
    settings = entries["rows"].provenance.settings
    assert [(s.name, s.value) for s in settings] == [
        ("threshold", 0.5),
        ("align", "best"),
        ("bound", ">="),
    ]


def test_positions_of_a_tuple_are_told_of_one_by_one_and_those_behind_if_there_are_any() -> None:
    items: list[Json] = [{"type": "string"}, {"type": "number"}]
    plan = Plan({"type": "array", "prefixItems": items})
    names = {0: ["text", "number"], 1: ["text", "number", "boolean"]}
    for more, comparators in names.items():
        entries = inventory(plan, [["a", 1, *([True] * more)]])
        found = [e.provenance.comparator for e in entries if e.field == "[]"]
        assert [setting.value for setting in found if setting] == comparators


def test_statements_are_looked_into() -> None:
    rules = parse_rules({"said": {"cumulative": True}})
    assert [e.field for e in inventory(Plan(None, rules), [{"said": [{"x": 1}]}])] == [
        "said",
        "said[].x",
    ]


def test_without_schema_and_truths_there_is_one_field() -> None:
    (entry,) = inventory(Plan())
    assert (entry.field, str(entry.kind)) == ("$", "scalar")
