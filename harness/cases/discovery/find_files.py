"""File discovery: documents by the name of their case, truths and schemas by `{id}`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final

from harness.cases.files.file_names import files_by_name
from harness.cases.files.findings import Findings
from harness.cases.files.places import FilePlace, at, is_hidden, is_pattern, nfc
from harness.cases.suite_file.suite_settings import SuiteSettings
from harness.errors import HarnessError, Problem

DOCUMENTS: Final = "documents"
"""Folder that documents are in unless the suite says otherwise."""
TRUTHS: Final = "ground_truth"
"""Folder of the project, or of the suite, that truths are in unless the suite says otherwise."""

ById = Mapping[str, Path]


def documents_by_id(
    settings: SuiteSettings, place: FilePlace, findings: Findings
) -> Mapping[str, tuple[Path, ...]] | None:
    """Return documents by the name of their file without its ending; None where there are none.

    Several documents of one name are for the caller to judge.
    """
    documents = settings.content.documents
    if documents is not None and not documents:
        return None
    if (
        documents is None
        and settings.content.cases
        and all(c.documents for c in settings.content.cases)
    ):
        return MappingProxyType({})
    by_id: dict[str, dict[Path, None]] = {}
    for number, text in enumerate(documents or [DOCUMENTS]):
        where = settings.where("documents", number)
        for path in findings.attempt(partial(_documents, text, place), where) or ():
            by_id.setdefault(nfc(path.stem), {})[path] = None
    return {stem: tuple(paths) for stem, paths in sorted(by_id.items())}


def truths_by_id(settings: SuiteSettings, place: FilePlace, findings: Findings) -> ById:
    """Return ground-truth files by id."""
    template = settings.content.ground_truth
    if template is not None:
        where = settings.where("ground_truth")
        return findings.attempt(lambda: _by_template(template, place, "ground truth"), where) or {}
    for folder in truth_folders(settings, place):
        if folder.is_dir():
            return _matching(folder, "{id}.json", place)
    return {}


def truth_folders(settings: SuiteSettings, place: FilePlace) -> tuple[Path, Path]:
    """Return the folders that truths are looked for in, the first that exists being taken."""
    name = settings.content.name or place.folder.name
    return place.project / TRUTHS / name, place.folder / TRUTHS


def truth_folder(settings: SuiteSettings, place: FilePlace) -> Path:
    """Return the folder that truths are in, or that new ones go to: the part without `{id}`."""
    template = settings.content.ground_truth
    if template is None:
        folders = truth_folders(settings, place)
        return next((folder for folder in folders if folder.is_dir()), folders[0])
    parts = PurePosixPath(template).parts
    plain = next((n for n, part in enumerate(parts) if "{id}" in part), len(parts))
    return place.folder.joinpath(*parts[:plain])


def schemas_by_id(
    settings: SuiteSettings, place: FilePlace, findings: Findings
) -> ById | Path | None:
    """Return the suite's one schema file, or one by id; None if it has none."""
    template = settings.content.schema_
    if template is None:
        only, many = place.folder / "schema.json", place.folder / "schemas"
        if only.exists():
            inside = findings.attempt(lambda: _kept_inside([only], place))
            return inside[0] if inside else None
        return _matching(many, "{id}.json", place) if many.is_dir() else None
    where = settings.where("schema")
    if "{id}" in template:
        return findings.attempt(lambda: _by_template(template, place, "schema"), where)
    return findings.attempt(lambda: place.find(template, "schema"), where)


def _documents(text: str, place: FilePlace) -> list[Path]:
    if is_pattern(text) and not place.locate(text, "documents").exists():
        return _globbed(text, place)
    path = place.find(text, "documents")
    if not path.is_dir():
        return [path]
    names = sorted(e.name for e in os.scandir(path) if not is_hidden(e.name) and not e.is_dir())
    return _kept_inside([path / name for name in names], place)


def _globbed(text: str, place: FilePlace) -> list[Path]:
    parts = PurePosixPath(text).parts
    plain = next(n for n, part in enumerate(parts) if is_pattern(part))
    base = place.find("/".join(parts[:plain]) or ".", "documents")
    matches = _glob(base, "/".join(parts[plain:]))
    files = [p for p in matches if not is_hidden(p.name) and not p.is_dir()]
    if not files:
        raise HarnessError(Problem(f"documents {text!r} matches no file", "missing-file"))
    return _kept_inside(files, place)


def _kept_inside(paths: list[Path], place: FilePlace) -> list[Path]:
    """Return files as they are. Raises HarnessError for one that cannot be a case's."""
    for path in place.outsiders(paths):
        raise place.outside("is a link that", at(path))
    for path in paths:
        if not path.name.isascii() and any("\ud800" <= c <= "\udfff" for c in path.name):
            name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
            what = f"holds a file whose name is not UTF-8: {name}"
            raise HarnessError(Problem(what, "bad-name", at(path.parent), "rename the file"))
    return paths


def _by_template(text: str, place: FilePlace, what: str) -> ById:
    """Return the files of a folder (`truths`, for `truths/{id}.json`) or of a path with `{id}`."""
    place.locate(text, what)
    if "{id}" not in text:
        folder = place.find(text, what)
        if not folder.is_dir():
            hint = "name a folder, or a path with `{id}`"
            raise HarnessError(Problem(f"{what} {text!r} is not a folder", "bad-value", hint=hint))
        return _matching(folder, "{id}.json", place)
    parts = PurePosixPath(text).parts
    plain = next(n for n, part in enumerate(parts) if "{id}" in part)
    base = place.find("/".join(parts[:plain]) or ".", what)
    return _matching(base, "/".join(parts[plain:]), place)


def _matching(base: Path, template: str, place: FilePlace) -> ById:
    pattern = "*".join(map(_glob_escape, template.split("{id}")))
    first, *others = map(re.escape, template.split("{id}"))
    shape = re.compile(first + "([^/]+)" + r"\1".join(others), re.DOTALL)
    skipped = len(str(base / "x")) - 1
    named: list[tuple[str, Path]] = []
    for path in _glob(base, pattern):
        match = shape.fullmatch(str(path)[skipped:].replace(os.sep, "/"))
        if match and not is_hidden(path.name):
            named.append((nfc(match[1]), path))
    files = files_by_name(named, "file")
    _kept_inside(list(files.values()), place)
    return dict(sorted(files.items()))


def _glob(base: Path, pattern: str) -> list[Path]:
    try:
        return sorted(base.glob(pattern))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise HarnessError(Problem(f"cannot look for {pattern!r}: {reason}", "bad-value")) from None


def _glob_escape(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)
