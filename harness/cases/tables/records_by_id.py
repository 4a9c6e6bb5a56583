"""Records by id: the column that holds ids, and a record without its id."""

from __future__ import annotations

from typing import Final

from harness.cases.files.file_names import few_ids
from harness.cases.files.places import at, nfc
from harness.cases.tables.record_file import RecordFile, Row
from harness.core.number_text import counted
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

ID_NAMES: Final = (
    "id", "case_id", "doc_id", "document_id", "uid", "uuid", "key", "filename", "file_name",
    "file", "document",
)  # fmt: skip
"""Columns that are taken for ids unless one is named, the first that both files have."""


def id_column(file: RecordFile) -> tuple[str, ...]:
    """Return where the ids of a file's records stand; () where its keys are ids.

    Raises UsageError where no column has a name that ids have.
    """
    if all(row.key is not None for row in file.rows):
        return ()
    named = next((name for name in ID_NAMES if name in file.names), None)
    if named is None:
        what = "no column has a name that ids have"
        hint = f"call it `id`; columns: {', '.join(file.names)}"
        raise UsageError(Problem(what, "no-id", at(file.file), hint))
    return (named,)


def value_under(record: Json, name: str) -> Json:
    """Return what stands under a dotted name, a key with that very name first."""
    if isinstance(record, dict) and name in record:
        return record[name]
    value = record
    for step in name.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def id_of_row(row: Row, names: tuple[str, ...], number: int, width: int) -> str | None:
    """Return a record's id as text; without a column its number, in so many digits; None if bad."""
    key: Json = row.key
    if key is None:
        key = value_under(row.value, ".".join(names)) if names else f"{number:0{width}d}"
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    if isinstance(key, bool) or not isinstance(key, str | int):
        return None
    return nfc(str(key).strip()) or None


def records_by_id(file: RecordFile, names: tuple[str, ...], noun: str) -> dict[str, Row]:
    """Return records by id. Raises HarnessError with those that have none, or that of another."""
    rows: dict[str, Row] = {}
    nameless: list[int] = []
    twice: dict[str, int] = {}
    width = len(str(len(file.rows)))
    for number, row in enumerate(file.rows, start=1):
        key = id_of_row(row, names, number, width)
        if key is None:
            nameless.append(row.line or number)
        elif key in rows:
            twice.setdefault(key, row.line or number)
        else:
            rows[key] = row
    name = ".".join(names)
    problems = []
    if nameless:
        what = f"{counted(len(nameless), 'record')} without `{name}`, the first here"
        hint = "another column holds the ids: --id NAME"
        problems.append(Problem(what, "no-id", at(file.file, nameless[0]), hint))
    if twice:
        what = f"{counted(len(twice), 'id')} with a second {noun}: {few_ids(list(twice))}"
        hint = "another column holds the ids: --id NAME"
        problems.append(Problem(what, "duplicate-case", at(file.file, min(twice.values())), hint))
    if not rows and not problems:
        problems.append(Problem("there is no record in it", "no-truth", at(file.file)))
    if problems:
        raise HarnessError(*problems)
    return rows


def without_id(row: Row, names: tuple[str, ...]) -> Json:
    """Return a record less its id; the value of an `{"id", "value"}` envelope."""
    record = row.value
    if row.key is not None or not isinstance(record, dict):
        return record
    if record.keys() - {"id"} == {"value"}:
        return record["value"]
    return _without(record, names)


def _without(record: Json, names: tuple[str, ...]) -> Json:
    if not isinstance(record, dict) or not names:
        return record
    head, *below = names
    if not below:
        return {key: value for key, value in record.items() if key != head}
    return {
        key: _without(value, tuple(below)) if key == head else value
        for key, value in record.items()
    }
