"""A new suite out of a folder of documents and a folder of ground truth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from harness.cases.discovery.find_files import DOCUMENTS, TRUTHS
from harness.cases.documents.document_files import DocumentReader
from harness.cases.files.findings import Findings
from harness.cases.files.places import Place, at, find_root, is_hidden, nfc, shown
from harness.cases.files.reading import SETTINGS_BYTES, read_bytes, read_text
from harness.cases.files.strict_json import parse_json
from harness.cases.files.strict_yaml import plain_scalar
from harness.cases.load import load_suites
from harness.cases.schemas.infer import infer_schema
from harness.cases.suite import Limits, Reading
from harness.cases.suite_file.suite_keys import SCHEMA_URL, is_name
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError

_SUITE: Final = """\
# yaml-language-server: $schema={schema_url}
# A suite: documents, what should be read out of them, and how answers are compared with that.
# All keys may be left out; those behind a # are examples.
name: {name}
# description: what these documents are, and where the ground truth comes from

# Documents are the files in `documents`; the ground truth of documents/x.txt is
# {truths}/x.json

# The shape of an answer. It was inferred from the ground truth: read it, and correct it.
# It goes to the model, so no value of the ground truth is in it. Where a field takes one of a
# closed list of values, add the whole list as `enum`, from the field's definition.
schema: schema.json

# Who answers. One of:
# extractor: {{kind: recorded, answers: answers/my-model}}
# extractor: {{kind: command, command: [python, extract.py, "{{document}}"]}}
# extractor: {{kind: python, function: "my_module:extract"}}

# How a field is compared, where its type in the schema does not say it well enough:
# rules:
#   "line_items[].amount": {{compare: number, relative: 0.005}}

# The F1 to reach:
# target_f1: 0.9
"""


@dataclass(frozen=True, slots=True)
class _Sources:
    documents: tuple[Path, ...]
    truths: Mapping[str, Path]
    """By case id; only those that have a document."""
    values: tuple[Json, ...]


def init_suite(
    documents: Path, truths: Path | None, evals: Path, name: str | None
) -> tuple[Path, ...]:
    """Write a suite of the documents that are in a folder, and return the files written.

    Without a folder of truths, they are the `.json` files of `ground_truth` beside the documents'
    folder, or of the documents' folder itself. Without a name, the suite is called after the
    documents' folder, or after its parent if that is called `documents`. Files that are in their
    place already stay there.

    Raises HarnessError with every problem, having written nothing; no file is ever overwritten.
    """
    findings = Findings()
    documents = _folder(documents)
    named = name or (documents.parent if documents.name == DOCUMENTS else documents).name
    if not is_name(named):
        raise UsageError(Problem(f"{named!r} cannot be a suite's name", "bad-value"))
    sources = _read(documents, truths, findings)
    folder = evals.resolve() / named
    truth_folder = (find_root(folder) or folder.parent.parent) / TRUTHS / named
    copies = {p: folder / DOCUMENTS / p.name for p in sources.documents}
    copies |= {p: truth_folder / f"{i}.json" for i, p in sources.truths.items()}
    copies = {p: target for p, target in copies.items() if p != target}
    above = "../" * len(folder.relative_to(truth_folder.parent.parent).parts)
    suite = _SUITE.format(
        schema_url=SCHEMA_URL, name=_yaml_text(named), truths=f"{above}{TRUTHS}/{named}"
    )
    texts = {folder / "suite.yaml": suite, folder / "schema.json": _schema_text(sources.values)}
    for target in (*texts, *copies.values()):
        if target.exists() or target.is_symlink():
            findings.add([Problem("exists already", "exists", at(target))])
    findings.stop()
    return _write(texts, copies, folder)


def _folder(path: Path) -> Path:
    if not path.is_dir():
        said = "is not a folder" if path.exists() else "does not exist"
        raise UsageError(Problem(f"{str(path)!r} {said}", "no-such-path"))
    return path.resolve()


def _read(documents: Path, truths: Path | None, findings: Findings) -> _Sources:
    """Return the files to take over, all of them read once to see that they can be."""
    beside = documents.parent / TRUTHS
    answers = _folder(truths) if truths else beside if beside.is_dir() else documents
    found = {nfc(p.stem): p for p in _files(answers) if p.suffix == ".json"}
    ours = [p for p in _files(documents) if not (answers == documents and p.suffix == ".json")]
    place = Place(documents, documents)
    first: dict[str, Path] = {}
    for path in ours:
        if findings.attempt(partial(_check_document, path, place)) is None:
            continue
        twin = first.setdefault(nfc(path.stem), path)
        if twin != path:
            what = f"has the name of {twin.name}: a case's name is its document's"
            findings.add([Problem(what, "duplicate-case", at(path), "rename one of them")])
    paired = {i: found[i] for i in first if i in found}
    if not paired and not findings.problems:
        hint = f"looked for `<document's name>.json` in {shown(answers)}"
        what = "no document has a ground truth"
        findings.add([Problem(what, "no-cases", at(documents), hint)])
    values = [findings.attempt(partial(_truth, path)) for path in paired.values()]
    return _Sources(tuple(ours), paired, tuple(values))


def _check_document(path: Path, place: Place) -> Path:
    try:
        DocumentReader(place, Limits(), Reading()).read(path)
    except HarnessError as error:
        hint = "convert it to UTF-8 text, or move it elsewhere"
        raise HarnessError(
            *(replace(p, hint=hint) if p.code == "not-text" else p for p in error.problems)
        ) from None
    return path


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if not is_hidden(p.name) and not p.is_dir())


def _truth(path: Path) -> Json:
    return parse_json(read_text(path), path)


def _schema_text(values: Iterable[Json]) -> str:
    return json.dumps(infer_schema(values), indent=2, ensure_ascii=False) + "\n"


def _yaml_text(name: str) -> str:
    plain = re.fullmatch(r"\w[\w-]*", name) and isinstance(plain_scalar(name), str)
    return name if plain else json.dumps(name, ensure_ascii=False)


def _write(
    texts: Mapping[Path, str], copies: Mapping[Path, Path], folder: Path
) -> tuple[Path, ...]:
    """Write all files, or none: what was written is taken back when anything fails."""
    made: list[Path] = []
    try:
        for target, text in texts.items():
            _create(target, text.encode(), made)
        for source, target in copies.items():
            _create(target, read_bytes(source, SETTINGS_BYTES), made)
        load_suites(folder)
    except BaseException as error:
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            what = f"cannot be written: {error.strerror}"
            raise HarnessError(Problem(what, "unwritable", at(folder))) from None
        raise
    return (*texts, *copies.values())


def _create(target: Path, data: bytes, made: list[Path]) -> None:
    """Write a new file and the folders above it, noting each thing made."""
    for above in reversed(target.parents):
        if not above.exists():
            above.mkdir()
            made.append(above)
    with target.open("xb") as file:
        made.append(target)
        file.write(data)
