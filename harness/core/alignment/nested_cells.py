"""The cells inside nested lists: what bounds the worth of pairing two items before it is weighed.

Every correct leaf of two nested lists uses up one cell of either side, and the two cells agree. So
the agreeing cells, counted as bags, are no fewer than the leaves that any alignment has right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, TypeAlias

from harness.core.alignment.equal_items import item_at
from harness.core.comparators.comparator import Key
from harness.core.fields.field import Column, ItemCells, Leaf, List, only_item
from harness.core.fields.scalar import Cell, Loose, Spare
from harness.core.values import Json, Steps

CellPlace: TypeAlias = Column
NestedEntry: TypeAlias = tuple[int, Column, Cell]
"""An item, the column of one of its cells, and the cell."""


@dataclass(slots=True)
class NestedCells:
    """The cells inside the nested lists of one side's items."""

    side: int
    entries: list[NestedEntry] = field(default_factory=list)
    bags: set[Column] = field(default_factory=set)
    """Columns of lists of scalars whose order is free: as bags, they are counted, not bounded."""
    places: dict[int, AbstractSet[Column]] = field(default_factory=dict)
    """By item, all columns it has a cell in."""
    plain: set[Column] = field(default_factory=set)
    """Columns of the scalars that are inside no nested list."""
    bounded: bool = True
    """False where something counts that no cell tells of, such as references."""

    def add(self, index: int, row: ItemCells) -> None:
        """Enter the cells of one item."""
        if not nests(row):
            self.places[index] = row.keys()
            self.plain.update(row)
            return
        mine: set[Column] = set()
        self.places[index] = mine
        for place, held in row.items():
            cell = held.cell if isinstance(held, Spare) else held
            if isinstance(cell, list):
                child, at = place if isinstance(place, tuple) else (place, ())
                if not isinstance(child, Leaf):
                    self._list((index, mine), child, cell, at, outer=True)
            else:
                mine.add(place)
                self.plain.add(place)

    def _list(
        self,
        item: tuple[int, set[Column]],
        child: List,
        values: Sequence[Json],
        at: Steps,
        *,
        outer: bool,
    ) -> None:
        if child.rule.align == "entity" or child.rule.cumulative:
            self.bounded = False
            return
        free = outer and child.rule.align in (None, "best")
        index, mine = item
        for number, value in enumerate(values):
            row: ItemCells = {}
            item_at(child, number).cells(value, self.side, at, row)
            flat = free and not isinstance(value, (list, dict))
            for place, held in row.items():
                cell = held.cell if isinstance(held, Spare) else held
                if not isinstance(cell, list):
                    self.entries.append((index, place, cell))
                    mine.add(place)
                    if flat:
                        self.bags.add(place)
                    continue
                below, further = place if isinstance(place, tuple) else (place, at)
                if not isinstance(below, Leaf):
                    self._list(item, below, cell, further, outer=False)


NESTING: Final = frozenset((list, Spare))
"""Kinds of cells that hold a list, or may hold one."""


def nests(row: ItemCells) -> bool:
    """Tell whether an item has a cell that may hold a list."""
    return not NESTING.isdisjoint(map(type, row.values()))


def cell_kinds(rows: Mapping[int, ItemCells]) -> set[type]:
    """Return the types of all cells of items."""
    return set(map(type, chain.from_iterable(map(dict.values, rows.values()))))


def nested_cells(rows: Mapping[int, ItemCells], side: int) -> NestedCells:
    """Return the cells inside the nested lists of all items."""
    cells = NestedCells(side)
    for index, row in rows.items():
        cells.add(index, row)
    return cells


def plain_cells(rows: Mapping[int, ItemCells]) -> Iterator[NestedEntry]:
    """Yield the cells of items that are inside no nested list."""
    for index, row in rows.items():
        for place, held in row.items():
            cell = held.cell if isinstance(held, Spare) else held
            if not isinstance(cell, list):
                yield index, place, cell


def wrapped_cells(
    rows: Mapping[int, ItemCells],
    columns: Mapping[tuple[Steps, Steps], Sequence[tuple[Column, Leaf]]],
) -> Iterator[NestedEntry]:
    """Yield the only value of each list that stands where the truth has a scalar.

    It is right at best once it is read leniently, as the frame is wrong.
    """
    for index, row in rows.items():
        met: set[Column] = set()
        for place, leaf, cell in _instead(row, columns):
            key = None if place in met or place in row else _alone(leaf, cell)
            if key is not None:
                met.add(place)
                yield index, place, Loose(key, cell)


def _instead(
    row: ItemCells, columns: Mapping[tuple[Steps, Steps], Sequence[tuple[Column, Leaf]]]
) -> Iterator[tuple[Column, Leaf, list[Json]]]:
    """Yield the lists of an item that stand where the truth has a scalar, each with its column."""
    for place, held in row.items():
        cell = held.cell if isinstance(held, Spare) else held
        if isinstance(cell, list):
            child, at = place if isinstance(place, tuple) else (place, ())
            for column, leaf in columns.get((child.path.steps, at), ()):
                yield column, leaf, cell


def scalar_columns(
    columns: Iterable[Column],
) -> dict[tuple[Steps, Steps], list[tuple[Column, Leaf]]]:
    """Return the columns of scalars by where they stand."""
    scalars: dict[tuple[Steps, Steps], list[tuple[Column, Leaf]]] = {}
    for place in columns:
        leaf, at = place if isinstance(place, tuple) else (place, ())
        if isinstance(leaf, Leaf):
            scalars.setdefault((leaf.path.steps, at), []).append((place, leaf))
    return scalars


def listed_texts(
    left: NestedCells, rows: Mapping[int, ItemCells]
) -> Iterator[tuple[int, int, int]]:
    """Yield the pairs of items of which one has a list where the other has a scalar.

    The list may hold what the scalar's text holds between delimiters: once read leniently, right.
    """
    columns = scalar_columns(left.plain)
    for j, row in rows.items():
        if nests(row):
            places = {p for p, _, cell in _instead(row, columns) if only_item(cell) is None}
            for i, mine in left.places.items() if places else ():
                if not places.isdisjoint(mine):
                    yield i, j, len(places)


def _alone(leaf: Leaf, values: list[Json]) -> Key:
    """Return what the only value of a list reads as; None where there is none."""
    alone = only_item(values)
    if alone is None or isinstance(alone, (list, dict)) or leaf.blank(alone):
        return None
    cell = leaf.read(alone)
    return cell.key if isinstance(cell, Loose) else cell


def misfits(left: NestedCells, right: NestedCells) -> Iterator[tuple[int, int, int]]:
    """Yield the pairs of items that hold a place in several shapes, such as an object and a list.

    A value that is right but for its frame has its cells in another column than its counterpart. It
    is right at most once read leniently; the third number is how many expected leaves may be.
    """
    against = _shapes(left, right)
    if not against:
        return
    rows: defaultdict[Column, list[int]] = defaultdict(list)
    odd: set[Column] = set()
    odd.update(*against.values())
    for j, mine in right.places.items():
        if not odd.isdisjoint(mine):
            for place in odd & mine:
                rows[place].append(j)
    held = Counter(index for index, place, _ in left.entries if place in against)
    for i, mine in left.places.items():
        met = against.keys() & mine
        if met:
            others = {j for place in met for other in against[place] for j in rows.get(other, ())}
            most = held[i] + len(met)
            yield from ((i, j, most) for j in sorted(others))


def _shapes(left: NestedCells, right: NestedCells) -> dict[Column, set[Column]]:
    """Return, by expected column, the predicted ones that have its values in another shape.

    Positions of a tuple stand at one place in one shape, each read at its own position only, and so
    do the branches of a union. A scalar is no part of what stands below its place: see
    `wrapped_cells`.
    """
    expected, predicted = _by_name(left), _by_name(right)
    shapes: defaultdict[Column, set[Column]] = defaultdict(set)
    for names, places in expected.items():
        for n in range(len(names) + 1):
            for other, (is_leaf, steps) in predicted.get(names[:n], {}).items():
                for place, (leaf, own) in places.items():
                    is_below = n == len(names) and own == steps[: len(own)]
                    if (leaf, own) != (is_leaf, steps) and not (place in left.plain and is_below):
                        shapes[place].add(other)
    for names, places in predicted.items():
        for n in range(len(names)):
            for place in expected.get(names[:n], {}):
                if place not in left.plain:
                    shapes[place].update(places)
    return shapes


def _by_name(side: NestedCells) -> dict[tuple[object, ...], dict[Column, tuple[bool, Steps]]]:
    """Return columns by the names of their steps, each with its shape."""
    shapes: dict[tuple[object, ...], dict[Column, tuple[bool, Steps]]] = {}
    every: set[Column] = set()
    for place in every.union(*side.places.values()):
        field, at = place if isinstance(place, tuple) else (place, ())
        steps = field.path.steps
        names: tuple[object, ...] = (*(s for s in steps if isinstance(s, str)), *at)
        shapes.setdefault(names, {})[place] = isinstance(field, Leaf), steps
    return shapes
