"""Columns of a table as nested values: `totals.gross` and `lines[0].qty` are dotted names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from harness.core.values import Json

ColumnSteps: TypeAlias = tuple[str | int, ...]

_DOTTED: Final = re.compile(r"[^\s.\[\]]+(?:\[\d{1,4}\])*(?:\.[^\s.\[\]]+(?:\[\d{1,4}\])*)*")
_STEP: Final = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def column_steps(name: str) -> ColumnSteps:
    """Return where a column's values stand; a name that is not dotted throughout is one key.

    >>> column_steps("lines[0].qty"), column_steps("Amount (incl. VAT)"), column_steps("No.")
    (('lines', 0, 'qty'), ('Amount (incl. VAT)',), ('No.',))
    """
    if not _DOTTED.fullmatch(name):
        return (name,)
    return tuple(int(m[1]) if m[1] else m[2] for m in _STEP.finditer(name))


def nesting(names: Sequence[str]) -> tuple[ColumnSteps, ...]:
    """Return where each column stands; all stay flat where one is inside another.

    >>> nesting(["a", "b.c"]), nesting(["b", "b.c"])
    ((('a',), ('b', 'c')), (('b',), ('b.c',)))
    """
    steps = tuple(map(column_steps, names))
    inner = {each[:length] for each in steps for length in range(1, len(each))}
    kinds: dict[ColumnSteps, set[type]] = {}
    for each in steps:
        for length in range(len(each)):
            kinds.setdefault(each[:length], set()).add(type(each[length]))
    if inner.intersection(steps) or any(len(kind) > 1 for kind in kinds.values()):
        return tuple((name,) for name in names)
    return steps


def nested(columns: Sequence[ColumnSteps], cells: Sequence[Json]) -> dict[str, Json]:
    """Return a row as an object. List items of which every cell is empty are left out.

    >>> nested([("lines", 0, "qty"), ("lines", 1, "qty"), ("total",)], [3, None, 5])
    {'lines': [{'qty': 3}], 'total': 5}
    """
    value: dict[str | int, object] = {}
    for steps, cell in zip(columns, cells, strict=True):
        at = value
        for step in steps[:-1]:
            below = at.setdefault(step, {})
            assert isinstance(below, dict)  # noqa: S101  # `nesting` saw to it
            at = below
        at[steps[-1]] = cell
    row = _lists(value)
    return row if isinstance(row, dict) else {}


def _lists(value: object) -> Json:
    if not isinstance(value, Mapping):
        return value  # type: ignore[return-value]  # a cell
    if any(isinstance(key, int) for key in value):
        items = [_lists(value[key]) for key in sorted(value)]
        return [item for item in items if not _is_empty(item)]
    return {str(key): _lists(below) for key, below in value.items()}


def _is_empty(value: Json) -> bool:
    if isinstance(value, dict):
        return all(map(_is_empty, value.values()))
    return value is None or value == []
