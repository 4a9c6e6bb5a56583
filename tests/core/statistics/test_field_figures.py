"""Figures of fields and the tests of their differences, against brute force."""

from __future__ import annotations

import random
import time
from itertools import product

import pytest

from harness.core.statistics.field_figures import (
    FieldFigure,
    FieldTotals,
    added,
    figure_difference,
    figure_interval,
    figure_permutation,
    influences,
)
from harness.core.statistics.paired_tests import Pair, pooled_interval, pooled_swap

FOCUS = FieldFigure("mean", (("a", 1.0),), 0.0)
POOLED = FieldFigure("pooled")
FLOOR = FieldFigure("floor")


def sides(seed: int, documents: int) -> tuple[list[list[FieldTotals]], list[list[FieldTotals]]]:
    """Return two runs over documents with two fields, the second run a little better."""
    draw = random.Random(seed)

    def answer(good: float) -> FieldTotals:
        return {name: (2.0 * (draw.random() < good), 2.0) for name in "ab"}

    base = [[answer(0.5)] for _ in range(documents)]
    return base, [[answer(0.8)] for _ in range(documents)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("figure", [FOCUS, POOLED, FLOOR])
def test_few_documents_are_swapped_in_every_way(figure: FieldFigure, seed: int) -> None:
    base, new = sides(seed, 7)
    seen = figure_difference(figure, base, new)
    met = 0
    for flips in product((False, True), repeat=7):
        left = [n if flip else b for b, n, flip in zip(base, new, flips, strict=True)]
        right = [b if flip else n for b, n, flip in zip(base, new, flips, strict=True)]
        met += figure_difference(figure, left, right) >= seen - 1e-12
    assert figure_permutation(figure, base, new, "greater") == met / 2**7


def test_micro_is_tested_as_the_comparison_of_runs_tests_it() -> None:
    base, new = sides(3, 9)
    pairs = [Pair(*map(int, total(b)), *map(int, total(n))) for b, n in zip(base, new, strict=True)]
    assert figure_permutation(POOLED, base, new) == pytest.approx(pooled_swap(pairs).p_value)
    bounds, known = figure_interval(POOLED, base, new), pooled_interval(pairs)
    assert bounds is not None
    assert known is not None
    assert bounds == pytest.approx(known, abs=0.03)


def total(document: list[FieldTotals]) -> tuple[float, float]:
    hits, of = zip(*document[0].values(), strict=True)
    return sum(hits), sum(of)


def test_influences_of_a_mean_of_one_field_add_up_to_its_difference() -> None:
    base, new = sides(1, 20)
    moves = influences(FOCUS, base, new)
    assert sum(moves) == pytest.approx(figure_difference(FOCUS, base, new))


def test_shuffled_sides_are_called_better_no_more_often_than_the_level() -> None:
    draw = random.Random(0)
    found = 0
    for seed in range(200):
        base, new = sides(seed, 12)
        for place in range(12):
            if draw.random() < 0.5:
                base[place], new[place] = new[place], base[place]
        found += figure_permutation(FOCUS, base, new, "greater") <= 0.05
    assert found <= 19  # of 200 at 5 %: more than 19 comes once in 200 times


def test_many_documents_with_many_fields_take_seconds() -> None:
    draw = random.Random(0)
    names = [f"f{n}" for n in range(30)]
    base = [[{name: (2.0 * (draw.random() < 0.9), 2.0) for name in names}] for _ in range(300)]
    new = [[{**b[0], "f0": (2.0, 2.0)}] for b in base]
    began = time.process_time()
    assert figure_permutation(FieldFigure("mean"), base, new) < 0.01
    assert figure_interval(FieldFigure("mean"), base, new) is not None
    assert time.process_time() - began < 60
    assert added([]) == {}


@pytest.mark.parametrize("documents", [3, 3_000])
def test_fields_that_do_not_count_change_no_interval_and_cost_none(documents: int) -> None:
    base, new = sides(4, documents)
    rest = {f"other{n}": (float(n % 3 > 0), 2.0) for n in range(20)}
    wide = [[[{**answer, **rest} for answer in one] for one in side] for side in (base, new)]
    began = time.process_time()
    alone = figure_interval(FOCUS, base, new)
    took = time.process_time() - began
    began = time.process_time()
    assert figure_interval(FOCUS, wide[0], wide[1]) == alone
    assert time.process_time() - began < 20 * took + 1


def test_micro_is_the_same_however_its_counts_are_divided_among_fields() -> None:
    base, new = sides(5, 40)
    joined = [[[{"all": total(one)}] for one in side] for side in (base, new)]
    assert figure_interval(POOLED, base, new) == figure_interval(POOLED, joined[0], joined[1])
    assert figure_interval(POOLED, [[{}]] * 3, [[{}]] * 3) is None
