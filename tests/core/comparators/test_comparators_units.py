"""What stands beside a number: two different units, currencies or scales are never the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import pytest

import harness
from harness.core.reading.numbers import read_number
from harness.core.reading.units import beside

KINDS: list[list[str]] = [
    [*("kg", "kilograms"), "kilogramme"],
    ["g", "grams"],
    ["mg"],
    ["t", "tonnes"],
    ["lb", "lbs"],
    ["m", "metres"],
    ["km"],
    ["ft", "feet"],
    ["m\u00b2", "sqm"],
    ["m\u00b3"],
    ["h", "hours", "Stunden"],
    ["min", "minutes"],
    ["s", "seconds"],
    ["days", "Tage", "jours"],
    ["months"],
    ["years", "Jahre"],
    ["\u00b0C", "\u2103"],
    ["\u00b0F"],
    ["kWh"],
    ["MWh"],
    ["mW"],
    ["MW"],
    ["%", "percent"],
    ["\u2030"],
    ["\u20ac", "EUR", "euros"],
    ["\u00a3", "GBP"],
    ["CHF"],
    ["MB"],
    ["km/h"],
]
SCALES: list[list[str]] = [
    ["k"],
    ["K"],
    ["M"],
    ["MM"],
    ["B"],
    ["thousand", "Tsd."],
    ["million", "Mio.", "mln", "\u043c\u043b\u043d"],
    ["milliard", "Mrd.", "mld"],
    ["billion", "bn"],
    ["trillion", "tn"],
    ["lakh"],
    ["crore", "cr"],
    ["\u4e07"],
    ["\u5104", "\u4ebf"],
    ["\u0442\u044b\u0441."],
    ["T\u20ac", "TEUR"],
    ["M\u20ac", "MEUR"],
]


def right(one: object, other: object, schema: object = None, **rule: object) -> tuple[bool, bool]:
    """Return whether two values are correct, and whether they are right read leniently."""
    whole = {"type": "object", "properties": {"n": schema}} if schema else None
    rules = {"n": {"compare": "number", **rule}} if rule.pop("ruled", True) else None
    counts = harness.score({"n": one}, {"n": other}, whole, rules).counts
    return counts.correct == 1, counts.correct + counts.value_equal == 1


def _pairs() -> Iterator[tuple[str, str]]:
    for one, other in combinations([*KINDS, *SCALES[:-2]], 2):
        yield one[0], other[-1]
        yield other[0], one[-1]


@pytest.mark.parametrize("schema", [None, {"type": "string"}, {"type": ["string", "null"]}])
def test_two_different_words_beside_a_number_are_never_the_same(schema: object) -> None:
    for one, other in _pairs():
        assert right(f"5 {one}", f"5 {other}", schema) == (False, False), (one, other)
        listed = harness.score([f"5 {one}"], [f"5 {other}"], None, {"[]": {"compare": "number"}})
        assert listed.counts.correct == 0


@pytest.mark.parametrize("schema", [None, {"type": "string"}])
def test_one_unit_is_itself_however_it_is_spelled_and_the_numbers_decide(schema: object) -> None:
    for words in [*KINDS, *SCALES]:
        for word in words:
            assert right(f"1,005 {word}", f"1005{words[0]}", schema) == (True, True), word
            assert right(f"5 {word}", f"6 {words[0]}", schema) == (False, False)


def test_where_one_side_names_no_unit_the_numbers_decide_but_a_scale_is_part_of_its_number() -> (
    None
):
    for words in KINDS:
        for word in words:
            assert right(f"5 {word}", "5") == (True, True)
            assert right("5", f"5 {word}") == (True, True)
            assert right(5, f"5 {word}") == (False, True)
            assert right(5, f"5 {word}", {"type": "number"}, ruled=False) == (False, True)
            assert right(5, f"6 {word}", {"type": "number"}, ruled=False) == (False, False)
    for words in SCALES:
        for word in words:
            for schema in (None, {"type": "number"}, {"type": "integer"}):
                assert right(5, f"5 {word}", schema) == (False, False), word
                assert right(5, f"5{word}", schema, ruled=False) == (False, False), word
            assert right(f"5 {word}", "5") == (False, False)


@pytest.mark.parametrize(
    "text", ["10\u00b2", "5 widgets", "A5", "Q3", "B5", "$5 kg", "5 EUR USD", "x5", "5 kg\u00b2"]
)
def test_a_word_that_is_no_known_unit_is_not_dropped(text: str) -> None:
    assert read_number(text) is None
    digits = "".join(c for c in text if c.isdigit() and c != "\u00b2")
    assert right(int(digits), text) == (False, False)
    assert right(digits, text) == (False, False)
    assert right(text, text.upper() if text.isascii() else text)[0]


def test_declared_units_say_what_they_are_worth() -> None:
    units = {"kg": 1, "g": 0.001}
    assert right("3 kg", "3000 g", units=units) == (True, True)
    assert right("3 kg", "3 g", units=units) == (False, False)
    assert right("3 kg", "3 lb", units=units) == (False, False)
    assert right(5_000_000, "5M", units={"M": 1_000_000}) == (False, True)
    assert right("5%", "0.05", percent=True) == (True, True)
    assert right("5\u2030", "0.005", percent=True) == (True, True)
    assert right("5\u2030", "5%", percent=True) == (False, False)


def test_a_tolerance_does_not_bridge_units() -> None:
    assert right("100 kg", "101 kg", relative=0.05) == (True, True)
    assert right("100 kg", "101 lb", relative=0.05) == (False, False)
    assert right("100 kg", "101", relative=0.05) == (True, True)


@pytest.mark.parametrize("size", [3, 3000])
def test_rows_told_apart_by_their_unit_only_are_paired_by_it(size: int) -> None:
    truth = [{"q": f"{n} {unit}"} for n in range(size) for unit in ("kg", "g")][:size]
    schema = {"items": {"type": "object", "properties": {"q": {"type": "string"}}}}
    rules = {"[].q": {"compare": "number"}}
    assert harness.score(truth, truth[::-1], schema, rules).f1 == 1.0
    other = [{"q": row["q"].replace("g", "W")} for row in truth]
    assert harness.score(truth, other, schema, rules).counts.correct == 0


def test_words_beside_one_number_mean_one_thing_together() -> None:
    assert beside("$", "USD") == beside("USD")
    assert beside("$", "\u20ac") is None
    assert beside("kg", "m") is None
    assert beside("M", "bn") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 KG", "5 kg"),
        ("5 KM", "5 kilometres"),
        ("5 LBS", "5 lb"),
        ("5 ML", "5 ml"),
        ("5 KWH", "5 kWh"),
        ("5 CM", "5 cm"),
        ("5 HRS", "5 h"),
        ("5 \u03bcg", "5 \u00b5g"),
        ("5 \u03bcm", "5 um"),
    ],
)
def test_a_unit_is_the_same_in_capitals_where_that_means_nothing_else(one: str, other: str) -> None:
    assert right(one, other) == right(other, one) == (True, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 MW", "5 mW"),
        ("5 MV", "5 mV"),
        ("5 NM", "5 nm"),
        ("5 G", "5 g"),
        ("5 MM", "5 mm"),
        ("5 Mb", "5 MB"),
    ],
)
def test_a_unit_whose_capitals_mean_another_is_not_folded(one: str, other: str) -> None:
    assert right(one, other) == right(other, one) == (False, False)


@pytest.mark.parametrize("tiny", ["1e-400", "0.1e-330", f"0.{'0' * 40}1e-300", "-1e-999"])
def test_a_number_too_small_for_any_float_is_not_zero(tiny: str) -> None:
    assert right(tiny, "0") == right("0", tiny) == (False, False)
    assert right(0, tiny, {"type": "number"}, ruled=False) == (False, False)
    assert right("0e5", "0") == (True, True)


@pytest.mark.parametrize("other", ["5 g", "5 rad", "5 %", "5 h", "$5", "5 turns", "5 gon"])
def test_only_degrees_are_on_the_scale_of_an_angle(other: str) -> None:
    rule: dict[str, object] = {"compare": "circular", "absolute": 1}
    for one in ("5", "5\u00b0", "365 degrees", "5 kg"):
        assert harness.score({"a": one}, {"a": other}, rules={"a": rule}).f1 == 0
    assert harness.score({"a": "5\u00b0"}, {"a": "364.5 deg"}, rules={"a": rule}).f1 == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 Mbps", "10 MBps"),
        ("5 Mb/s", "5 MB/s"),
        ("5 kbit", "5 kB"),
        ("5 m\u03a9", "5 M\u03a9"),
        ("5 Mg", "5 mg"),
        ("5 lx", "5 lm"),
    ],
)
def test_units_that_differ_by_case_or_a_letter_are_never_the_same(one: str, other: str) -> None:
    assert right(one, other) == right(other, one) == (False, False)
    assert right(one, one) == (True, True)
