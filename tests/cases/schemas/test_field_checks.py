"""Tests of cross-field checks."""

from __future__ import annotations

import pytest

from harness.cases.schemas.field_checks import broken_checks, parse_check
from harness.core.values import Json
from harness.errors import HarnessError

INVOICE: Json = {
    "total": "7.00",
    "issued": "2024-03-02",
    "due": "2 April 2024",
    "discount": 20,
    "currency": "USD",
    "header": {"currency": "USD"},
    "lines": [
        {"sku": "a", "qty": 2, "price": 1.5, "amount": 3},
        {"sku": "b", "qty": 1, "price": 4, "amount": 4},
    ],
}


def broken(check: str, value: Json = INVOICE) -> list[tuple[str, str]]:
    return [(each.place, each.sides) for each in broken_checks([parse_check(check)], value)]


@pytest.mark.parametrize(
    ("holds", "broken_one", "found"),
    [
        ("sum(lines[].amount) = total", "sum(lines[].amount) + 1 = total", ("", "8 = 7")),
        ("issued <= due", "issued > due", ("", "2024-03-02 > 2024-04-02")),
        ("0 <= discount <= 100", "0 <= discount <= 10", ("", "0 <= 20 <= 10")),
        ("currency = header.currency", "currency = 'EUR'", ("", "USD = EUR")),
        ("count(lines[]) = 2", "count(lines[]) >= 3", ("", "2 >= 3")),
        (
            "lines[].qty * lines[].price = lines[].amount",
            "lines[].qty < 2",
            ("lines[0]", "2 < 2"),
        ),
        ("total = 7.004", "total = 7.004 within 0.001", ("", "7 = 7.004")),
    ],
)
def test_a_check_holds_or_says_what_stands_on_both_sides(
    holds: str, broken_one: str, found: tuple[str, str]
) -> None:
    assert broken(holds) == []
    assert broken(broken_one) == [found]


@pytest.mark.parametrize("size", [3, 3_000])
def test_uniqueness_and_sums_at_any_length(size: int) -> None:
    lines: list[Json] = [{"sku": f"s{n}", "amount": 0.1} for n in range(size)]
    value: Json = {"total": size / 10, "lines": lines}
    assert broken("unique lines[].sku", value) == []
    assert broken("sum(lines[].amount) = total", value) == []
    twice: Json = {"total": 0, "lines": [*lines, {"sku": "s1", "amount": 0.1}]}
    assert broken("unique lines[].sku", twice) == [("", "s1 twice")]


def test_nothing_is_said_where_a_value_is_absent_or_of_another_kind() -> None:
    unknown: Json = {"lines": [{"amount": "n/a"}], "total": 5}
    values: list[Json] = [{}, None, [], "x", {"lines": None, "total": 5}, unknown]
    for value in values:
        assert broken("sum(lines[].amount) = total", value) == []
        assert broken("issued <= due", value) == []
        assert broken("unique lines[].sku", value) == []


@pytest.mark.parametrize(
    "text", ["a", "= b", "a =", "unique a", "sum(a = b", "a ~ b", "a + = b", "a b = c"]
)
def test_what_is_no_check_is_refused_with_what_one_looks_like(text: str) -> None:
    with pytest.raises(HarnessError, match="is no check"):
        parse_check(text)
