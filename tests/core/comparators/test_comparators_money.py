"""Amounts of money: what is the same, what is not, and what is not read at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.comparators.by_name import comparator_for
from harness.core.reading.currencies import CODES, THREE_DECIMALS, currencies
from harness.core.reading.money import Money, read_money
from harness.core.rules.field_rule import FieldRule


def verdict(expected: Any, predicted: Any, **settings: Any) -> str:  # noqa: ANN401  # any JSON
    rules = {"f": {"compare": "money", **settings}}
    return str(harness.score({"f": expected}, {"f": predicted}, None, rules).diffs[0].outcome)


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        ("USD 1,234.50", "1234.50 USD"),
        ("USD 1,234.50", "US$1,234.5"),
        ("USD 1,234.50", "1234.5 dollars"),
        ("USD 1,234.50", "$1,234.50"),
        ("CAD 1,234.50", "$1,234.50"),
        ("$1,234.50", "$ 1 234.50"),
        ("EUR 5", "\u20ac5.00"),
        ("EUR 5", "5 euros"),
        ("GBP 5", "5 pounds sterling"),
        ("GBP 5", "\u00a35"),
        ("JPY 1,000", "\u00a51000"),
        ("INR 500", "Rs.500"),
        ("PLN 12.50", "12.50 z\u0142"),
        ("USD -12", "($12)"),
        ("USD -12", "-$12"),
        ("USD -12", "$\u221212"),
        ("USD +12", "12 USD"),
        ("US$ 5 USD", "5 USD"),
        ("1234.50", "1,234.50"),
        ("KWD 1.234", "1.2340 KWD"),
        ("$.50", "USD 0.50"),
        ("USD: 12", "USD 12"),
    ],
)
def test_amount_and_currency_are_the_same(expected: str, predicted: str) -> None:
    assert verdict(expected, predicted) == "correct"
    assert verdict(predicted, expected) == "correct"


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        ("USD 5", "EUR 5"),
        ("USD 5", "USD 5.01"),
        ("EUR 5", "$5"),
        ("$5", "\u00a35"),
        ("USD 5", "5"),
        ("5", "USD 5"),
        ("USD 5", "-$5"),
        ("CAD 5", "US$5"),
    ],
)
def test_another_amount_or_currency_is_another_value(expected: str, predicted: str) -> None:
    assert verdict(expected, predicted) == "wrong_value"
    assert verdict(predicted, expected) == "wrong_value"


@pytest.mark.parametrize(
    "text",
    [
        *("", "five dollars", "USD", "5 million USD", "$5M", "$5k", "5 kg", "USD 5 per month"),
        *("1.234,50 EUR", "1,50 EUR", "1.234 EUR", "$1.234", "$5 EUR", "5-10 USD", "--$5", "($-5)"),
        *("(5 USD", "5 USD)", "USD.500", "$5 $6", "5 USD!", "~$5", "USD " + "1" * 80, "12%"),
    ],
)
def test_what_has_no_one_reading_is_not_read(text: str) -> None:
    assert read_money(text) is None


def test_the_decimal_mark_is_declared_and_then_both_kinds_of_groups_are_read() -> None:
    assert read_money("1.234,50 EUR", ",") == Money(Decimal("1234.5"), frozenset({"EUR"}))
    assert read_money("1.234 EUR", ",") == Money(Decimal(1234), frozenset({"EUR"}))
    assert read_money("1.234 EUR", ".") == Money(Decimal("1.234"), frozenset({"EUR"}))
    assert verdict("1.234,50 \u20ac", "EUR 1234,5", decimal=",") == "correct"


def test_a_declared_currency_is_that_of_bare_amounts_and_of_shared_signs() -> None:
    assert verdict(5, "USD 5.00", currency="USD") in ("format_error", "correct")
    assert verdict("5", "USD 5.00", currency="USD") == "correct"
    assert verdict("$5", "CAD 5", currency="USD") == "wrong_value"
    assert verdict("$5", "USD 5", currency="USD") == "correct"
    assert verdict("\u20ac5", "EUR 5", currency="USD") == "correct"
    assert verdict("\u20ac5", "5", currency="USD") == "wrong_value"


def test_a_number_in_the_schema_takes_text_for_a_format_error_with_the_right_value() -> None:
    schema = {"properties": {"f": {"type": "number"}}}
    rules = {"f": {"compare": "money", "currency": "EUR"}}
    diff = harness.score({"f": 12.5}, {"f": "\u20ac12.50"}, schema, rules).diffs[0]
    assert (str(diff.outcome), diff.value_equal) == ("format_error", True)
    assert harness.score({"f": 12.5}, {"f": 12.500000000000002}, schema, rules).f1 == 1.0
    assert harness.score({"f": 12.5}, {"f": True}, schema, rules).f1 == 0.0


def test_a_tolerance_is_of_the_amount_alone() -> None:
    assert verdict("USD 100", "USD 101", absolute=1) == "correct"
    assert verdict("USD 100", "USD 101", relative=0.01) == "correct"
    assert verdict("USD 100", "EUR 100", absolute=5) == "wrong_value"


def test_an_amount_of_another_currency_is_not_near() -> None:
    money = comparator_for("money", FieldRule(), {})
    assert money.near(money.read("USD 75"), money.read("USD 100")) == 0.75
    assert money.near(money.read("USD 100"), money.read("EUR 100")) == 0.0
    assert money.read(None) is None


def test_rows_are_paired_by_their_amounts() -> None:
    rules = {"rows[].price": {"compare": "money"}}
    expected = {"rows": [{"price": "USD 5"}, {"price": "USD 6.50"}]}
    predicted = {"rows": [{"price": "$6.50"}, {"price": "$5.00"}]}
    assert harness.score(expected, predicted, None, rules).f1 == 1.0


@given(
    cents=st.integers(0, 10**9),
    code=st.sampled_from(sorted(CODES - THREE_DECIMALS)),
    group=st.sampled_from([",", ".", " ", "'", "\u202f", ""]),
    comma=st.booleans(),
)
def test_amounts_with_two_decimals_are_read_right_or_not_at_all(
    cents: int, code: str, group: str, *, comma: bool
) -> None:
    """However a country writes it, nothing declared: never another amount."""
    mark = "," if comma else "."
    if group == mark:
        return
    whole = f"{cents // 100:,}".replace(",", group)
    read = read_money(f"{code} {whole}{mark}{cents % 100:02d}")
    assert read is None or (100 * read.amount == cents and read.currencies == {code})
    assert read is not None or comma
    bare = read_money(f"{whole} {code}")
    assert bare is None or bare.amount == cents // 100


@given(st.text(max_size=70))
def test_reading_never_raises_and_every_amount_equals_itself(text: str) -> None:
    money = comparator_for("money", FieldRule(), {})
    key = money.read(text)
    assert key is None or (money.same is not None and money.same(key, key))


@given(st.sampled_from(sorted(CODES)))
def test_a_code_names_one_currency_in_any_case(code: str) -> None:
    assert currencies(code) == currencies(code.lower()) == frozenset({code})
