"""Table batches: Parquet, CSV and JSONL read in constant memory."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

from harness.cases.files.object_store import ObjectFolder, is_remote, objects_at
from harness.cases.files.places import at, is_pattern
from harness.cases.files.reading import not_utf8
from harness.cases.files.strict_json import parse_json
from harness.cases.tables.columnar_rows import pyarrow_modules, typed
from harness.cases.tables.delimited_rows import (
    LONGEST_CELL,
    is_comma_number,
    named_separator,
    separator_of,
)
from harness.cases.tables.nested_columns import ColumnSteps, nested, nesting
from harness.cases.tables.record_file import (
    TableKind,
    checked_names,
    kind_by_name,
    unpacked_cell,
)
from harness.cases.tables.untyped_cells import UntypedCell
from harness.core.reading.python_values import NotJsonError
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

BATCH_ROWS: Final = 1_000
"""Rows that are in memory at once."""
_PAGE: Final = 1 << 20
"""Bytes of a column that are read at once; without it a whole row group would be."""
_MOST: Final = 20
_BENT: Final = re.compile("float|double|decimal|time|date|binary|map|dict|duration|interval|union")
"""Parts of the names of Arrow types, nested ones included, whose Python values may not be JSON."""

StreamRow: TypeAlias = tuple[int, dict[str, Json]]
"""Line or row number, and the record."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table that is read batch by batch, as often as it takes."""

    path: Path
    """What the user called it."""
    kind: TableKind
    open: Callable[[], BinaryIO]
    has_cells: bool
    """Cells may be without a type: what a field holds is known only once all are seen."""
    german: list[bool] = field(default_factory=list)
    """By column of a CSV file with semicolons: whether its numbers have a decimal comma."""

    def rows(self) -> Iterator[StreamRow]:
        """Yield every record with its line (Parquet: its row), from 1.

        Raises HarnessError with what cannot be read.
        """
        with self.open() as stream:
            if self.kind == "parquet":
                yield from _parquet_rows(stream, self.path)
            elif self.kind == "csv":
                yield from _csv_rows(stream, self)
            else:
                yield from _json_rows(stream, self.path)


def table_files(path: Path, scratch: Path) -> list[TableFile]:
    """Return the tables that a path or URL means: a file, or all that a pattern or folder does.

    CSV and JSONL of an object store are first copied to the folder `scratch`.

    Raises UsageError where there is none, HarnessError where one cannot be read.
    """
    if is_remote(path):
        return [_of_store(folder, name, scratch) for folder, name in objects_at(path)]
    files = [path]
    if path.is_dir():
        files = sorted(each for each in path.iterdir() if kind_by_name(each) == "parquet")
    elif is_pattern(path.name) and not path.exists():
        files = sorted(path.parent.glob(path.name))
    if not files or not files[0].exists():
        raise UsageError(Problem(f"{str(path)!r} does not exist", "no-such-path"))
    return [_table(each, partial(_binary, each)) for each in files]


def _of_store(folder: ObjectFolder, name: str, scratch: Path) -> TableFile:
    path = folder.path / name
    if kind_by_name(path) == "parquet":
        return _table(path, partial(folder.open, name))
    local = scratch / f"object-{len(list(scratch.iterdir()))}"
    folder.download(name, local)
    return _table(path, partial(_binary, local))


def _binary(path: Path) -> BinaryIO:
    return path.open("rb")


def _table(path: Path, opened: Callable[[], BinaryIO]) -> TableFile:
    kind = kind_by_name(path)
    if kind not in ("csv", "parquet", "jsonl"):
        what = f"{str(path)!r} cannot be streamed"
        raise UsageError(Problem(what, "unlike-paths", hint="Parquet, CSV and JSONL files can"))
    has_cells = kind == "csv"
    if kind == "parquet":
        with opened() as stream:
            schema = _parquet(stream, path).schema_arrow
            has_cells = bool(re.search(r"timestamp|decimal", str(schema)))
    opened_file = TableFile(path, kind, opened, has_cells)
    if kind == "csv":
        opened_file.german.extend(_comma_columns(opened_file))
    return opened_file


def _parquet(stream: BinaryIO, path: Path) -> Any:  # noqa: ANN401  # pyarrow's file
    arrow, parquet = pyarrow_modules(at(path))
    try:
        return parquet.ParquetFile(stream, buffer_size=_PAGE, pre_buffer=False)
    except (arrow.ArrowException, ValueError, OSError) as error:
        what = f"is not Parquet: {str(error).splitlines()[0]}"
        raise HarnessError(Problem(what, "bad-table", at(path))) from None


def _parquet_rows(stream: BinaryIO, path: Path) -> Iterator[StreamRow]:
    file = _parquet(stream, path)
    schema = file.schema_arrow
    names = checked_names(["" if n == "__index_level_0__" else n for n in schema.names], path)
    numbers = [number for number, name in enumerate(names) if name]
    columns = nesting([names[number] for number in numbers])
    number = 0
    batches = file.iter_batches(batch_size=BATCH_ROWS, use_threads=False)
    while True:
        try:
            batch = next(batches, None)
            if batch is None:
                return
            cells = [_column(batch.column(n), schema.field(n).type, path) for n in numbers]
        except NotJsonError as error:
            what = f"holds what is not JSON: {error}"
            raise HarnessError(Problem(what, "not-json", at(path))) from None
        except (ValueError, OSError) as error:  # pyarrow's errors are of these
            what = f"is damaged: {str(error).splitlines()[0]}"
            raise HarnessError(Problem(what, "bad-table", at(path, number + 1))) from None
        for record in _records(columns, cells):
            number += 1
            yield number, record


def _column(column: Any, kind: Any, path: Path) -> list[Json]:  # noqa: ANN401  # pyarrow's
    values: list[Any] = column.to_pylist()
    name = str(kind)
    if name == "double" and all(map(isfinite, filter(None, values))):
        return values
    if name.startswith("date32"):
        return [None if value is None else value.isoformat() for value in values]
    if _BENT.search(name):
        return [typed(value, kind) for value in values]
    if name.endswith("string") and _may_hold_json(values):
        return [unpacked_cell(value, path) for value in values]
    return values


def _may_hold_json(texts: list[str | None]) -> bool:
    """Tell whether a text begins with a bracket; most columns have none at all."""
    whole = "".join(filter(None, texts))
    has_bracket = "{" in whole or "[" in whole
    return has_bracket and any(v.lstrip().startswith(("{", "[")) for v in texts if v)


def _records(
    columns: Sequence[ColumnSteps], cells: Sequence[list[Json]]
) -> Iterator[dict[str, Json]]:
    rows = zip(*cells, strict=True)
    if all(len(steps) == 1 for steps in columns):
        names = [str(steps[0]) for steps in columns]
        return (dict(zip(names, row, strict=True)) for row in rows)
    return (nested(columns, row) for row in rows)


def _text(stream: BinaryIO) -> io.TextIOWrapper:
    """Return a stream as text: UTF-8, or UTF-16 with a mark as spreadsheet programs write it."""
    mark = stream.read(2)
    stream.seek(0)
    wide = mark in (b"\xff\xfe", b"\xfe\xff")
    return io.TextIOWrapper(stream, encoding="utf-16" if wide else "utf-8-sig", newline="")


def _csv_rows(stream: BinaryIO, table: TableFile) -> Iterator[StreamRow]:
    with _text(stream) as text:
        names, separator, raw = _csv_cells(text, table.path)
        numbers = [number for number, name in enumerate(names) if name]
        columns = nesting([names[number] for number in numbers])
        commas = [number for number, is_comma in enumerate(table.german) if is_comma]
        for line, texts in raw:
            for number in commas if separator == ";" else ():
                texts[number] = texts[number].strip().replace(",", ".")
            cells: list[Json] = [UntypedCell(text) if text.strip() else None for text in texts]
            yield line, nested(columns, [unpacked_cell(cells[n], table.path) for n in numbers])


def _csv_cells(
    text: io.TextIOWrapper, path: Path
) -> tuple[list[str], str, Iterator[tuple[int, list[str]]]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        head = text.readline()
        separator = separator_of(head)
        text.seek(0)
        reader = csv.reader(text, delimiter=separator, strict=True)
        if named_separator(head) is not None:
            next(reader)
        names = checked_names(next(reader, []), path)
    except (csv.Error, UnicodeError) as error:
        raise HarnessError(Problem(f"is not CSV: {error}", "bad-table", at(path))) from None
    return names, separator, _csv_lines(reader, len(names), path)


def _csv_lines(reader: Any, width: int, path: Path) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401  # csv's own
    """Yield each row that is not blank. Once all are read, those of another width are refused."""
    wrong: list[Problem] = []
    count = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except (csv.Error, UnicodeError) as error:
            what = f"is not CSV: {error}"
            raise HarnessError(Problem(what, "bad-table", at(path, reader.line_num))) from None
        if cells is None:
            break
        if cells and len(cells) != width:
            count += 1
            what = f"has {len(cells)} cells for {width} columns"
            if count <= _MOST:
                wrong.append(Problem(what, "bad-table", at(path, line)))
        elif cells:
            yield line, cells
    if count > _MOST:
        wrong.append(Problem(f"and {count - _MOST} more rows like these", "more", at(path)))
    if wrong:
        raise HarnessError(*wrong)


def _comma_columns(table: TableFile) -> list[bool]:
    """Return which columns of a CSV file hold numbers with a decimal comma, and nothing else."""
    with table.open() as stream, _text(stream) as cells:
        names, separator, rows = _csv_cells(cells, table.path)
        if separator != ";":
            return []
        has, only = [False] * len(names), [True] * len(names)
        for _, texts in rows:
            for number, text in enumerate(map(str.strip, texts)):
                has[number] |= "," in text
                only[number] &= not text or is_comma_number(text)
    return [both and every for both, every in zip(has, only, strict=True)]


def _json_rows(stream: BinaryIO, path: Path) -> Iterator[StreamRow]:
    problems: list[Problem] = []
    count = end = 0
    for number, raw in enumerate(stream, start=1):
        offset, end = end, end + len(raw)
        if raw.isspace():
            continue
        try:
            record = parse_json(raw.decode("utf-8-sig" if number == 1 else "utf-8"), path)
            if not isinstance(record, dict):
                raise HarnessError(Problem("is not a record", "bad-line"))  # noqa: TRY301  # told as all others
        except (HarnessError, UnicodeDecodeError) as error:
            all_problems = (
                error.problems if isinstance(error, HarnessError) else (not_utf8(error, offset),)
            )
            count += len(all_problems)
            problems += [
                Problem(p.what, p.code, at(path, number), p.hint)
                for p in all_problems
                if count <= _MOST
            ]
            continue
        if not problems:
            yield number, record
    if count > len(problems):
        more = Problem(f"and {count - len(problems)} more lines like these", "more", at(path))
        problems.append(more)
    if problems:
        raise HarnessError(*problems)
