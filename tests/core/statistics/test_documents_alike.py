"""Intervals of documents that score nearly alike: no jump, and they hold what few cannot show."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from harness.core.statistics.intervals import ratio_interval, unvaried


@pytest.mark.parametrize("size", [3, 5, 50, 3_000])
def test_documents_that_are_almost_perfect_prove_no_more_than_perfect_ones(size: int) -> None:
    perfect = ratio_interval([1.0] * size, [1] * size)
    almost = ratio_interval([1.0] * (size - 1) + [1 - 1e-6], [1] * size)
    assert perfect == unvaried(1.0, size)
    assert almost is not None
    assert almost == pytest.approx(perfect, abs=1e-3)


@pytest.mark.parametrize("size", [3, 12, 3_000])
def test_an_interval_gets_no_jump_as_documents_begin_to_differ(size: int) -> None:
    """Half of the documents lose a little more at each step: the bounds move by little."""
    bounds = [
        ratio_interval([1 - step / 1_000 if n % 2 else 1.0 for n in range(size)], [1] * size)
        for step in range(300)
    ]
    for before, after in pairwise(bounds):
        assert before is not None
        assert after is not None
        assert after == pytest.approx(before, abs=0.02)


@pytest.mark.parametrize("size", [5, 12, 20])
def test_intervals_hold_where_one_document_in_ten_fails_badly(size: int) -> None:
    """Where none of those that fail is among them, nothing else tells of them."""
    luck, truth = Random(size), 0.1 * 0.1 + 0.9 * 40 / 42
    held = 0
    for _ in range(300):
        drawn = [0.1 if luck.random() < 0.1 else luck.betavariate(40, 2) for _ in range(size)]
        bounds = ratio_interval(drawn, [1] * size)
        assert bounds is not None
        held += bounds.low <= truth <= bounds.high
    assert held >= 0.94 * 300
