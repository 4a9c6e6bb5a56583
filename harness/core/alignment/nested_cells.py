"""The cells inside nested lists: what bounds the worth of pairing two items before it is weighed.

Every correct leaf of two nested lists uses up one cell of either side, and the two cells agree. So
the agreeing cells, counted as bags, are no fewer than the leaves that any alignment has right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from harness.core.alignment.equal_items import item_at
from harness.core.fields.field import Column, ItemCells, Leaf, List
from harness.core.fields.scalar import Cell, Spare
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
    places: dict[int, set[Column]] = field(default_factory=dict)
    """By item, all columns it has a cell in."""
    bounded: bool = True
    """False where something counts that no cell tells of, such as references."""

    def add(self, index: int, row: ItemCells) -> None:
        """Enter the cells of one item."""
        mine = self.places[index] = set()
        for place, held in row.items():
            cell = held.cell if isinstance(held, Spare) else held
            if isinstance(cell, list):
                child, at = place if isinstance(place, tuple) else (place, ())
                if not isinstance(child, Leaf):
                    self._list(index, child, cell, at, outer=True)
            else:
                mine.add(place)

    def _list(
        self, index: int, child: List, values: Sequence[Json], at: Steps, *, outer: bool
    ) -> None:
        if child.rule.align == "entity" or child.rule.cumulative:
            self.bounded = False
            return
        free = outer and child.rule.align in (None, "best")
        mine = self.places[index]
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
                    self._list(index, below, cell, further, outer=False)


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


def misfits(left: NestedCells, right: NestedCells) -> Iterator[tuple[int, int, int]]:
    """Yield the pairs of items that hold a place in several shapes, such as a scalar and a list.

    A value that is right but for its frame has its cells in another column than its counterpart. It
    is right at most once read leniently; the third number is how many expected leaves may be.
    """
    against = _shapes(left, right)
    if not against:
        return
    rows: defaultdict[Column, list[int]] = defaultdict(list)
    for j, mine in right.places.items():
        for place in against.keys() & mine:
            rows[place].append(j)
    held = Counter(index for index, place, _ in left.entries if place in against)
    for i, mine in left.places.items():
        odd = against.keys() & mine
        if odd:
            others = {j for place in odd for other in against[place] for j in rows.get(other, ())}
            most = held[i] + len(odd)
            yield from ((i, j, most) for j in sorted(others))


def _shapes(*sides: NestedCells) -> dict[Column, set[Column]]:
    """Return, by column, those that stand at the same place in another shape.

    Positions of a tuple stand at one place in one shape, each read at its own position only, and so
    do the branches of a union.
    """
    every = {place for side in sides for mine in side.places.values() for place in mine}
    by_name: dict[tuple[object, ...], dict[Column, object]] = {}
    for place in every:
        child, at = place if isinstance(place, tuple) else (place, ())
        steps = child.path.steps
        names: tuple[object, ...] = (*(s for s in steps if isinstance(s, str)), *at)
        by_name.setdefault(names, {})[place] = isinstance(child, Leaf), steps
    against: defaultdict[Column, set[Column]] = defaultdict(set)
    for names, places in by_name.items():
        for place, shape in places.items():
            against[place].update(other for other, its in places.items() if its != shape)
        for n in range(len(names)):
            for above in by_name.get(names[:n], ()):
                against[above].update(places)
                for place in places:
                    against[place].add(above)
    return {place: others for place, others in against.items() if others}
