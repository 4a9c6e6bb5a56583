"""Looks that say nothing: invisible characters, width, typography, in every comparator."""

from __future__ import annotations

import sys
import unicodedata

import pytest

import harness
from harness.core.inert_text import FORMAT_CHARACTERS
from harness.core.reading.text import fold, identifier, plain_typography
from harness.core.values import is_blank

INVISIBLE = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) == "Cf" or code in range(0xFE00, 0xFE10)
] + ["\u034f", "\u180b", "\U000e0100", "\U000e01ef"]

PAIRS: list[tuple[str, str, str]] = [
    ("text", "Acme", "ACME"),
    ("exact", "x", "x"),
    ("number", "1234.5", "1,234.50"),
    ("money", "CHF 1234.50", "CHF 1'234.50"),
    ("date", "2024-03-31", "2024-03-31"),
    ("datetime", "2024-03-31T10:00:00", "2024-03-31 10:00"),
    ("duration", "90 minutes", "PT1H30M"),
    ("enum", "red", "RED"),
    ("boolean", "yes", "YES"),
    ("identifier", "INV-1", "inv1"),
    ("circular", "350", "350"),
    ("set", "a, b", "b, a"),
    ("bag", "a; b", "b; a"),
]


def same(compare: str, one: str, other: str) -> bool:
    return harness.score({"f": one}, {"f": other}, None, {"f": {"compare": compare}}).f1 == 1.0


def test_the_characters_dropped_are_those_that_unicode_calls_format_characters() -> None:
    assert "".join(fold(f"a{c}b") for c in INVISIBLE) == "ab" * len(INVISIBLE)
    assert all(is_blank(c) for c in INVISIBLE)
    assert not is_blank("a\u200b")
    assert FORMAT_CHARACTERS


@pytest.mark.parametrize(("compare", "one", "other"), PAIRS[:1] + PAIRS[2:])
def test_invisible_characters_are_no_difference_to_any_comparator(
    compare: str, one: str, other: str
) -> None:
    for character in ("\u200b", "\u200e", "\u2066", "\u202a", "\ufe0f", "\ufeff", "\u061c"):
        assert same(compare, one, f"{character}{other}{character}"), repr(character)
        inside = f"{other[:1]}{character}{other[1:]}"
        assert same(compare, one, inside), repr(character)
        assert same(compare, inside, one), repr(character)


@pytest.mark.parametrize(("compare", "one", "other"), PAIRS[:1] + PAIRS[2:])
def test_full_width_is_no_difference_to_any_comparator(compare: str, one: str, other: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in other)
    assert same(compare, one, wide), wide
    assert same(compare, wide, one), wide


@pytest.mark.parametrize("dash", ["\u2010", "\u2011", "\u2013", "\u2212", "\ufe63", "\uff0d"])
def test_any_dash_is_a_dash_wherever_numbers_and_dates_are_read(dash: str) -> None:
    assert same("date", "2024-03-31", f"2024{dash}03{dash}31")
    assert same("datetime", "2024-03-31T10:00", f"2024{dash}03{dash}31 10:00")
    assert same("number", "-5", f"{dash}5")
    assert same("money", "USD -5", f"USD {dash}5")


@pytest.mark.parametrize("space", ["\u00a0", "\u2007", "\u2009", "\u202f", "\u3000"])
def test_any_space_groups_digits(space: str) -> None:
    assert same("number", "1234567", f"1{space}234{space}567")
    assert same("money", "EUR 1234567", f"1{space}234{space}567{space}EUR")


def test_what_nobody_sees_where_nothing_is_expected_is_nothing() -> None:
    for nothing in (
        "\u3164",
        "\uffa0\u115f\u1160",
        "\u17b4\u17b5",
        "\u200b",
        " \u2060\ufeff",
        "\u200e\u200f",
    ):
        counts = harness.score({"a": None, "b": "x"}, {"a": nothing, "b": "x"}).counts
        assert (counts.correct, counts.total) == (1, 1)
        assert harness.score({"a": "x"}, {"a": nothing}).counts.omission == 1


def test_a_power_is_never_folded_into_its_digits() -> None:
    assert fold("10\u00b2") != fold("102")
    assert fold("\uff11\uff10\u00b2") == fold("10\u00b2")
    assert plain_typography("\u2460") == "\u2460"


@pytest.mark.parametrize(
    "pair",
    [
        *(("A+", "A-"), ("AB+", "AB-"), ("-5", "5"), ("1.5", "15"), ("<5", ">5"), ("C#", "C")),
        *(("50%", "50"), ("A&B", "AB"), ("+49", "49"), ("F-", "F")),
    ],
)
def test_signs_of_an_identifier_are_no_separators(pair: tuple[str, str]) -> None:
    assert not same("identifier", *pair)
    assert same("identifier", pair[0], pair[0].lower())


@pytest.mark.parametrize(
    "pair",
    [
        *(("INV-10 045/a", "inv10045A"), ("#123", "123"), ("12.345.678-9", "12345678-9")),
        *(("DE 89 3704", "DE893704"), ("(030) 12/3", "030123"), ("a - b", "ab")),
    ],
)
def test_separators_of_an_identifier_are_dropped(pair: tuple[str, str]) -> None:
    assert same("identifier", *pair)
    assert identifier(pair[0]) == identifier(pair[1])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("\u00bd", 0.5), ("1\u00bd", 1.5), ("1 \u00bc", 1.25), ("5.-", 5), ("5,-", 5)),
        *(("5-", -5), ("CHF 5.-", 5), ("1\u2019234.50", 1234.5), ("\u0663\u066b\u0665", 3.5)),
    ],
)
def test_numbers_as_people_write_them_are_read(text: str, value: float) -> None:
    told = harness.score({"n": value}, {"n": text}).counts
    assert told.value_equal == 1


@pytest.mark.parametrize("text", ["2-5", "\u2153", "5--", "1/2"])
def test_what_is_no_one_number_is_not_read(text: str) -> None:
    for value in (2, -3, 5, -5, 0.5, 1 / 3, 12):
        assert harness.score({"n": value}, {"n": text}).counts.value_equal == 0


MEMBERS = [("Co", "CO"), ("mg", "Mg"), ("mW", "MW"), ("M", "m"), ("NO", "No"), ("-", "\u2013")]


@pytest.mark.parametrize(("one", "other"), [*MEMBERS, ("\u00df", "ss"), ("fi", "\ufb01")])
def test_a_member_is_itself_and_no_other_member_however_alike(one: str, other: str) -> None:
    field = {"enum": [one, other]}
    schema = {"properties": {"f": field, "l": {"type": "array", "items": field}}}
    told = harness.score({"f": one, "l": [one]}, {"f": other, "l": [other]}, schema).counts
    assert (told.correct, told.value_equal) == (0, 0)
    assert harness.score({"f": other, "l": [other]}, {"f": other, "l": [other]}, schema).f1 == 1.0


def test_a_text_that_is_no_member_stands_for_the_only_one_it_is_like() -> None:
    def told(expected: str, predicted: str, *members: str) -> bool:
        schema = {"properties": {"f": {"enum": list(members)}}}
        return harness.score({"f": expected}, {"f": predicted}, schema).counts.value_equal == 1

    assert told("Co", "co", "Co", "Ni")
    assert not told("Co", "co", "Co", "CO")
    assert told("not_paid", "Not paid", "not_paid", "paid")
    assert not told("not_paid", "not paid", "not_paid", "not-paid")
    assert not told("paid", "not paid", "not_paid", "paid")


@pytest.mark.parametrize("word", ["y", "Yes", "on", "ja", "oui", "s\u00ed", "\u2713", "TRUE"])
def test_words_of_yes_are_true_read_leniently(word: str) -> None:
    assert harness.score({"f": True}, {"f": word}).counts.value_equal == 1
    assert harness.score({"f": False}, {"f": word}).counts.value_equal == 0


def test_a_cross_a_one_and_a_zero_are_no_word_of_yes_or_no() -> None:
    for text in ("x", "1", "0", 1, 0):
        for value in (True, False):
            assert harness.score({"f": value}, {"f": text}).counts.value_equal == 0


def test_words_in_another_order_are_alike_once_sorted() -> None:
    rule = {"f": {"similarity": "token_sort", "threshold": 1.0}}
    assert harness.score({"f": "Roe, Jane"}, {"f": "Jane Roe,"}, None, rule).f1 == 1.0
    assert harness.score({"f": "paid"}, {"f": "not paid"}, None, rule).f1 == 0.0


@pytest.mark.parametrize(
    "members", [[1, "1"], [True, "true"], [1, "1", True, "true"], [0.5, "0.5"]]
)
@pytest.mark.parametrize("rows", [1, 3, 3_000])
def test_a_member_is_not_its_text_where_both_are_members(members: list[object], rows: int) -> None:
    schema = {"properties": {"f": {"type": "array", "items": {"enum": members}}}}
    whole = {"f": [members[n % len(members)] for n in range(rows)]}
    assert harness.score(whole, {"f": whole["f"][::-1]}, schema).f1 == 1
    number, text = {"f": [members[0]] * rows}, {"f": [members[1]] * rows}
    for sides in ((number, text), (text, number)):
        counts = harness.score(*sides, schema).counts
        assert (counts.correct, counts.value_equal) == (0, 0)


@pytest.mark.parametrize("mark", ["\u02bb", "\u02bc", "\u02b9", "\u2019", "\u2032", "`", "\u00b4"])
def test_letters_that_are_apostrophes_are_one(mark: str) -> None:
    assert fold(f"O{mark}zbek") == fold("O'zbek")
