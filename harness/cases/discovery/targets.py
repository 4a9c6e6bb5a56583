"""Targets: a path on the command line as a folder of suites, one suite, or one case of one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.discovery.find_files import DOCUMENTS, TRUTHS
from harness.cases.discovery.pair_up import DocumentPair, pair_up
from harness.cases.files.findings import Findings
from harness.cases.files.places import (
    SUITE_FILES,
    FilePlace,
    find_project,
    is_hidden,
    near_name,
    shown_path,
)
from harness.cases.suite_file.suite_keys import SuiteFile
from harness.cases.suite_file.suite_settings import SuiteSettings, read_settings
from harness.cases.tables.record_file import kind_by_name
from harness.errors import Problem, UsageError

_OF_A_TABLE: Final = (
    "truths in one table are scored as they are, `harness score TRUTHS ANSWERS`; to review or audit"
    " them make a suite of them: harness init --truths TRUTHS --answers ANSWERS"
)
_A_SUITE: Final = "a suite is a folder with a `suite.yaml`, or with `documents` and ground truth"


@dataclass(frozen=True, slots=True)
class CaseTarget:
    """One suite to load."""

    folder: Path
    """Absolute and free of symbolic links."""
    file: Path | None
    """Its suite file; None where names say everything."""
    only: Path | None = None
    """A document or truth: load the case it belongs to and no other."""

    def settings(self, findings: Findings) -> SuiteSettings | None:
        """Return what the suite says of itself; None if that cannot be read."""
        if self.file is None:
            return SuiteSettings(self.folder, SuiteFile())
        return read_settings(self.file, findings)

    def place(self) -> FilePlace:
        """Return where the suite is."""
        return FilePlace(self.folder, find_project(self.folder))

    def chosen(self, pairs: Iterable[DocumentPair]) -> tuple[DocumentPair, ...]:
        """Return the pairs to load."""
        if self.only is None:
            return tuple(pairs)
        only = self.only
        return tuple(p for p in pairs if only in map(_real, _files(p)))


def find_targets(path: Path) -> tuple[CaseTarget, ...]:
    """Return the suites a path means, in order of folder. Raises UsageError if it means none."""
    real = _real(path)
    if not os.path.exists(path):  # noqa: PTH110  # Path.exists raises on names that are too long
        near = near_name(str(path), [str(path.parent / n) for n in _names(real.parent)])
        what = f"{str(path)!r} does not exist"
        hint = near or "make a suite: harness init DOCUMENTS --truths TRUTHS"
        raise UsageError(Problem(what, "no-such-path", hint=hint))
    if real.is_dir():
        return _in_folder(real)
    if real.suffix in (".yaml", ".yml"):
        return (CaseTarget(real.parent, real),)
    return (_of_file(real),)


def _in_folder(folder: Path) -> tuple[CaseTarget, ...]:
    own = _target(folder)
    if own:
        return (own,)
    below = tuple(t for name in _names(folder) if (t := _target(folder / name)))
    if below:
        return below
    around = next((t for p in folder.parents if (t := _target(p))), None)
    if (folder / "evals").is_dir():
        hint = f"did you mean {str(shown_path(folder / 'evals'))!r}?"
    elif around and folder.is_relative_to(around.folder / DOCUMENTS):
        hint = f"the suite is {str(shown_path(around.folder))!r}"
    else:
        hint = _OF_A_TABLE if (folder / "run.json").is_file() else _A_SUITE
    raise UsageError(Problem(f"{str(shown_path(folder))!r} holds no suite", "no-suite", hint=hint))


def _target(folder: Path) -> CaseTarget | None:
    for name in SUITE_FILES:
        if (folder / name).is_file():
            return CaseTarget(_real(folder), _real(folder) / name)
    return CaseTarget(_real(folder), None) if (folder / DOCUMENTS).is_dir() else None


def _of_file(file: Path) -> CaseTarget:
    """Return the suite that has a file as a document or truth, and only the file's case of it."""
    project = find_project(file.parent)
    around = [p for p in file.parents if p.is_relative_to(project)]
    folders = [project / a for a in _names(project) if a != TRUTHS and (project / a).is_dir()]
    below = [f / name for f in folders for name in _names(f)]
    for folder in dict.fromkeys((*around, *folders, *below)):
        whole_suite = _target(folder)
        if whole_suite is None:
            continue
        target = CaseTarget(whole_suite.folder, whole_suite.file, file)
        quiet = Findings()
        settings = target.settings(quiet)
        pairing = pair_up(settings, target.place(), quiet) if settings else None
        if pairing and target.chosen((*pairing.pairs, *pairing.unlabelled)):
            return target
    what = f"{str(shown_path(file))!r} is not the document or ground truth of any case"
    hint = _OF_A_TABLE if kind_by_name(file) not in (None, "json") else _A_SUITE
    raise UsageError(Problem(what, "not-a-case", hint=hint))


def _files(pair: DocumentPair) -> tuple[Path, ...]:
    return pair.documents if pair.truth is None else (pair.truth, *pair.documents)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _names(folder: Path) -> list[str]:
    try:
        return sorted(n for n in os.listdir(folder) if not is_hidden(n))  # noqa: PTH208  # names only
    except OSError:
        return []
