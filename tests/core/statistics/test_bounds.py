"""The lower bound of a mean: against Clopper and Pearson, and against worlds that hide a fault."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.statistics.intervals import lower_bound


def clopper_pearson(right: int, size: int, above: float) -> float:
    """The share that would give so many rights or more only so rarely, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        share = (low + high) / 2
        tail = math.fsum(math.comb(size, k) * share**k * (1 - share) ** (size - k)
                         for k in range(right, size + 1))  # fmt: skip
        low, high = (share, high) if tail < above else (low, share)
    return low


@pytest.mark.parametrize(("right", "size"), [(0, 5), (1, 5), (5, 5), (11, 12), (45, 50), (50, 50)])
def test_of_right_and_wrong_it_is_that_of_clopper_and_pearson(right: int, size: int) -> None:
    scores = [1.0] * right + [0.0] * (size - right)
    assert lower_bound(scores) == pytest.approx(clopper_pearson(right, size, 0.05), abs=0.015)


@settings(max_examples=20)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_it_is_below_the_mean_and_above_nothing(scores: list[float]) -> None:
    low = lower_bound(scores)
    assert 0 <= low <= math.fsum(scores) / len(scores)
    assert low == lower_bound(scores)


def test_documents_that_are_all_alike_certify_nothing_they_have_not_shown() -> None:
    assert lower_bound([0.95] * 12) == pytest.approx(0.95 * 0.05 ** (1 / 12))
    assert lower_bound([1.0] * 28) < 0.9 < lower_bound([1.0] * 29)
    assert lower_bound([1.0]) == pytest.approx(0.05)


@pytest.mark.parametrize("size", [5, 12])
def test_a_fault_in_one_document_of_ten_is_not_overlooked(size: int) -> None:
    luck = random.Random(size)
    wrong = 0
    for seed in range(80):
        scores = [0.0 if luck.random() < 0.1 else luck.choice((0.9, 1.0)) for _ in range(size)]
        wrong += lower_bound(scores, seed=seed) > 0.855
    assert wrong <= 9
