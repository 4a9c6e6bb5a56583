"""Rules given as records in Python are checked as those in files are."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

import harness
from harness.core.rules.field_rule import parse_rules, rules_as_json


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (harness.FieldRule(compare="nummer"), "did you mean 'number'"),
        (harness.Match(compare="nummer"), "did you mean 'number'"),
        (harness.FieldRule(threshold=20), "must be a number from 0 to 1"),
        (harness.FieldRule(align="key"), "`align: key` needs a `key`"),
    ],
)
def test_a_record_of_a_rule_is_checked_as_its_settings_are(
    rule: harness.FieldRule, said: str
) -> None:
    for given in ({"a": rule}, {"a": rule, "b": {}}):
        with pytest.raises(harness.HarnessError, match=said):
            harness.score({"a": 1}, {"a": 1}, rules=given)


def test_a_record_of_a_rule_that_can_be_used_stays_what_it_is() -> None:
    settings: dict[str, Any] = {
        "a": {"compare": "number", "units": {"kg": 1, "g": 0.001}, "placeholders": ["N/A"]},
        "p": {"align": "entity", "match": {"name": 1, "city": 0.5}, "unordered": ["x", "y"]},
        "s": {"synonyms": {"USD": ["US$", "dollar"]}, "any_of": ["EUR"], "blank": ["null"]},
    }
    rules = parse_rules(settings)
    assert parse_rules(rules) == rules
    assert rules_as_json(parse_rules(rules)) == rules_as_json(rules)


def test_a_rule_whose_name_is_no_text_is_refused() -> None:
    rules: dict[Any, Any] = {1: {}}
    with pytest.raises(harness.HarnessError, match="a field's name is a text, and 1 is none"):
        harness.score({"1": 1}, {"1": 1}, rules=rules)


def test_a_model_class_without_a_schema_is_refused() -> None:
    with pytest.raises(harness.HarnessError, match="gives no JSON Schema"):
        harness.score({}, {}, BaseModel)
