"""Optimal one-to-one assignment on a sparse graph: who is paired with whom, and who with nobody."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

PairWeights = Mapping[int, Sequence[tuple[int, int]]]
"""For each row, the columns it may be paired with and what that is worth (integers above 0)."""


def assign(weights: PairWeights) -> dict[int, int]:
    """Return the pairing of rows with columns whose summed weight is the greatest.

    Rows and columns may stay alone, which is worth 0. Weights are integers, so that equal sums are
    equal, and rows are taken in order: the answer never depends on chance or platform.
    Shortest augmenting paths with potentials (Jonker and Volgenant 1987; Dijkstra on the sparse
    graph): rows x edges x log at the most, near linear where most rows have a clear partner.

    >>> assign({0: [(0, 1)], 1: [(0, 2), (1, 1)], 2: [(0, 2)]})
    {1: 1, 2: 0}
    """
    row_price = {row: max((w for _, w in edges), default=0) for row, edges in weights.items()}
    column_price: dict[int, int] = {}
    row_of: dict[int, int] = {}
    column_of: dict[int, int] = {}
    search = _Search(weights, row_price, column_price, row_of)
    for row in weights:
        search.augment(row, column_of)
    return dict(sorted(column_of.items()))


def tight(counts: Mapping[int, Mapping[int, int]]) -> dict[int, dict[int, int]]:
    """Return the pairs that a heaviest pairing may hold: those worth what their prices add up to.

    A pair worth less than its two prices is in no heaviest pairing (complementary slackness), so
    that ties have to be broken among the others only.

    >>> tight({0: {0: 5, 1: 1}, 1: {0: 1, 1: 5}})
    {0: {0: 5}, 1: {1: 5}}
    """
    weights = {row: list(weights_of_row.items()) for row, weights_of_row in counts.items()}
    row_price = {
        row: max(weights_of_row.values(), default=0) for row, weights_of_row in counts.items()
    }
    column_price: dict[int, int] = {}
    search = _Search(weights, row_price, column_price, {})
    column_of: dict[int, int] = {}
    for row in weights:
        search.augment(row, column_of)
    price = column_price.get
    return {
        i: tight_row
        for i, row in counts.items()
        if (tight_row := {j: w for j, w in row.items() if w == row_price[i] + price(j, 0)})
    }


class _Search:
    """One shortest-path search after the other over shared prices."""

    __slots__ = ("column_price", "row_of", "row_price", "weights")

    def __init__(
        self,
        weights: PairWeights,
        row_price: dict[int, int],
        column_price: dict[int, int],
        row_of: dict[int, int],
    ) -> None:
        self.weights = weights
        self.row_price = row_price
        self.column_price = column_price
        self.row_of = row_of

    def augment(self, start: int, column_of: dict[int, int]) -> None:
        """Bring one more row in, re-pairing others where that is worth more."""
        reached: dict[int, int] = {start: 0}
        arrived: dict[int, int] = {}
        came_from: dict[int, int] = {}
        best, end = self.row_price[start], (start, -1)
        heap = [(0, start)]
        while heap and heap[0][0] < best:
            distance, row = heapq.heappop(heap)
            if distance > reached[row]:
                continue
            base = distance + self.row_price[row]
            if base < best:
                best, end = base, (row, -1)
            for column, weight in self.weights[row]:
                onward = base + self.column_price.get(column, 0) - weight
                if onward >= min(best, arrived.get(column, best)):
                    continue
                arrived[column] = onward
                came_from[column] = row
                taken_by = self.row_of.get(column)
                if taken_by is None:
                    best, end = onward, (row, column)
                elif onward < reached.get(taken_by, best):
                    reached[taken_by] = onward
                    heapq.heappush(heap, (onward, taken_by))
        self._reprice(best, reached, arrived)
        self._flip(*end, came_from, column_of)

    def _reprice(self, best: int, reached: Mapping[int, int], arrived: Mapping[int, int]) -> None:
        """Keep every edge's price at or above its weight after a search of length `best`."""
        for row, distance in reached.items():
            if distance < best:
                self.row_price[row] -= best - distance
        for column, distance in arrived.items():
            if distance < best:
                self.column_price[column] = self.column_price.get(column, 0) + best - distance

    def _flip(
        self, row: int, column: int, came_from: Mapping[int, int], column_of: dict[int, int]
    ) -> None:
        """Re-pair along the path found, from its end back to its start."""
        while True:
            left = column_of.pop(row, None)
            if column >= 0:
                column_of[row] = column
                self.row_of[column] = row
            if left is None:
                return
            row, column = came_from[left], left
