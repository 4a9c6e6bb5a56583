"""Where a value stands in a document, however it is written there."""

from __future__ import annotations

import pytest

from harness.core.explain.places.evidence import TextSource
from harness.core.values import Json


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("Payable to ACME\n  Corp. today", "Acme Corp.", ["ACME\n  Corp."]),
        ("Summe 1.234,50 EUR", 1234.5, ["1.234,50"]),
        ("loss of (1,200) or -1,200", -1200, ["(1,200)", "-1,200"]),
        ("due 31 March 2024, i.e. 31/03/2024", "2024-03-31", ["31 March 2024", "31/03/2024"]),
        ("on 01/02/2024", "2024-02-01", ["01/02/2024"]),
        ("15 % of it", 0.15, ["15 %"]),
        ("room 12, 12 beds, 120 men", 12, ["12", "12"]),
        ("INV-256", "56", []),
        ("O\u2019Brien", "O'Brien", ["O\u2019Brien"]),
        ("nothing here", "something", []),
        ("", "x", []),
        ("x", "   ", []),
        ("true", True, []),
        ("a lone 2, and 2 more", "CO2", []),
        ("a minus -802", "MOF-802", []),
        ("clause 2. ends", "2 years", []),
        ("for 2 year terms", "2 years", ["2 year"]),
        ("a,b,34,5.5,c", 34, ["34"]),
        ("1,234,56,7", 234, ["234"]),
        ("at --1.4 and 0.5--1.4 mm", 1.4, ["--1.4", "1.4"]),
        ("given: [34, 5] or (34)", 34, ["34", "(34)"]),
        ("as shown before [144] by", 144, []),
        ("order 5794 of May", "5794", ["5794"]),
        ("p = 0.059, q = 0.001", 59, []),
        ("p = 0.001", 1, []),
        ("Fig 1A-8 shows", 8, []),
        ("see SKU-0005", 5, []),
        ("founded 2018", 2018, ["2018"]),
        ("on 31 March 2024", 2024, ["2024"]),
        ("12mm and 3rd", 12, ["12"]),
        ("the 3rd of 4B", 3, []),
        ("2.5 of 25", "2", []),
        ("NIKE, Inc. sells", "Nike Incorporated", ["NIKE, Inc"]),
        ("lithium-ion batteries", "lithium ion battery", ["lithium-ion batteries"]),
        ("of Co 3 O 4 powder", "Co3O4", ["Co 3 O 4"]),
        ("USD5 and Rp60.000", 60000, ["60.000"]),
        ("5 USD paid", "$5", ["5"]),
    ],
)
def test_a_value_is_found_where_it_stands(text: str, value: Json, found: list[str]) -> None:
    assert [text[start:end] for start, end in TextSource(text).find(value)] == found


@pytest.mark.parametrize("rows", [3, 30_000])
def test_a_number_that_stands_in_every_row_is_found_once_in_each(rows: int) -> None:
    text = "x 0 y -0\n" * rows
    expected = [(9 * n + at, 9 * n + end) for n in range(rows) for at, end in ((2, 3), (6, 8))]
    assert list(TextSource(text).find(0)) == expected


@pytest.mark.parametrize("rows", [3, 30_000])
def test_an_amount_that_stands_in_every_row_is_found_once_in_each(rows: int) -> None:
    text = "x,12.50,112.50\n" * rows
    assert list(TextSource(text).find("12.50")) == [(15 * n + 2, 15 * n + 7) for n in range(rows)]


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("end", ["", "\nSigned on 12 March 2024", "\nMarch 2024"])
def test_a_date_of_digits_is_found_whether_or_not_another_one_has_a_months_name(
    rows: int, end: str
) -> None:
    lines = [
        f"part {n} no. 20240102 x2024-01-02 made: 02.01.2024, 2024-01-02." for n in range(rows)
    ]
    text = "\n".join(lines) + end
    found = TextSource(text).find("January 2, 2024")
    assert [text[start:stop] for start, stop in found] == ["02.01.2024", "2024-01-02"] * rows


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("gap", [" ", "  ", "\n\n"])
def test_a_text_in_another_case_is_found_whatever_space_is_between_words(
    rows: int, gap: str
) -> None:
    text = gap.join(f"Item {n} Oil,{gap}crude" for n in range(rows)) + "\n"
    start = text.index(f"Item {rows - 1} ")
    spans = TextSource(text).find(f"ITEM {rows - 1} OIL, CRUDE")
    assert spans == ((start, len(text) - 1),)
    first = TextSource(text).find("item 0 oil, CRUDE")
    assert first == ((0, text.index("crude") + len("crude")),)


@pytest.mark.parametrize("rows", [3, 3_000])
def test_amounts_with_decimal_commas_between_spaces_are_no_csv(rows: int) -> None:
    lines = [f"{n % 9 + 30},00      16,24     {n % 9 + 1},74     19,98" for n in range(rows)]
    source = TextSource("\n".join(lines))
    assert len(source.find(16.24)) == rows
    assert source.find(98) == source.find(24) == ()
    assert len(TextSource("x,16,24,5\n" * rows).find(24)) == rows


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("paid 12.50EUR", 12.5, True),
        ("paid 119,22U MB", 119.22, True),
        ("paid 10USD", 10, True),
        ("CO2 4K 5B", 4, False),
        ("DATA 2019/02/04 - 13:17", "2019-02-04", True),
        ("Date 2019.02.04", "2019-02-04", True),
        ("Pre\u00e7o \u20ac", "EUR", True),
        ("Price $", "USD", False),
        ("5 \u20aa", "ILS", True),
    ],
)
def test_amounts_dates_and_currencies_are_found_where_a_reader_finds_them(
    text: str, value: str | float, *, found: bool
) -> None:
    assert bool(TextSource(text).find(value)) is found


@pytest.mark.parametrize("unit", ["-", "a", "ab ", "1,", "a b "])
def test_a_run_of_one_thing_is_searched_in_a_bounded_number_of_steps(unit: str) -> None:
    text, value = unit * 200_000, (unit * 60_000).strip() + unit[0]
    assert len(TextSource(text).find(value)) < 200
