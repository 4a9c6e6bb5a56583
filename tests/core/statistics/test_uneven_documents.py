"""Intervals of micro F1 where documents differ in size: one giant does not stand for all."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from harness.core.statistics.intervals import ratio_interval

Draw = Callable[[random.Random], tuple[int, int]]


def some_giants(luck: random.Random) -> tuple[int, int]:
    size = 1000 if luck.random() < 0.05 else 10
    return round(luck.betavariate(8, 2) * size), size


def any_size(luck: random.Random) -> tuple[int, int]:
    size = max(1, int(luck.lognormvariate(2.5, 1.2)))
    return round(luck.betavariate(8, 2) * size), size


@pytest.mark.parametrize("draw", [some_giants, any_size])
@pytest.mark.parametrize("documents", [5, 12, 20, 50])
def test_they_hold_the_true_share_as_often_as_they_say(draw: Draw, documents: int) -> None:
    luck = random.Random(0)
    held = 0
    for _ in range(200):
        drawn = [draw(luck) for _ in range(documents)]
        interval = ratio_interval(*zip(*drawn, strict=True))
        assert interval is not None
        held += interval.low <= 0.8 <= interval.high
    assert held >= 183, "at least 91.5 % of 200, nominal 95 %: two standard errors of 200 draws"


@pytest.mark.parametrize("others", [3, 3000])
@pytest.mark.parametrize("wrong", [0, 1])
def test_a_giant_beside_others_is_worth_no_more_than_one_document(others: int, wrong: int) -> None:
    giant = 1_000_000
    interval = ratio_interval([giant - wrong, *[9] * others], [giant, *[10] * others])
    assert interval is not None
    assert interval.high - interval.low > 0.5


@pytest.mark.parametrize("documents", [3, 3000])
def test_equal_sizes_change_nothing(documents: int) -> None:
    right = [6, 9, 10] * (documents // 3)
    of_ten = ratio_interval(right, [10] * documents)
    of_one = ratio_interval([n / 10 for n in right], [1] * documents)
    assert of_ten is not None
    assert of_one == pytest.approx(of_ten)
