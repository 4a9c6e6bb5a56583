"""A value says step by step how it was read before it was compared."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.differ.plan import Plan
from harness.core.explain.explanation import ExplainableCase, answered, explain
from harness.core.rules.field_rule import parse_rules
from harness.core.rules.rule_settings import COMPARATORS
from harness.core.values import Json

Rule = dict[str, Any]


def case_of(expected: Json, predicted: Json, rules: Rule | None = None) -> ExplainableCase:
    return answered(Plan(None, parse_rules(rules or {})), expected, predicted)


READ: list[tuple[str, Rule, Json, list[str], str | None]] = [
    ("text", {}, "ACME\u00a0 Corp", ["white space folded", "case folded"], "acme corp"),
    (
        "text",
        {},
        "O\u2019B\u200b",
        ["zero-width characters dropped", "quotes and dashes made plain", "case folded"],
        "o'b",
    ),
    ("text", {}, "e\u0301", ["accents composed"], "\u00e9"),
    ("text", {}, 5.0, [], "5"),
    (
        "number",
        {},
        "$1,234.50",
        ["read as a number and what stands beside it"],
        "1234.5 of 30 currencies",
    ),
    ("number", {}, "(12)", ["parentheses read as minus"], "-12"),
    ("number", {}, "EUR -7", ["read as a number and what stands beside it"], "-7 EUR"),
    ("number", {}, "15 %", ["read as a number and what stands beside it"], "15 %"),
    (
        "number",
        {"percent": True},
        "15 %",
        ["percent sign read as hundredths", "read as a number"],
        "0.15",
    ),
    (
        "number",
        {"decimal": ","},
        "1.234,5",
        ["digit groups dropped", "decimal comma read"],
        "1234.5",
    ),
    ("number", {"units": {"g": 0.5}}, "6 g", ["counted in g, each 0.5", "read as a number"], "3"),
    ("number", {}, "forty", [], None),
    ("number", {}, 12, [], "12"),
    ("date", {}, "31 March 2024", ["month name read"], "2024-03-31"),
    ("date", {}, "31/03/2024", ["read: only one order gives a real date"], "2024-03-31"),
    ("date", {"date_order": "dmy"}, "01/02/2024", ["read in the order dmy"], "2024-02-01"),
    ("date", {}, "01/02/2024", ["more than one reading, and no date_order says which"], None),
    ("date", {}, "2024-03-31T10:00:00+02:00", ["moment read in UTC"], "2024-03-31 08:00:00 UTC"),
    ("date", {}, "2024-03", [], "2024-03"),
    ("date", {}, "soon", [], None),
    ("datetime", {}, "31 March 2024, 2:30 pm", ["read as a moment"], "2024-03-31 14:30:00"),
    ("datetime", {"days": 1}, "2024-03-31", [], "2024-03-31"),
    ("datetime", {}, "2024-03-31T10:00:00.5", ["read as a moment"], "2024-03-31 10:00:00.500000"),
    ("duration", {}, "90 minutes", ["read as a duration"], "PT5400S"),
    ("duration", {}, "2 years", ["read as a duration"], "P24M"),
    ("money", {}, "1,234.50 EUR", ["read as an amount"], "1234.5 EUR"),
    ("money", {}, 12, [], "12"),
    ("circular", {}, 361, ["read within one turn"], "1"),
    ("set", {}, "b, a, b", ["read as items in any order, each once"], "a; b"),
    ("bag", {}, "b, a, b", ["read as items in any order"], "a; b; b"),
    ("identifier", {}, "INV-10 a", ["case folded", "separators dropped"], "inv10a"),
    (
        "enum",
        {"synonyms": {"oak": ["Quercus"]}},
        "Quercus",
        ["case folded", "synonym replaced"],
        "oak",
    ),
    ("enum", {"synonyms": {"oak": ["Quercus"]}}, "elm", [], "elm"),
    ("boolean", {}, "Yes", ["read as true or false"], "true"),
    ("boolean", {}, True, [], "true"),
    ("exact", {}, "Aa", [], "Aa"),
    ("exact", {}, True, [], "true"),
]


@pytest.mark.parametrize(("compare", "rule", "value", "steps", "read"), READ)
def test_a_value_is_read_step_by_step(
    compare: str, rule: Rule, value: Json, steps: list[str], read: str | None
) -> None:
    found = explain(case_of(value, "other", {"$": {"compare": compare, **rule}}), 0)
    assert found.expected is not None
    assert found.expected.reading is not None
    assert [step.what for step in found.expected.reading.steps] == steps
    assert found.expected.reading.read == read


def test_every_comparator_has_an_example() -> None:
    assert {row[0] for row in READ} == set(COMPARATORS)


def test_each_step_shows_what_is_left_after_it() -> None:
    found = explain(case_of(1234.5, "$1,234.50"), 0)
    assert found.predicted is not None
    assert found.predicted.reading is not None
    left = [step.value for step in found.predicted.reading.steps]
    assert left == ["1,234.50", "1234.50", "1234.5"]
