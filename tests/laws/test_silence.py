"""Absent on both sides is an abstention, whatever rules are set, at any size."""

from __future__ import annotations

from typing import Any

import pytest

from harness import score
from harness.core.rules.rule_settings import COMPARATORS

NAMES = ("vendor", "po", "fax")
OBJECT: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in NAMES},
}
ROWS: dict[str, Any] = {
    "type": "object",
    "properties": {"r": {"type": "array", "items": {"$ref": "#/$defs/row"}}},
    "$defs": {
        "row": {
            "type": "object",
            "properties": {
                "s": {"type": "string"},
                "n": {"type": ["string", "number"]},
                "t": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
                "inner": {"type": "array", "items": {"type": "string"}},
                "below": {"type": "array", "items": {"$ref": "#/$defs/row"}},
            },
        }
    },
}
RULES: list[dict[str, Any]] = [
    {},
    {"placeholders": ["N/A"]},
    {"blank": []},
    {"blank": ["missing"]},
    {"blank": ["missing", "null"]},
    {"blank": ["empty_string"], "placeholders": ["-"]},
    {"any_of": ["x", "y"]},
    {"any_of": ["x"], "placeholders": ["N/A"], "threshold": 0.0},
    *({"compare": name, "placeholders": ["N/A"]} for name in COMPARATORS),
    {"critical": True, "weight": 5, "blank": []},
]
SIZES = (3, 3000)


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("pattern", ["**", "*", "po"])
def test_a_field_that_nobody_fills_is_a_true_negative_under_every_rule(
    rule: dict[str, Any], pattern: str
) -> None:
    for schema in (OBJECT, None):
        told = score({"vendor": "Acme"}, {"vendor": "Zeta"}, schema, {pattern: rule}).counts
        plain = score({"vendor": "Acme"}, {"vendor": "Zeta"}, schema).counts
        assert (told.total, told.true_negatives) == (plain.total, plain.true_negatives)
    assert score({}, {}, OBJECT, {pattern: rule}).f1 is None


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_empty_items_score_nothing_under_any_rule(rule: dict[str, Any], size: int) -> None:
    truth = {"r": [{"s": "A", "t": ["u", 1]}]}
    for name in ("**", "r[].n", "r[].t[]", "r[].inner[]"):
        empty: list[dict[str, Any]] = [{}, {"inner": []}, {"t": []}]
        for nothing in empty:
            told = score(truth, {"r": [nothing] * size}, ROWS, {name: rule}).counts
            assert told.correct == 0, (name, nothing)
            assert told.expected == 3, (name, nothing)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_what_unpaired_rows_leave_out_is_told_by_nobody(rule: dict[str, Any], size: int) -> None:
    truth = {"r": [{"s": f"A{n}"} for n in range(size)]}
    other = {"r": [{"s": f"{n}B"} for n in range(size)]}
    rules = {"r[].n": rule, "r[].t[]": rule, "r[].inner[]": rule}
    told = score(truth, other, ROWS, rules).counts
    assert (told.omission, told.hallucination, told.total) == (size, size, 2 * size)
    told = score(truth, truth, ROWS, rules).counts
    assert (told.correct, told.total) == (size, size)


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize(
    "schema",
    [
        None,
        {"type": "object", "properties": {"l": {"type": "array", "items": {"type": "string"}}}},
        {
            "type": "object",
            "properties": {
                "l": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]}
            },
        },
        {"type": "object", "additionalProperties": {"items": {"type": "string"}}},
    ],
)
def test_a_text_left_out_is_an_omission_and_one_made_up_a_hallucination_under_every_rule(
    rule: dict[str, Any], schema: dict[str, Any] | None
) -> None:
    rules = {"**": rule, "l[]": rule, "{}": rule, "{}[]": rule}
    there, back = (
        score(truth, prediction, schema, rules).counts
        for truth, prediction in (({"l": ["s", "t"]}, {}), ({}, {"l": ["s", "t"]}))
    )
    assert (there.omission, there.total) == (2, 2)
    assert (back.hallucination, back.total) == (2, 2)


def test_an_empty_list_is_no_null_where_null_is_a_value() -> None:
    """`blank: []`: null is said, an empty list is nothing that could be said."""
    rules: dict[str, Any] = {"a": {"blank": []}}
    assert score({"a": []}, {"a": None}, None, rules).counts.hallucination == 1
    assert score({"a": None}, {"a": []}, None, rules).counts.omission == 1
    assert score({"a": None}, {"a": None}, None, rules).counts.correct == 1
    assert score({"a": {}}, {"a": []}, None, rules).counts.total == 0
