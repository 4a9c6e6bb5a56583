"""CSV and its kin: comma, semicolon, tab or bar between cells, quotes around them (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from harness.cases.files.places import at
from harness.cases.tables.untyped_cells import UntypedCell
from harness.core.values import Json
from harness.errors import HarnessError, Problem

_SEPARATORS: Final = ",;\t|"
_COMMA_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:,\d+)?")
_MOST: Final = 20
_QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')
_NAMED_SEPARATOR: Final = re.compile(r"sep=([^\w\s\"']|\t)\r?(?:\n|$)", re.IGNORECASE)
LONGEST_CELL: Final = 2**31 - 1
"""Characters of a cell that are read."""


def read_delimited(text: str, file: Path) -> tuple[list[str], list[tuple[int, list[Json]]]]:
    """Return the column names, and each row's line and cells; an empty cell is None.

    A first line `sep=;`, which Excel writes and reads, names the separator and is no row.
    Raises HarnessError with every row that has more or fewer cells than there are columns.
    """
    csv.field_size_limit(LONGEST_CELL)
    separator, is_named = separator_of(text), named_separator(text) is not None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        if is_named:
            next(reader)
        names = next(reader, [])
        rows = list(_numbered(reader))
    except csv.Error as error:
        what = f"is not CSV: {error}"
        raise HarnessError(Problem(what, "bad-table", at(file, reader.line_num))) from None
    wrong = [
        Problem(f"has {len(cells)} cells for {len(names)} columns", "bad-table", at(file, line))
        for line, cells in rows
        if len(cells) != len(names)
    ]
    if wrong:
        more = len(wrong) - _MOST
        tail = [Problem(f"and {more} more rows like these", "more", at(file))] if more > 0 else []
        raise HarnessError(*wrong[:_MOST], *tail)
    columns = [_column([cells[n] for _, cells in rows], separator) for n in range(len(names))]
    return names, [(line, [column[n] for column in columns]) for n, (line, _) in enumerate(rows)]


def separator_of(text: str) -> str:
    r"""Return what stands between cells: of the first line the most frequent of `,`, `;`, tab.

    >>> separator_of("id;total, net\n"), separator_of('"a;b",c'), separator_of("sep=|\nid|n\n")
    (';', ',', '|')
    """
    if (named := named_separator(text)) is not None:
        return named
    head = _QUOTED.sub("", text.split("\n", 1)[0])
    counts = {each: head.count(each) for each in _SEPARATORS}
    if counts[";"]:
        return ";"
    return max(_SEPARATORS, key=lambda each: counts[each])


def named_separator(text: str) -> str | None:
    r"""Return the separator that a first line such as `sep=;` names; None where none does.

    >>> named_separator("sep=;\r\nid;n\r\n"), named_separator("sep=,total\n")
    (';', None)
    """
    match = _NAMED_SEPARATOR.match(text)
    return match[1] if match else None


def is_comma_number(text: str) -> bool:
    """Tell whether a text is a number, perhaps with a decimal comma.

    >>> is_comma_number("1234,50"), is_comma_number("1.234,50")
    (True, False)
    """
    return _COMMA_NUMBER.fullmatch(text) is not None


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with the line it begins in."""
    begin = reader.line_num + 1  # type: ignore[attr-defined]  # csv's own reader
    for cells in reader:
        if cells:
            yield begin, cells
        begin = reader.line_num + 1  # type: ignore[attr-defined]  # as above


def _column(texts: Sequence[str], separator: str) -> list[Json]:
    """Return a column's cells; where a semicolon parts them, numbers may have a decimal comma."""
    known = [text.strip() for text in texts]
    german = separator == ";" and any("," in text for text in known)
    if german and all(map(is_comma_number, filter(None, known))):
        texts = [text.replace(",", ".") for text in known]
    return [UntypedCell(text) if text.strip() else None for text in texts]
