"""What a plan is made from: rules as `score` takes them, a schema or a model's class."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from pydantic import BaseModel

import harness


class Order(BaseModel):
    """An order."""

    total: float


def test_a_plan_takes_the_rules_that_score_takes() -> None:
    rules = {"total": {"absolute": 1}}
    assert harness.Plan(None, rules).score({"total": 5}, {"total": 6}).f1 == 1.0
    with pytest.raises(harness.HarnessError, match="unknown setting 'absolut'"):
        harness.Plan(None, {"total": {"absolut": 1}})


def test_a_pydantic_class_is_its_own_schema() -> None:
    for result in (
        harness.Plan(Order).score({"total": 5}, {"total": "5"}),
        harness.score({"total": 5}, {"total": "5"}, Order),
    ):
        assert result.counts.value_equal == 1
    assert harness.score({"total": 5}, {"total": 5, "x": 1}, Order).diffs[1].tags == (
        harness.Tag.INVENTED_KEY,
    )


@pytest.mark.parametrize("schema", ["schema.json", ["a"], 5, object()])
def test_what_is_no_schema_is_refused_and_never_ignored(schema: object) -> None:
    with pytest.raises(harness.HarnessError, match="a schema is an object"):
        harness.score({"a": 1}, {"a": 1}, schema)


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_misspelt_rule_is_told_in_python_as_on_the_command_line(rows: int) -> None:
    lines = [{"qty": n, "sku": f"s{n}"} for n in range(rows)]
    line = {"properties": {"qty": {"type": "number"}, "sku": {"type": "string"}}}
    for schema in (None, {"properties": {"lines": {"items": line}}}):
        plan = harness.Plan(schema, {"lines[].qtyy": {"absolute": 1}, "lines[].sku": {}})
        with pytest.warns(harness.RuleWarning, match=r"lines\[\]\.qtyy: .* did you mean") as told:
            plan.score({"lines": lines}, {"lines": lines})
        assert "'lines[].qty'" in str(told[0].message)
        plan.score({"lines": lines}, {"lines": lines})  # told once


NAMES_INSIDE: dict[str, dict[str, Any]] = {
    "key": {"events": {"align": "key", "key": ["kynd"]}},
    "match": {"events": {"align": "entity", "match": ["kynd"]}},
    "joined": {"events": {"align": "entity", "match": {"kind + kynd": 1}}},
    "nested": {"events": {"align": "entity", "match": ["kind", "where.citty"]}},
    "id": {"events": {"align": "entity", "match": ["kind"], "id": "ID"}},
    "unordered": {"events": {"align": "entity", "match": ["kind"], "unordered": ["kimd", "kindd"]}},
}


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("setting", NAMES_INSIDE)
def test_a_name_inside_a_rule_that_no_item_bears_is_told_in_python(setting: str, rows: int) -> None:
    events = [{"id": n, "kind": f"k{n}", "where": {"city": "Oslo"}} for n in range(rows)]
    place = {"type": "object", "properties": {"city": {"type": "string"}}}
    item = {"properties": {"id": {}, "kind": {"type": "string"}, "where": place}}
    for schema in (None, {"properties": {"events": {"items": item}}}):
        plan = harness.Plan(schema, NAMES_INSIDE[setting])
        with pytest.warns(harness.RuleWarning, match="rules.events.*: no item has a field") as told:
            plan.score({"events": events}, {"events": events})
        assert len(told) == (2 if setting == "unordered" else 1)
        plan.score({"events": events}, {"events": events})  # told once


def test_a_name_inside_a_rule_of_a_schema_is_told_in_python() -> None:
    rule = {"align": "key", "key": ["skku"]}
    rows: dict[str, Any] = {"x-match": rule, "items": {"properties": {"sku": {}}}}
    schema = {"properties": {"r": rows}}
    with pytest.warns(harness.RuleWarning, match=r"x-match of r.key: .*; did you mean 'sku'"):
        harness.score({"r": [{"sku": 1}]}, {"r": [{"sku": 1}]}, schema)


def test_a_name_that_only_other_documents_may_bear_is_no_mistake() -> None:
    rules: dict[str, Any] = {"r": {"align": "key", "key": ["sku", "colour"]}}
    assert harness.score({"r": [{"sku": 1}]}, {"r": [{"sku": 1}]}, rules=rules).f1 == 1
    entry: dict[str, Any] = {"m": {"a": {"n": 1}}}
    for name in ("m[].n", "m.n[]", "m{}.n.n"):
        assert harness.score(entry, entry, rules={name: {"absolute": 1}}).f1 == 1


def test_a_name_that_some_item_or_the_schema_bears_is_no_mistake() -> None:
    rules: dict[str, Any] = {"r": {"align": "key", "key": ["sku", "size"]}}
    rows = {"r": [{"sku": 1}, {"sku": 2, "size": None}]}
    assert harness.score(rows, rows, rules=rules).f1 == 1
    keys: dict[str, Any] = {"sku": {}, "size": {}}
    schema = {"properties": {"r": {"items": {"properties": keys}}}}
    assert harness.score({"r": [{"sku": 1}]}, {"r": [{"sku": 1}]}, schema, rules).f1 == 1
    assert harness.score({"r": []}, {"r": []}, rules=rules).f1 is None
    entries: dict[str, Any] = {"m": {"align": "key", "key": ["$key"]}}
    assert harness.score({"m": {"a": {"n": 1}}}, {"m": {"a": {"n": 1}}}, rules=entries).f1 == 1


@pytest.mark.parametrize("name", ["lines.qty", "line[].qty", "lines[].Qty"])
def test_a_rule_whose_name_is_nearly_a_fields_is_told_with_that_name(name: str) -> None:
    lines = {"lines": [{"qty": 1}]}
    with pytest.warns(harness.RuleWarning, match=r"did you mean 'lines\[\].qty'"):
        harness.score(lines, lines, rules={name: {"absolute": 1}})


def test_a_rule_for_a_field_that_this_document_lacks_is_no_mistake() -> None:
    rules: dict[str, object] = {"discount": {"absolute": 1}, "total": {"absolute": 1}}
    assert harness.score({"total": 5}, {"total": 5}, rules=rules).f1 == 1
    rows = {"people": [{"age": 5}]}
    assert harness.score(rows, rows, rules={"people[].parent": {"absolute": 1}}).f1 == 1
    rules = {"total": {}, "totals": {}}  # each has a field of its own
    assert harness.score({"total": 5}, {"total": 5}, rules=rules).f1 == 1


@pytest.mark.parametrize("size", [3, 3_000])
def test_lists_of_records_with_ids_are_told_to_be_one_case(size: int) -> None:
    truths = [{"id": f"d{n}", "total": n} for n in range(size)]
    answers = [{"id": f"d{size - 1 - n}", "total": n} for n in range(size)]
    with pytest.warns(harness.RuleWarning, match=r"are one case here.*ids='id'"):
        harness.score(truths, answers)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        by_id = harness.score(truths, answers, rules={"$": {"align": "key", "key": ["id"]}})
        schema = {"items": {"properties": {"id": {"type": "string"}, "total": {"type": "number"}}}}
        harness.score(truths, answers, schema)
        harness.score({"rows": truths}, {"rows": answers})
        harness.score(truths, [*answers, {"total": 1}])
    # By id every id is right, and the totals of all but the record in the middle are wrong.
    middle = size % 2
    assert (by_id.counts.correct, by_id.counts.wrong_value) == (size + middle, size - middle)
