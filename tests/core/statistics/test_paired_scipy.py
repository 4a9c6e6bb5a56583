"""Every statistic against scipy's."""

from __future__ import annotations

import importlib
import random
from typing import Any

import pytest

from harness.core.statistics.paired_tests import (
    Alternative,
    bca,
    mcnemar,
    sign_flip,
    small_sample_tail,
    smallest_detectable,
)
from harness.core.statistics.student_t import t_above, t_bound

numpy: Any = importlib.import_module("numpy")
stats: Any = importlib.import_module("scipy.stats")

SIDES: list[Alternative] = ["two-sided", "greater", "less"]


def differences(size: int, seed: int, mean: float = 0.05) -> list[float]:
    draw = random.Random(seed)
    return [round(draw.gauss(mean, 0.1), 3) for _ in range(size)]


def near(value: object, absolute: float = 1e-12) -> Any:  # noqa: ANN401  # pytest.approx has no public type
    return pytest.approx(value, rel=0, abs=absolute)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("size", [2, 5, 11, 16])
def test_sign_flips_are_scipys_permutation_test(size: int, side: Alternative) -> None:
    values = differences(size, size)
    exact = stats.permutation_test(
        (numpy.array(values),), numpy.mean, permutation_type="samples",
        alternative=side, n_resamples=numpy.inf,
    )  # fmt: skip
    assert sign_flip(values, side) == near(exact.pvalue)


@pytest.mark.parametrize(("fixed", "broken"), [(0, 0), (9, 2), (3, 3), (40, 61), (0, 7)])
def test_mcnemar_is_scipys_binomial_test(fixed: int, broken: int) -> None:
    flips = fixed + broken
    expected = stats.binomtest(min(fixed, broken), flips).pvalue if flips else 1.0
    assert mcnemar(fixed, broken) == near(expected)


@pytest.mark.parametrize("size", [10, 30, 100])
def test_intervals_are_scipys_to_the_noise_of_resampling(size: int) -> None:
    values = [d**3 for d in differences(size, size, 0.2)]
    expected = stats.bootstrap(
        (numpy.array(values),),
        numpy.mean,
        method="BCa",
        n_resamples=20_000,
        rng=1,
        confidence_level=1 - 2 * small_sample_tail(0.025, size),
    )
    ends = expected.confidence_interval
    width = ends.high - ends.low
    low, high = bca(values) or (0, 0)
    assert low == near(ends.low, 0.05 * width)
    assert high == near(ends.high, 0.05 * width)


@pytest.mark.parametrize("freedom", [1, 2, 4, 30, 9999])
@pytest.mark.parametrize("shift", [0.0, 0.7, 3.2])
def test_tails_of_t_are_scipys(freedom: int, shift: float) -> None:
    for t in (-1.0, 0.0, 1.3, 4.0):
        assert t_above(t, freedom, shift) == near(stats.nct.sf(t, freedom, shift), 1e-9)
    assert t_bound(0.025, freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-6)


@pytest.mark.parametrize("size", [3, 20, 200])
def test_the_smallest_detectable_effect_has_its_power(size: int) -> None:
    shift = (smallest_detectable(size, 0.1) or 0) / 0.1 * size**0.5
    bound = stats.t.ppf(0.975, size - 1)
    power = stats.nct.sf(bound, size - 1, shift) + stats.nct.cdf(-bound, size - 1, shift)
    assert power == near(0.8, 1e-8)
