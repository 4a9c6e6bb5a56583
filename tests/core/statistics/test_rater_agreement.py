"""Tests of kappas and alpha, against the libraries."""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence

import krippendorff
import pytest
from sklearn import metrics  # type: ignore[import-untyped]  # no stubs
from statsmodels.stats import inter_rater  # type: ignore[import-untyped]  # as above

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


DEGENERATE: dict[str, list[list[int]]] = {
    "one unit": [[1, 2]],
    "one unit, all agree": [[1, 1]],
    "one category": [[1, 1]] * 9,
    "one rater has one category": [[1, n % 3] for n in range(9)],
    "nobody ever agrees": [[1, 2], [2, 1]] * 4,
    "all agree, several categories": [[n % 3, n % 3] for n in range(9)],
    "one unit differs": [[1, 1]] * 8 + [[1, 2]],
    "3,000 units, one differs": [[1, 1]] * 2_999 + [[1, 2]],
    "a category for each unit": [[n, n] for n in range(30)],
    "a category for each rating": [[2 * n, 2 * n + 1] for n in range(30)],
}


def undefined_is_none(figure: object) -> float | None:
    """Return a library's figure; what it leaves undefined as NaN or infinite is None."""
    value = float(str(figure))
    return value if abs(value) < float("inf") else None


def cohen_of_library(units: list[list[int]]) -> float | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return undefined_is_none(metrics.cohen_kappa_score(*zip(*units, strict=True)))


def fleiss_of_library(units: list[list[int]]) -> float | None:
    table, _ = inter_rater.aggregate_raters(units)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return undefined_is_none(inter_rater.fleiss_kappa(table))


def alpha_of_library(units: Sequence[Sequence[int | None]], metric: Metric) -> float | None:
    raters = range(max(map(len, units)))
    padded = [[*unit, *[None] * (len(raters) - len(unit))] for unit in units]
    table = [
        [float("nan") if (v := unit[n]) is None else float(v) for unit in padded] for n in raters
    ]
    try:
        found = krippendorff.alpha(reliability_data=table, level_of_measurement=metric)
    except ValueError:  # one value throughout, or nothing to compare
        return None
    return undefined_is_none(found)


@pytest.mark.parametrize("seed", range(5))
def test_cohen_is_that_of_scikit_learn(seed: int) -> None:
    units = ratings(seed, 2, range(4), 60)
    pairs = [(one, other) for one, other in units]
    assert cohen_kappa(pairs) == pytest.approx(cohen_of_library(units))


@pytest.mark.parametrize("seed", range(5))
def test_fleiss_is_that_of_statsmodels(seed: int) -> None:
    units = ratings(seed, 4, range(3), 50)
    assert fleiss_kappa(units) == pytest.approx(fleiss_of_library(units))


@pytest.mark.parametrize("metric", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_that_of_the_library_with_gaps(metric: Metric, seed: int) -> None:
    draw = random.Random(seed)
    units = ratings(seed, 3, [1, 2, 3, 5], 40)
    gaps = [[value if draw.random() < 0.8 else None for value in unit] for unit in units]
    known = [[value for value in unit if value is not None] for unit in gaps]
    assert krippendorff_alpha(known, metric) == pytest.approx(alpha_of_library(gaps, metric))


@pytest.mark.parametrize("name", DEGENERATE)
def test_of_degenerate_tables_all_figures_are_those_of_the_libraries(name: str) -> None:
    units = DEGENERATE[name]
    pairs = [(one, other) for one, other in units]
    assert cohen_kappa(pairs) == pytest.approx(cohen_of_library(units))
    assert fleiss_kappa(units) == pytest.approx(fleiss_of_library(units))
    for metric in ("nominal", "ordinal", "interval"):
        expected = alpha_of_library(units, metric)
        assert krippendorff_alpha(units, metric) == pytest.approx(expected), metric


@pytest.mark.parametrize(
    "units",
    [
        pytest.param([[1, None], [None, 2]], id="no unit has two ratings"),
        pytest.param([[1, None], [2, 2], [1, 2]], id="one unit has one rating"),
        pytest.param([[1, 1, None], [None, 2, 2], [3, None, 3]], id="nobody rated all"),
        pytest.param([[1, 1, None], [1, None, 1]], id="one value and gaps"),
        pytest.param([[1, 2, None]] * 3_000 + [[1, 1, 1]], id="3,000 units with a gap"),
    ],
)
def test_of_tables_with_missing_ratings_alpha_is_that_of_the_library(
    units: list[list[int | None]],
) -> None:
    known = [[value for value in unit if value is not None] for unit in units]
    for metric in ("nominal", "ordinal", "interval"):
        expected = alpha_of_library(units, metric)
        assert krippendorff_alpha(known, metric) == pytest.approx(expected), metric
