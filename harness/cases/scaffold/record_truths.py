"""Truths that stand in one file, and answers at hand: read as records by id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.cases.files.places import at, nfc
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.tables.record_file import kind_by_name, read_record_file
from harness.cases.tables.records_by_id import id_column, records_by_id, without_id
from harness.cases.tables.untyped_cells import settle
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

_RAW: Final = frozenset({"raw", "said"})


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that were given earlier."""

    name: str
    """What the extractor is called."""
    path: Path
    """A folder of replies, or a file of lines in our own form, that is copied as it is."""
    values: Mapping[str, Json] | None = None
    """Records of a file in another form, to be written as lines; None where it is copied."""
    confidences: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """By case id, how sure each field's value is, from 0 to 1."""


def record_values(file: Path) -> dict[str, Json]:
    """Return the values of a file of records by id; cells without a type stay cells.

    Raises HarnessError with what cannot be read, UsageError where no column holds ids.
    """
    records = read_record_file(file)
    names = id_column(records)
    rows = records_by_id(records, names, "truth")
    return {key: _unpacked(without_id(row, names), file) for key, row in rows.items()}


def parse_truth(file: Path) -> Json:
    """Return the value of a truth's own file. Raises HarnessError."""
    return parse_json(read_text(file), file)


def _unpacked(value: Json, file: Path) -> Json:
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return parse_json(value, file)
        except HarnessError:
            return value
    return value


def read_answers(path: Path) -> Answers:
    """Return answers at hand: a folder, or a file of records.

    Raises UsageError where there are none, HarnessError with what cannot be read.
    """
    if not path.exists():
        raise UsageError(Problem(f"{str(path)!r} does not exist", "no-such-path"))
    name = path.name if path.is_dir() else path.stem
    if path.is_dir():
        return Answers(name, path)
    if kind_by_name(path) == "jsonl" and _is_ours(path):
        return Answers(name, path)
    return Answers(name, path, record_values(path))


def _is_ours(file: Path) -> bool:
    """Tell whether lines hold replies or a run's answers, which only their own reader knows."""
    rows = read_record_file(file).rows
    return any(isinstance(row.value, dict) and _RAW & row.value.keys() for row in rows)


def both_settled(
    truths: Mapping[str, Json], answers: Mapping[str, Json]
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return truths and answers with every cell read as what its field holds."""
    ours, theirs = settle(list(truths.values()), list(answers.values()), None)
    return dict(zip(truths, ours, strict=True)), dict(zip(answers, theirs, strict=True))


def by_document(
    values: Mapping[str, Json], documents: Mapping[str, Path], file: Path
) -> dict[str, Json]:
    """Return values by case id: their ids are case ids, files' names, or paths that end in them.

    Raises HarnessError where none of them is a document's.
    """
    names: dict[str, str] = {}
    for case_id, path in documents.items():
        for name in (path.stem, path.name, case_id):
            names[nfc(name)] = case_id
    found: dict[str, Json] = {}
    for key, value in values.items():
        found_id = names.get(key) or names.get(Path(key).name) or names.get(Path(key).stem)
        if found_id is not None:
            found[found_id] = value
    if not found:
        first = next(iter(values), "none")
        what = f"no id is a document's name: the first is {first!r}"
        hint = f"documents are called {', '.join(sorted(documents)[:3])}"
        raise HarnessError(Problem(what, "no-cases", at(file), hint))
    return found
