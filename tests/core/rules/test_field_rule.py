"""What a user can say about a field, and what happens when it is said wrongly."""

from __future__ import annotations

from typing import Any

import pytest

import harness
from harness.core.rules.field_rule import parse_rules, rules_as_json

ROWS = {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}}


def outcomes(expected: Any, predicted: Any, **rules: Any) -> list[str]:  # noqa: ANN401  # any JSON
    result = harness.score(expected, predicted, None, rules)
    return [f"{d.path} {d.outcome}" for d in result.diffs]


@pytest.mark.parametrize(
    ("setting", "expected", "predicted", "same"),
    [
        ({"compare": "exact"}, "Acme", "ACME", False),
        ({"compare": "text"}, "Acme", "ACME", True),
        ({"compare": "identifier"}, "INV-10 045", "inv10045", True),
        ({"compare": "identifier"}, "INV-10045", "INV-10046", False),
        ({"compare": "date"}, "2024-03-31", "31 March 2024", True),
        ({"compare": "date"}, "2024-03", "2024-03-01", False),
        ({"compare": "date", "precision": "month"}, "2024-03", "2024-03-01", True),
        ({"compare": "date", "days": 7}, "2024-03-01", "2024-03-08", True),
        ({"compare": "date", "days": 7}, "2024-03-01", "2024-03-09", False),
        ({"compare": "date", "date_order": "dmy"}, "2024-02-01", "01/02/2024", True),
        ({"compare": "date", "date_order": "mdy"}, "2024-02-01", "01/02/2024", False),
        ({"compare": "number"}, "1,234.50", "1234.5", True),
        ({"compare": "number", "decimal": ","}, "1.234,50", "1234,5", True),
        ({"relative": 0.1}, 100, 110, True),
        ({"relative": 0.1}, 100, 111, False),
        ({"absolute": 0.5, "relative": 0.001}, 100, 100.5, True),
        ({"absolute": 0.5, "relative": 0.001}, 100, 100.6, False),
        ({"threshold": 0.8}, "Jane Smith", "John Smith", True),
        ({"threshold": 0.8, "bound": ">"}, "Jane Smith", "John Smith", False),
        ({"threshold": 0.9, "similarity": "token_set"}, "Smith John", "John A Smith", True),
        ({"compare": "enum", "synonyms": {"USD": ["US$", "dollars"]}}, "USD", "Dollars", True),
        ({"compare": "enum", "synonyms": {"USD": ["US$"]}}, "USD", "EUR", False),
    ],
)
def test_a_setting_decides_whether_two_values_are_the_same(
    setting: dict[str, Any],
    expected: Any,  # noqa: ANN401  # any JSON
    predicted: Any,  # noqa: ANN401  # any JSON
    same: bool,  # noqa: FBT001  # a column of the table
) -> None:
    result = harness.score({"f": expected}, {"f": predicted}, None, {"f": setting})
    assert result.diffs[0].outcome == ("correct" if same else "wrong_value")


def test_whole_numbers_are_compared_digit_by_digit_however_long() -> None:
    assert outcomes({"n": 12345678901234567890}, {"n": 12345678901234567891}) == ["n wrong_value"]


def test_an_ignored_field_leaves_numerator_and_denominator_and_is_counted_as_left_out() -> None:
    rules = {"note": {"ignore": True}}
    result = harness.score({"a": 1, "note": "x"}, {"a": 1, "note": "y"}, None, rules)
    assert (result.counts.expected, result.f1, result.ledger.ignored) == (1, 1.0, 1)


def test_placeholders_count_as_absent_only_where_a_rule_lists_them() -> None:
    assert outcomes({"a": None}, {"a": "N/A"}) == ["a hallucination"]
    assert outcomes({"a": None}, {"a": "n/a"}, a={"placeholders": ["N/A"]}) == []
    assert outcomes({"a": "x"}, {"a": "N/A"}, a={"placeholders": ["N/A"]}) == ["a omission"]


def test_null_can_be_told_from_missing() -> None:
    narrow = {"blank": ["missing"]}
    assert outcomes({"a": None}, {"a": None}, a=narrow) == ["a correct"]
    assert outcomes({"a": None}, {}, a=narrow) == ["a omission"]
    assert outcomes({"a": None}, {}) == []


def test_rows_are_paired_by_their_key_even_when_another_row_fits_better() -> None:
    expected = {"r": [{"k": 1, "a": "x", "b": "y"}, {"k": 2, "a": "u", "b": "v"}]}
    predicted = {"r": [{"k": 1, "a": "u", "b": "v"}, {"k": 2, "a": "x", "b": "y"}]}
    assert harness.score(expected, predicted).counts.correct == 4
    keyed = harness.score(expected, predicted, None, {"r": {"align": "key", "key": ["k"]}})
    assert keyed.counts.correct == 2


def test_rows_are_paired_by_position_where_a_rule_says_so() -> None:
    result = harness.score({"l": ["a", "b"]}, {"l": ["b", "a"]}, None, {"l": {"align": "position"}})
    assert [d.outcome for d in result.diffs] == ["wrong_value", "wrong_value"]


def test_items_with_nothing_equal_are_a_pair_only_from_a_threshold_on() -> None:
    expected, predicted = {"l": ["Acme Corp"]}, {"l": ["Acme Corp."]}
    assert len(outcomes(expected, predicted)) == 2
    assert outcomes(expected, predicted, l={"threshold": 0.9}) == ["l[0] wrong_value"]


def test_an_exact_name_beats_a_pattern_and_a_pattern_reaches_any_depth() -> None:
    rules = {"**.code": {"compare": "exact"}, "a.code": {"compare": "text"}}
    expected = {"a": {"code": "X"}, "b": [{"code": "X"}]}
    predicted = {"a": {"code": "x"}, "b": [{"code": "x"}]}
    result = harness.score(expected, predicted, None, rules)
    assert result.counts.correct == 1


def test_rules_may_stand_in_the_schema_and_the_suite_has_the_last_word() -> None:
    schema = {"properties": {"n": {"type": "number", "x-match": {"absolute": 1}}}}
    assert harness.score({"n": 5}, {"n": 6}, schema).f1 == 1.0
    assert harness.score({"n": 5}, {"n": 6}, schema, {"n": {"absolute": 0}}).f1 == 0.0


def test_all_mistakes_in_rules_are_told_at_once() -> None:
    with pytest.raises(harness.HarnessError) as caught:
        parse_rules(
            {
                "a": {"compare": "numbr"},
                "b": {"threshold": 2},
                "c": {"align": "key"},
                "d": {"relativ": 1},
                "e": "exact",
            }
        )
    assert str(caught.value) == (
        "rules.a.compare: 'numbr' is not one of its choices [bad-rule]\n"
        "  hint: did you mean 'number'?\n"
        "rules.b.threshold: must be a number from 0 to 1 [bad-rule]\n"
        "rules.c: `align: key` needs a `key` [bad-rule]\n"
        "rules.d: unknown setting 'relativ' [unknown-key]\n"
        "  hint: did you mean 'relative'?\n"
        "rules.e: settings must be a mapping [bad-rule]"
    )


def test_rules_written_out_read_back_the_same() -> None:
    rules = parse_rules(
        {
            "rows[*]": {"align": "key", "key": ["a"]},
            "x": {"synonyms": {"USD": "US$"}, "days": 3, "any_of": [1, True, "b", 2.5]},
            "y": {"units": {"kg": 1, "g": 0.001}, "weight": 0, "critical": False, "period": 24},
        }
    )
    assert parse_rules(rules_as_json(rules)) == rules


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"compare": 5}, "compare: 5 is not one of its choices"),
        ({"compare": "lab.same"}, "compare: 'lab.same' is not one of its choices"),
        ({"compare": "1lab:same"}, "compare: '1lab:same' is not one of its choices"),
        ({"similarity": "levenstein"}, "similarity: 'levenstein' is not one of its choices"),
        ({"precision": "week"}, "precision: 'week' is not one of its choices"),
        ({"threshold": True}, "threshold: must be a number from 0 to 1"),
        ({"absolute": -1}, "absolute: must be a number of at least 0"),
        ({"relative": "1%"}, "relative: must be a number of at least 0"),
        ({"percent": "yes"}, "percent: must be true or false"),
        ({"units": ["kg"]}, "units: must map units to what each is worth"),
        ({"units": {}}, "units: must map units to what each is worth"),
        ({"units": {"kg": 0}}, "units: must map units to what each is worth"),
        ({"units": {"5": 1}}, "units: must map units to what each is worth"),
        ({"currency": "US$"}, "currency: must be a currency's code (ISO 4217)"),
        ({"currency": ["USD"]}, "currency: must be a currency's code (ISO 4217)"),
        ({"days": True}, "days: must be a whole number of at least 0"),
        ({"days": 1.5}, "days: must be a whole number of at least 0"),
        ({"timezone": "Europe/Oslo"}, "timezone: must be an offset from UTC"),
        ({"timezone": 2}, "timezone: must be an offset from UTC"),
        ({"period": 0}, "period: must be a number over 0"),
        ({"period": float("inf")}, "period: must be a number over 0"),
        ({"delimiter": ""}, "delimiter: must be text"),
        ({"synonyms": ["US$"]}, "synonyms: must map a member to its other spellings"),
        ({"any_of": "a"}, "any_of: must be a list of values that are not blank"),
        ({"any_of": []}, "any_of: must be a list of values that are not blank"),
        ({"any_of": ["a", None]}, "any_of: must be a list of values that are not blank"),
        ({"any_of": [{"a": 1}]}, "any_of: must be a list of values that are not blank"),
        ({"key": "sku"}, "key: must be a list"),
        ({"id": ""}, "id: must be a name"),
        ({"blank": ["nil"]}, "blank: must be a list out of missing, null, empty_string"),
        ({"weight": -1}, "weight: must be a number of at least 0"),
        ({"weight": float("nan")}, "weight: must be a number of at least 0"),
        ({"weight": float("inf")}, "weight: must be a number of at least 0"),
        ({"critical": 1}, "critical: must be true or false"),
        ({"focus": "yes"}, "focus: must be true or false"),
        ({"ignore": "no"}, "ignore: must be true or false"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_told_with_what_it_must_be(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(harness.HarnessError) as caught:
        parse_rules({"f": settings})
    assert f"rules.f.{said}" in str(caught.value).splitlines()[0]


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"compare": "mony"}, "did you mean 'money'?"),
        ({"currency": "usd"}, "write `USD`, `EUR`, ..."),
        ({"timezone": "CET"}, 'write "+02:00" or "Z"'),
        ({"units": "kg"}, "write `{kg: 1, g: 0.001}`"),
        ({"any_of": "a"}, "write `[a, b]`"),
        ({"delimiter": 5}, 'write ";"'),
        ({"wieght": 2}, "did you mean 'weight'?"),
    ],
    ids=str,
)
def test_a_wrong_setting_comes_with_a_hint(settings: dict[str, Any], hint: str) -> None:
    with pytest.raises(harness.HarnessError) as caught:
        parse_rules({"f": settings})
    assert str(caught.value).endswith(f"hint: {hint}")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"align": "best", "key": ["a"]}, "`key` goes with `align: key`"),
        ({"align": "entity"}, "`align: entity` needs a `match`"),
        ({"match": ["a"]}, "`id`, `match`, `unknown` and `unordered` go with `align: entity`"),
        (
            {"align": "entity", "match": ["a"], "unordered": ["a"]},
            "`unordered` must name two fields",
        ),
    ],
    ids=str,
)
def test_settings_that_do_not_go_together_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(harness.HarnessError) as caught:
        parse_rules({"f": settings})
    assert str(caught.value) == f"rules.f: {said} [bad-rule]"


def test_rules_are_a_mapping() -> None:
    with pytest.raises(harness.HarnessError, match="rules must map fields to settings"):
        parse_rules(["f"])


def test_a_time_of_day_is_no_precision_of_a_date() -> None:
    with pytest.raises(harness.HarnessError, match="`precision: minute` goes with"):
        parse_rules({"f": {"compare": "date", "precision": "minute"}})
    assert parse_rules({"f": {"compare": "datetime", "precision": "minute"}})


def test_a_blank_value_narrowed_by_a_rule_is_compared_and_no_crash() -> None:
    for name in ("money", "datetime", "duration", "circular", "set", "bag", "number", "date"):
        rule = {"compare": name, "blank": ["missing"], "absolute": 1, "days": 1, "threshold": 0.5}
        assert outcomes({"f": "x"}, {"f": ""}, f=rule) == ["f wrong_value"]
        assert len(outcomes({"f": None}, {"f": "5 USD"}, f=rule)) == 1
