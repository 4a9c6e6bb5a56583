"""Optimal one-to-one assignment on a sparse graph: who is paired with whom, and who with nobody."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Mapping, Sequence
from typing import Final, TypeVar

_Node = TypeVar("_Node", bound=Hashable)

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
    """Return the pairs that some heaviest pairing holds: ties have to be broken among them only.

    A pair worth less than its two prices is in none (complementary slackness). Of the others, a
    pair is in one if it is in the pairing found, or on an alternating path that turns that into
    another one worth the same.

    >>> tight({0: {0: 5, 1: 1}, 1: {0: 1, 1: 5}})
    {0: {0: 5}, 1: {1: 5}}
    >>> tight({0: {0: 5}, 1: {0: 1, 1: 4}, 2: {1: 4}})
    {0: {0: 5}, 1: {1: 4}, 2: {1: 4}}
    """
    weights = {row: list(weights_of_row.items()) for row, weights_of_row in counts.items()}
    row_price = {
        row: max(weights_of_row.values(), default=0) for row, weights_of_row in counts.items()
    }
    search = _Search(weights, row_price, {}, {})
    column_of: dict[int, int] = {}
    for row in weights:
        search.augment(row, column_of)
    price = search.column_price.get
    worth_prices = {
        i: tight_row
        for i, row in counts.items()
        if (tight_row := {j: w for j, w in row.items() if w == row_price[i] + price(j, 0)})
    }
    if len(worth_prices) == sum(map(len, worth_prices.values())) == len(column_of):
        return worth_prices
    part = strong_components(_exchanges(worth_prices, search, column_of))
    return {
        i: {j: w for j, w in row.items() if column_of.get(i) == j or part[i, 0] == part[j, 1]}
        for i, row in worth_prices.items()
        if i in column_of or any(part[i, 0] == part[j, 1] for j in row)
    }


_ALONE: Final = (-1, -1)


def _exchanges(
    worth_prices: Mapping[int, Mapping[int, int]], search: _Search, column_of: Mapping[int, int]
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    """Return how a heaviest pairing can be changed at no cost: a cycle is another one.

    Nodes are rows, as `(row, 0)`, columns, as `(column, 1)`, and one for being alone. From a row an
    arc leads to the columns it might have instead, from a column to the row that has it. A price of
    0 lets a row or a column be alone.
    """
    arcs: dict[tuple[int, int], list[tuple[int, int]]] = {_ALONE: []}
    for i, row in worth_prices.items():
        arcs[i, 0] = [(j, 1) for j in row if column_of.get(i) != j]
        if i not in column_of:
            arcs[_ALONE].append((i, 0))
        elif not search.row_price[i]:
            arcs[i, 0].append(_ALONE)
        for j in row:
            owner = search.row_of.get(j)
            arcs[j, 1] = [_ALONE if owner is None else (owner, 0)]
    arcs[_ALONE] += [(j, 1) for j in search.row_of if not search.column_price.get(j, 0)]
    return arcs


def strong_components(arcs: Mapping[_Node, Sequence[_Node]]) -> dict[_Node, int]:
    """Return a number for each node, the same for those that lead to each other (Tarjan 1972).

    >>> strong_components({"a": ["b"], "b": ["a", "c"], "c": []})
    {'c': 0, 'b': 1, 'a': 1}
    """
    part: dict[_Node, int] = {}
    number: dict[_Node, int] = {}
    lowest: dict[_Node, int] = {}
    open_nodes: list[_Node] = []
    count = 0
    for start in arcs:
        walk = [] if start in number else [(start, iter(arcs[start]))]
        if walk:
            number[start] = lowest[start] = len(number)
            open_nodes.append(start)
        while walk:
            node, following = walk[-1]
            for other in following:
                if other not in number:
                    number[other] = lowest[other] = len(number)
                    open_nodes.append(other)
                    walk.append((other, iter(arcs[other])))
                    break
                if other not in part:
                    lowest[node] = min(lowest[node], number[other])
            else:
                walk.pop()
                if walk:
                    above = walk[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == number[node]:
                    while node not in part:
                        part[open_nodes.pop()] = count
                    count += 1
    return part


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
