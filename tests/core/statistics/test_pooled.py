"""The difference of pooled F1, against every swap by hand."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.statistics.paired_tests import (
    Pair,
    pooled_difference,
    pooled_interval,
    pooled_swap,
)

RATIOS = st.integers(0, 4).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
PAIRS = st.lists(st.builds(lambda b, n: Pair(*b, *n), RATIOS, RATIOS), max_size=7)


@given(PAIRS)
def test_a_swap_test_counts_every_way_to_swap_documents(pairs: list[Pair]) -> None:
    differences = []
    for swaps in product((False, True), repeat=len(pairs)):
        turned = [Pair(*p[2:], *p[:2]) if s else p for p, s in zip(pairs, swaps, strict=True)]
        differences.append(abs(pooled_difference(turned)))
    seen = abs(pooled_difference(pairs))
    expected = sum(d >= seen - 1e-12 for d in differences) / len(differences)
    assert pooled_swap(pairs) == pytest.approx(expected, abs=1e-12)


def test_a_large_document_moves_the_pooled_figure_more_than_a_small_one() -> None:
    pairs = [Pair(0, 2, 2, 2), Pair(100, 100, 90, 100)]
    assert pooled_difference(pairs) == 92 / 102 - 100 / 102


def test_an_interval_is_recomputed_from_the_counts_of_both_runs() -> None:
    pairs = [Pair(n % 3, 4, 1 + n % 4, 5) for n in range(40)]
    low, high = pooled_interval(pairs) or (1, 0)
    assert low < pooled_difference(pairs) < high
    assert pooled_interval(pairs[:1]) is None
    assert pooled_interval([]) is None


def test_documents_with_nothing_to_find_are_right_unless_something_is_made_up() -> None:
    silent, invented = Pair(0, 0, 0, 0), Pair(0, 0, 0, 1)
    assert pooled_difference([silent, silent]) == 0
    assert pooled_difference([silent, invented]) == -1
    assert pooled_interval([silent, invented] * 5) == (-1, -1)
    # One document of five has fields: three in ten resamples miss it, and lose all the same.
    low, high = pooled_interval([invented] * 4 + [Pair(1, 1, 1, 1)]) or (0, 0)
    assert low == -1
    assert high < 0


def test_many_unlike_documents_are_drawn_and_never_impossible() -> None:
    pairs = [Pair(0, 1000 + n * n, 900 + n, 1000 + n * n) for n in range(60)]
    assert pooled_swap(pairs) == 1 / 20_001
