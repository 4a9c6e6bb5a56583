"""What a plan is made from: rules as `score` takes them, a schema or a model's class."""

from __future__ import annotations

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


def test_a_rule_for_a_field_that_this_document_lacks_is_no_mistake() -> None:
    rules: dict[str, object] = {"discount": {"absolute": 1}, "total": {"absolute": 1}}
    assert harness.score({"total": 5}, {"total": 5}, rules=rules).f1 == 1
    rows = {"people": [{"age": 5}]}
    assert harness.score(rows, rows, rules={"people[].parent": {"absolute": 1}}).f1 == 1
    rules = {"total": {}, "totals": {}}  # each has a field of its own
    assert harness.score({"total": 5}, {"total": 5}, rules=rules).f1 == 1
