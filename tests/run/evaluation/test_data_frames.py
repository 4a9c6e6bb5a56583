"""Data frames of pandas and Polars in, verdicts as either out."""

from __future__ import annotations

import datetime as dt
import math
from types import ModuleType
from typing import Any

import pytest

import harness
from harness.run.evaluation.data_frames import FrameLibrary


@pytest.fixture(params=["pandas", "polars"])
def library(request: pytest.FixtureRequest) -> Any:  # noqa: ANN401  # either module
    return pytest.importorskip(request.param)


@pytest.mark.parametrize("size", [3, 3000])
def test_columns_are_paired_by_position_and_rows_by_a_column(
    library: ModuleType, size: int
) -> None:
    truths = {
        "id": [f"c{n}" for n in range(size)],
        "total": [*range(size)],
        "city": ["Oslo"] * size,
    }
    answers = {**truths, "total": [0] * size}
    expected, predicted = library.DataFrame(truths), library.DataFrame(answers)
    report = harness.evaluate(expected, predicted[::-1], ids="id")
    assert [case.id for case in report.cases] == truths["id"]
    assert report.counts == harness.Counts(correct=size + 1, wrong_value=size - 1)
    columns = harness.evaluate(expected["total"], predicted["total"], ids=expected["id"])
    assert columns.counts == harness.Counts(correct=1, wrong_value=size - 1)
    by_position = harness.evaluate(expected, predicted)
    assert by_position.counts == harness.Counts(correct=2 * size + 1, wrong_value=size - 1)


def test_cells_hold_records_dates_and_gaps(library: ModuleType) -> None:
    day = dt.date(2026, 1, 2)
    truths = library.DataFrame({"truth": [{"on": "2026-01-02", "n": 1}] * 2})
    answers = library.DataFrame({"answer": [{"on": day, "n": 1}] * 2})
    assert float(harness.evaluate(truths["truth"], answers["answer"])) == 1
    gaps = library.DataFrame({"n": [1.0, math.nan], "city": ["Oslo", None]})
    full = library.DataFrame({"n": [1.0, 2.0], "city": ["Oslo", "Rome"]})
    assert harness.evaluate(gaps, full).counts == harness.Counts(correct=2, hallucination=2)


def test_a_row_only_one_frame_has_is_told_of(library: ModuleType) -> None:
    expected = library.DataFrame({"id": [1, 2], "a": [1, 2]})
    predicted = library.DataFrame({"id": [3, 1], "a": [1, 1]})
    report = harness.evaluate(expected, predicted, ids="id")
    assert (report.unanswered, report.unexpected) == (("2",), ("3",))
    with pytest.raises(ValueError, match="has no column 'nr'; it has 'id', 'a'"):
        harness.evaluate(expected, predicted, ids="nr")
    with pytest.raises(ValueError, match="more than once: '1'"):
        harness.evaluate(library.DataFrame({"id": [1, 1], "a": [1, 2]}), predicted, ids="id")
    with pytest.raises(ValueError, match="a field of records, and this is a list"):
        harness.evaluate([1], [1], ids="id")


def test_verdicts_are_a_frame_with_values_as_they_were(library: ModuleType) -> None:
    report = harness.evaluate([{"a": 1, "b": "x"}, {"a": 3}], [{"a": 1}, {"a": 4}])
    name: FrameLibrary = "polars" if library.__name__ == "polars" else "pandas"
    frame = report.to_frame(name)
    assert isinstance(frame, library.DataFrame)
    assert list(frame["expected"]) == [1, "x", 3]
    assert list(frame["predicted"]) == [1, None, 4]
    assert list(frame["outcome"]) == ["correct", "omission", "wrong_value"]
    assert len(frame) == len(report.rows())
    empty = harness.evaluate([{}], [{}]).to_frame(name)
    assert list(empty.columns) == list(frame.columns)


@pytest.mark.parametrize("size", [3, 3_000])
def test_lists_of_records_are_paired_by_a_field_of_them(size: int) -> None:
    truths = [{"id": n, "total": n} for n in range(size)]
    answers = [{"id": n, "total": n} for n in reversed(range(size))]
    report = harness.evaluate(truths, answers[1:], ids="id")
    assert report.fields["total"].counts.correct == size - 1
    assert report.unanswered == (str(size - 1),)
    assert "id" not in report.fields
    with pytest.raises(ValueError, match="records without 'id': '1'"):
        harness.evaluate([truths[0], {"total": 1}], answers, ids="id")
    with pytest.raises(ValueError, match="ids are given more than once: '0'"):
        harness.evaluate([truths[0], truths[0]], answers, ids="id")
