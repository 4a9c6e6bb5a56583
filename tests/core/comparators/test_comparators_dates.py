"""Dates as people write them: what has one reading is read, what has two is not."""

from __future__ import annotations

import pytest

import harness
from harness.core.reading.dates import DateOrder, read_date
from harness.core.reading.durations import read_duration

DAY = (2024, 3, 31)


@pytest.mark.parametrize(
    ("text", "order", "parts"),
    [
        ("2024-03-31", None, DAY),
        ("2024\u201303\u201331", None, DAY),
        ("2024\u201103\u201131", None, DAY),
        ("\u200e2024-03-31", None, DAY),
        ("\uff12\uff10\uff12\uff14-03-31", None, DAY),
        ("20240331", None, DAY),
        ("31032024", None, None),
        ("31032024", "dmy", DAY),
        ("20102012", None, None),
        ("20102012", "dmy", (2012, 10, 20)),
        ("2024 03 31", None, DAY),
        ("2024/03", None, (2024, 3)),
        ("03/2024", None, (2024, 3)),
        ("13/2024", None, None),
        ("2024\u5e743\u670831\u65e5", None, DAY),
        ("2024\ub144 3\uc6d4 31\uc77c", None, DAY),
        ("2024\u5e743\u6708", None, (2024, 3)),
        ("31. M\u00e4rz 2024", None, DAY),
        ("31 mars 2024", None, DAY),
        ("1er ao\u00fbt 2024", None, (2024, 8, 1)),
        ("31 de marzo de 2024", None, DAY),
        ("31 maart 2024", None, DAY),
        ("marzo 2024", None, (2024, 3)),
        ("15-Jan-17", None, None),
        ("15-Jan-17", "dmy", (2017, 1, 15)),
        ("15-Jan-17", "mdy", (2017, 1, 15)),
        ("15-Jan-17", "ymd", (2015, 1, 17)),
        ("31-Jan-17", "dmy", (2017, 1, 31)),
        ("5 Jan '17", None, (2017, 1, 5)),
        ("01/02/2024", None, None),
        ("30 Februar 2024", None, None),
        ("12 Foo 2024", None, None),
        ("123456789", None, None),
        ("99999999", None, None),
    ],
)
def test_a_date_is_read_if_it_has_one_reading(
    text: str, order: DateOrder | None, parts: tuple[int, ...] | None
) -> None:
    assert read_date(text, order) == parts


def test_a_date_in_another_spelling_is_a_format_error_of_equal_value() -> None:
    schema = {"properties": {"d": {"type": "string", "format": "date"}}}
    for text in ("31 mars 2024", "2024\u5e743\u670831\u65e5", "20240331", "2024\u201303\u201331"):
        told = harness.score({"d": "2024-03-31"}, {"d": text}, schema).counts
        assert (told.format_error, told.value_equal) == (1, 1), text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1h30", "90 minutes"),
        ("2 Wochen", "14 days"),
        ("3 ans", "36 months"),
        ("2 h 30", "150 min"),
    ],
)
def test_durations_of_other_languages_are_read(one: str, other: str) -> None:
    assert read_duration(one) == read_duration(other) is not None


def test_lists_in_chinese_commas_are_read() -> None:
    rule = {"f": {"compare": "set"}}
    for text in ("b\u3001a", "b\uff0ca", "b, a"):
        assert harness.score({"f": "a, b"}, {"f": text}, None, rule).f1 == 1.0
