"""Moments: what is the same, what is not, and what is not read at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.comparators.by_name import comparator_for
from harness.core.reading.moments import read_moment
from harness.core.rules.field_rule import FieldRule


def verdict(expected: Any, predicted: Any, **settings: Any) -> str:  # noqa: ANN401  # any JSON
    rules = {"f": {"compare": "datetime", **settings}}
    return str(harness.score({"f": expected}, {"f": predicted}, None, rules).diffs[0].outcome)


@pytest.mark.parametrize(
    ("expected", "predicted", "settings"),
    [
        ("2024-03-31T14:30", "31 March 2024, 2:30 pm", {}),
        ("2024-03-31T14:30", "Mar 31, 2024 at 14:30:00", {}),
        ("2024-03-31T14:00", "31 March 2024 2 p.m.", {}),
        ("2024-03-31T00:15", "31 March 2024 12:15 am", {}),
        ("2024-03-31T12:15", "31 March 2024 12:15 PM", {}),
        ("2024-03-31T14:30:00Z", "31 March 2024 16:30 UTC+2", {}),
        ("2024-03-31T14:30:00Z", "2024-03-31T16:30+02:00", {}),
        ("2024-03-31T14:30:00Z", "31 March 2024 14:30 GMT", {}),
        ("2024-03-31T14:30:00.250", "31 March 2024 14:30:00.25", {}),
        ("2024-03-31", "31 March 2024", {}),
        ("2024-03", "March 2024", {}),
        ("2024-02-01T10:00", "01/02/2024 10:00", {"date_order": "dmy"}),
        ("2024-03-31T10:00:00Z", "2024-03-31T10:00", {"timezone": "Z"}),
        ("2024-03-31T08:00:00Z", "2024-03-31 10:00", {"timezone": "+02:00"}),
        ("2024-03-31T10:00:10", "2024-03-31T10:00:50", {"precision": "minute"}),
        ("2024-03-31T10:00", "2024-03-31T10:59", {"precision": "hour"}),
        ("2024-03-31T10:00Z", "2024-03-31T12:59+02:00", {"precision": "hour"}),
        ("2024-03-31T23:30-05:00", "2024-03-31", {"precision": "day"}),
        ("2024-03-31T23:30-05:00", "2024-04-01T04:30Z", {"precision": "day"}),
        ("2024-03-31T10:00", "March 2024", {"precision": "month"}),
        ("2024-03-31T10:00", "2024-04-02T09:00", {"days": 2}),
        (2024, "2024", {}),
    ],
)
def test_the_same_moment_is_the_same(
    expected: object, predicted: object, settings: dict[str, object]
) -> None:
    assert verdict(expected, predicted, **settings) in ("correct", "format_error")
    comparator = comparator_for("datetime", FieldRule(**settings), {})  # type: ignore[arg-type]  # a table
    one, other = comparator.read(expected), comparator.read(predicted)  # type: ignore[arg-type]  # a table
    assert one is not None
    assert one == other or (comparator.same is not None and comparator.same(one, other))


@pytest.mark.parametrize(
    ("expected", "predicted", "settings"),
    [
        ("2024-03-31T14:30", "2024-03-31T14:31", {}),
        ("2024-03-31T14:30", "2024-03-31", {}),
        ("2024-03-31", "2024-03", {}),
        ("2024-03-31T14:30", "2024-03-31T14:30Z", {}),
        ("2024-03-31T14:30Z", "2024-03-31T14:30+01:00", {}),
        ("2024-03-31T14:30", "2024-03-31T14:30Z", {"precision": "minute"}),
        ("2024-03-31T10:00", "2024-03-31", {"precision": "hour"}),
        ("2024-03-31T10:00", "2024-04-03T09:00", {"days": 2}),
        ("2024-03-31T10:00", "2024", {"days": 2}),
        ("2024-03-31T10:00:00Z", "2024-03-31T10:00", {"timezone": "+01:00"}),
    ],
)
def test_another_moment_or_precision_is_another_value(
    expected: str, predicted: str, settings: dict[str, object]
) -> None:
    assert verdict(expected, predicted, **settings) == "wrong_value"
    assert verdict(predicted, expected, **settings) == "wrong_value"


@pytest.mark.parametrize(
    "text",
    [
        *("", "noon", "14:30", "01/02/2024 10:00", "31 March 2024 10:00 CET", "1711879200"),
        *("31 March 2024 25:00", "31 March 2024 13:00 pm", "31 March 2024 14", "30 Feb 2024 10:00"),
        *("2024-03-31T10:00+99:00", "31 March 2024 10:00 +23", "March 2024 10:00", "x" * 70),
        *("9999-12-31T23:30-05:00", "0001-01-01T00:30+05:00", "2024-13-01T10:00"),
    ],
)
def test_what_has_no_one_reading_is_not_read(text: str) -> None:
    assert read_moment(text) is None


def test_a_moment_is_no_boolean_and_no_list() -> None:
    assert comparator_for("datetime", FieldRule(), {}).read(True) is None  # noqa: FBT003  # JSON


def test_how_near_two_moments_are() -> None:
    plain = comparator_for("datetime", FieldRule(), {})
    near = plain.near(plain.read("2024-03-31T10:00"), plain.read("2024-04-01T10:00"))
    assert near == 1 - 1 / 366
    assert plain.near(plain.read("2024"), plain.read("2024-04-01")) == 0.0
    coarse = comparator_for("datetime", FieldRule(days=2), {})
    assert coarse.near(coarse.read("2024-03-31"), coarse.read("2024-04-02")) == 0.5


def test_the_schema_s_format_chooses_the_comparator() -> None:
    schema = {"properties": {"f": {"type": "string", "format": "date-time"}}}
    diff = harness.score(
        {"f": "2024-03-31T14:30:00"}, {"f": "31 March 2024 2:30 pm"}, schema
    ).diffs[0]
    assert (str(diff.outcome), diff.value_equal) == ("format_error", True)


@given(st.datetimes(min_value=datetime(1800, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001  # no zone meant
def test_iso_is_read_as_python_writes_it(moment: datetime) -> None:
    read = read_moment(moment.isoformat())
    assert read is not None
    assert read.written == (*moment.timetuple()[:6], moment.microsecond)
    zoned = read_moment(moment.replace(tzinfo=UTC).isoformat())
    assert zoned is not None
    assert zoned.moment == (*read.written, 1)


@given(st.text(max_size=70))
def test_reading_never_raises(text: str) -> None:
    read_moment(text)
    read_moment(f"31 March 2024 {text}")


def test_a_tolerance_in_days_counts_days_whatever_the_time() -> None:
    rules = {"d": {"compare": "date", "days": 2}}
    truth = {"d": "2024-03-01T10:30:00Z"}
    near, far = {"d": "2024-02-28T23:59:00Z"}, {"d": "2024-03-04T00:00:00Z"}
    assert harness.score(truth, near, None, rules).f1 == 1.0
    assert harness.score(truth, far, None, rules).f1 == 0.0
