"""Clear pairs: items whose equal cells alone prove that every best pairing has them together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, compress
from typing import Final, NamedTuple, TypeAlias

from harness.core.alignment.cell_table import CellColumn, CellTable, cell_table
from harness.core.alignment.equal_items import is_tolerant
from harness.core.fields.field import Field
from harness.core.fields.scalar import Cell, Loose
from harness.core.values import Json

CellRow: TypeAlias = "tuple[Cell | None, ...]"
CellHolders: TypeAlias = "dict[Cell | None, int]"
"""By cell of a column, an item that holds it."""

ANOTHER_ROUND: Final = 1024
"""Pairs of open items from which it is worth its while to look for more that are clear now."""


class OpenItems(NamedTuple):
    """The items of one side that are not paired yet."""

    indexes: Sequence[int]
    columns: Sequence[CellColumn]
    """The cells of which equality tells whether they are right, column by column."""
    doubtful: Sequence[int]
    """How many other cells each item has."""

    def without(self, settled: Collection[int]) -> OpenItems:
        """Return the items but some, by where they stand among these."""
        keep = [at not in settled for at in range(len(self.indexes))]
        columns = [[*compress(cells, keep)] for cells in self.columns]
        return OpenItems([*compress(self.indexes, keep)], columns, [*compress(self.doubtful, keep)])


def clear_pairs(
    item: Field, expected: Sequence[Json], predicted: Sequence[Json]
) -> list[tuple[int, int]]:
    """Return pairs that are in every best pairing, as far as equal cells prove it.

    Say i and j were paired with j' and i' instead. Exchanging partners wins each cell that i and j
    share and nobody else has. What they share and j' or i' have as well is no loss, since then j'
    and i' share it. Lost are at most the cells in which i and j differ, and the leaves of their
    nested lists, as far as others have them. Where more is won than lost, i and j belong together.
    """
    table = cell_table(item, expected, predicted) if expected and predicted else None
    if table is None or not table.columns:
        return []
    size = len(expected)
    certain, doubts = _by_certainty(table, size)
    one = OpenItems(range(size), [cells[:size] for cells in certain], doubts[:size])
    others = [cells[size:] for cells in certain]
    other = OpenItems(range(len(predicted)), others, doubts[size:])
    pairs: list[tuple[int, int]] = []
    while more := list(_beyond_doubt(one, other)):
        pairs.extend((one.indexes[i], other.indexes[j]) for i, j in more)
        if (len(one.indexes) - len(more)) * (len(other.indexes) - len(more)) < ANOTHER_ROUND:
            break
        one, other = one.without({i for i, _ in more}), other.without({j for _, j in more})
    return pairs


def _by_certainty(table: CellTable, expected: int) -> tuple[list[CellColumn], list[int]]:
    """Return the columns in which equality decides, and how many other cells each item has."""
    true = [cells[:expected] for cells in table.columns.values()]
    is_loose = Loose in {*map(type, chain.from_iterable(true))}
    certain: list[CellColumn] = []
    unsure: list[Sequence[int]] = [table.shared_leaves]
    for place, cells in table.columns.items():
        if is_tolerant(place) or (is_loose and Loose in {*map(type, cells[:expected])}):
            unsure.append([cell is not None for cell in cells])
        else:
            certain.append(cells)
    return certain, [*map(sum, zip(*unsure, strict=True))]


def _beyond_doubt(expected: OpenItems, predicted: OpenItems) -> Iterator[tuple[int, int]]:
    """Yield the pairs that have more to win by being paired than any exchange may lose."""
    partners: list[Sequence[int | None]] = []
    holders: list[tuple[CellHolders, CellHolders]] = []
    for cells, others in zip(expected.columns, predicted.columns, strict=True):
        left, right = _holders(cells), _holders(others)
        holders.append((left, right))
        partner_of, alone = _only_holder(right, others), _only_holder(left, cells)
        if len(alone) < len(left):
            partner_of = {cell: partner_of[cell] for cell in alone if cell in partner_of}
        if partner_of:
            partners.append([*map(partner_of.get, cells)])
    rows = [*zip(*expected.columns, strict=True)]
    other_rows = [*zip(*predicted.columns, strict=True)]
    for i, own in enumerate(zip(*partners, strict=True)):
        for j in {*own}:
            if j is not None:
                doubts = expected.doubtful[i] + predicted.doubtful[j]
                if own.count(j) > doubts + _lost(rows[i], other_rows[j], holders):
                    yield i, j


def _lost(row: CellRow, other: CellRow, holders: Sequence[tuple[CellHolders, CellHolders]]) -> int:
    """Return in how many cells two items differ from each other, but not from everybody else."""
    lost = 0
    if row != other:
        for cell, another, (left, right) in zip(row, other, holders, strict=True):
            if cell != another:
                lost += (cell in right) + (another in left)
    return lost


def _holders(cells: CellColumn) -> CellHolders:
    """Return an item that holds each cell."""
    holders = dict(zip(cells, range(len(cells)), strict=True))
    holders.pop(None, None)
    return holders


def _only_holder(holders: CellHolders, cells: CellColumn) -> CellHolders:
    """Return the item that holds each cell which no other item of its side has."""
    if len(holders) == len(cells) or len(holders) == len(cells) - cells.count(None):
        return holders
    first = dict(zip(reversed(cells), range(len(cells) - 1, -1, -1), strict=True))
    return {cell: at for cell, at in holders.items() if first[cell] == at}
