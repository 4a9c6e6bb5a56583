"""Make a new suite out of documents, truths and answers; it loads, or nothing is written."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.cases.discovery.find_files import DOCUMENTS, TRUTHS
from harness.cases.files.findings import Findings
from harness.cases.files.places import at, find_root
from harness.cases.files.reading import SETTINGS_BYTES, read_bytes
from harness.cases.load import load_suites
from harness.cases.scaffold.found_files import (
    SuiteFiles,
    documents_in,
    folder_of,
    found_in,
    suite_name,
    truths_below,
)
from harness.cases.scaffold.record_truths import (
    Answers,
    answers_by_case,
    both_settled,
    by_document,
    parse_truth,
    read_answers,
    record_values,
)
from harness.cases.scaffold.suite_texts import (
    SuiteText,
    file_name,
    inferred_text,
    prompt_text,
    schema_text,
)
from harness.cases.suite import Suite
from harness.cases.suite_file.suite_keys import is_name
from harness.core.number_text import counted
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

PROMPTS: Final = "prompts"
_OF_TEXT: Final = frozenset({"empty-document", "little-text", "doubtful-encoding"})
"""Warnings about documents that are told at once."""
_UNLABELLED: Final = frozenset({"no-cases", "no-truth"})
"""What is said of a suite that has no truth yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Options of a new suite; None where the user says nothing."""

    documents: Path | None = None
    truths: Path | None = None
    """A folder, or one file of records."""
    answers: Path | None = None
    """Predictions at hand: a folder, or one file of records."""
    schema: str | None = None
    """A JSON Schema file, or `module:Model`."""
    evals: Path = field(default_factory=lambda: Path("evals"))
    name: str | None = None
    sheets: tuple[str, ...] = ()
    """Of workbooks: one for truths and answers, or one of each."""

    def sheet(self, side: int) -> str | None:
        """Return the sheet of the truths (0) or of the answers (-1); None where none is named."""
        return self.sheets[side] if self.sheets else None


@dataclass(frozen=True, slots=True)
class NewSuite:
    """A suite that was written."""

    suite: Path
    schema: Path | None
    prompt: Path | None
    documents: int
    truths: int
    folders: Mapping[str, Path]
    """Where documents, truths and answers are."""
    written: tuple[Path, ...]
    notes: tuple[Problem, ...]
    """What was left out or not paired, a line a cause."""
    inferred: bool
    """The schema was inferred from the truths."""
    runnable: bool
    """It has an extractor already."""
    loaded: tuple[Suite, ...] = ()
    """The suite as it is read; nothing where the machine lacks what reads its documents."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Files to be written, and notes about them."""

    texts: Mapping[Path, str]
    copies: Mapping[Path, Path]


def init_suite(wanted: Wanted) -> NewSuite:
    """Write a suite of what there is, and return what was written and what was left out.

    Without a name, the suite is called after the documents' folder, or after its parent if that is
    called `documents`. Files that are in their place already stay there; what cannot be used is
    noted, and the rest goes on.

    Raises HarnessError with every problem, having written nothing; no file is ever overwritten.
    """
    files = _found(wanted)
    name = wanted.name or _name(wanted)
    answers = read_answers(wanted.answers, wanted.sheet(-1)) if wanted.answers else None
    if answers is not None:
        named = {case_id: Path(case_id) for case_id in files.truths}
        answers = answers_by_case(answers, {**named, **files.files, **files.documents})
        files = replace(files, notes=(*files.notes, *answers.notes))
    schema = schema_text(wanted.schema) if wanted.schema else None
    parts = Parts(name, files, (answers,) if answers else (), schema)
    return write_suite(parts, wanted.evals)


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts that a suite is written of."""

    name: str
    files: SuiteFiles
    answers: tuple[Answers, ...] = ()
    schema: str | None = None
    """The text of its schema file; None infers one from the truths."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Documents that are texts, not files, by case id."""

    @property
    def document_count(self) -> int:
        """Number of documents, files and texts."""
        return len(self.files.documents) + len(self.texts)


@dataclass(frozen=True, slots=True)
class _Places:
    """Paths of the files of a suite."""

    folder: Path
    truths: Path
    prompt: Path
    up: str
    """From the suite's folder to the project."""

    @classmethod
    def of(cls, evals: Path, name: str) -> _Places:
        """Return the places of a suite of that name."""
        folder = evals.resolve() / name
        project = find_root(folder) or folder.parent.parent
        up = "../" * len(folder.relative_to(project).parts)
        return cls(folder, project / TRUTHS / name, project / PROMPTS / name, up)


def write_suite(parts: Parts, evals: Path) -> NewSuite:
    """Write a suite. Raises HarnessError, having written nothing."""
    name, files = parts.name, parts.files
    if not is_name(name):
        raise UsageError(Problem(f"{name!r} cannot be a suite's name", "bad-value"))
    places = _Places.of(evals, name)
    truths, settled = _settled(parts)
    schema = parts.schema or (inferred_text(truths.values()) if truths else None)
    texts = {
        places.folder / "suite.yaml": _suite_text(parts, places, has_schema=schema is not None)
    }
    if schema is not None:
        texts[places.folder / "schema.json"] = schema
    if parts.document_count and not places.prompt.exists():
        texts[places.prompt / "user.md"] = prompt_text()
    documents = places.folder / DOCUMENTS
    copies = {p: documents / f"{i}{p.suffix}" for i, p in files.documents.items()}
    texts |= {documents / f"{case_id}.txt": text for case_id, text in parts.texts.items()}
    for case_id, value in truths.items():
        target = places.truths / f"{case_id}.json"
        if case_id in files.files:
            copies[files.files[case_id]] = target
        else:
            texts[target] = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    for answers in parts.answers:
        _add_answers(answers, settled.get(answers.name, {}), places.folder, (texts, copies))
    plan = _Plan(texts, {p: target for p, target in copies.items() if p != target})
    _refuse_existing(plan)
    loaded = _write(plan, places)
    made = _new_suite(parts, places, plan, inferred=parts.schema is None)
    odd = tuple(p for suite in loaded for p in suite.warnings if p.code in _OF_TEXT)
    return replace(made, loaded=loaded, notes=(*made.notes, *odd))


def _settled(parts: Parts) -> tuple[dict[str, Json], dict[str, dict[str, Json]]]:
    """Return truths and answers by extractor with every cell read as what its field holds."""
    given = {
        f"{number}\0{key}": value
        for number, answers in enumerate(parts.answers)
        for key, value in (answers.values or {}).items()
    }
    truths, flat = both_settled(parts.files.truths, given)
    answers_by_name: dict[str, dict[str, Json]] = {}
    for name, value in flat.items():
        number, _, key = name.partition("\0")
        answers_by_name.setdefault(parts.answers[int(number)].name, {})[key] = value
    return truths, answers_by_name


def _suite_text(parts: Parts, places: _Places, *, has_schema: bool) -> str:
    kind = "given" if parts.schema else "inferred" if has_schema else ""
    has_documents = bool(parts.document_count)
    return SuiteText(
        parts.name,
        f"{places.up}{TRUTHS}/{parts.name}",
        kind,
        f"{places.up}{PROMPTS}/{parts.name}" if has_documents else None,
        tuple(map(answers_place, parts.answers)),
        has_documents,
    ).text()


def _new_suite(parts: Parts, places: _Places, plan: _Plan, *, inferred: bool) -> NewSuite:
    folder, files = places.folder, parts.files
    schema = folder / "schema.json"
    return NewSuite(
        folder / "suite.yaml",
        schema if schema in plan.texts else None,
        places.prompt if parts.document_count else None,
        parts.document_count,
        len(files.truths),
        {DOCUMENTS: folder / DOCUMENTS, TRUTHS: places.truths, "answers": folder / "answers"},
        (*plan.texts, *plan.copies.values()),
        files.notes,
        inferred,
        bool(parts.answers),
    )


def _name(wanted: Wanted) -> str:
    if wanted.documents is not None:
        return suite_name(folder_of(wanted.documents))
    if wanted.truths is None:
        return ""
    truths = wanted.truths.resolve()
    return truths.parent.name if truths.name == TRUTHS else truths.stem


def _found(wanted: Wanted) -> SuiteFiles:
    truths = wanted.truths
    if truths is not None and not truths.exists():
        raise UsageError(Problem(f"{str(truths)!r} does not exist", "no-such-path"))
    is_file = truths is not None and truths.is_file()
    if wanted.documents is None:
        return _without_documents(truths, wanted.sheet(0), is_file=is_file)
    if wanted.documents.is_file():
        what = f"{str(wanted.documents)!r} is not a folder of documents"
        given = shlex.quote(str(wanted.documents))
        hint = f"if it holds truths: harness init --truths {given}"
        raise UsageError(Problem(what, "no-such-path", hint=hint))
    documents = folder_of(wanted.documents)
    if truths is None or not is_file:
        return found_in(documents, folder_of(truths) if truths else None)
    files = documents_in(documents, [truths.resolve()])
    records = record_values(truths, "truth", wanted.sheet(0))
    values = records.by_id
    named = by_document(values, files.documents, truths)
    notes = [*files.notes, *records.notes]
    for what, number in (
        ("document without a ground truth", len(files.documents) - len(named)),
        ("ground truth without a document, left out", len(values) - len(named)),
    ):
        if number:
            word, _, rest = what.partition(" without")
            notes.append(Problem(f"{counted(number, word)} without{rest}", "no-truth", at(truths)))
    return SuiteFiles(files.documents, named, {}, tuple(notes))


def _without_documents(truths: Path | None, sheet: str | None, *, is_file: bool) -> SuiteFiles:
    if truths is None:
        what = "documents or truths are needed to make a suite of"
        hint = "harness init DOCUMENTS, or harness init --truths FILE --answers FILE"
        raise UsageError(Problem(what, "nothing-given", hint=hint))
    if is_file:
        by_case = record_values(truths, "truth", sheet)
        return SuiteFiles(truths=_safe_ids(by_case.by_id, truths), notes=by_case.notes)
    folder = folder_of(truths)
    files = truths_below(folder)
    findings = Findings()
    values: dict[str, Json] = {}
    for key, path in files.items():
        try:
            values[key] = parse_truth(path)
        except HarnessError as error:
            findings.add(error.problems)
    if not values:
        findings.stop()
        raise HarnessError(Problem("there is no ground truth in it", "no-truth", at(folder)))
    return SuiteFiles(
        truths=values, files={k: files[k] for k in values}, notes=tuple(findings.problems)
    )


def _safe_ids(values: Mapping[str, Json], file: Path) -> dict[str, Json]:
    """Return truths by ids that can be names of files. Raises HarnessError for others."""
    odd = [key for key in values if "/" in key or "\\" in key or key.startswith(".")]
    if odd:
        hint = "ids become names of files: no slash, no dot in front"
        what = f"{counted(len(odd), 'id')} cannot be a case's: {odd[0]!r}"
        raise HarnessError(Problem(what, "bad-id", at(file), hint))
    return dict(values)


def answers_place(answers: Answers) -> tuple[str, str]:
    """Return what an extractor is called, and where its answers are from the suite."""
    is_folder = answers.values is None and answers.path.is_dir()
    ending = "" if is_folder else ".jsonl"
    return answers.name, f"answers/{file_name(answers.name)}{ending}"


def _add_answers(
    answers: Answers,
    answers_of_case: Mapping[str, Json],
    folder: Path,
    plan: tuple[dict[Path, str], dict[Path, Path]],
) -> None:
    texts, copies = plan
    target = folder / answers_place(answers)[1]
    if answers.values is not None:
        lines = (
            answer_line(key, value, answers.confidences) for key, value in answers_of_case.items()
        )
        texts[target] = "".join(lines)
    elif answers.path.is_dir():
        copies |= {path: target / name for name, path in answers.files.items()}
    else:
        copies[answers.path] = target


def answer_line(case_id: str, value: Json, known: Mapping[str, Mapping[str, float]]) -> str:
    """Return a recorded answer as a line, with the confidences known of it."""
    sure = known.get(case_id)
    line = {"id": case_id, "value": value} | ({"confidences": dict(sure)} if sure else {})
    return json.dumps(line, ensure_ascii=False) + "\n"


def _refuse_existing(plan: _Plan) -> None:
    findings = Findings()
    for target in (*plan.texts, *plan.copies.values()):
        if target.exists() or target.is_symlink():
            findings.add([Problem("exists already", "exists", at(target))])
    findings.stop()


def _write(plan: _Plan, places: _Places) -> tuple[Suite, ...]:
    """Write all files, or none: what was written is taken back when anything fails.

    Returns the suite as it is read; nothing where the machine lacks what reads it.
    """
    made: list[Path] = []
    try:
        for target, text in plan.texts.items():
            _create(target, text.encode(), made)
        for source, target in plan.copies.items():
            _create(target, read_bytes(source, SETTINGS_BYTES), made)
        if find_root(places.folder) is None:
            _make_folder(places.truths, made)  # the mark of a project that has none yet
        return _checked(places.folder)
    except BaseException as error:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            what = f"cannot be written: {error.strerror}"
            raise HarnessError(Problem(what, "unwritable", at(places.folder))) from None
        raise


def _checked(folder: Path) -> tuple[Suite, ...]:
    """Load the suite. Raises HarnessError unless truths are all that it lacks."""
    try:
        return load_suites(folder, unlabelled=True)
    except HarnessError as error:
        lacks = _UNLABELLED | {"missing-package", "missing-program"}
        if any(problem.code not in lacks for problem in error.problems):
            raise
        return ()


def _create(target: Path, data: bytes, made: list[Path]) -> None:
    """Write a new file and the folders above it, noting each thing made."""
    _make_folder(target.parent, made)
    with target.open("xb") as file:
        made.append(target)
        file.write(data)


def _make_folder(folder: Path, made: list[Path]) -> None:
    for path in reversed((folder, *folder.parents)):
        if not path.exists():
            path.mkdir()
            made.append(path)
