"""Import an export of another tool: as a new suite, or as answers of an existing one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.cases.files.places import SUITE_FILES, at
from harness.cases.scaffold.found_files import SuiteFiles, documents_in, few, folder_of, suite_name
from harness.cases.scaffold.imports.export_content import ExportContent, ReadAnswer
from harness.cases.scaffold.imports.read_export import read_export
from harness.cases.scaffold.init_suite import (
    NewSuite,
    Parts,
    answer_line,
    answers_place,
    write_suite,
)
from harness.cases.scaffold.record_truths import Answers, keys_by_case
from harness.cases.scaffold.suite_texts import file_name, recorded_line, schema_text
from harness.core.number_text import counted
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of an import; None for what is left to us."""

    source: Path
    form: str | None = None
    """Which tool wrote it."""
    documents: Path | None = None
    """The folder of the documents that the export names."""
    schema: str | None = None
    name: str | None = None
    evals: Path = Path("evals")


@dataclass(frozen=True, slots=True)
class AddedAnswers:
    """Answers that were written into a suite."""

    form: str
    name: str
    """Of the extractor."""
    file: Path
    cases: int
    line: str
    """What `suite.yaml` has to say of them."""


def import_suite(options: ImportOptions) -> tuple[str, NewSuite]:
    """Write a suite of an export; return which tool wrote it, and the suite.

    Raises HarnessError where it cannot be read or holds no truth.
    """
    form, imported = read_export(options.source, options.form)
    if not imported.truths and not imported.texts:
        what = f"an export of {form} without truths makes no suite"
        hint = "add its answers to one: harness import ... --suite evals/NAME"
        raise UsageError(Problem(what, "no-truth", at(options.source), hint))
    documents, notes = _documents(options, imported)
    waiting = [key for key in imported.texts if key not in imported.truths]
    if waiting:
        notes.append(f"{counted(len(waiting), 'document')} to be labelled: {few(waiting)}")
    warnings = tuple(Problem(note, "import") for note in (*imported.notes, *notes))
    texts = {key: text for key, text in imported.texts.items() if key not in documents}
    parts = Parts(
        options.name or _name(options.source),
        SuiteFiles(documents, imported.truths, notes=warnings),
        tuple(_answers(name, cases, options.source) for name, cases in imported.answers.items()),
        schema_text(options.schema) if options.schema else None,
        texts,
    )
    made = write_suite(parts, options.evals)
    for name, cases in imported.answers.items():
        _write_places(made.folders["answers"] / f"{file_name(name)}.places.json", cases)
    return form, made


def add_answers(options: ImportOptions, suite: Path) -> tuple[AddedAnswers, ...]:
    """Write an export's answers into a suite's folder.

    Raises HarnessError where there are none, or the files are there already.
    """
    folder = folder_of(suite)
    if not any((folder / name).is_file() for name in SUITE_FILES):
        raise UsageError(Problem(f"{str(suite)!r} is no suite's folder", "no-suite"))
    form, imported = read_export(options.source, options.form)
    if not imported.answers:
        raise HarnessError(Problem("holds no answers", "no-truth", at(options.source)))
    added = []
    for name, cases in imported.answers.items():
        called = options.name or name
        answers = replace(_answers(name, cases, options.source), name=called)
        place = answers_place(answers)
        target = folder / place[1]
        if target.exists():
            raise HarnessError(Problem("exists already", "exists", at(target), "choose a --name"))
        lines = (answer_line(key, each.value, answers.confidences) for key, each in cases.items())
        target.parent.mkdir(exist_ok=True)
        target.write_text("".join(lines), "utf-8", newline="\n")
        _write_places(target.with_name(f"{file_name(called)}.places.json"), cases)
        added.append(AddedAnswers(form, called, target, len(cases), recorded_line(*place)))
    return tuple(added)


def _name(source: Path) -> str:
    return suite_name(source.resolve()) if source.is_dir() else source.stem


def _answers(name: str, cases: Mapping[str, ReadAnswer], source: Path) -> Answers:
    values = {key: each.value for key, each in cases.items()}
    return Answers(name, source, values, {key: each.confidences for key, each in cases.items()})


def _documents(
    options: ImportOptions, imported: ExportContent
) -> tuple[dict[str, Path], list[str]]:
    """Return the files that are documents of the export's cases, and what is said of others."""
    folder = options.documents
    if folder is None and options.source.is_dir():
        folder = options.source
    if folder is None:
        named = [key for key in imported.files if key not in imported.texts]
        note = f"{counted(len(named), 'document')} not in the export: --documents FOLDER"
        return {}, [note] if named else []
    folder = folder_of(folder)
    meta = [path for path in folder.glob("metadata.*") if path.is_file()]
    wanted = {*imported.truths, *imported.texts}
    there = documents_in(folder, meta).documents
    links = {key: link.split("?", 1)[0] for key, link in imported.files.items()}
    by_link = {
        link: case_id
        for case_id, link in keys_by_case(
            dict.fromkeys(links.values()), there, options.source, "name in the export"
        ).items()
    }
    documents = {key: path for key, path in there.items() if key in wanted - links.keys()}
    documents |= {key: there[by_link[link]] for key, link in links.items() if link in by_link}
    lost = [key for key in imported.files if key not in documents]
    note = f"{counted(len(lost), 'document')} not in the folder: {few(lost)}"
    return documents, [note] if lost else []


def _write_places(target: Path, cases: Mapping[str, ReadAnswer]) -> None:
    """Write where values stand, in the words of the service, beside its answers."""
    places: dict[str, Json] = {key: dict(each.places) for key, each in cases.items() if each.places}
    if places:
        target.write_text(
            json.dumps(places, ensure_ascii=False, indent=1) + "\n", "utf-8", newline="\n"
        )
