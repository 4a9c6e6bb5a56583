"""The difference of pooled F1, against every swap by hand."""

from __future__ import annotations

import math
import random
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
    assert pooled_swap(pairs).p_value == pytest.approx(expected, abs=1e-12)


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
    low, high = pooled_interval([invented] * 4 + [Pair(1, 1, 1, 1)]) or (1, 1)
    assert low == -1
    assert high <= 0


def test_many_unlike_documents_are_drawn_and_never_impossible() -> None:
    pairs = [Pair(0, 1000 + n * n, 900 + n, 1000 + n * n) for n in range(60)]
    assert pooled_swap(pairs).p_value == 1 / 20_001


@pytest.mark.parametrize("documents", [3, 3_000, 10_000])
def test_documents_that_moved_alike_are_swapped_exactly_at_any_size(documents: int) -> None:
    up = documents // 2 + math.isqrt(documents) // 2 + 1
    pairs = [Pair(8, 10, 9, 10)] * up + [Pair(9, 10, 8, 10)] * (documents - up)
    found = pooled_swap(pairs)
    ways = [1]
    for k in range(documents):
        ways.append(ways[-1] * (documents - k) // (k + 1))
    assert found.draws is None
    assert found.p_value == pytest.approx(2 * sum(ways[up:]) / (1 << documents), rel=1e-9)


def test_ten_thousand_unlike_documents_are_swapped_with_an_error_that_is_told() -> None:
    luck = random.Random(8)
    counts = [(luck.randint(10, 30), luck.randint(30, 40)) for _ in range(20_000)]
    pairs = [Pair(*one, *two) for one, two in zip(counts[::2], counts[1::2], strict=True)]
    found = pooled_swap(pairs)
    assert found.draws is not None
    assert 0 < found.error < 0.02
    assert found.p_value == pytest.approx(pooled_swap(pairs, seed=1).p_value, abs=6 * found.error)
