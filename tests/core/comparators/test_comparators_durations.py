"""Durations: what is the same, what is not, and what is not read at all."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.comparators.by_name import comparator_for
from harness.core.reading.durations import Duration, read_duration
from harness.core.rules.field_rule import FieldRule


def verdict(expected: Any, predicted: Any, **settings: Any) -> str:  # noqa: ANN401  # any JSON
    rules = {"f": {"compare": "duration", **settings}}
    return str(harness.score({"f": expected}, {"f": predicted}, None, rules).diffs[0].outcome)


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        ("PT1H30M", "90 minutes"),
        ("PT1H30M", "1 h 30 min"),
        ("PT1H30M", "1h30m"),
        ("PT1H30M", "1 hour and 30 minutes"),
        ("PT1H30M", "1.5 hours"),
        ("PT1H30M", "1:30:00"),
        ("PT1H30M", "PT5400S"),
        ("pt1h30m", "1 hr. 30 mins."),
        ("P2Y", "2 years"),
        ("P2Y", "24 months"),
        ("P1Y6M", "1.5 years"),
        ("P1Y6M", "1y 6m"),
        ("P2W", "14 days"),
        ("P1D", "24 hours"),
        ("P30D", "thirty (30) days"),
        ("P45D", "forty-five days"),
        ("P1W", "a week"),
        ("PT0.5S", "500 ms"),
        ("P1DT2H", "1 day, 2:00:00"),
        ("-PT1H", "-PT60M"),
        ("PT0,5H", "30 minutes"),
        ("PT1,200S", "PT1.2S"),
    ],
)
def test_the_same_length_of_time_is_the_same(expected: str, predicted: str) -> None:
    assert verdict(expected, predicted) == "correct"
    assert verdict(predicted, expected) == "correct"


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        ("P1M", "30 days"),
        ("P1Y", "365 days"),
        ("PT90M", "91 minutes"),
        ("PT1H", "-PT1H"),
        ("P1M", "PT1M"),
    ],
)
def test_another_length_of_time_is_another_value(expected: str, predicted: str) -> None:
    assert verdict(expected, predicted) == "wrong_value"


@pytest.mark.parametrize(
    "text",
    [
        *("", "90", "30m", "1d 30m", "2y 3m 4h", "1:30", "soon", "2-3 days", "1 day per week"),
        *("about 2 years", "P", "PT", "P1H", "1,5 hours", "1.2.3 hours", "5 parsecs", "two"),
        *(
            "thirty (20) days",
            "umpteen days",
            "1 h 2 h",
            "1 hour,",
            "1 hour and",
            "1 day, 25:61:00",
        ),
        *("x" * 70, "5 days ago", "every 5 days"),
    ],
)
def test_what_has_no_one_reading_is_not_read(text: str) -> None:
    assert read_duration(text) is None


def test_a_decimal_comma_is_declared() -> None:
    assert read_duration("1,5 hours", ",") == Duration(Fraction(0), Fraction(5400))
    assert verdict("1,5 hours", "90 min", decimal=",") == "correct"


def test_a_tolerance_is_in_seconds_and_months_agree_exactly() -> None:
    assert verdict("PT90M", "89 minutes", absolute=60) == "correct"
    assert verdict("PT90M", "88 minutes", absolute=60) == "wrong_value"
    assert verdict("PT100M", "99 minutes", relative=0.01) == "correct"
    assert verdict("P1M", "P2M", absolute=10**9) == "wrong_value"


def test_a_bare_number_says_no_unit_and_is_no_duration() -> None:
    assert verdict(90, 90) == "correct"
    assert verdict("90 s", 90) == "format_error"


def test_the_schema_s_format_chooses_the_comparator() -> None:
    schema = {"properties": {"f": {"type": "string", "format": "duration"}}}
    assert harness.score({"f": "PT90M"}, {"f": "PT1H30M"}, schema).f1 == 1.0
    diff = harness.score({"f": "PT90M"}, {"f": "90 minutes"}, schema).diffs[0]
    assert (str(diff.outcome), diff.value_equal) == ("format_error", True)


def test_how_near_two_durations_are() -> None:
    duration = comparator_for("duration", FieldRule(), {})
    assert duration.near(duration.read("3 h"), duration.read("4 h")) == 0.75
    assert duration.near(duration.read("1 year"), duration.read("11 months")) == pytest.approx(
        11 / 12
    )


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000)))
def test_a_timedelta_is_read_as_python_writes_it(delta: timedelta) -> None:
    read = read_duration(str(delta))
    assert read == Duration(Fraction(0), Fraction(delta // timedelta(microseconds=1), 10**6))


@given(
    st.text(alphabet="PT0123456789.,YMWDHSymwdhs -()andhourt:", max_size=30) | st.text(max_size=70)
)
def test_reading_never_raises_and_is_no_guess(text: str) -> None:
    """A duration names its unit, or is a clock: digits alone are none."""
    read = read_duration(text)
    assert read is None or any(c.isalpha() for c in text) or text.count(":") == 2
