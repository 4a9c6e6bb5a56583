"""Tests of kappas and alpha, against the libraries where they are installed."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from harness.core.statistics.rater_agreement import (
    Metric,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
)


def ratings(seed: int, raters: int, values: Sequence[int], size: int) -> list[list[int]]:
    draw = random.Random(seed)
    truth = [draw.choice(values) for _ in range(size)]
    return [
        [value if draw.random() < 0.8 else draw.choice(values) for _ in range(raters)]
        for value in truth
    ]


def test_by_hand() -> None:
    # 3 of 4 agree; by chance (2*1 + 2*3) / 16 = 0.5; (0.75 - 0.5) / 0.5.
    assert cohen_kappa([("y", "y"), ("y", "n"), ("n", "n"), ("n", "n")]) == 0.5
    assert cohen_kappa([]) is None
    assert cohen_kappa([("y", "y")]) is None
    assert fleiss_kappa([["y", "y"], ["y"]]) is None
    assert krippendorff_alpha([["y"], ["n"]]) is None
    assert krippendorff_alpha([["y", "y"], ["n", "n"]]) == 1.0
    # Coincidences: a-a 2, a-b and b-a 1 each; n = 4; 1 - 3 * 2 / (16 - 9 - 1).
    assert krippendorff_alpha([["a", "a"], ["a", "b"]]) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_cohen_is_that_of_scikit_learn(seed: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    pairs = [(one, other) for one, other in ratings(seed, 2, range(4), 60)]
    expected = metrics.cohen_kappa_score(*zip(*pairs, strict=True))
    assert cohen_kappa(pairs) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_fleiss_is_that_of_statsmodels(seed: int) -> None:
    rater = pytest.importorskip("statsmodels.stats.inter_rater")
    units = ratings(seed, 4, range(3), 50)
    table, _ = rater.aggregate_raters(units)
    assert fleiss_kappa(units) == pytest.approx(rater.fleiss_kappa(table))


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_library_with_gaps(metric: Metric, seed: int) -> None:
    library = pytest.importorskip("krippendorff")
    draw = random.Random(seed)
    units = ratings(seed, 3, [1, 2, 3, 5], 40)
    gaps = [[value if draw.random() < 0.8 else None for value in unit] for unit in units]
    table = [[float("nan") if unit[n] is None else unit[n] for unit in gaps] for n in range(3)]
    expected = library.alpha(reliability_data=table, level_of_measurement=metric)
    known = [[value for value in unit if value is not None] for unit in gaps]
    assert krippendorff_alpha(known, metric) == pytest.approx(expected)
