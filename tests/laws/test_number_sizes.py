"""Numbers are the same to 15 digits, whole ones and money exactly: at any size, on every path."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from harness import score
from harness.core.reading.numbers import canonical_number
from harness.core.values import Json

NUMBER = {"type": "number"}
TEXT = {"type": "string"}

Verdict = Callable[[Json, Json, dict[str, Any], dict[str, Any]], bool]


def _field(one: Json, other: Json, schema: dict[str, Any], rule: dict[str, Any]) -> bool:
    whole = {"type": "object", "properties": {"n": schema}}
    return score({"n": one}, {"n": other}, whole, {"n": rule}).f1 == 1.0


def _untyped(one: Json, other: Json, _schema: dict[str, Any], rule: dict[str, Any]) -> bool:
    return score({"n": one}, {"n": other}, None, {"n": rule}).f1 == 1.0


def _in_list(one: Json, other: Json, schema: dict[str, Any], rule: dict[str, Any]) -> bool:
    whole = {"type": "object", "properties": {"n": {"type": "array", "items": schema}}}
    return score({"n": [one]}, {"n": [other]}, whole, {"n[]": rule}).f1 == 1.0


def _in_row(one: Json, other: Json, _schema: dict[str, Any], rule: dict[str, Any]) -> bool:
    truth = [{"k": "a", "n": one}, {"k": "b", "n": "else"}]
    told = score(truth, [{"k": "b", "n": "else"}, {"k": "a", "n": other}], None, {"[].n": rule})
    return told.f1 == 1.0


PATHS: list[Verdict] = [_field, _untyped, _in_list, _in_row]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("magnitude", range(1, 13))
def test_a_misread_digit_of_an_amount_is_wrong_at_any_size(path: Verdict, magnitude: int) -> None:
    rng = Random(magnitude)
    for _ in range(60):
        cents = rng.randrange(10 ** (magnitude + 1), 10 ** (magnitude + 2))
        other = cents + rng.choice([-1, 1]) * 10 ** rng.randrange(magnitude + 1)
        one, two = cents / 100, other / 100
        assert path(one, one, NUMBER, {})
        assert not path(one, two, NUMBER, {})
        assert not path(one, two, NUMBER, {"compare": "money"})
        written, misread = f"USD {one:,.2f}", f"USD {two:,.2f}"
        assert path(written, f"${one:,.2f}", TEXT, {"compare": "money"})
        assert not path(written, misread, TEXT, {"compare": "money"})
        assert not path(f"{one:.2f}", f"{two:.2f}", TEXT, {"compare": "number"})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("digits", [3, 9, 13, 16, 20, 30])
def test_money_written_as_text_is_exact_to_the_cent_at_any_size(path: Verdict, digits: int) -> None:
    whole = int("9" * digits) - 7
    written = f"EUR {whole}.41"
    assert path(written, f"{whole:,}.41 \u20ac", TEXT, {"compare": "money"})
    assert not path(written, f"EUR {whole}.42", TEXT, {"compare": "money"})
    assert not path(written, f"EUR {whole}", TEXT, {"compare": "money"})
    assert not path(written, f"EUR {whole}.42", TEXT, {"compare": "money", "relative": 0})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("whole", [2_000_000_000, 2**53 - 1, 10**15, 10**18, 10**23])
def test_whole_numbers_are_exact_also_where_they_are_written_with_a_point(
    path: Verdict, whole: int
) -> None:
    assert path(whole, float(whole), NUMBER, {})
    assert path(float(whole), whole, NUMBER, {})
    for other in (whole + 1, whole - 1, float(whole) * 1.001):
        assert not path(whole, other, NUMBER, {})
        assert not path(other, whole, NUMBER, {})
    assert path(str(whole), f"{whole}.00", TEXT, {"compare": "number"})
    assert not path(str(whole), f"{whole + 1}.0", TEXT, {"compare": "number"})


@pytest.mark.parametrize("path", PATHS)
def test_binary_noise_is_no_difference(path: Verdict) -> None:
    rng = Random(1)
    for size in range(-12, 13):
        for _ in range(20):
            value = rng.randrange(1, 10**6) * 10.0**size
            noisy = float(f"{value:.12g}") * (1 + 2**-52)
            rule: dict[str, Any] = rng.choice([{}, {"compare": "number"}])
            if noisy.is_integer():
                continue
            assert path(float(f"{value:.12g}"), noisy, NUMBER, rule)
            assert path(noisy, float(f"{value:.12g}"), NUMBER, rule)
    assert path(0.3, 0.1 + 0.2, NUMBER, {"compare": "money"})


@pytest.mark.parametrize("path", PATHS)
def test_a_tolerance_holds_to_the_last_digit_and_zero_means_none(path: Verdict) -> None:
    assert path(1, 1.1, NUMBER, {"relative": 0.1})
    assert path(0.3, 0.2, NUMBER, {"absolute": 0.1})
    assert path(0.1 + 0.2, 0.2, NUMBER, {"absolute": 0.1})
    assert not path(1, 1.10000001, NUMBER, {"relative": 0.1})
    for size in (10**3, 10**9, 10**12):
        assert not path(size + 0.12, size + 0.99, NUMBER, {"relative": 0})
        assert path(size + 0.12, size + 0.62, NUMBER, {"absolute": 0.5})
        assert not path(size + 0.12, size + 0.63, NUMBER, {"absolute": 0.5})


@pytest.mark.parametrize("size", [3, 3000])
def test_rows_whose_amounts_are_swapped_by_a_cent_are_wrong_at_any_length(size: int) -> None:
    truth = [{"k": str(n), "amount": 12_345_678.90 + n} for n in range(size)]
    wrong = [{"k": str(n), "amount": 12_345_678.91 + n} for n in range(size)]
    told = score(truth, wrong).counts
    assert (told.correct, told.wrong_value) == (size, size)
    swapped = [
        {**row, "amount": truth[n ^ 1]["amount"] if n ^ 1 < size else row["amount"]}
        for n, row in enumerate(truth)
    ]
    assert score(truth, swapped).counts.wrong_value == 2 * (size // 2)
    assert score(truth, truth[::-1]).f1 == 1.0


@pytest.mark.parametrize("size", [3, 3000])
def test_numbers_sent_for_texts_are_found_in_a_list_of_any_length(size: int) -> None:
    """Each `"7.00"` is the 7 that stands somewhere in the answer, in another format."""
    schema = {"properties": {"prices": {"items": {"type": "string"}}}}
    texts: list[Json] = [*(f"{n}.00" for n in range(1, size)), "12"]
    sent: list[Json] = Random(size).sample([*map(float, range(1, size)), 12, "pear"], size + 1)
    counts = score({"prices": texts}, {"prices": sent}, schema).counts
    assert (counts.format_error, counts.value_equal, counts.hallucination) == (size, size, 1)


def test_a_canonical_number_is_its_own() -> None:
    rng = Random(3)
    for _ in range(2000):
        value = rng.uniform(-1, 1) * 10.0 ** rng.randrange(-30, 30)
        once = canonical_number(value)
        assert canonical_number(once) == once
        assert math.isclose(once, value, rel_tol=1e-14)
