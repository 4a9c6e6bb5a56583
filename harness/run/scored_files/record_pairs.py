"""Truths and answers from records with columns of any name, in two files or in one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.cases.files.file_names import few_ids
from harness.cases.files.places import at
from harness.cases.files.strict_json import parse_json
from harness.cases.suite import Limits
from harness.cases.tables.record_file import (
    RecordFile,
    Row,
    kind_by_name,
    read_record_file,
    sheet_notes,
)
from harness.cases.tables.records_by_id import (
    ID_NAMES,
    records_by_id,
    value_under,
    without_id,
)
from harness.cases.tables.untyped_cells import settle_cells
from harness.core.number_text import counted
from harness.core.records import Answer, Failure
from harness.core.rules.rule_names import ITEM, FieldSteps, field_steps
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError, did_you_mean
from harness.extract.recorded.answer_lines import entry_of_run, entry_of_user, has_answer_keys
from harness.extract.reply.json_text import ParsedJson, with_overflow_as_text
from harness.extract.reply.read_reply import read_reply
from harness.run.scored_files.case_sets import AnswerSet
from harness.run.scored_files.file_pairs import FilePair, Truth

EXPECTED_NAMES: Final = (
    "expected",
    "truth",
    "ground_truth",
    "gold",
    "label",
    "expected_output",
    "reference",
)
PREDICTED_NAMES: Final = (
    "predicted",
    "prediction",
    "pred",
    "output",
    "answer",
    "response",
    "actual",
)
_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of columns; None for what is left to us. Names may be dotted."""

    id: str | None = None
    expected: str | None = None
    predicted: str | None = None
    fields: tuple[str, ...] = ()
    """The fields to score; () scores all."""
    sheets: tuple[str, ...] = ()
    """Of workbooks: one for both sides, or that of the truths and that of the answers."""

    def __bool__(self) -> bool:
        """Tell whether anything is said."""
        return self != Columns()


def is_table(file: Path) -> bool:
    """Tell whether a file must be read as records: a table, standard input, or lines of others.

    Lines of others are those of a JSONL file that are neither `{"id", "value"}` nor a run's.
    """
    if str(file) == "-" or kind_by_name(file) in ("csv", "parquet", "xlsx"):
        return True
    if kind_by_name(file) != "jsonl" or not file.is_file():
        return False
    with file.open("rb") as stream:
        first = next((line for line in stream if line.strip()), b"")
    try:
        record = parse_json(first.decode("utf-8-sig"), file)
    except (HarnessError, UnicodeDecodeError):
        return False  # whoever reads its lines says what is wrong with them
    return isinstance(record, dict) and _is_of_others(record)


def _is_of_others(record: dict[str, Json]) -> bool:
    """Tell whether a line is none of our forms, or has its value as JSON in a text."""
    if "said" in record:
        return False
    if has_answer_keys(record) and ("value" in record or "raw" in record):
        value = record.get("value")
        return isinstance(value, str) and value.lstrip().startswith(("{", "["))
    return "id" not in record or not {"value", "raw"} & record.keys()


def read_record_pair(
    expected: Path, predicted: Path | None, columns: Columns, schema: Json
) -> FilePair:
    """Return truths and answers by id; of one file, both columns of each record.

    Raises HarnessError with what cannot be read or paired, UsageError where it must be said which
    columns are meant.
    """
    sheets, predicted = _sheets(columns.sheets, expected, predicted)
    gold = read_record_file(expected, sheets[0])
    if predicted is None:
        columns, odd = compared_columns(gold, columns)
        answers = gold
    else:
        answers, odd = read_record_file(predicted, sheets[1]), []
    require_column(gold, columns.expected)
    require_column(answers, columns.predicted)
    names = pairing_names(gold, answers, columns, alone=predicted is None)
    truths = records_by_id(gold, names, "truth")
    odd += pairing_notes(gold, answers, names, columns)
    every = set(truths)
    truths, unlabelled = _labelled_rows(truths, columns.expected, gold.file)
    odd += unlabelled
    values = {
        key: truth_of_row(row, names, columns.expected, gold.file) for key, row in truths.items()
    }
    _require_json(values, truths, gold.file)
    answers_by_key = {
        key: answer_of_row(row, names, columns.predicted, values.get(key))
        for key, row in records_by_id(answers, names, "answer").items()
        if key in truths or key not in every  # of those without a truth all is told
    }
    if not truths.keys() & answers_by_key.keys():
        raise HarnessError(no_overlap(gold, answers, (list(truths), list(answers_by_key)), names))
    typed, replies = _settled(values, answers_by_key, schema)
    if columns.fields:
        check_fields(columns.fields, typed.values(), expected)
        wanted = [field_steps(name) for name in columns.fields]
        typed = {key: only_fields(value, wanted) for key, value in typed.items()}
        replies = {key: _only_of(each, wanted) for key, each in replies.items()}
    about = f"only {', '.join(columns.fields)}" if columns.fields else ""
    return FilePair(
        {key: Truth(value, expected, truths[key].line) for key, value in typed.items()},
        AnswerSet(replies),
        tuple(odd),
        about,
    )


def _sheets(
    names: tuple[str, ...], expected: Path, predicted: Path | None
) -> tuple[tuple[str | None, str | None], Path | None]:
    """Return the sheet of each side, and the file of predictions: the same for two sheets of one.

    Raises UsageError where none of them is a workbook.
    """
    if not names:
        return (None, None), predicted
    if len(names) > 2:  # noqa: PLR2004  # two sides
        what = "--sheet is given once for both sides, or once for each"
        raise UsageError(Problem(what, "bad-option"))
    files = [expected, predicted or expected]
    if not any(kind_by_name(file) in ("xlsx", None) for file in files):
        what = "--sheet is of Excel files, and neither file is one"
        raise UsageError(Problem(what, "bad-option"))
    return (names[0], names[-1]), predicted or (expected if len(names) > 1 else None)


def compared_columns(gold: RecordFile, columns: Columns) -> tuple[Columns, list[Problem]]:
    """Return which columns of a single file are compared, and what is told of a guess."""
    pairs = (("expected", EXPECTED_NAMES), ("predicted", PREDICTED_NAMES))
    chosen = {
        side: getattr(columns, side) or next((name for name in names if name in gold.names), None)
        for side, names in pairs
    }
    missing = [side for side, name in chosen.items() if name is None]
    if missing:
        what = f"which column of {str(gold.file)!r} is {' and which is '.join(missing)}?"
        hint = f"name them: --expected NAME --predicted NAME; columns: {', '.join(gold.names)}"
        raise UsageError(Problem(what, "no-column", hint=hint))
    note = "expected and predicted are the columns " + " and ".join(
        repr(name) for name in chosen.values()
    )
    guessed = columns.expected is None or columns.predicted is None
    hint = "others: --expected NAME --predicted NAME"
    odd = [Problem(note, "columns", at(gold.file), hint)] if guessed else []
    return replace(columns, expected=chosen["expected"], predicted=chosen["predicted"]), odd


def require_column(file: RecordFile, name: str | None) -> None:
    """Refuse a column that no record has: nothing in it would look like answers of nothing."""
    if name is None or any(_has(row.value, name) for row in file.rows) or not file.rows:
        return
    hint = did_you_mean(name, file.names)
    raise UsageError(Problem(f"no record has a `{name}`", "no-column", at(file.file), hint))


def _has(record: Json, name: str) -> bool:
    """Tell whether a record has something under a dotted name, null included."""
    value = record
    if isinstance(value, dict) and name in value:
        return True
    for step in name.split("."):
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


def _labelled_rows(
    rows: dict[str, Row], column: str | None, file: Path
) -> tuple[dict[str, Row], list[Problem]]:
    """Return the rows whose truth is there, and what is told of those without one."""
    if column is None:
        return rows, []
    labelled = {key: row for key, row in rows.items() if value_under(row.value, column) is not None}
    left = [key for key in rows if key not in labelled]
    if not labelled:
        raise HarnessError(Problem(f"no record has a truth in `{column}`", "no-truth", at(file)))
    what = f"{counted(len(left), 'record')} without a truth, not scored: {few_ids(left)}"
    return labelled, [Problem(what, "no-truth", at(file))] if left else []


def pairing_names(
    gold: RecordFile, answers: RecordFile, columns: Columns, *, alone: bool
) -> tuple[str, ...]:
    """Return where ids stand in both files; () where rows are numbered or keys are ids."""
    if columns.id is not None:
        for file in (gold, answers):
            require_column(file, columns.id)
        return tuple(columns.id.split(".")) if columns.id not in gold.names else (columns.id,)
    if all(row.key is not None for row in (*gold.rows, *answers.rows)):
        return ()
    common = [n for n in ID_NAMES if n in answers.names and n in gold.names]
    keyed = [file for file in (gold, answers) if file.rows and file.rows[0].key is not None]
    if keyed:
        common = [
            n for n in ID_NAMES if all(n in f.names for f in (gold, answers) if f not in keyed)
        ]
    used = {columns.expected, columns.predicted}
    free = [name for name in common if name not in used]
    if not free and not alone:
        shared = [name for name in gold.names if name in answers.names]
        hint = f"name it: --id NAME; columns of both: {', '.join(shared) or 'none'}"
        what = "which column holds the ids that pair the records?"
        raise UsageError(Problem(what, "no-id", hint=hint))
    return (free[0],) if free else ()


def pairing_notes(
    gold: RecordFile, answers: RecordFile, names: tuple[str, ...], columns: Columns
) -> Iterator[Problem]:
    """Yield what is told of how two files are paired."""
    for file in (gold,) if answers is gold else (gold, answers):
        yield from sheet_notes(file)
    if names and columns.id is None and names != ("id",):
        hint = "another: --id NAME"
        yield Problem(f"records are paired by `{names[0]}`", "paired-by", at(answers.file), hint)


def no_overlap(
    gold: RecordFile,
    answers: RecordFile,
    ids: tuple[Sequence[str], Sequence[str]],
    names: tuple[str, ...],
) -> Problem:
    """Return the problem of two files without any id in common."""
    few = f"truths: {few_ids(ids[0])}; predictions: {few_ids(ids[1])}"
    by = f" by `{'.'.join(names)}`" if names else ""
    what = f"no record goes with a truth in {str(gold.file)!r}{by} ({few})"
    hint = "name the column that both share: --id NAME"
    return Problem(what, "unlike-paths", at(answers.file), hint)


def truth_of_row(row: Row, names: tuple[str, ...], column: str | None, file: Path) -> Json:
    """Return the truth in a record; JSON in a text is read."""
    value = without_id(row, names) if column is None else value_under(row.value, column)
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return parse_json(value, file)
        except HarnessError:
            return value  # a text that begins with a bracket
    return value


def _require_json(values: Mapping[str, Json], rows: Mapping[str, Row], file: Path) -> None:
    """Refuse truths that are broken JSON in a column whose other truths are sound."""
    if not any(isinstance(value, dict | list) for value in values.values()):
        return
    broken = [key for key, value in values.items() if isinstance(value, str)]
    if broken:
        first = broken[0]
        what = f"{counted(len(broken), 'truth')} not JSON as the others are: {few_ids(broken)}"
        raise HarnessError(Problem(what, "bad-json", at(file, rows[first].line)))


def answer_of_row(
    row: Row, names: tuple[str, ...], column: str | None, truth: Json
) -> Answer | Failure:
    """Return the answer in a record; a text is read as a model's reply where the truth is JSON."""
    record = row.value
    if column is None and row.key is None and isinstance(record, dict):
        is_reply = "raw" in record and "value" not in record and has_answer_keys(record)
        if is_reply or "said" in record:
            read = entry_of_run if "said" in record else entry_of_user
            entry = read({**record, "id": str(record.get("id", ""))}, ParsedJson(record))
            if not isinstance(entry, Problem):
                return entry.read(_LIMITS)
    value = without_id(row, names) if column is None else value_under(record, column)
    if isinstance(value, str) and (isinstance(truth, dict | list) or value.lstrip()[:1] == "{"):
        return read_reply(str(value), _LIMITS)
    parsed = with_overflow_as_text(value)
    return Answer(parsed.value, repairs=parsed.repairs)


def _settled(
    truths: Mapping[str, Json], replies: Mapping[str, Answer | Failure], schema: Json
) -> tuple[dict[str, Json], dict[str, Answer | Failure]]:
    """Return both sides with every cell read as what its field holds."""
    answers = {key: each.value for key, each in replies.items() if isinstance(each, Answer)}
    ours, theirs = settle_cells(list(truths.values()), list(answers.values()), schema)
    typed = dict(zip(answers, theirs, strict=True))
    return dict(zip(truths, ours, strict=True)), {
        key: replace(each, value=typed[key]) if isinstance(each, Answer) else each
        for key, each in replies.items()
    }


def check_fields(fields: Iterable[str], truths: Iterable[Json], file: Path) -> None:
    """Refuse fields that no truth has."""
    known: set[FieldSteps] = set()
    for truth in truths:
        known |= set(_steps_of(truth, ()))
    spoken = {_plain(steps) for steps in known}
    for name in fields:
        if _plain(field_steps(name)) not in spoken:
            hint = did_you_mean(name, {".".join(steps) for steps in spoken if steps})
            what = f"no truth has a field {name!r}"
            raise UsageError(Problem(what, "unknown-field", at(file), hint))


def _steps_of(value: Json, steps: FieldSteps) -> Iterator[FieldSteps]:
    yield steps
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _steps_of(below, (*steps, key))
    elif isinstance(value, list):
        for item in value:
            yield from _steps_of(item, (*steps, ITEM))


def _plain(steps: FieldSteps) -> FieldSteps:
    """Return a field without its `[]`, which may be left out where fields are chosen."""
    return tuple(step for step in steps if step != ITEM)


def _only_of(reply: Answer | Failure, wanted: Sequence[FieldSteps]) -> Answer | Failure:
    return (
        replace(reply, value=only_fields(reply.value, wanted))
        if isinstance(reply, Answer)
        else reply
    )


def only_fields(value: Json, wanted: Sequence[FieldSteps]) -> Json:
    """Return a value with nothing in it but the fields wanted."""
    ways = [_plain(steps) for steps in wanted]
    if any(not way for way in ways):
        return value
    if isinstance(value, list):
        return [only_fields(item, ways) for item in value]
    if not isinstance(value, dict):
        return value
    heads = {way[0] for way in ways}
    return {
        key: only_fields(below, [way[1:] for way in ways if way[0] == key])
        for key, below in value.items()
        if key in heads
    }
