"""Tables as the JSONL files that are streamed: each row once, its line number that of the row."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, Final

from pydantic_core import to_json

from harness.cases.files.file_names import few_ids
from harness.cases.files.places import at, shown_path
from harness.cases.tables.record_file import RecordFile, Row
from harness.cases.tables.records_by_id import id_of_row, value_under
from harness.cases.tables.table_batches import StreamRow, TableFile, table_files
from harness.cases.tables.untyped_cells import CellTypes, SettledTypes, with_cell_types
from harness.core.number_text import counted
from harness.core.records import Answer
from harness.core.rules.rule_names import FieldSteps, field_steps
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError, Where
from harness.run.scored_files.record_pairs import (
    Columns,
    answer_of_row,
    check_fields,
    compared_columns,
    only_fields,
    pairing_names,
    pairing_notes,
    require_column,
    truth_of_row,
)
from harness.run.scored_files.standalone_rules import Ruler
from harness.scale.stream import How, StreamResult, score_lines

_SAMPLE: Final = 1_000
"""Records by which columns are looked for."""
_NAMED: Final = 3
_ID_DIGITS: Final = 12
"""Digits of an id that is a row's number."""
_ENVELOPE: Final = {"id", "value"}


@dataclass(frozen=True, slots=True)
class TablePair:
    """Two sides of tables, and what of their records is compared."""

    truths: list[TableFile]
    answers: list[TableFile]
    """The same list where one file has both sides."""
    columns: Columns
    names: tuple[str, ...]
    """Where the ids stand; () where rows are numbered."""
    odd: tuple[Problem, ...]
    is_nested: bool
    """The truths are objects or lists: texts of the answers are read as replies."""


def open_tables(
    expected: Path, predicted: Path | None, columns: Columns, scratch: Path
) -> TablePair:
    """Return two tables and how they are paired; nothing but their first records is read.

    Raises UsageError where it must be said which columns are meant.
    """
    truths = table_files(expected, scratch)
    gold = _sample(expected, truths)
    odd: list[Problem] = []
    answers, other = truths, gold
    if predicted is None:
        columns, odd = compared_columns(gold, columns)
    else:
        answers = table_files(predicted, scratch)
        other = _sample(predicted, answers)
    require_column(gold, columns.expected)
    require_column(other, columns.predicted)
    names = pairing_names(gold, other, columns, alone=predicted is None)
    odd += pairing_notes(gold, other, names, columns)
    values = (truth_of_row(row, names, columns.expected, gold.file) for row in gold.rows)
    is_nested = any(isinstance(value, dict | list) for value in values)
    pair = TablePair(truths, answers, columns, names, tuple(odd), is_nested)
    if columns.fields:
        _check_fields(pair, expected)
    return pair


def _sample(path: Path, tables: list[TableFile]) -> RecordFile:
    """Return the first records of a side, by which its columns are known."""
    rows = tuple(Row(value, line) for line, value in islice(tables[0].rows(), _SAMPLE))
    if not rows:
        raise HarnessError(Problem("there is no record in it", "no-truth", at(path)))
    return RecordFile(path, tables[0].kind, rows)


def _check_fields(pair: TablePair, file: Path) -> None:
    """Refuse fields that no truth has; all are looked through only where the first lack one."""
    for most in (_SAMPLE, None):
        rows = islice(_rows(pair.truths), most)
        values = (_truth(pair, record, line) for line, record in rows)
        try:
            check_fields(pair.columns.fields, values, file)
        except UsageError:
            if most is None:
                raise
        else:
            return


def _rows(tables: Iterable[TableFile]) -> Iterator[StreamRow]:
    for table in tables:
        yield from table.rows()


def _truth(pair: TablePair, record: dict[str, Json], line: int) -> Json:
    row = Row(record, line)
    return truth_of_row(row, pair.names, pair.columns.expected, pair.truths[0].path)


def _answer(pair: TablePair, record: dict[str, Json], line: int) -> object:
    like: Json = {} if pair.is_nested else None
    return answer_of_row(Row(record, line), pair.names, pair.columns.predicted, like)


@dataclass(slots=True)
class LineFile:
    """A JSONL file made of tables, and which row of which table each line was."""

    file: Path
    starts: list[int] = field(default_factory=list)
    """Lines before each table."""
    tables: list[Path] = field(default_factory=list)
    lines: int = 0

    def begin(self, table: Path) -> None:
        """Take the lines that follow for those of a table."""
        self.starts.append(self.lines)
        self.tables.append(table)

    def write(self, out: BinaryIO, number: int, line: bytes) -> None:
        """Write a line whose number, from the table's beginning, is the row's."""
        blank = number - 1 - (self.lines - self.starts[-1])
        out.write(b"%b%b\n" % (b"\n" * blank, line))
        self.lines += blank + 1

    def origin(self, where: Where) -> Where:
        """Return the table and row that a place in the file stands for."""
        if where.line is None:
            return Where(self.tables[0])
        number = bisect_right(self.starts, where.line - 1) - 1
        return Where(self.tables[number], where.line - self.starts[number])


def write_lines(
    pair: TablePair, schema: Json, folder: Path
) -> tuple[LineFile, LineFile, tuple[Problem, ...]]:
    """Write both sides as JSONL into a folder, cells read as what their fields hold.

    The third of what is returned are warnings.

    Raises HarnessError with what cannot be read, records without an id, and truths that are not
    JSON where the others are.
    """
    kinds = _kinds(pair, schema)
    writer = _Writer(pair, kinds, [field_steps(name) for name in pair.columns.fields])
    files = []
    sides = ((0, "truths", pair.truths), (1, "said", pair.answers))
    for side, name, tables in sides:
        (folder / name).mkdir()
        stem = tables[0].path.stem
        made = LineFile(folder / name / f"{stem}.jsonl")
        with made.file.open("wb") as out:
            for table in tables:
                made.begin(table.path)
                writer.write_table(table, side, made, out)
        writer.check()
        files.append(made)
    return files[0], files[1], tuple(writer.warnings())


def _kinds(pair: TablePair, schema: Json) -> Mapping[FieldSteps, SettledTypes] | None:
    """Return what cells are read as, after a look at all of them; None where none need it."""
    tables = (*pair.truths, *pair.answers)
    if not any(table.has_cells for table in tables):
        return None
    types = CellTypes()
    for line, record in _rows(pair.truths):
        types.note(_truth(pair, record, line), 0)
    for line, record in _rows(pair.answers):
        answer = _answer(pair, record, line)
        if isinstance(answer, Answer):
            types.note(answer.value, 1)
    return types.settled(schema)


def _json_line(value: object) -> bytes:
    """Return a value as a line of JSON, several times as fast as `json` does where it can be."""
    try:
        return to_json(value)
    except ValueError:  # nested deeply, or half a pair of surrogates
        return json.dumps(value).encode()


class _Writer:
    """Writes rows as lines, and keeps what is wrong with them."""

    def __init__(
        self,
        pair: TablePair,
        kinds: Mapping[FieldSteps, SettledTypes] | None,
        wanted: list[FieldSteps],
    ) -> None:
        self._pair, self._kinds, self._wanted = pair, kinds, wanted
        self._is_plain = kinds is None and not wanted and len(pair.names) == 1
        self._nameless: list[Where] = []
        self._broken: list[tuple[str, Where]] = []
        self._counts = {"nameless": 0, "broken": 0, "nested": 0, "unlabelled": 0, "labelled": 0}
        self._left: list[str] = []

    def write_table(self, table: TableFile, side: int, made: LineFile, out: BinaryIO) -> None:
        """Write the rows of one table."""
        text = self._answer_line if side else self._truth_line
        column = self._pair.columns.predicted if side else self._pair.columns.expected
        is_plain = self._is_plain and column is None
        name = self._pair.names[0] if is_plain else ""
        for number, record in table.rows():
            key = record.get(name) if is_plain else None
            if type(key) is str and key.isascii() and key == key.strip() != "":
                line = self._plain_line(key, name, record, side)
                if line is not None:
                    made.write(out, number, line)
                    continue
            case_id = self._id(record, number, made)
            if case_id is None:
                self._counts["nameless"] += 1
                self._nameless[1:] = []
                self._nameless.append(Where(table.path, number))
                continue
            line = text(case_id, record, Where(table.path, number))
            if line is not None:
                made.write(out, number, line)

    def _id(self, record: dict[str, Json], number: int, made: LineFile) -> str | None:
        count = number + made.starts[-1]
        return id_of_row(Row(record, number), self._pair.names, count, _ID_DIGITS)

    def _plain_line(self, key: str, name: str, record: dict[str, Json], side: int) -> bytes | None:
        """Return the line of a record in perfect order; None if it is not, or may not be."""
        if side and ("raw" in record or "said" in record):
            return None
        value = record["value"] if record.keys() == _ENVELOPE else record
        if isinstance(value, str):
            return None
        if value is record:
            del record[name]
        self._counts["nested"] += not side
        return _json_line({"id": key, "value": value})

    def _truth_line(self, case_id: str, record: dict[str, Json], where: Where) -> bytes | None:
        if self._is_unlabelled(record):
            self._counts["unlabelled"] += 1
            self._left = [*self._left, case_id][:_NAMED]
            return None
        value = _truth(self._pair, record, where.line or 0)
        if isinstance(value, str):
            self._counts["broken"] += 1
            self._broken = [*self._broken, (case_id, where)][:_NAMED]
        else:
            self._counts["nested"] += isinstance(value, dict | list)
        return _json_line({"id": case_id, "value": self._as_wanted(value)})

    def _answer_line(self, case_id: str, record: dict[str, Json], where: Where) -> bytes | None:
        if self._pair.answers is self._pair.truths and self._is_unlabelled(record):
            return None
        answer = _answer(self._pair, record, where.line or 0)
        if not isinstance(answer, Answer):
            return _json_line({"case_id": case_id, "said": asdict(answer)})  # type: ignore[call-overload]  # a failure
        answer = replace(answer, value=self._as_wanted(answer.value))
        if answer == Answer(answer.value):
            return _json_line({"id": case_id, "value": answer.value})
        return _json_line({"case_id": case_id, "said": asdict(answer)})

    def _is_unlabelled(self, record: dict[str, Json]) -> bool:
        column = self._pair.columns.expected
        return column is not None and value_under(record, column) is None

    def _as_wanted(self, value: Json) -> Json:
        if self._kinds is not None:
            value = with_cell_types(value, self._kinds)
        return only_fields(value, self._wanted) if self._wanted else value

    def check(self) -> None:
        """Raise HarnessError with what was wrong with a side; forget it."""
        counts = self._counts
        problems = []
        if counts["nameless"]:
            what = f"{counted(counts['nameless'], 'record')} without `"
            what += f"{'.'.join(self._pair.names)}`, the first here"
            hint = "another column holds the ids: --id NAME"
            problems.append(Problem(what, "no-id", self._nameless[0], hint))
        if counts["broken"] and counts["nested"]:
            first = [name for name, _ in self._broken]
            what = f"{counted(counts['broken'], 'truth')} not JSON as the others are: "
            what += few_ids(first)
            problems.append(Problem(what, "bad-json", self._broken[0][1]))
        if problems:
            raise HarnessError(*problems)
        self._nameless, self._broken = [], []
        counts["nameless"] = counts["broken"] = 0

    def warnings(self) -> Iterator[Problem]:
        """Yield what is told of records without a truth."""
        left = self._counts["unlabelled"]
        if left:
            what = f"{counted(left, 'record')} without a truth, not scored: {few_ids(self._left)}"
            yield Problem(what, "no-truth", at(self._pair.truths[0].path))


def score_tables(
    sides: tuple[Path, Path | None],
    columns: Columns,
    ruler: Ruler,
    how: How,
    progress: Callable[[int, int], None],
) -> StreamResult:
    """Score tables (Parquet, CSV, JSONL; paths or URLs) as `score_lines` does their records.

    Rows are read batch by batch and written as lines into a temporary folder, which needs about
    the room of the tables as JSONL. Places in messages are those of the tables.

    Raises HarnessError with what cannot be read or paired, UsageError where it must be said which
    columns are meant.
    """
    with TemporaryDirectory(prefix="harness-tables-") as scratch:
        pair = open_tables(*sides, columns, Path(scratch))
        *files, odd = write_lines(pair, ruler.schema, Path(scratch))
        try:
            scored = score_lines((files[0].file, files[1].file), ruler, how, progress)
        except HarnessError as error:
            problems = (_in_table(problem, files) for problem in error.problems)
            raise type(error)(*problems) from None
    if scored.is_unpaired:
        raise HarnessError(_unpaired(pair, sides))
    problems = (_in_table(problem, files) for problem in scored.warnings)
    return replace(scored, warnings=(*pair.odd, *odd, *problems))


def _in_table(problem: Problem, files: Iterable[LineFile]) -> Problem:
    """Return a problem of a line with the table and row that the line was made of."""
    where = problem.where
    for made in files:
        if where is not None and where.file == shown_path(made.file):
            return replace(problem, where=made.origin(where))
    return problem


def _unpaired(pair: TablePair, sides: tuple[Path, Path | None]) -> Problem:
    by = f" by `{'.'.join(pair.names)}`" if pair.names else ""
    what = f"no record goes with a truth in {str(sides[0])!r}{by}"
    hint = "name the column that both share: --id NAME"
    return Problem(what, "unlike-paths", at(sides[1] or sides[0]), hint)
