"""What each field costs: answers' tokens and dollars, allocated to their fields."""

from __future__ import annotations

from dataclasses import replace
from math import fsum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.records import Answer, Case, Failure, FailureKind, Prediction, Usage
from harness.core.rules.field_rule import NO_RULES
from harness.core.values import Json
from harness.run.results.cost import field_costs
from harness.run.results.score_cases import ScoredCase, Scorer
from harness.run.stored.stored_run import PriceRecord

PRICE: PriceRecord = {
    "input": 1.0,
    "output": 4.0,
    "cached": 0.5,
    "date": "2026-11-30",
    "model": "m",
    "table": "your table",
}


def answered(value: Json, usage: Usage | None, schema: Json = None) -> ScoredCase:
    case = Case("a", (), value, schema)
    said = Answer(value, usage=usage)
    return replace(Scorer(NO_RULES).score(case, said), prediction=Prediction("a", said, 1.0))


def costs_of(*scored: ScoredCase, price: PriceRecord | None = PRICE) -> dict[str, Any]:
    found: Any = field_costs(scored, price)
    assert found is not None
    return found  # type: ignore[no-any-return]


def by_field(costs: dict[str, Any], key: str) -> dict[str, float | None]:
    return {each["field"]: each[key] for each in costs["fields"]}


def test_output_goes_by_characters_and_input_in_equal_parts() -> None:
    # "a": and "xy" are 4 + 4 characters, "b": and 12 are 4 + 2, 14 in all
    costs = costs_of(answered({"a": "xy", "b": 12}, Usage(100, 28, None, 0.000212)))
    assert by_field(costs, "output_tokens") == {"a": 16.0, "b": 12.0}
    assert by_field(costs, "input_tokens") == {"a": 50.0, "b": 50.0}
    # 100 tokens at 1 and 28 at 4 dollars a million are 0.0001 and 0.000112 dollars
    assert by_field(costs, "usd") == {"a": pytest.approx(0.000114), "b": pytest.approx(0.000098)}


def test_the_dollars_of_a_batch_are_divided_as_they_were_paid() -> None:
    whole = costs_of(answered({"a": 1, "b": 2}, Usage(100, 28, None, 0.000212)))
    half = costs_of(answered({"a": 1, "b": 2}, Usage(100, 28, None, 0.000106)))
    for name, usd in by_field(whole, "usd").items():
        assert by_field(half, "usd")[name] == pytest.approx((usd or 0.0) / 2)


@pytest.mark.parametrize("items", [3, 3_000])
def test_a_list_costs_what_its_items_do_whatever_their_number(items: int) -> None:
    rows: list[Json] = [{"sku": "AX-1", "qty": 2} for _ in range(items)]
    costs = costs_of(answered({"no": 1, "rows": rows}, Usage(90, 100 * items, None, 1.0)))
    (rows_cost,) = costs["lists"]
    assert (rows_cost["field"], rows_cost["values"], rows_cost["answers"]) == ("rows[]", items, 1)
    below = [each for each in costs["fields"] if each["field"].startswith("rows[]")]
    assert rows_cost["output_tokens"] == pytest.approx(fsum(e["output_tokens"] for e in below))
    # three fields share what was read, however many items two of them have
    assert rows_cost["input_tokens"] == pytest.approx(60.0)


def test_failures_and_empty_answers_are_nobodys_cost() -> None:
    said = Failure(FailureKind.REFUSAL, "no", usage=Usage(10, 5, None, 0.00003))
    failed = Scorer(NO_RULES).score(Case("b", (), {"a": 1}), said)
    costs = costs_of(
        answered({"a": 1}, Usage(10, 5, None, 0.00003)),
        replace(failed, prediction=Prediction("b", said, 1.0)),
    )
    assert costs["answers"] == 2
    assert costs["rest"] == {"input_tokens": 10, "output_tokens": 5, "usd": pytest.approx(0.00003)}
    assert by_field(costs, "usd") == {"a": pytest.approx(0.00003)}


def test_nothing_is_said_where_nobody_counted() -> None:
    assert field_costs([answered({"a": 1}, None)], PRICE) is None
    assert field_costs([answered({"a": 1}, Usage(10, None))], PRICE) is None
    assert field_costs([], PRICE) is None


def test_without_a_price_of_both_kinds_tokens_are_allocated_and_dollars_are_not() -> None:
    told_by_router = answered({"a": 1}, Usage(10, 5, None, 0.5))
    costs = costs_of(told_by_router, price=None)
    assert (costs["priced"], by_field(costs, "usd")) == (0, {"a": None})
    assert by_field(costs, "output_tokens") == {"a": 5.0}


def test_fields_have_the_names_that_verdicts_give_them() -> None:
    schema: Json = {
        "type": "object",
        "properties": {
            "by room": {"type": "object", "additionalProperties": {"type": "number"}},
            "rows": {"type": "array", "items": {"type": "object"}},
        },
    }
    value: Json = {"by room": {"a.b": 1, "c": 2}, "rows": [{"x": [1, 2]}], "extra": None}
    each = answered(value, Usage(10, 10), schema)
    assert each.result is not None
    judged = {verdict[1].path.name for verdict in each.result.ledger.verdicts}
    allocated = set(by_field(costs_of(each), "usd"))
    assert judged <= allocated
    assert allocated - judged <= {"extra"}  # a null that nobody expects is no verdict


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
usages = st.builds(
    Usage,
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.none() | st.integers(0, 10**6),
    st.none() | st.floats(0, 100),
)


@given(st.lists(st.tuples(values, usages), min_size=1, max_size=4))
def test_fields_and_rest_add_up_to_what_the_answers_took(
    asked: list[tuple[Json, Usage]],
) -> None:
    scored = [answered(value, usage) for value, usage in asked]
    costs = costs_of(*scored)
    parts = [*costs["fields"], costs["rest"]]
    for key in ("input_tokens", "output_tokens"):
        whole = sum(getattr(usage, key) for _, usage in asked)
        assert fsum(part[key] for part in parts) == pytest.approx(whole, abs=1e-3)
    known = [usage.usd for _, usage in asked if usage.usd is not None]
    if known:
        assert fsum(part["usd"] for part in parts) == pytest.approx(fsum(known), abs=1e-9)
    else:
        assert all(part["usd"] is None for part in parts)
