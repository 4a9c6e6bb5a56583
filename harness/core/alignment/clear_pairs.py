"""Clear pairs: items whose equal cells alone prove that every best pairing has them together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from harness.core.alignment.equal_items import is_tolerant
from harness.core.comparators.comparator import Key
from harness.core.fields.field import Column, ItemCells
from harness.core.fields.scalar import Loose, Spare

KeyRows: TypeAlias = "defaultdict[Column, defaultdict[Key, list[int]]]"
"""By column and key, the items that have it."""


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
    kinds = {cell.__class__ for row in left.values() for cell in row.values()}
    others = {cell.__class__ for row in right.values() for cell in row.values()}
    if list in kinds or Spare in others:
        return []
    doubtful = {place for place in set[Column]().union(*left.values()) if is_tolerant(place)}
    if Loose in kinds:
        doubtful.update(p for row in left.values() for p in row if isinstance(row[p], Loose))
    expected = _open_items(left, doubtful, kinds)
    predicted = _open_items(right, doubtful, others)
    pairs: list[tuple[int, int]] = []
    while more := list(_beyond_doubt(expected, predicted)):
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
    alone: list[tuple[int, int]] = []
    met_left, met_right = dict(expected.doubtful), dict(predicted.doubtful)
    columns = _key_rows(predicted.cells)
    for place, keys in _key_rows(expected.cells).items():
        others = columns[place]
        for key in keys.keys() & others.keys():
            some, same = keys[key], others[key]
            if len(some) == len(same) == 1:
                alone.append((some[0], same[0]))
            for i in some:
                met_left[i] += 1
            for j in same:
                met_right[j] += 1
    for (i, j), own in Counter(alone).items():
        shared = len(expected.cells[i].items() & predicted.cells[j].items())
        if own + 2 * shared > met_left[i] + met_right[j]:
            yield i, j


def _key_rows(rows: Mapping[int, ItemCells]) -> KeyRows:
    columns: KeyRows = defaultdict(lambda: defaultdict(list))
    for index, row in rows.items():
        for place, cell in row.items():
            columns[place][cell].append(index)  # type: ignore[index]  # lists are left out
    return columns
