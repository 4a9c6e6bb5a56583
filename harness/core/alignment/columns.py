"""The cells of two lists' items, column by column, and which pairs of items agree on them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import sub
from typing import Final

from harness.core.comparators.by_name import exact_key
from harness.core.comparators.comparator import Key
from harness.core.fields.field import Column, Field, Leaf, Row
from harness.core.fields.scalar import Loose, json_kind
from harness.core.values import Json

STRICT: Final = 0
LOOSE: Final = 1
UPGRADE: Final = 2
"""How two cells agree: outright, once read leniently, or outright after all, being identical."""


def rows_of(item: Field, values: Sequence[Json], side: int) -> dict[int, Row]:
    """Return the present cells of every item of a list that has any."""
    rows: dict[int, Row] = {}
    for index, value in enumerate(values):
        row: Row = {}
        item.cells(value, side, (), row)
        if row:
            rows[index] = row
    return rows


class ScalarColumn:
    """The keys that one leaf has in the items of both lists, and the rows of each key."""

    __slots__ = ("broken", "expected", "leaf", "loose", "strict")

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf
        self.expected: defaultdict[Key, list[int]] = defaultdict(list)
        self.strict: defaultdict[Key, list[int]] = defaultdict(list)
        """Predicted rows that would be correct."""
        self.loose: defaultdict[Key, list[int]] = defaultdict(list)
        """Predicted rows that would be right only once read leniently."""
        self.broken: tuple[dict[Key, list[int]], dict[Key, list[int]]] = {}, {}
        """By side: rows whose value breaks its format, by the value itself. A truth that does is
        still the truth: the same value predicted is correct."""

    def cost(self) -> int:
        """Return about how many pairs of cells have to be looked at."""
        scalar = self.leaf.scalar
        if scalar.same_keys is not None and scalar.reach is None:
            return len(self.expected) * (len(self.strict) + len(self.loose))
        strict, loose = self.strict.get, self.loose.get
        return sum(
            len(rows) * (len(strict(key, ())) + len(loose(key, ())))
            for key, rows in self.expected.items()
        )

    def agreements(self) -> Iterator[tuple[list[int], list[int], int]]:
        """Yield expected rows, predicted rows that agree with them, and how."""
        for key, rows in self.broken[0].items():
            if key in self.broken[1]:
                yield rows, self.broken[1][key], UPGRADE
        for predicted, outright in ((self.strict, STRICT), (self.loose, LOOSE)):
            if not predicted:
                continue
            get = predicted.get
            for key, rows in self.expected.items():
                found = get(key)
                if found is not None:
                    yield rows, found, outright
            for rows, found in self._tolerated(predicted):
                yield rows, found, outright

    def _tolerated(
        self, predicted: Mapping[Key, list[int]]
    ) -> Iterator[tuple[list[int], list[int]]]:
        """Yield rows whose keys differ but are the same value within the tolerance."""
        same = self.leaf.scalar.same_keys
        near = self._near(predicted) if same is not None else None
        if near is None or same is None:
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
            return
        kinds = {json_kind(key) for key in self.expected}
        for key, rows in [*self.strict.items(), *self.loose.items()]:
            if kinds - {json_kind(key)}:
                for other in others(key):
                    self.loose[other].extend(rows)


_MARGIN = 1.001
"""A search a little wider than the tolerance: what is found is compared exactly."""


def columns_of(left: Mapping[int, Row], right: Mapping[int, Row]) -> list[ScalarColumn]:
    """Turn rows into columns: one for every leaf present on both sides."""
    columns: dict[Column, ScalarColumn] = {}
    for i, row in left.items():
        for place, key in row.items():
            if isinstance(key, list):
                continue
            column = columns.get(place)
            if column is None:
                leaf = place[0] if isinstance(place, tuple) else place
                assert isinstance(leaf, Leaf)  # noqa: S101  # lists are left out
                column = columns[place] = ScalarColumn(leaf)
            if isinstance(key, Loose):
                column.broken[0].setdefault(exact_key(key.value), []).append(i)
                key = key.key  # noqa: PLW2901  # the key alone from here on
            column.expected[key].append(i)
    _enter_predicted(right, columns)
    for column in columns.values():
        column.read_otherwise()
    return [column for column in columns.values() if column.strict or column.loose]


def _enter_predicted(right: Mapping[int, Row], columns: Mapping[Column, ScalarColumn]) -> None:
    for j, row in right.items():
        for place, cell in row.items():
            column = columns.get(place)
            if column is None or isinstance(cell, list):
                continue
            if isinstance(cell, Loose):
                column.loose[cell.key].append(j)
                column.broken[1].setdefault(exact_key(cell.value), []).append(j)
            else:
                column.strict[cell].append(j)
