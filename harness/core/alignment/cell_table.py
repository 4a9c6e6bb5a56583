"""Cell table: the cells of two lists, read column by column where their items are alike."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import add
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from harness.core.alignment.equal_items import NOT_KEYS
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
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json

CellColumn: TypeAlias = "list[Cell | None]"
"""The cell of every item; None where an item has none."""
CellColumns: TypeAlias = "dict[Column, CellColumn]"


class CellTable(NamedTuple):
    """The cells of two lists' items, the expected items before the predicted ones."""

    columns: CellColumns
    shared_leaves: list[int]
    """By item, how many leaves of its nested lists may stand in one of the other side, too."""


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

    Columns that only one list has a cell in may be left out, and so are lists: of those in a column
    of nothing but lists of scalars, the leaves are counted that both sides have. None where a true
    item has another nested list, or a predicted one may be of several branches, since equal cells
    prove nothing of such, and for objects of ever new keys.
    """
    items = ListedItems(item, [*expected, *predicted], len(expected))
    size = len(items.values)
    has_lists = list in {*map(type, _cells(items.values))}
    is_nested = has_lists and any(cell and isinstance(cell, list) for cell in _cells(expected))
    if is_nested and size <= FEW_ITEMS:
        return None
    table = CellTable({}, [0] * size)
    odd = _enter_columns(table, items, has_lists=has_lists) if size > FEW_ITEMS else None
    if is_nested and (odd is None or odd):
        return None
    if odd is None or len(odd) * MOST_ODD > size:
        table, odd = CellTable({}, [0] * size), range(size)
    return table if _enter_items(table.columns, items, odd) else None


def _cells(values: Iterable[Json]) -> Iterator[Json]:
    return chain.from_iterable(value.values() for value in values if isinstance(value, dict))


def _enter_columns(
    table: CellTable, items: ListedItems, *, has_lists: bool
) -> Collection[int] | None:
    """Enter the columns of scalars; return the items that hold more, None where none is quicker."""
    field_of: Callable[[str], Field | None] | None = getattr(items.item, "field_of", None)
    records = [value if isinstance(value, dict) else _NOTHING for value in items.values]
    keys = dict.fromkeys(chain.from_iterable(records))
    if field_of is None or len(keys) * len(records) > MOST_GAPS * sum(map(len, records)):
        return None
    odd = {index for index, record in enumerate(records) if record is _NOTHING}
    for key in keys:
        field = field_of(key)
        values = [record.get(key) for record in records]
        shared = _shared_leaves(field, values, items.expected) if has_lists else None
        leaf = getattr(field, "leaf", field)
        if shared is not None:
            table.shared_leaves[:] = map(add, table.shared_leaves, shared)
        elif isinstance(leaf, Leaf) and leaf.plain:
            table.columns[leaf] = _column(leaf, values, odd)
        elif not isinstance(field, IgnoredField):
            odd.update(index for index, record in enumerate(records) if key in record)
    return odd


_NOTHING: Final[Mapping[str, Json]] = MappingProxyType({})
_NO_RULE: Final = FieldRule()


def _shared_leaves(
    field: Field | None, values: Sequence[Json], expected: int
) -> Sequence[int] | None:
    """Return how many leaves of each list may stand in one of the other side, too.

    A leaf is correct only where one that reads the same stands in the other list, and each is
    paired with one. None where not all values are lists of scalars.
    """
    lists = [value or () for value in values if value is None or value.__class__ is list]
    listed = getattr(field, "items", None)
    whole = field if listed is None else listed()
    leaf = getattr(item := getattr(whole, "item", None), "leaf", item)
    rule: FieldRule = getattr(whole, "rule", _NO_RULE)
    if (
        len(lists) < len(values)
        or not isinstance(leaf, Leaf)
        or not leaf.plain
        or rule.align == "entity"
        or rule.cumulative
        or not SCALARS.issuperset(map(type, chain.from_iterable(lists)))
    ):
        return None
    cells = [[*filter(None, map(leaf.read, some))] for some in lists]
    sides = ({*chain.from_iterable(some)} for some in (cells[:expected], cells[expected:]))
    left, right = sides
    if leaf.scalar.is_tolerant or not NOT_KEYS.isdisjoint(map(type, left | right)):
        return [*map(len, cells)]
    both = left & right
    return [sum(map(both.__contains__, some)) if both else 0 for some in cells]


def _enter_items(table: CellColumns, items: ListedItems, indexes: Collection[int]) -> bool:
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
