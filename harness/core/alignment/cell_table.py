"""Cell table: the cells of two lists, read column by column where their items are alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from harness.core.fields.field import (
    EXPECTED,
    PREDICTED,
    Column,
    Field,
    IgnoredField,
    ItemCells,
    Leaf,
)
from harness.core.fields.scalar import KIND, Cell, Spare
from harness.core.values import Json

CellColumn: TypeAlias = "list[Cell | None]"
"""The cell of every item; None where an item has none."""
CellTable: TypeAlias = "dict[Column, CellColumn]"
"""The columns of two lists' items, in each the expected items before the predicted ones."""

FEW_ITEMS: Final = 8
"""Items of both lists up to which each is read by itself: a column would hold too little."""

MOST_GAPS: Final = 4
"""A table has at most so many places for each cell in it: objects of ever new keys have no table,
which would grow with the square of their number."""

MOST_ODD: Final = 4
"""One in so many items may hold more than scalars; else each is read by itself."""


class ListedItems(NamedTuple):
    """The items of two lists, one after the other."""

    item: Field
    values: Sequence[Json]
    expected: int
    """How many of the values are expected; those after them are predicted."""


def cell_table(
    item: Field, expected: Sequence[Json], predicted: Sequence[Json]
) -> CellTable | None:
    """Return the cells of the items of two lists, those that `Field.cells` gives of each.

    Columns that only one list has a cell in may be left out, and so are predicted lists, which may
    stand where the truth has a scalar. None where a true item has a nested list, or a predicted one
    may be of several branches, since equal cells prove nothing of such, and for objects of ever new
    keys.
    """
    cells = chain.from_iterable(value.values() for value in expected if isinstance(value, dict))
    if any(isinstance(cell, list) and cell for cell in cells):
        return None
    items = ListedItems(item, [*expected, *predicted], len(expected))
    table: CellTable = {}
    odd = _enter_columns(table, items) if len(items.values) > FEW_ITEMS else None
    if odd is None or len(odd) * MOST_ODD > len(items.values):
        table, odd = {}, range(len(items.values))
    return table if _enter_items(table, items, odd) else None


def _enter_columns(table: CellTable, items: ListedItems) -> Collection[int] | None:
    """Enter the columns of scalars; return the items that hold more, None where none is quicker."""
    field_of: Callable[[str], Field | None] | None = getattr(items.item, "field_of", None)
    records = [value if isinstance(value, dict) else _NOTHING for value in items.values]
    keys = dict.fromkeys(chain.from_iterable(records))
    if field_of is None or len(keys) * len(records) > MOST_GAPS * sum(map(len, records)):
        return None
    odd = {index for index, record in enumerate(records) if record is _NOTHING}
    for key in keys:
        field = field_of(key)
        leaf = getattr(field, "leaf", field)
        if isinstance(leaf, Leaf) and leaf.plain:
            table[leaf] = _column(leaf, [record.get(key) for record in records], odd)
        elif not isinstance(field, IgnoredField):
            odd.update(index for index, record in enumerate(records) if key in record)
    return odd


_NOTHING: Final[Mapping[str, Json]] = MappingProxyType({})


def _enter_items(table: CellTable, items: ListedItems, indexes: Collection[int]) -> bool:
    """Enter items one by one; False where their cells prove nothing, or have too many columns."""
    more: dict[Column, dict[int, Cell]] = {}
    size = len(items.values)
    met = len(table) * size
    for index in indexes:
        side = EXPECTED if index < items.expected else PREDICTED
        row: ItemCells = {}
        items.item.cells(items.values[index], side, (), row)
        met += len(row)
        for place, cell in row.items():
            if isinstance(cell, Spare) or (isinstance(cell, list) and side == EXPECTED):
                return False
            if not isinstance(cell, list):
                more.setdefault(place, {})[index] = cell
    both = [place for place, held in more.items() if min(held) < items.expected <= max(held)]
    if (len(table) + len(both)) * size > MOST_GAPS * met:
        return False
    for cells in table.values():
        for index in indexes:
            cells[index] = None
    for place in table.keys() | both:
        cells = table.setdefault(place, [None] * size)
        for index, cell in more.get(place, {}).items():
            cells[index] = cell
    return True


def _column(leaf: Leaf, values: Sequence[Json], odd: set[int]) -> CellColumn:
    """Return the cells of one column, and add the items that hold no scalar there to the `odd`."""
    kinds = set(map(type, values))
    if not kinds <= SCALARS:
        odd.update(index for index, value in enumerate(values) if type(value) not in SCALARS)
        values = [value if type(value) in SCALARS else None for value in values]
    kinds.discard(type(None))
    known: dict[type, dict[Json, Cell | None]] = {**leaf.known, type(None): {None: None}}
    is_alike = len(kinds) == 1
    texts: Iterable[Json] = (value for value in values if value.__class__ is str)
    for kind, read_many in leaf.scalar.read_all:
        if kind in kinds:
            some = {*values} if is_alike else {v for v in values if v.__class__ is kind}
            some.discard(None)
            each = [*some]
            known[kind] = dict(zip(each, read_many(each), strict=True))
            texts = each if kind is str else texts
    if str in kinds and "{" in "".join(texts):  # type: ignore[arg-type]  # texts
        odd.update(i for i, v in enumerate(values) if v.__class__ is str and v[:1] == "{")
    if is_alike and kinds <= known.keys():
        read = known[kinds.pop()]
        read[None] = None
        return [*map(read.__getitem__, values)]
    return [known[value.__class__][value] for value in values]


SCALARS: Final = frozenset(KIND)
