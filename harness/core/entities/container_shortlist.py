"""Container shortlist: the predicted lists and objects that may equal an expected one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain
from typing import Final

from harness.core.alignment.columns import ColumnRows, columns_of
from harness.core.alignment.nested_cells import (
    listed_texts,
    misfits,
    nested_cells,
    plain_cells,
    scalar_columns,
    wrapped_cells,
)
from harness.core.fields.field import EXPECTED, PREDICTED, Field, ItemCells
from harness.core.values import Json

_NONE: Final[Collection[int]] = ()


class ContainerShortlist:
    """By expected container, the predicted ones that agree with it in its most telling column.

    Two containers whose leaves are all the same agree in every column that one of them has a cell
    in, so the column in which fewest agree is enough; those whose values differ in shape come on
    top. Where references to entities of its own count, no column tells, and any may be the same.
    """

    __slots__ = ("_found", "_odd", "_present", "_tells")

    def __init__(
        self, place: Field, expected: Mapping[int, Json], predicted: Mapping[int, Json]
    ) -> None:
        left, right = _rows(place, expected, EXPECTED), _rows(place, predicted, PREDICTED)
        lists = nested_cells(left, EXPECTED), nested_cells(right, PREDICTED)
        self._tells = all(one.bounded for one in lists)
        self._present = {i for i, *_ in chain(plain_cells(left), lists[0].entries)}
        """Those with a cell: a list of nothing but references has none while they are open."""
        self._found: dict[int, list[ColumnRows]] = {}
        self._odd: dict[int, list[int]] = {}
        if not self._tells:
            return
        for i, j, _ in chain(misfits(*lists), listed_texts(lists[0], right)):
            self._odd.setdefault(i, []).append(j)
        sides = [
            chain(plain_cells(rows), one.entries)
            for rows, one in zip((left, right), lists, strict=True)
        ]
        sizes: dict[int, int] = {}
        wrapped = wrapped_cells(right, scalar_columns(lists[0].plain))
        for column in columns_of(sides[0], chain(sides[1], wrapped)):
            mine: dict[int, list[ColumnRows]] = {}
            for some, others, _ in column.agreements():
                for i in set(some):
                    mine.setdefault(i, []).append(others)
            for i, rows in mine.items():
                size = sum(map(len, rows))
                if size < sizes.get(i, size + 1):
                    sizes[i], self._found[i] = size, rows

    def of(self, expected: int) -> Collection[int] | None:
        """Return the predicted containers that may be the same; None where any may be."""
        if not self._tells or expected not in self._present:
            return None
        candidates = chain(*self._found.get(expected, ()), self._odd.get(expected, ()))
        return dict.fromkeys(candidates) or _NONE


def _rows(place: Field, values: Mapping[int, Json], side: int) -> dict[int, ItemCells]:
    rows: dict[int, ItemCells] = {}
    for index, value in values.items():
        rows[index] = {}
        place.cells(value, side, (), rows[index])
    return rows
