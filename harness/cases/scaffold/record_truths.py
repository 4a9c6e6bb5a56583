"""Truths and answers from files of records, by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.cases.files.file_names import few_ids
from harness.cases.files.places import at, nfc
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.scaffold.found_files import find_documents
from harness.cases.tables.record_file import kind_by_name, read_record_file, sheet_notes
from harness.cases.tables.records_by_id import id_column, records_by_id, without_id
from harness.cases.tables.untyped_cells import settle_cells
from harness.core.number_text import counted
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
    files: Mapping[str, Path] = field(default_factory=dict)
    """Of a folder: each file by what it is called in the suite."""
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordValues:
    """The values of a file of records."""

    by_id: Mapping[str, Json]
    """Cells without a type stay cells."""
    notes: tuple[Problem, ...]
    """Which part of the file was read, where it has several."""


def record_values(file: Path, noun: str, sheet: str | None = None) -> RecordValues:
    """Return the values of a file of records; `noun` is what they are called in messages.

    Raises HarnessError with what cannot be read, UsageError where no column holds ids.
    """
    records = read_record_file(file, sheet)
    names = id_column(records)
    rows = records_by_id(records, names, noun)
    values = {key: _unpacked(without_id(row, names), file) for key, row in rows.items()}
    return RecordValues(values, tuple(sheet_notes(records)))


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


def read_answers(path: Path, sheet: str | None = None) -> Answers:
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
    values = record_values(path, "answer", sheet)
    return Answers(name, path, values.by_id, notes=values.notes)


def _is_ours(file: Path) -> bool:
    """Tell whether lines hold replies or a run's answers, which only their own reader knows."""
    rows = read_record_file(file).rows
    return any(isinstance(row.value, dict) and _RAW & row.value.keys() for row in rows)


def both_settled(
    truths: Mapping[str, Json], answers: Mapping[str, Json]
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Return truths and answers with every cell read as what its field holds."""
    ours, theirs = settle_cells(list(truths.values()), list(answers.values()), None)
    return dict(zip(truths, ours, strict=True)), dict(zip(answers, theirs, strict=True))


def by_document(
    values: Mapping[str, Json], documents: Mapping[str, Path], file: Path
) -> dict[str, Json]:
    """Return values by case id: their ids are case ids, files' names, or paths that end in them.

    An id that is the name of several documents is none's. Raises HarnessError where none of them
    is a document's, or a document has two.
    """
    keys = keys_by_case(values, documents, file, "truth")
    by_case = {case_id: values[key] for case_id, key in keys.items()}
    if not by_case:
        first = next(iter(values), "none")
        what = f"no id is a document's name: the first is {first!r}"
        hint = f"documents are called {', '.join(sorted(documents)[:3])}"
        raise HarnessError(Problem(what, "no-cases", at(file), hint))
    return by_case


def answers_by_case(answers: Answers, files: Mapping[str, Path]) -> Answers:
    """Return answers under the ids of the cases whose files, given by id, their names name.

    What names none keeps its name. Raises HarnessError where a case has two.
    """
    if answers.values is not None:
        keys = keys_by_case(answers.values, files, answers.path, "answer")
        case_of = {key: case_id for case_id, key in keys.items()}
        values = {case_of.get(key, key): value for key, value in answers.values.items()}
        return replace(answers, values=values)
    if not answers.path.is_dir():
        return answers
    by_path = {p.relative_to(answers.path).as_posix(): p for p in find_documents(answers.path)}
    keys = keys_by_case(by_path, files, answers.path, "answer")
    case_of = {key: case_id for case_id, key in keys.items()}
    return replace(
        answers,
        files={
            f"{case_of[key]}{path.suffix}" if key in case_of else key: path
            for key, path in by_path.items()
        },
    )


def keys_by_case(
    keys: Iterable[str], files: Mapping[str, Path], file: Path, noun: str
) -> dict[str, str]:
    """Return which key names each case by its files. Raises HarnessError where several do."""
    cases = _cases_by_name(files)
    keys_of_cases: dict[str, str] = {}
    twice: dict[str, str] = {}
    for key in keys:
        case_id = key if key in files else _case_named(key, cases)
        if case_id is not None and keys_of_cases.setdefault(case_id, key) != key:
            twice[case_id] = key
    if twice:
        first, second = next(iter(twice.items()))
        what = f"{counted(len(twice), 'case')} with a second {noun}: {few_ids(list(twice))}"
        hint = f"{keys_of_cases[first]!r} and {second!r} both name {first!r}"
        raise HarnessError(Problem(what, "duplicate-case", at(file), hint))
    return keys_of_cases


def _cases_by_name(documents: Mapping[str, Path]) -> dict[str, set[str]]:
    """Return the cases whose documents' paths end in a name, with and without ending."""
    cases: dict[str, set[str]] = {}
    for case_id, path in documents.items():
        parts = nfc(path.as_posix()).split("/")
        for start in range(len(parts)):
            name = "/".join(parts[start:])
            cases.setdefault(name, set()).add(case_id)
            cases.setdefault(name.removesuffix(nfc(path.suffix)), set()).add(case_id)
    return cases


def _case_named(key: str, cases: Mapping[str, set[str]]) -> str | None:
    """Return the case that an id names by as much of its path as any document has; else None."""
    parts = nfc(key).replace("\\", "/").split("/")
    for start in range(len(parts)):
        name = "/".join(parts[start:])
        for form in (name, name.removesuffix(Path(name).suffix)):
            if named := cases.get(form):
                return next(iter(named)) if len(named) == 1 else None
    return None
