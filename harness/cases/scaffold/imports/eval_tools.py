"""Exports of evaluation tools (promptfoo, inspect_ai, Langfuse, ...) and of data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from harness.cases.files.strict_json import parse_json
from harness.cases.scaffold.imports.annotation_tools import document_text
from harness.cases.scaffold.imports.export_content import (
    ExportContent,
    ExportRecord,
    GivenIds,
    ReadAnswer,
    as_object,
    case_id,
    exported_file_id,
    is_link,
    objects_of,
    unique_ids,
)
from harness.cases.tables.record_file import STDIN
from harness.core.number_text import counted
from harness.core.values import Json
from harness.errors import HarnessError

_EXPECTING: Final = ("equals", "is-json", "contains-json")
_EXPECTED: Final = ("expectedOutput", "expected_output", "expected", "outputs", "target")
_INPUT: Final = ("input", "inputs")
_FILE: Final = ("file_name", "image", "file", "path")
_TRUTH: Final = ("ground_truth", "truth", "expected", "label", "labels", "answer")


def value_of(written: Json) -> Json:
    """Return the JSON that a text holds, also in a code fence; any other value as it is.

    >>> value_of('{"n": 1}'), value_of("plain")
    ({'n': 1}, 'plain')
    """
    if not isinstance(written, str):
        return written
    text = written.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text.partition("\n")[2].removesuffix("```").strip()
    if not text.startswith(("{", "[")):
        return written
    try:
        return parse_json(text, STDIN)
    except HarnessError:
        return written


def _case_of(record: Json, number: int) -> tuple[str, str | None]:
    """Return an id and the document's text of what was asked."""
    if isinstance(record, str):
        return (exported_file_id(record), None) if is_link(record) else (str(number), record)
    if isinstance(record, list):  # a chat: what the user said last
        turns = [m for m in objects_of(record) if m.get("role") == "user"] or objects_of(record)
        content = turns[-1].get("content") if turns else None
        if isinstance(content, list):
            content = "\n".join(str(p["text"]) for p in objects_of(content) if "text" in p)
        return str(number), content if isinstance(content, str) else None
    text = document_text(as_object(record))
    if text is not None and is_link(text):
        return exported_file_id(text), None
    return str(number), text


def _link_of(question: Json) -> str | None:
    """Return the file or link that an input is, or has as its document."""
    text = question if isinstance(question, str) else document_text(as_object(question))
    return text if text is not None and is_link(text) else None


def promptfoo(records: Sequence[ExportRecord]) -> ExportContent:
    """Read results or tests: `equals` and `is-json` assertions with a value are truths.

    `records` are the results of an output file, or the tests of a configuration.
    """
    truths: dict[str, Json] = {}
    texts: dict[str, str] = {}
    answers_by_name: dict[str, dict[str, ReadAnswer]] = {}
    known: dict[str, str] = {}
    ids = GivenIds()
    several = len({record.get("promptIdx", 0) for record in records}) > 1
    unclear = repeated = 0
    for record in records:
        test = as_object(record.get("testCase")) or record
        variables = as_object(record.get("vars") or test.get("vars"))
        mark = repr(sorted(variables.items(), key=lambda each: each[0]))
        if mark not in known:
            known[mark] = ids.unique(_test_id(variables, len(known) + 1))
        key = known[mark]
        text = document_text({k: v for k, v in variables.items() if k not in _TRUTH})
        if text is not None and not is_link(text):
            texts[key] = text
        truth = _asserted(test, variables)
        unclear += truth is None
        if truth is not None:
            truths[key] = truth
        reply = as_object(record.get("response")).get("output")
        if reply is not None:
            answers = answers_by_name.setdefault(_provider(record, several=several), {})
            first = ReadAnswer(value_of(reply))
            repeated += answers.setdefault(key, first) is not first
    notes = []
    if repeated:
        notes.append(f"{counted(repeated, 'further answer')} to a test left out: the first counts")
    if unclear:
        note = "no `equals` or `is-json` with a value, and no variable `expected`"
        notes.append(f"{counted(unclear, 'test')} without a truth: {note}")
    return ExportContent(truths, texts, {}, answers_by_name, tuple(notes))


def _provider(record: ExportRecord, *, several: bool) -> str:
    """Return who answered; with several prompts, also with which."""
    provider = record.get("provider")
    name = str(as_object(provider).get("id") or provider or "answers")
    number = record.get("promptIdx", 0)
    return f"{name} prompt {number + 1}" if several and isinstance(number, int) else name


def _test_id(variables: Mapping[str, Json], number: int) -> str:
    for value in variables.values():
        if isinstance(value, str) and is_link(value.removeprefix("file://")):
            return exported_file_id(value)
    return case_id(variables.get("id", number))


def _asserted(test: ExportRecord, variables: Mapping[str, Json]) -> Json:
    for each in objects_of(test.get("assert")):
        value = value_of(each.get("value"))
        if each.get("type") in _EXPECTING and value is not None and not _is_schema(each, value):
            return value
    return next((value_of(variables[name]) for name in _TRUTH if name in variables), None)


def _is_schema(each: ExportRecord, value: Json) -> bool:
    return each.get("type") != "equals" and isinstance(value, dict) and "properties" in value


def inspect_ai(records: Sequence[ExportRecord], model: str = "answers") -> ExportContent:
    """Read samples of a log: `target` is the truth, the first choice of the output an answer."""
    truths: dict[str, Json] = {}
    texts: dict[str, str] = {}
    answers: dict[str, ReadAnswer] = {}
    repeated = 0
    for number, record in enumerate(records, start=1):
        _, text = _case_of(record.get("input"), number)
        key = case_id(record.get("id", number))
        if key in truths:
            repeated += 1
            continue
        if text is not None:
            texts[key] = text
        truths[key] = value_of(record.get("target"))
        choices = objects_of(as_object(record.get("output")).get("choices"))
        if choices:
            _, reply = _case_of([as_object(choices[0].get("message"))], number)
            answers[key] = ReadAnswer(value_of(reply))
    notes = [f"{counted(repeated, 'further epoch')} left out"] if repeated else []
    return ExportContent(truths, texts, {}, {model: answers} if answers else {}, tuple(notes))


def expectations(records: Sequence[ExportRecord]) -> ExportContent:
    """Read items of Langfuse, LangSmith and Braintrust: an input, what is expected, and an id."""
    truths: dict[str, Json] = {}
    texts: dict[str, str] = {}
    files: dict[str, str] = {}
    answers: dict[str, ReadAnswer] = {}
    archived = 0
    ids = GivenIds()
    for number, record in enumerate(records, start=1):
        if record.get("status") == "ARCHIVED":
            archived += 1
            continue
        question = next((record[name] for name in _INPUT if name in record), None)
        name, text = _case_of(value_of(question), number)
        key = ids.unique(name if name != str(number) else case_id(record.get("id") or number))
        if text is not None:
            texts[key] = text
        elif name != str(number):
            files[key] = _link_of(value_of(question)) or name
        truth = value_of(next((record[n] for n in _EXPECTED if n in record), None))
        truths[key] = _only_output(truth)
        if "output" in record and record["output"] is not None:
            answers[key] = ReadAnswer(value_of(record["output"]))
    notes = [f"{counted(archived, 'archived item')} left out"] if archived else []
    return ExportContent(truths, texts, files, {"output": answers} if answers else {}, tuple(notes))


def _only_output(truth: Json) -> Json:
    """Return what stands under the only key `output` or `answer`, as LangSmith wraps texts."""
    if isinstance(truth, dict) and len(truth) == 1 and next(iter(truth)) in ("output", "answer"):
        return value_of(next(iter(truth.values())))
    return truth


def file_records(records: Sequence[ExportRecord]) -> ExportContent:
    """Read the `metadata` of a folder of files: a file's name, and its truth or fields.

    `{"gt_parse": ...}` in a text is read as what it holds.
    """
    truths: dict[str, Json] = {}
    files: dict[str, str] = {}
    ids = unique_ids(exported_file_id(str(record.get(_file_key(record), ""))) for record in records)
    for key, record in zip(ids, records, strict=True):
        name = _file_key(record)
        files[key] = str(record.get(name, ""))
        column = next((each for each in _TRUTH if each in record), None)
        rest = {k: value_of(v) for k, v in record.items() if k != name}
        truth = value_of(record[column]) if column else rest
        if isinstance(truth, dict) and "gt_parse" in truth:
            truth = truth["gt_parse"]
        truths[key] = truth
    return ExportContent(truths, {}, files)


def _file_key(record: ExportRecord) -> str:
    return next((name for name in _FILE if name in record), "file_name")
