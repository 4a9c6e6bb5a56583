"""Read an export: the tool that wrote it, told by its shape, and its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness.cases.files.file_names import files_by_name, flat_names
from harness.cases.files.places import at
from harness.cases.files.reading import read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.files.strict_yaml import parse_yaml
from harness.cases.scaffold.found_files import find_documents
from harness.cases.scaffold.imports.annotation_tools import argilla, doccano, label_studio
from harness.cases.scaffold.imports.document_services import azure, google, llama_extract, textract
from harness.cases.scaffold.imports.eval_tools import (
    expectations,
    file_records,
    inspect_ai,
    promptfoo,
)
from harness.cases.scaffold.imports.export_content import (
    ExportContent,
    ExportRecord,
    ReadAnswer,
    as_object,
    case_id,
    objects_of,
)
from harness.cases.tables.record_file import kind_by_name, read_record_file
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

TOOLS: Final[Mapping[str, Callable[[Sequence[ExportRecord]], ExportContent]]] = MappingProxyType(
    {
        "label-studio": label_studio,
        "argilla": argilla,
        "doccano": doccano,
        "promptfoo": promptfoo,
        "inspect": inspect_ai,
        "langfuse": expectations,
        "langsmith": expectations,
        "braintrust": expectations,
        "huggingface": file_records,
    }
)
SERVICES: Final[Mapping[str, Callable[[ExportRecord], ReadAnswer]]] = MappingProxyType(
    {
        "llamaextract": llama_extract,
        "azure": azure,
        "textract": textract,
        "google": google,
    }
)
FORMATS: Final = (*TOOLS, *SERVICES)
_YAML: Final = (".yaml", ".yml")
_METADATA: Final = ("metadata.jsonl", "metadata.csv", "metadata.parquet")


def read_export(source: Path, form: str | None) -> tuple[str, ExportContent]:
    """Return which tool wrote an export, and what it holds; a folder is one of files, or data set.

    Raises HarnessError where it cannot be read, UsageError where its shape is none of the known.
    """
    if not source.exists():
        raise UsageError(Problem(f"{str(source)!r} does not exist", "no-such-path"))
    if source.is_dir():
        return _folder(source, form)
    whole = _value(source)
    form = form or _format_of(whole)
    if form is None:
        hint = f"name it: --from {'|'.join(FORMATS)}"
        raise UsageError(Problem("is no export known here", "unknown-export", at(source), hint))
    if form in SERVICES:
        answer = SERVICES[form](as_object(whole))
        return form, ExportContent(answers={form: {_document_of(source): answer}})
    read = TOOLS[form]
    if form == "inspect" and isinstance(whole, dict):
        model = str(as_object(whole.get("eval")).get("model") or "answers")
        read = partial(inspect_ai, model=model)
    return form, read(_records(whole, source))


def _folder(folder: Path, form: str | None) -> tuple[str, ExportContent]:
    for name in _METADATA:
        if (folder / name).is_file():
            return "huggingface", file_records(_records(_value(folder / name), folder / name))
    answers: dict[str, ReadAnswer] = {}
    for name, path in _results_in(folder).items():
        whole = _value(path)
        form = form or _format_of(whole)
        if form is None or form not in SERVICES:
            what = "is no result of a service known here"
            hint = f"name it: --from {'|'.join(SERVICES)}"
            raise UsageError(Problem(what, "unknown-export", at(path), hint))
        answers[name] = SERVICES[form](as_object(whole))
    if form is None or not answers:
        what = "holds no export: neither metadata.jsonl nor results in *.json"
        raise HarnessError(Problem(what, "unknown-export", at(folder)))
    return form, ExportContent(answers={form: answers})


def _results_in(folder: Path) -> dict[str, Path]:
    """Return the results in a folder and below by the document that each is about."""
    files = [p for p in find_documents(folder) if p.suffix.lower() == ".json"]
    below = {p: p.parent.relative_to(folder).joinpath(_document_of(p)).as_posix() for p in files}
    ids = flat_names(below.values())
    return files_by_name(((case_id(ids[below[p]]), p) for p in files), "result")


def _document_of(path: Path) -> str:
    """Return the document a result is about: `inv-01.pdf.json` is of `inv-01`."""
    stem = Path(path.stem)
    return case_id(stem.stem if stem.suffix.lower() in (".pdf", ".png", ".jpg", ".tiff") else stem)


def _value(file: Path) -> Json:
    """Return a file's value: an object or list of JSON or YAML, or a list of records."""
    if file.suffix in _YAML:
        return parse_yaml(read_text(file), file).value
    if kind_by_name(file) == "json":
        return parse_json(read_text(file), file)
    records = read_record_file(file)
    if records.other_sheets:
        what = f"has {len(records.other_sheets) + 1} sheets, and an export is one table"
        raise UsageError(Problem(what, "sheet", at(file), "harness init --truths takes --sheet"))
    rows: list[Json] = [row.value for row in records.rows]
    return rows


def _records(whole: Json, file: Path) -> list[ExportRecord]:
    """Return the records of an export, wherever its tool keeps them."""
    records = objects_of(_inner(whole))
    if not records:
        raise HarnessError(Problem("holds no records", "no-truth", at(file)))
    return list(records)


def _inner(whole: Json) -> Json:
    """Return the list of records inside what a tool writes around it."""
    value = whole
    while isinstance(value, dict):
        inside = next((value[n] for n in _AROUND if isinstance(value.get(n), dict | list)), None)
        if inside is None:
            return value
        value = inside
    return value


_AROUND: Final = ("results", "samples", "tests", "data", "examples", "records")
_MARKS: Final[Sequence[tuple[str, frozenset[str]]]] = (
    ("label-studio", frozenset({"annotations", "data"})),
    ("argilla", frozenset({"fields", "responses"})),
    ("inspect", frozenset({"target", "input"})),
    ("doccano", frozenset({"text", "label"})),
    ("doccano", frozenset({"text", "labels"})),
    ("doccano", frozenset({"text", "entities"})),
    ("promptfoo", frozenset({"vars"})),
    ("langfuse", frozenset({"input", "expectedOutput"})),
    ("langfuse", frozenset({"input", "expected_output"})),
    ("langsmith", frozenset({"inputs", "outputs"})),
    ("braintrust", frozenset({"input", "expected"})),
    ("huggingface", frozenset({"file_name"})),
)
_WHOLE_MARKS: Final[Sequence[tuple[str, str]]] = (
    ("llamaextract", "extraction_metadata"),
    ("llamaextract", "extract_metadata"),
    ("azure", "analyzeResult"),
    ("textract", "ExpenseDocuments"),
    ("textract", "Blocks"),
    ("google", "entities"),
)


def _format_of(whole: Json) -> str | None:
    """Return the tool that writes such a value; None where none does."""
    if isinstance(whole, dict):
        inner = as_object(whole.get("document")) or whole
        for form, mark in _WHOLE_MARKS:
            if mark in inner:
                return form
    first = next(iter(objects_of(_inner(whole))), {})
    return next((form for form, marks in _MARKS if marks <= first.keys()), None)
