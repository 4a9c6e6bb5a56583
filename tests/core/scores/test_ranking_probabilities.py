"""Whether probabilities mean what they say, by hand-worked example and by law."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.scores.calibration import (
    CLIP,
    CalibrationBin,
    brier,
    calibration_bins,
    expected_calibration_error,
    log_loss,
)

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=30)
Rows = list[tuple[bool, int]]
Scorer = Callable[[Sequence[int], Sequence[float]], object]


def _split(rows: Rows) -> tuple[list[bool], list[float]]:
    return [label for label, _ in rows], [p / 8 for _, p in rows]


def test_log_loss_is_the_mean_surprise() -> None:
    expected = -(math.log(0.8) + math.log(0.6) + math.log(0.5)) / 3
    assert log_loss([True, False, True], [0.8, 0.4, 0.5]) == pytest.approx(expected)


def test_a_sure_mistake_costs_thirty_six_nats() -> None:
    assert log_loss([True], [0.0]) == -math.log(CLIP) == pytest.approx(52 * math.log(2))
    assert 0 < log_loss([False], [0.0]) < 1e-15


def test_brier_is_the_mean_squared_distance() -> None:
    expected = (0.2**2 + 0.4**2) / 2
    assert brier([True, False], [0.8, 0.4]) == pytest.approx(expected)
    assert (brier([True, False], [1, 0]), brier([True, False], [0, 1])) == (0.0, 1.0)


def test_bins_hold_equally_many_rows() -> None:
    labels = [False, False, True, False, True, True, True]
    found = calibration_bins(labels, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.9], 3)
    # rows 0..6 fall into floor(3 * (i + 1/2) / 7) = 0 0 1 1 1 2 2
    assert [(one.rows, one.trues) for one in found] == [(2, 0), (3, 2), (2, 2)]
    assert [one.mean for one in found] == pytest.approx([0.15, 0.4, 0.75])
    expected = 2 / 7 * 0.15 + 3 / 7 * (2 / 3 - 0.4) + 2 / 7 * (1 - 0.75)
    probabilities = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.9]
    assert expected_calibration_error(labels, probabilities, 3) == pytest.approx(expected)


def test_equal_probabilities_stay_together_and_an_empty_bin_is_left_out() -> None:
    # the middle of the eight ties is 4 of 10 (second bin of five), the others are at 8.5 and 9.5
    found = calibration_bins([True] * 6 + [False] * 4, [0.5] * 8 + [0.625, 0.75], 5)
    assert found == (CalibrationBin(8, 6, 0.5), CalibrationBin(2, 0, 0.6875))


def test_one_bin_compares_the_mean_probability_with_the_base_rate() -> None:
    assert expected_calibration_error([True, False], [0.5, 0.9], 1) == pytest.approx(0.7 - 0.5)


@pytest.mark.parametrize(
    "scorer", [log_loss, brier, lambda labels, p: expected_calibration_error(labels, p, 2)]
)
def test_rows_that_are_no_probabilities_are_refused(scorer: Scorer) -> None:
    with pytest.raises(ValueError, match="lengths differ"):
        scorer([], [0.5])
    with pytest.raises(ValueError, match="nothing to score"):
        scorer([], [])
    with pytest.raises(ValueError, match="true or false"):
        scorer([1, 2], [0.5, 0.5])
    for strange in (1.1, -0.1, math.nan):
        with pytest.raises(ValueError, match="between 0 and 1"):
            scorer([True, False], [0.5, strange])


def test_no_bin_is_refused() -> None:
    with pytest.raises(ValueError, match="bins must be at least 1, not 0"):
        calibration_bins([True], [0.5], 0)


@given(ROWS, st.integers(1, 12), st.randoms(use_true_random=False))
def test_bounds_hold_and_order_changes_nothing(rows: Rows, bins: int, draw: random.Random) -> None:
    labels, probabilities = _split(rows)
    mixed = list(rows)
    draw.shuffle(mixed)
    found = calibration_bins(labels, probabilities, bins)
    error = expected_calibration_error(labels, probabilities, bins)
    assert found == calibration_bins(*_split(mixed), bins)
    assert 1 <= len(found) <= bins
    assert sum(one.rows for one in found) == len(rows)
    assert sum(one.trues for one in found) == sum(labels)
    assert 0 <= error <= 1
    assert 0 <= brier(labels, probabilities) <= 1
    assert log_loss(labels, probabilities) > 0
    assert brier(labels, probabilities) == brier(*_split(mixed))
    assert log_loss(labels, probabilities) == log_loss(*_split(mixed))


@given(st.sets(st.integers(0, 10_000), min_size=1, max_size=40), st.integers(1, 12))
def test_without_ties_no_two_bins_differ_by_more_than_a_row(distinct: set[int], bins: int) -> None:
    probabilities = [number / 10_000 for number in distinct]
    sizes = [one.rows for one in calibration_bins([True] * len(distinct), probabilities, bins)]
    assert max(sizes) - min(sizes) <= 1


@given(ROWS, st.integers(1, 12))
def test_more_bins_than_one_never_hide_what_one_bin_shows(rows: Rows, bins: int) -> None:
    labels, probabilities = _split(rows)
    whole = expected_calibration_error(labels, probabilities, 1)
    assert expected_calibration_error(labels, probabilities, bins) >= whole - 1e-12
