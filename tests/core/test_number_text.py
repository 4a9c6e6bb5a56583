"""Numbers as text, by worked examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import number_text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"),
        (0, "0 %"),
        (0.0, "0 %"),
        (1e-9, "0.1 %"),
        (0.0004, "0.1 %"),
        (0.9167, "91.7 %"),
        (0.9996, "99.9 %"),
        (1 - 1e-12, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_percentage_is_0_or_100_only_when_exact(value: float | None, text: str) -> None:
    assert number_text.percent(value) == text


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_ratio_says_100_only_if_nothing_is_missing(hits: int, more: int) -> None:
    of = hits + more
    assert not number_text.ratio(hits, of).startswith("100 %")
    assert number_text.ratio(of, of).startswith("100 %")
    assert number_text.ratio(hits, of).startswith("0 %") == (hits == 0)


def test_a_ratio_of_nothing_is_not_a_number() -> None:
    assert number_text.ratio(0, 0) == "n/a (0/0)"


def test_large_counts_are_grouped_by_thin_spaces() -> None:
    assert number_text.ratio(1100, 1200) == "91.7 % (1\u202f100/1\u202f200)"


def test_a_moment_without_a_zone_is_taken_as_utc() -> None:
    assert number_text.moment("2025-11-22T10:00:31") == "2025-11-22 10:00 UTC"


@pytest.mark.parametrize("finished", [None, "soon", "2025-11-22T09:00:00Z"])
def test_a_duration_that_makes_no_sense_is_not_told(finished: str | None) -> None:
    assert number_text.elapsed("2025-11-22T10:00:00Z", finished) is None


def test_a_negligible_loss_is_not_called_nothing() -> None:
    assert number_text.points(0.00001) == "<0.1"
    assert number_text.points(-0.00001) == ">-0.1"
