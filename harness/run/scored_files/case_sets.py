"""Sets of cases in one JSON file: an array of records with ids, or an object keyed by id.

Records are never paired by what they hold: one case is one record, and ids say which go together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, TypeAlias

from harness.cases.files.places import at, nfc
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import strict_json_lines
from harness.cases.suite import Limits
from harness.core.number_text import counted
from harness.core.records import Answer, Case, Failure, FailureKind
from harness.core.rules.field_rule import NO_RULES, Rules, parse_rules
from harness.core.values import FieldPath, Json
from harness.errors import HarnessError, Problem
from harness.extract.recorded.answer_lines import entry_of_user, has_answer_keys
from harness.extract.reply.brackets import DEEPEST
from harness.extract.reply.json_text import Broken, parse

CaseReading: TypeAlias = Literal["auto", "one", "many"]
"""What the user says two JSON files hold: one case, many, or whatever they look like."""

ID: Final = "id"
_MANY: Final = 10
"""Records of one shape from which keys without a digit are taken for ids as well."""
_MOST: Final = 20
"""Records at fault that are told of one by one."""
_NAMED: Final = 3


class Shape(StrEnum):
    """Shapes of a JSON file."""

    ONE = "one case"
    RECORDS = "an array of records with ids"
    KEYED = "an object keyed by id"
    NAMELESS = "an array of records without ids"
    ALIKE = "an object of records alike"
    WRAPPED = "one list of records with ids, under a key"


def shape_of(value: Json, schema: Json, fields: Iterable[str] = ()) -> Shape:
    """Return what a file's value holds.

    A schema or rules that describe the whole value (`type: array`, a property for one of its keys,
    a rule for `[].total`) make it one case.

    >>> shape_of([{"id": "a", "total": 5}, {"id": "b", "total": 7}], None).value
    'an array of records with ids'
    >>> shape_of({"inv-1": {"total": 5}, "inv-2": {"total": 7}}, None).value
    'an object keyed by id'
    >>> shape_of({"seller": {"name": "A"}, "buyer": {"name": "B"}}, None).value
    'an object of records alike'
    >>> shape_of({"seller": {"name": "A"}, "total": 5}, None).value
    'one case'
    >>> shape_of({"documents": [{"id": 1, "total": 5}, {"id": 2, "total": 7}]}, None).value
    'one list of records with ids, under a key'
    """
    if isinstance(value, list):
        if not value or not all(isinstance(record, dict) for record in value):
            return Shape.ONE
        if _says(schema, "array") or any(field.startswith("[") for field in fields):
            return Shape.ONE
        named = sum(isinstance(record, dict) and _id(record) is not None for record in value)
        if named:
            return Shape.RECORDS
        return Shape.NAMELESS if len(value) > 1 else Shape.ONE
    if not isinstance(value, dict) or _describes(schema, fields, value):
        return Shape.ONE
    return _shape_of_object(value)


def wrapped_records(value: Json) -> Json:
    """Return the list of records with ids that is all an object holds; else the value itself.

    >>> wrapped_records({"data": [{"id": 1}, {"id": 2}]})
    [{'id': 1}, {'id': 2}]
    >>> wrapped_records({"data": [{"id": 1}, {"id": 2}], "total": 2})
    {'data': [{'id': 1}, {'id': 2}], 'total': 2}
    """
    if not isinstance(value, dict) or len(value) != 1:
        return value
    (records,) = value.values()
    if not isinstance(records, list) or len(records) < 2:  # noqa: PLR2004  # one record may be one of a case
        return value
    ids = {_id(record) for record in records if isinstance(record, dict)}
    return records if None not in ids and len(ids) == len(records) else value


def _shape_of_object(value: Mapping[str, Json]) -> Shape:
    if wrapped_records(dict(value)) != value:
        return Shape.WRAPPED
    records = [record for record in value.values() if isinstance(record, dict)]
    if not records or len(records) < len(value) or not _are_alike(records):
        return Shape.ONE
    if len(records) > 1 and (all(map(_looks_like_id, value)) or len(records) >= _MANY):
        return Shape.KEYED
    return Shape.ALIKE if len(records) > 1 else Shape.ONE


def _are_alike(records: list[dict[str, Json]]) -> bool:
    """Tell whether records have at least half of all their keys in common, on average."""
    known = {key for record in records for key in record}
    return bool(known) and 2 * sum(map(len, records)) >= len(known) * len(records)


def _looks_like_id(key: str) -> bool:
    return any(letter.isdigit() for letter in key) or "/" in key or "." in key


def _says(schema: Json, kind: str) -> bool:
    if not isinstance(schema, dict):
        return False
    json_type = schema.get("type")
    return json_type == kind or (isinstance(json_type, list) and kind in json_type)


def _describes(schema: Json, fields: Iterable[str], value: Mapping[str, Json]) -> bool:
    """Tell whether a schema or rules name the keys of an object, or say that keys are free."""
    if any(field.split(".")[0].split("[")[0] in value for field in fields):
        return True
    if not isinstance(schema, dict):
        return False
    properties = schema.get("properties")
    if isinstance(properties, dict) and properties:
        return any(key in properties for key in value)
    return isinstance(schema.get("additionalProperties"), dict) or "patternProperties" in schema


def _id(record: Mapping[str, Json]) -> str | None:
    """Return the id of a record as text; None where it has none."""
    identifier = record.get(ID)
    if isinstance(identifier, bool) or not isinstance(identifier, str | int) or identifier == "":
        return None
    return nfc(str(identifier))


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Settings that turn the records of a set into cases."""

    keep_id: bool = False
    """The schema describes `id`: it stays in a record, and is no field that is scored."""

    @property
    def rules(self) -> Rules:
        """Rules of every case: ids are equal by construction, and no merit."""
        return parse_rules({ID: {"ignore": True}}) if self.keep_id else NO_RULES

    def truths(self, value: Json, file: Path) -> dict[str, Json]:
        """Return the truths of a set by id.

        Raises HarnessError with every record that has no id, or that of another.
        """
        value = wrapped_records(value)
        records = _records(value, file, "truth")
        envelope = isinstance(value, list) and all(map(_is_answer, records.values()))
        return {
            key: record["value"] if envelope and isinstance(record, dict) else self._value(record)
            for key, record in records.items()
        }

    def answers(self, file: Path, limits: Limits) -> AnswerSet:
        """Return the answers of a set, its JSON forgiven what a model's is.

        Raises HarnessError with every record that is no answer, or a second one to a case.
        """
        parsed = parse(read_text(file).strip(), DEEPEST)
        if isinstance(parsed, Broken):
            what = f"is not JSON: {parsed.why}"
            hint = "of a set of cases, the predictions are an array or an object of records as well"
            raise HarnessError(Problem(what, "bad-json", at(file), hint))
        value = wrapped_records(parsed.value)
        records = _records(value, file, "answer")
        envelope = isinstance(value, list) and all(map(_is_envelope, records.values()))
        answers: dict[str, Answer | Failure] = {}
        problems: list[Problem] = []
        for key, record in records.items():
            if not envelope or not isinstance(record, dict):
                answers[key] = Answer(self._value(record), None, parsed.repairs)
                continue
            entry = entry_of_user({**record, ID: key}, parsed)
            if isinstance(entry, Problem):
                problems.append(Problem(f"{key!r}: {entry.what}", entry.code, at(file), entry.hint))
            else:
                answers[key] = entry.read(limits)
        if problems:
            raise HarnessError(*_first(problems))
        return AnswerSet(answers)

    def _value(self, record: Json) -> Json:
        """Return a record as what is scored: less its id, which pairs it and is no merit."""
        if self.keep_id or not isinstance(record, dict) or ID not in record:
            return record
        return {key: value for key, value in record.items() if key != ID}


def case_set(schema: Json, rules: Rules) -> CaseSet:
    """Return how records become cases, under what the user says of one."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    described = isinstance(properties, dict) and ID in properties
    return CaseSet(keep_id=described and ID not in rules)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """The answers in one JSON file, by case id."""

    answers: Mapping[str, Answer | Failure]

    async def extract(self, case: Case) -> Answer | Failure:
        """Return the answer to a case."""
        missing = Failure(FailureKind.NO_RECORDING, f"no record with the id {case.id!r}")
        return self.answers.get(case.id, missing)

    def unused(self, case_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the ids of answers none of these cases asks for, sorted."""
        return tuple(sorted(self.answers.keys() - set(case_ids)))


def require_common(
    truths: Mapping[str, object], answers: AnswerSet, files: tuple[Path, Path]
) -> None:
    """Raise HarnessError where no answer is to any of the truths."""
    if truths.keys() & answers.answers.keys():
        return
    few = f"truths: {_few(truths)}; predictions: {_few(answers.answers)}"
    what = f"no record has the id of a truth in {str(files[0])!r} ({few})"
    hint = "if each of the two files is one case: --cases one"
    raise HarnessError(Problem(what, "unlike-paths", at(files[1]), hint))


def reading_note(shape: Shape, cases: int, file: Path) -> Iterator[Problem]:
    """Yield how a file was read, where it can be read as one case and as a set of cases."""
    if shape in (Shape.RECORDS, Shape.KEYED):
        what = f"holds {shape}: scored as {counted(cases, 'case')}, paired by id"
        yield Problem(what, "set-of-cases", at(file), "if it is one case: --cases one")
    elif shape is Shape.NAMELESS:
        what = f"holds {shape}: scored as one case, its items paired by what they hold"
        hint = "if the records are cases, name the key that holds their ids: --id NAME"
        yield Problem(what, "one-case", at(file), hint)
    elif shape is Shape.ALIKE:
        what = f"holds {shape}: scored as one case, its keys being fields"
        yield Problem(what, "one-case", at(file), "if its keys are ids of cases: --cases many")
    elif shape is Shape.WRAPPED:
        what = f"holds {shape}: scored as one case, its items paired by what they hold"
        yield Problem(what, "one-case", at(file), "if the records are cases: --cases many")


def _is_answer(record: Json) -> bool:
    return isinstance(record, dict) and record.keys() == {ID, "value"}


def _is_envelope(record: Json) -> bool:
    """Tell whether a record is an id with an answer, as lines of JSONL files are."""
    if not isinstance(record, dict) or not has_answer_keys(record):
        return False
    return ("value" in record) != ("raw" in record)


def _records(value: Json, file: Path, noun: str) -> dict[str, Json]:
    """Return the records of a file by id, in the one Unicode form that ids are kept in."""
    if isinstance(value, dict):
        return _in_one_form(value, file, noun)
    if not isinstance(value, list):
        what = "is one value, not an array or an object of records"
        raise HarnessError(Problem(what, "one-case", at(file), _ONE))
    by_id: dict[str, Json] = {}
    problems: list[Problem] = []
    lines = _Lines(file)
    for number, record in enumerate(value):
        key = _id(record) if isinstance(record, dict) else None
        if key is None:
            what = f"record {number + 1} of the array has no `{ID}`"
            problems.append(Problem(what, "no-id", at(file, lines.of(number)), _ONE))
        elif key in by_id:
            what = f"a second {noun} for {key!r}"
            problems.append(Problem(what, "duplicate-case", at(file, lines.of(number)), _ONE))
        else:
            by_id[key] = record
    if problems:
        raise HarnessError(*_first(problems))
    return by_id


def _in_one_form(value: Mapping[str, Json], file: Path, noun: str) -> dict[str, Json]:
    """Return an object's members by their keys in one form. Raises HarnessError where two meet."""
    by_id: dict[str, Json] = {}
    problems: list[Problem] = []
    for key, record in value.items():
        if nfc(key) in by_id:
            problems.append(
                Problem(f"a second {noun} for {nfc(key)!r}", "duplicate-case", at(file))
            )
        by_id[nfc(key)] = record
    if problems:
        raise HarnessError(*_first(problems))
    return by_id


_ONE: Final = "if each of the two files is one case: --cases one"


class _Lines:
    """Lines of records, found once somebody asks."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lines: Mapping[FieldPath, int] | None = None

    def of(self, number: int) -> int | None:
        """Return the line a record begins in."""
        if self._lines is None:
            self._lines = strict_json_lines(read_text(self._file))
        return self._lines.get((number,))


def _first(problems: list[Problem]) -> list[Problem]:
    left = len(problems) - _MOST
    return (
        [*problems[:_MOST], Problem(f"and {left} more records like these", "more")]
        if left > 0
        else problems
    )


def _few(ids: Iterable[str]) -> str:
    names = list(ids)
    return ", ".join(map(repr, names[:_NAMED])) + (" …" if len(names) > _NAMED else "")
