"""Clear pairs: items whose equal cells alone prove that every best pairing has them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from harness.core.alignment.equal_items import is_tolerant
from harness.core.alignment.nested_cells import cell_kinds
from harness.core.fields.field import Column, ItemCells
from harness.core.fields.scalar import Loose, Spare

SEVERAL: Final = -1
"""Stands for the item that holds a cell where more than one does."""


class OpenItems(NamedTuple):
    """The items of one side that are not paired yet."""

    cells: dict[int, ItemCells]
    """By item, its cells of which equality tells whether they are right."""
    doubtful: dict[int, int]
    """By item, the number of its other cells."""


def clear_pairs(
    left: Mapping[int, ItemCells], right: Mapping[int, ItemCells]
) -> list[tuple[int, int]]:
    """Return pairs that are in every best pairing, as far as equal cells prove it.

    Say i and j were paired with j' and i' instead. Exchanging partners wins each cell that i and j
    share and nobody else has. What they share and j' or i' have as well is no loss, since then j'
    and i' share it. Lost are at most the cells in which i and j differ, as far as others have them.
    Where more is won than lost, i and j belong together. Nothing is proven of nested lists.
    """
    kinds, others = cell_kinds(left), cell_kinds(right)
    if list in kinds or Spare in others:
        return []
    doubtful = {place for place in set[Column]().union(*left.values()) if is_tolerant(place)}
    if Loose in kinds:
        doubtful.update(p for row in left.values() for p in row if isinstance(row[p], Loose))
    expected = _open_items(left, doubtful, kinds)
    predicted = _open_items(right, doubtful, others)
    pairs: list[tuple[int, int]] = []
    while expected.cells and (more := list(_beyond_doubt(expected, predicted))):
        pairs.extend(more)
        for i, j in more:
            del expected.cells[i], predicted.cells[j]
    return pairs


def _open_items(
    rows: Mapping[int, ItemCells], doubtful: AbstractSet[Column], kinds: AbstractSet[type]
) -> OpenItems:
    """Return items with their doubtful cells set apart.

    A nested list that stands where the truth has a scalar is right at best once read leniently.
    """
    if not doubtful and list not in kinds:
        return OpenItems(dict(rows), dict.fromkeys(rows, 0))
    certain: dict[int, ItemCells] = {
        index: {p: c for p, c in row.items() if p not in doubtful and c.__class__ is not list}
        for index, row in rows.items()
    }
    return OpenItems(certain, {index: len(row.keys() & doubtful) for index, row in rows.items()})


def _beyond_doubt(expected: OpenItems, predicted: OpenItems) -> Iterator[tuple[int, int]]:
    """Yield the pairs that have more to win by being paired than any exchange may lose."""
    left_of: dict[object, int] = {}
    for i, row in expected.cells.items():
        for cell in row.items():
            left_of[cell] = SEVERAL if cell in left_of else i
    right_of, met = _owners(predicted, left_of)
    partner_of = right_of.get
    for i, row in expected.cells.items():
        count = expected.doubtful[i]
        own: dict[int, int] = {}
        for cell in row.items():
            partner = partner_of(cell)
            if partner is not None:
                count += 1
                if partner != SEVERAL and left_of[cell] == i:
                    own[partner] = own.get(partner, 0) + 1
        for j, alone in own.items():
            shared = len(row.items() & predicted.cells[j].items())
            if alone + 2 * shared > count + met[j]:
                yield i, j


def _owners(
    items: OpenItems, known: Mapping[object, int]
) -> tuple[dict[object, int], dict[int, int]]:
    """Return which item holds each known cell, and how many of them, or doubtful, each item has."""
    owners: dict[object, int] = {}
    met: dict[int, int] = {}
    for j, row in items.cells.items():
        count = items.doubtful[j]
        for cell in row.items():
            if cell in known:
                count += 1
                owners[cell] = SEVERAL if cell in owners else j
        met[j] = count
    return owners, met
