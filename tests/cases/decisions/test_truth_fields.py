"""Fields of a truth that nobody reviews, since no rule compares them."""

from __future__ import annotations

import pytest

from harness.cases.decisions.truth_fields import ignored_fields, truth_fields
from harness.core.differ.plan import Plan
from harness.core.rules.field_rule import parse_rules
from harness.core.values import FieldPath, Json

PERSON: Json = {"properties": {"id": {"type": "string"}, "name": {"type": "string"}}}


def _left_out(plan: Plan, truth: Json) -> list[FieldPath]:
    """Return what is ignored, and hold that no field to review is among it."""
    reviewed = {field.path for field in truth_fields(plan, truth)}
    ignored = [path for path, _ in ignored_fields(plan, truth)]
    assert reviewed.isdisjoint(ignored)
    return ignored


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("schema", [None, {"properties": {"rows": {"items": PERSON}}}])
def test_ignored_fields_are_found_below_lists_and_objects(schema: Json, rows: int) -> None:
    rules = parse_rules({"rows[].id": {"ignore": True}, "note": {"ignore": True}})
    items: list[Json] = [{"id": f"p{n}", "name": f"n{n}"} for n in range(rows)]
    truth: Json = {"rows": items, "note": {"by": "ann", "at": [1, 2]}}
    found = _left_out(Plan(schema, rules), truth)
    below: list[FieldPath] = [("note", "by"), ("note", "at", 0), ("note", "at", 1)]
    assert found == [*(("rows", n, "id") for n in range(rows)), *below]


@pytest.mark.parametrize("people", [3, 3_000])
def test_names_that_entities_have_in_their_own_document_only_are_not_compared(people: int) -> None:
    plan = Plan(None, parse_rules({"people": {"align": "entity", "match": ["name"]}}))
    truth: Json = {"people": [{"id": f"p{n}", "name": f"n{n}"} for n in range(people)]}
    assert _left_out(plan, truth) == [("people", n, "id") for n in range(people)]


def test_a_plan_without_such_rules_has_nothing_to_look_for() -> None:
    plan = Plan()
    assert _left_out(plan, {"a": [{"b": 1}]}) == []
    assert plan.uncompared == set()
