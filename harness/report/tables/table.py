"""Tables of columns and rows, written as text, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from rich.cells import cell_len, set_cell_size

from harness.core.inert_text import inert
from harness.report.tables.fit_columns import FittingColumn, fit

_ACTING: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with: spreadsheets would take it for a formula."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: its key in JSON and CSV, its heading, and how a value is shown to people."""

    key: str
    heading: str
    show: Callable[[Any], str] = str
    right: bool = False
    rank: int = 0
    """Columns of the highest rank are left out first where a window has no room; 0 never is."""
    twin: bool = False
    """One of the values that are read side by side: they are cut round their first difference."""
    tail: bool = False
    """The end tells more than the beginning, as that of a path."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; values are as they are stored."""

    columns: tuple[TableColumn, ...]
    rows: tuple[Mapping[str, Any], ...]


def as_cell(value: object) -> str:
    """Return a text as it may reach a terminal; nothing for None."""
    return "" if value is None else inert(str(value))


def json_cell(value: object) -> str:
    """Return a value of a document as JSON for a terminal, or the word for an absent one."""
    return "absent" if value is ABSENT_CELL else inert(json.dumps(value, ensure_ascii=False))


ABSENT_CELL: Final[Any] = object()
"""A side that is absent, where null is a value."""


Writer: TypeAlias = Callable[[Table, int | None], Iterator[str]]
"""From a table and a terminal's width, None where there is none, to lines."""


def table_text(table: Table, width: int | None = None) -> Iterator[str]:
    """Yield aligned lines; they fit the width of a terminal, and elsewhere are whole."""
    columns = [
        FittingColumn(
            column.heading,
            tuple(column.show(row[column.key]) for row in table.rows),
            column.right,
            column.rank,
            column.twin,
            column.tail,
        )
        for column in table.columns
    ]
    if width is not None:
        yield from fit(columns, width)
        return
    widths = [max(map(cell_len, (column.heading, *column.cells))) for column in columns]
    for cells in (
        [column.heading for column in columns],
        *zip(*(c.cells for c in columns), strict=True),
    ):
        padded = (
            " " * (size - cell_len(cell)) + cell if column.right else set_cell_size(cell, size)
            for column, cell, size in zip(columns, cells, widths, strict=True)
        )
        yield "  ".join(padded).rstrip()


def as_markdown(table: Table, _width: int | None = None) -> Iterator[str]:
    """Yield the lines of a Markdown table in which no text can act as markup."""
    yield "|" + "|".join(f" {unmarked(column.heading)} " for column in table.columns) + "|"
    yield "|" + "|".join("---:" if column.right else "---" for column in table.columns) + "|"
    for row in table.rows:
        cells = (unmarked(column.show(row[column.key])) for column in table.columns)
        yield "|" + "|".join(f" {cell} " for cell in cells) + "|"


def unmarked(text: str) -> str:
    r"""Return text for Markdown in which nothing acts as markup, and nobody is called.

    >>> unmarked("[x](http://y) @jane")
    '\\[x\\](http://y) &#64;jane'
    """
    return "".join(_MARKUP.get(c) or (f"\\{c}" if c in _MARKS else c) for c in text)


_MARKS: Final = frozenset("\\`*_[]|~#!")
_MARKUP: Final = MappingProxyType({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
"""What Markdown or its readers would act on; a mention of someone would call them."""


def as_csv(table: Table, _width: int | None = None) -> Iterator[str]:
    """Yield CSV lines. Values of documents are JSON; nothing begins as a spreadsheet's formula."""
    yield _csv_line([column.key for column in table.columns])
    for row in table.rows:
        yield _csv_line([_csv_cell(column, row[column.key]) for column in table.columns])


def _csv_cell(column: TableColumn, value: object) -> object:
    if value is None or value is ABSENT_CELL:
        return "" if column.show is not json_cell or value is ABSENT_CELL else "null"
    if column.show is json_cell:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value)
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_ACTING) else value


def _csv_line(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n")


def as_json(table: Table, _width: int | None = None) -> Iterator[str]:
    """Yield a JSON array, a line a row; an absent side has no key."""
    last = len(table.rows) - 1
    yield "["
    for number, row in enumerate(table.rows):
        present = {c.key: row[c.key] for c in table.columns if row[c.key] is not ABSENT_CELL}
        yield f" {json.dumps(present, ensure_ascii=True)}{',' if number < last else ''}"
    yield "]"


WRITERS: Final[Mapping[str, Writer]] = MappingProxyType(
    {"text": table_text, "markdown": as_markdown, "csv": as_csv, "json": as_json}
)
