"""The cells of two lists' items, column by column, and which pairs of items agree on them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from operator import sub
from typing import Final, TypeAlias

from harness.core.alignment.near_keys import near_keys
from harness.core.alignment.nested_cells import NestedEntry
from harness.core.comparators.by_name import exact_key
from harness.core.comparators.comparator import Key
from harness.core.fields.field import Column, Field, ItemCells, Leaf
from harness.core.fields.scalar import KIND, Cell, Loose, Spare, json_kind
from harness.core.values import Json

ColumnRows: TypeAlias = list[int]

STRICT: Final = 0
LOOSE: Final = 1
UPGRADE: Final = 2
"""How two cells agree: outright, once read leniently, or outright after all, being identical."""


def rows_of(
    item: Field, values: Sequence[Json], side: int, settled: Collection[int] = ()
) -> dict[int, ItemCells]:
    """Return the present cells of every item of a list that has any, but of those settled."""
    rows: dict[int, ItemCells] = {}
    for index, value in enumerate(values):
        if index in settled:
            continue
        row: ItemCells = {}
        item.cells(value, side, (), row)
        if row:
            rows[index] = row
    return rows


class ScalarColumn:
    """The keys that one leaf has in the items of both lists, and the rows of each key."""

    __slots__ = ("broken", "expected", "leaf", "loose", "place", "strict", "turned")

    def __init__(self, leaf: Leaf, place: Column) -> None:
        self.leaf = leaf
        self.place = place
        self.expected: defaultdict[Key, list[int]] = defaultdict(list)
        self.strict: defaultdict[Key, list[int]] = defaultdict(list)
        """Predicted rows that would be correct."""
        self.loose: defaultdict[Key, list[int]] = defaultdict(list)
        """Predicted rows that would be right only once read leniently."""
        self.broken: tuple[dict[Key, list[int]], dict[Key, list[int]]] = {}, {}
        """By side: rows whose value breaks its format, by the value itself. A truth that does is
        still the truth: the same value predicted is correct."""

        self.turned: list[tuple[list[int], list[int]]] = []
        """Rows whose expected text is the number or the truth value that is predicted instead."""

    def expect_broken(self, index: int, cell: Loose) -> None:
        """Enter an expected value that breaks its format."""
        self.broken[0].setdefault(exact_key(cell.value), []).append(index)
        self.expected[cell.key].append(index)

    def predict(self, index: int, cell: Cell | list[Json]) -> None:
        """Enter a predicted cell; a nested list is none."""
        if isinstance(cell, Loose):
            self.loose[cell.key].append(index)
            self.broken[1].setdefault(exact_key(cell.value), []).append(index)
        elif not isinstance(cell, list):
            self.strict[cell].append(index)

    def comparisons(self) -> int:
        """Return how many pairs of different keys have to be compared one by one."""
        scalar = self.leaf.scalar
        if scalar.same_keys is None or scalar.reach is not None:
            return 0
        return len(self.expected) * (len(self.strict) + len(self.loose))

    def agreements(
        self, *, nearest: int | None = None
    ) -> Iterator[tuple[ColumnRows, ColumnRows, int]]:
        """Yield expected rows, predicted rows that agree with them, and how.

        `nearest` is how many different keys each key is compared with where a tolerance is
        declared: see `near_keys`. None: all that can be the same.
        """
        for key, rows in self.broken[0].items():
            if key in self.broken[1]:
                yield rows, self.broken[1][key], UPGRADE
        yield from ((rows, read, LOOSE) for rows, read in self.turned)
        for predicted, outright in ((self.strict, STRICT), (self.loose, LOOSE)):
            if not predicted:
                continue
            get = predicted.get
            for key, rows in self.expected.items():
                others = get(key)
                if others is not None:
                    yield rows, others, outright
            for rows, others in self._tolerated(predicted, nearest):
                yield rows, others, outright

    def _tolerated(
        self, predicted: Mapping[Key, list[int]], nearest: int | None
    ) -> Iterator[tuple[ColumnRows, ColumnRows]]:
        """Yield rows whose keys differ but are the same value within the tolerance."""
        same = self.leaf.scalar.same_keys
        if same is None:
            return
        near = self._near(predicted) if nearest is None else near_keys(predicted, nearest)
        if near is None:
            return
        for key, rows in self.expected.items():
            for other in near(key):
                if other != key and same(key, other):
                    yield rows, predicted[other]

    def _near(self, predicted: Mapping[Key, object]) -> Callable[[Key], Sequence[Key]] | None:
        """Return what finds the predicted keys that may be the same as an expected one."""
        reach = self.leaf.scalar.reach
        if reach is None:
            every = list(predicted)
            return lambda _: every
        numbers = [k for k in predicted if isinstance(k, (int, float))]
        if self._are_apart(numbers, reach):
            return None
        numbers.sort()

        def near(key: Key) -> Sequence[Key]:
            if not isinstance(key, (int, float)):
                return ()
            try:
                slack = reach(key) * _MARGIN
            except OverflowError:
                return ()
            return numbers[bisect_left(numbers, key - slack) : bisect_right(numbers, key + slack)]

        return near

    def _are_apart(self, numbers: list[int | float], reach: Callable[[float], float]) -> bool:
        """Tell whether no two different numbers of both sides are near enough to be the same."""
        both = sorted({*numbers, *(k for k in self.expected if isinstance(k, (int, float)))})
        if not both:
            return True
        try:
            widest = reach(max(abs(both[0]), abs(both[-1]))) * _MARGIN
            return min(map(sub, both[1:], both), default=widest + 1) > widest
        except OverflowError:
            return False

    def read_otherwise(self) -> None:
        """Enter predicted keys also as what they would be, had they an expected key's type."""
        others = self.leaf.scalar.others
        if others is None:
            self._turn_broken()
            return
        kinds, predicted = _kinds(self.expected), _kinds(self.strict)
        if len(kinds) == 1 and kinds == predicted and not self.loose:
            return
        self._turn(predicted)
        for key, rows in [*self.strict.items(), *self.loose.items()]:
            if kinds - {json_kind(key)}:
                for other in others(key):
                    self.loose[other].extend(rows)

    def _turn(self, kinds: AbstractSet[object]) -> None:
        """Find predicted numbers and truth values for expected texts, each pair of keys once."""
        turned, others = self.leaf.scalar.turned, self.leaf.scalar.others
        if turned is None or others is None or kinds <= {"string"}:
            return
        for key, rows in self.expected.items():
            for other in turned(key, kinds):
                if other in self.strict and key not in others(other):
                    self.turned.append((rows, self.strict[other]))

    def _turn_broken(self) -> None:
        """Find numbers and truth values, predicted where a text belongs, for expected texts."""
        scalar, broken = self.leaf.scalar, self.broken[1]
        kinds = _kinds(broken) if scalar.turned is not None and broken else frozenset()
        if scalar.turned is None or kinds <= {"string"}:
            return
        for key, rows in self.expected.items():
            for other in scalar.turned(key, kinds):
                if other in broken:
                    own = scalar.key(other[1] if isinstance(other, tuple) else other)  # type: ignore[arg-type]  # a scalar
                    if own != key and not (scalar.same_keys and scalar.same_keys(key, own)):
                        self.turned.append((rows, broken[other]))


def _kinds(keys: Iterable[Key]) -> AbstractSet[object]:
    """Return the JSON types that keys were read from."""
    kinds = set(map(type, keys))
    return set(map(json_kind, keys)) if tuple in kinds else set(map(KIND.get, kinds))


_MARGIN = 1.001
"""A search a little wider than the tolerance: what is found is compared exactly."""


_ODD_CELLS: Final = frozenset((list, Loose, Spare))


def row_columns(
    left: Mapping[int, ItemCells], right: Mapping[int, ItemCells], more: Iterable[NestedEntry]
) -> list[ScalarColumn]:
    """Turn the cells of items, nested lists left out, into columns; `more` are predicted ones."""
    columns = _expected_columns(left)
    known = columns.get
    for j, row in right.items():
        for place, held in row.items():
            met = known(place)
            if met is None:
                continue
            if held.__class__ in _ODD_CELLS:
                met.predict(j, held.cell if isinstance(held, Spare) else held)
            else:
                met.strict[held].append(j)  # type: ignore[index]  # a key, as seen above
    for j, place, cell in more:
        columns[place].predict(j, cell)
    return _shared(columns)


def _expected_columns(left: Mapping[int, ItemCells]) -> dict[Column, ScalarColumn]:
    columns: dict[Column, ScalarColumn] = {}
    known = columns.get
    for i, row in left.items():
        for place, cell in row.items():
            if cell.__class__ is list:
                continue
            column = known(place) or _column(columns, place)
            if cell.__class__ is Loose:
                column.expect_broken(i, cell)
            else:
                column.expected[cell].append(i)  # type: ignore[index]  # a key, as seen above
    return columns


def columns_of(left: Iterable[NestedEntry], right: Iterable[NestedEntry]) -> list[ScalarColumn]:
    """Turn cells into columns: one for every leaf present on both sides."""
    columns: dict[Column, ScalarColumn] = {}
    for i, place, cell in left:
        column = columns.get(place) or _column(columns, place)
        if isinstance(cell, Loose):
            column.expect_broken(i, cell)
        else:
            column.expected[cell].append(i)
    for j, place, cell in right:
        if place in columns:
            columns[place].predict(j, cell)
    return _shared(columns)


def _column(columns: dict[Column, ScalarColumn], place: Column) -> ScalarColumn:
    leaf = place[0] if isinstance(place, tuple) else place
    assert isinstance(leaf, Leaf)  # noqa: S101  # lists are left out
    column = columns[place] = ScalarColumn(leaf, place)
    return column


def _shared(columns: Mapping[Column, ScalarColumn]) -> list[ScalarColumn]:
    for column in columns.values():
        column.read_otherwise()
    return [column for column in columns.values() if column.strict or column.loose]
