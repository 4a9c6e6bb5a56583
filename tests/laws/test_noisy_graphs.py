"""Noisy graphs: the verdicts depend neither on ids or orders, nor on which side is the truth.

Up to 1,000 people: `pytest tests/laws/test_noisy_graphs.py --all-sizes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

import pytest

from tests.laws.noisy_graphs import RULES, Graph, misread, noisy_graph, renamed
from tests.reference.metamorphic import outcomes

IN_THE_GATE: Final = [(3, 40), (6, 40), (40, 4), (150, 1)]
"""How many people, and so many graphs of them."""

ALL_SIZES: Final = [(3, 1_000), (6, 1_000), (12, 1_000), (40, 100), (150, 20), (400, 3), (1_000, 1)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Take all sizes where they are asked for."""
    every = metafunc.config.getoption("--all-sizes", default=False)
    metafunc.parametrize(("size", "graphs"), ALL_SIZES if every else IN_THE_GATE)


def _pairs(size: int, graphs: int) -> Iterator[tuple[Random, Graph, Graph]]:
    """Yield truths and what a careless reader made of them, and what they were drawn by."""
    for seed in range(graphs):
        rng = Random(seed)
        truth = noisy_graph(rng, size, max(1, size // 3))
        yield rng, truth, misread(rng, truth, rng.choice([0.02, 0.1, 0.2]))


@pytest.mark.parametrize("rules", RULES)
def test_swapping_sides_swaps_what_is_missing_and_what_is_made_up(
    rules: str, size: int, graphs: int
) -> None:
    for _, truth, answer in _pairs(size, graphs):
        correct, omission, hallucination, format_error, wrong = outcomes(
            truth, answer, RULES[rules]
        )
        swapped = correct, hallucination, omission, format_error, wrong
        assert outcomes(answer, truth, RULES[rules]) == swapped


@pytest.mark.parametrize("rules", RULES)
def test_other_ids_and_another_order_on_both_sides_change_nothing(
    rules: str, size: int, graphs: int
) -> None:
    for rng, truth, answer in _pairs(size, graphs):
        found = outcomes(truth, answer, RULES[rules])
        assert outcomes(renamed(rng, truth), renamed(rng, answer), RULES[rules]) == found
