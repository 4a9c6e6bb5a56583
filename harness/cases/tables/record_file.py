"""Record files: JSON, JSONL, CSV, Parquet and Excel, read into rows of named values."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from harness.cases.files.places import at, nfc
from harness.cases.files.reading import decode, read_bytes
from harness.cases.files.strict_json import parse_json
from harness.cases.tables.columnar_rows import read_columnar
from harness.cases.tables.delimited_rows import read_delimited
from harness.cases.tables.nested_columns import nested, nesting
from harness.cases.tables.workbook_rows import read_workbook
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

TableKind: TypeAlias = Literal["json", "jsonl", "csv", "parquet", "xlsx"]

STDIN: Final = Path("-")
LARGEST: Final = 2_000_000_000
"""Bytes from which a table is refused."""
_MOST: Final = 20
_ENDINGS: Final[dict[str, TableKind]] = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One record, and the line or row of the file it stands in."""

    value: Json
    """Mostly an object; cells without a type are `Cell`."""
    line: int | None = None
    key: str | None = None
    """Its key in an object keyed by id."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file's records in their order."""

    file: Path
    kind: TableKind
    rows: tuple[Row, ...]
    sheet: str | None = None
    """The sheet of a workbook that was taken, nobody having named one."""
    other_sheets: tuple[str, ...] = ()
    """The visible sheets that were not read."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every key that a record has, in the order first seen."""
        keys = (key for row in self.rows if isinstance(row.value, dict) for key in row.value)
        return tuple(dict.fromkeys(keys))


def sheet_notes(file: RecordFile) -> Iterator[Problem]:
    """Yield what is told where a workbook has several sheets and none was named."""
    if file.sheet is not None and file.other_sheets:
        others = ", ".join(map(repr, file.other_sheets))
        what = f"sheet {file.sheet!r} is read, the first with a row; not read: {others}"
        yield Problem(what, "sheet", at(file.file), "another: --sheet NAME")


def kind_by_name(file: Path) -> TableKind | None:
    """Return what a file's name says it holds; None where it says nothing known here.

    >>> kind_by_name(Path("gold.CSV")), kind_by_name(Path("answers"))
    ('csv', None)
    """
    return _ENDINGS.get(file.suffix.lower())


def read_record_file(file: Path, sheet: str | None = None) -> RecordFile:
    """Return the records of a file; `-` is standard input.

    JSON is an array of records, or an object keyed by id. `sheet` is that of a workbook.

    Raises HarnessError with all that cannot be read, UsageError where there is no such file.
    """
    if file == STDIN:
        return records_of(sys.stdin.buffer.read(), file, sheet)
    if not file.exists():
        raise UsageError(Problem(f"{str(file)!r} does not exist", "no-such-path"))
    return records_of(read_bytes(file, LARGEST), file, sheet)


def records_of(data: bytes, file: Path, sheet: str | None = None) -> RecordFile:
    """Return the records of a file's bytes."""
    kind = kind_by_name(file) or _kind_of(data)
    if kind == "parquet":
        names, plain_rows = read_columnar(data, file)
        return RecordFile(file, kind, _of_columns(names, list(enumerate(plain_rows, 1)), file))
    if kind == "xlsx":
        read = read_workbook(data, file, sheet)
        rows = _of_columns(read.names, read.rows, file)
        taken = read.title if sheet is None else None
        return RecordFile(file, kind, rows, taken, read.others)
    text = decode(_as_utf8(data), file)
    if kind == "csv":
        names, lines = read_delimited(text, file)
        return RecordFile(file, kind, _of_columns(names, lines, file))
    return RecordFile(
        file, kind, _of_lines(text, file) if kind == "jsonl" else _of_json(text, file)
    )


def _kind_of(data: bytes) -> TableKind:
    if data.startswith(b"PAR1"):
        return "parquet"
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"["):
        return "json"
    if not head.startswith(b"{"):
        return "csv"
    first, _, rest = head.partition(b"\n")
    return "jsonl" if first.rstrip().endswith(b"}") and rest.lstrip().startswith(b"{") else "json"


def _as_utf8(data: bytes) -> bytes:
    """Return text of spreadsheet programs, which write UTF-16 with a mark, as UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode()
    return data


def _of_columns(
    names: Sequence[str], rows: Iterable[tuple[int, Sequence[Json]]], file: Path
) -> tuple[Row, ...]:
    names = checked_names(names, file)
    numbers = [number for number, name in enumerate(names) if name]
    columns = nesting([names[number] for number in numbers])
    return tuple(
        Row(nested(columns, [unpacked_cell(cells[number], file) for number in numbers]), line)
        for line, cells in rows
    )


def checked_names(names: Sequence[str], file: Path) -> list[str]:
    """Return the names of columns in one Unicode form; "" for a column without a name.

    Raises HarnessError where two columns have one name, or none has any.
    """
    names = [nfc(name.strip()) for name in names]
    twice = [name for name, times in Counter(names).items() if times > 1 and name]
    if twice or not any(names):
        what = f"two columns are called {twice[0]!r}" if twice else "the first row names no column"
        raise HarnessError(Problem(what, "bad-table", at(file, 1)))
    return names


def unpacked_cell(cell: Json, file: Path) -> Json:
    """Return the list or object that a cell holds as JSON; any other cell as it is."""
    if not isinstance(cell, str) or not cell.lstrip().startswith(("{", "[")):
        return cell
    try:
        return parse_json(cell, file)
    except HarnessError:
        return cell


def _of_lines(text: str, file: Path) -> tuple[Row, ...]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                rows.append(Row(parse_json(line, file), number))
            except HarnessError as error:
                problems += (
                    Problem(p.what, p.code, at(file, number), p.hint) for p in error.problems
                )
    if problems:
        left = len(problems) - _MOST
        more = [Problem(f"and {left} more lines like these", "more", at(file))] if left > 0 else []
        raise HarnessError(*problems[:_MOST], *more)
    return tuple(rows)


def _of_json(text: str, file: Path) -> tuple[Row, ...]:
    value = parse_json(text, file)
    if isinstance(value, list):
        return tuple(map(Row, value))
    if not isinstance(value, dict):
        what = "holds one value: an array of records or an object keyed by id is needed"
        raise HarnessError(Problem(what, "one-case", at(file)))
    return tuple(Row(below, None, key) for key, below in value.items())
