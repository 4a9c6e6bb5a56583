"""Weights and marks: they change averages and what breaks a case, never counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.counts import Counts
from harness.core.rules.field_rule import FieldRule
from harness.core.scores.focus import Focus, critical_broken, focus_of, rules_met, weighted_f1

EXPECTED = {"vendor": {"name": "Acme", "vat": "1"}, "total": 5, "note": "x", "tags": ["a"]}
PREDICTED = {"vendor": {"name": "Acme", "vat": "2"}, "total": 6, "note": "x", "tags": ["a"]}
RIGHT, WRONG, VACUOUS = Counts(correct=1), Counts(wrong_value=1), Counts(true_negatives=1)


def test_marks_never_change_a_count() -> None:
    marks = {"**": {"weight": 5, "critical": True, "focus": True}}
    plain, marked = (
        harness.score(EXPECTED, PREDICTED),
        harness.score(EXPECTED, PREDICTED, None, marks),
    )
    assert plain.counts == marked.counts


def test_a_mark_holds_for_everything_below_unless_that_has_its_own() -> None:
    rules = {"vendor": {"critical": True, "weight": 3}, "vendor.name": {"critical": False}}
    schemas: list[Any] = [None, {"properties": {"vendor": {"properties": {"vat": {}, "name": {}}}}}]
    for schema in schemas:
        result = harness.score(EXPECTED, PREDICTED, schema, rules)
        met = rules_met([result])
        assert (met["vendor.vat"].critical, met["vendor.vat"].weight) == (True, 3)
        assert (met["vendor.name"].critical, met["vendor.name"].weight) == (False, 3)
        assert met["total"].critical is None
        assert [d.path for d in critical_broken(result)] == ["vendor.vat"]


def test_marks_in_the_schema_hold_for_everything_below_too() -> None:
    schema: Any = {
        "x-match": {"weight": 2},
        "properties": {
            "tags": {"type": "array", "x-match": {"focus": True}, "items": {"type": "string"}},
            "total": {"type": "number"},
        },
    }
    met = rules_met([harness.score(EXPECTED, PREDICTED, schema)])
    assert (met["tags[]"].focus, met["tags[]"].weight, met["total"].focus) == (True, 2, None)


def test_a_case_without_critical_fields_is_never_broken() -> None:
    assert critical_broken(harness.score(EXPECTED, PREDICTED)) == ()
    rules = {"note": {"critical": True}}
    assert critical_broken(harness.score(EXPECTED, PREDICTED, None, rules)) == ()


@pytest.mark.parametrize(
    ("fields", "weights", "f1"),
    [
        ({"a": RIGHT, "b": WRONG}, {}, 1 / 2),
        ({"a": RIGHT, "b": WRONG}, {"a": 3}, 3 / 4),
        ({"a": RIGHT, "b": WRONG}, {"b": 0}, 1.0),
        ({"a": RIGHT, "b": VACUOUS}, {"b": 9}, 1.0),
        ({"a": RIGHT}, {"a": 0}, None),
        ({"a": VACUOUS}, {}, None),
        ({}, {}, None),
    ],
)
def test_weights_act_on_the_mean_over_fields(
    fields: dict[str, Counts], weights: dict[str, float], f1: float | None
) -> None:
    rules = {name: FieldRule(weight=weight) for name, weight in weights.items()}
    assert weighted_f1(fields, rules) == f1


def test_focus_and_guard_part_the_fields() -> None:
    fields = {"a": RIGHT, "b": WRONG, "c": RIGHT, "d": VACUOUS}
    marked = {"a": FieldRule(focus=True), "b": FieldRule(focus=True), "c": FieldRule(focus=False)}
    assert focus_of(fields, marked) == Focus(0.5, 1.0)
    assert focus_of(fields, {}) == Focus(None, 2 / 3)


@given(st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_equal_weights_are_no_weights(numbers: dict[str, tuple[int, int]]) -> None:
    fields = {name: Counts(correct=c, omission=o) for name, (c, o) in numbers.items()}
    rules = {name: FieldRule(weight=7) for name in fields}
    weighted, plain = weighted_f1(fields, rules), weighted_f1(fields, {})
    assert weighted == plain or (weighted is not None and plain == pytest.approx(weighted))


def test_where_schemas_disagree_a_field_is_marked_as_any_marks_it_in_any_order() -> None:
    schemas: list[Any] = [
        {"properties": {"total": {"type": "number", "x-match": mark}}}
        for mark in ({"weight": 1}, {"weight": 4}, {"focus": True}, {})
    ]
    scored = [harness.score({"total": 1}, {"total": 1}, schema) for schema in schemas]
    for results in (scored, scored[::-1]):
        assert (rules_met(results)["total"].weight, rules_met(results)["total"].focus) == (4, True)
