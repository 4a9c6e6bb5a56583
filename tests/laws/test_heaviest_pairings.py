"""Ties between pairings are broken among the pairs that some heaviest pairing holds, no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random

import pytest

from harness.core.alignment.assignment import assign, strong_components, tight


def _pairings(counts: Mapping[int, Mapping[int, int]]) -> Iterator[dict[int, int]]:
    """Yield every one-to-one pairing, of any size."""
    if not counts:
        yield {}
        return
    row, *others = counts
    rest = {other: counts[other] for other in others}
    for pairing in _pairings(rest):
        yield pairing
        taken = set(pairing.values())
        yield from ({row: j, **pairing} for j in counts[row] if j not in taken)


def _weights(rng: Random, rows: int, columns: int, most: int) -> dict[int, dict[int, int]]:
    chance = rng.choice((0.3, 0.6, 1.0))
    return {
        i: {j: rng.randint(1, most) for j in range(columns) if rng.random() < chance}
        for i in range(rows)
    }


@pytest.mark.parametrize("seed", range(20))
def test_tight_pairs_are_those_of_all_heaviest_pairings(seed: int) -> None:
    rng = Random(seed)
    for _ in range(25):
        counts = _weights(rng, rng.randint(1, 4), rng.randint(1, 4), rng.choice((1, 2, 4)))
        worth = [(sum(counts[i][j] for i, j in p.items()), p) for p in _pairings(counts)]
        heaviest = max(total for total, _ in worth)
        union = {pair for total, p in worth if total == heaviest for pair in p.items()}
        assert {(i, j) for i, row in tight(counts).items() for j in row} == union, counts


@pytest.mark.parametrize("size", [3, 300, 3_000])
def test_nothing_is_lost_by_looking_at_tight_pairs_only(size: int) -> None:
    rng = Random(size)
    counts = {
        i: {j: rng.randint(1, 3) for j in rng.sample(range(size), min(size, 3))}
        for i in range(size)
    }
    known = tight(counts)
    every, some = (
        sum(counts[i][j] for i, j in assign({i: [*row.items()] for i, row in of.items()}).items())
        for of in (counts, known)
    )
    assert every == some
    assert all(known[i][j] == counts[i][j] for i in known for j in known[i])


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_ring_is_one_component_and_a_chain_is_one_for_each_node(size: int) -> None:
    chain = {n: [n + 1] if n + 1 < size else [] for n in range(size)}
    assert len(set(strong_components(chain).values())) == size
    assert set(strong_components({**chain, size - 1: [0]}).values()) == {0}
