"""Paths: project roots, paths that may not leave them, and paths as messages show them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Final

from harness.errors import HarnessError, Problem, Where, did_you_mean

SUITE_FILES: Final = ("suite.yaml", "suite.yml")
_NAME_BYTES: Final = 255
"""What file systems allow a name to have."""
_PATH: Final = 1_000
_MOST_NAMES: Final = 8
"""A hint lists the names beside a missing one only if they are this few."""


def shown_path(path: Path) -> PurePath:
    """Return a path as a message says it: relative to the current directory when below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def at(path: Path, line: int | None = None) -> Where:
    """Return the place of a file, and of a line in it, as a message says it."""
    return Where(shown_path(path), line)


def find_root(folder: Path) -> Path | None:
    """Return the nearest folder at or above a suite's that looks like a project's root, if any.

    A root holds `pyproject.toml`, `.git` or, above the suite, `ground_truth` that is no suite.
    """
    for place in (folder, *folder.parents):
        if any((place / mark).exists() for mark in (".git", "pyproject.toml")):
            return place
        truths = place / "ground_truth"
        if place != folder and truths.exists() and not _is_suite(truths):
            return place
    return None


def find_project(folder: Path) -> Path:
    """Return the root of a suite's project: without any mark of one, the suite's parent."""
    return find_root(folder) or folder.parent


def project_at(folder: Path) -> Path:
    """Return the root of the project that a folder is in, or that it is itself."""
    root = find_root(folder / SUITE_FILES[0]) or folder
    return find_project(folder) if _is_suite(folder) else root


def reports_here() -> Path:
    """Return where runs are looked for: `reports` here, or in the project this folder is in."""
    here = Path("reports")
    root = None if here.is_dir() else find_root(Path.cwd())
    return Path(shown_path(root / here)) if root else here


def reports_of(suite: Path) -> Path:
    """Return the absolute folder that runs of a suite's folder go to, and are looked for in.

    That is `reports_here`, unless the suite is of a project that this folder is not in: then its
    project's. A suite without any mark of a project is taken for one of the project here.
    """
    root = find_root(suite)
    is_here = root is None or Path.cwd().is_relative_to(root)
    return Path.cwd() / reports_here() if is_here or root is None else root / "reports"


def _is_suite(folder: Path) -> bool:
    return any((folder / name).is_file() for name in SUITE_FILES)


def nfc(text: str) -> str:
    r"""Return a name in the one Unicode form ids are kept in; file systems differ in theirs.

    >>> nfc("cafe\u0301") == "caf\u00e9"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_pattern(text: str) -> bool:
    """Tell whether a path holds wildcards.

    >>> is_pattern("documents/*.txt"), is_pattern("documents")
    (True, False)
    """
    return re.search(r"[*?\[]", text) is not None


def is_hidden(name: str) -> bool:
    """Tell whether a file is one nobody put there to be read: hidden, or an editor's backup.

    >>> [is_hidden(n) for n in (".DS_Store", "a.txt~", "#a.txt#", "~$a.docx", "Thumbs.db", "a.txt")]
    [True, True, True, True, True, False]
    """
    return name.startswith((".", "#", "~$")) or name.endswith("~") or name in _LITTER


_LITTER: Final = frozenset({"Thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A suite's folder and its project, both absolute and free of symbolic links."""

    folder: Path
    project: Path

    def name_of(self, path: Path) -> str:
        """Return a path relative to the suite's folder, with forward slashes."""
        text, folder = str(path), f"{self.folder}{os.sep}"
        if text.startswith(folder):  # asked for every file: texts are quicker
            return text[len(folder) :].replace(os.sep, "/")
        return PurePath(os.path.relpath(path, self.folder)).as_posix()

    def holds(self, path: Path) -> bool:
        """Tell whether a path, its symbolic links followed, stays inside the project."""
        real = os.path.realpath(path)
        return real == str(self.project) or real.startswith(os.path.join(self.project, ""))  # noqa: PTH118  # asked for every file: texts are quicker

    def outsiders(self, paths: Sequence[Path]) -> list[Path]:
        """Return those of many files that a symbolic link leads out of the project."""
        folders = {os.path.dirname(path) for path in paths}  # noqa: PTH120  # as above
        inside = {folder for folder in folders if self.holds(Path(folder))}
        return [
            path
            for path in paths
            if (os.path.dirname(path) not in inside or os.path.islink(path))  # noqa: PTH114, PTH120  # as above
            and not self.holds(path)
        ]

    def find(self, text: str, what: str) -> Path:
        """Return the existing file or folder a user named, relative to the suite's folder.

        Raises HarnessError if there is none, or if it lies outside the project.
        """
        path = self.locate(text, what)
        if os.path.exists(path):  # noqa: PTH110  # Path.exists raises on names that are too long
            return path
        twin = next((p for p in _beside(path) if nfc(p.name) == nfc(path.name)), None)
        if twin is not None:
            return twin
        gone = os.path.islink(path)  # noqa: PTH114  # as above
        fault = "is a link to a file that is gone" if gone else "does not exist"
        raise HarnessError(
            Problem(f"{what} {text!r} {fault}", "missing-file", hint=self._hint(path, text))
        )

    def locate(self, text: str, what: str) -> Path:
        """Return where a path a user wrote leads. Raises HarnessError if outside the project."""
        longest = max(len(os.fsencode(part)) for part in text.split("/"))
        if "\0" in text or not text.strip() or longest > _NAME_BYTES or len(text) > _PATH:
            raise HarnessError(Problem(f"{what} {text!r} is not a path", "bad-value"))
        if PurePosixPath(text).is_absolute() or PureWindowsPath(text).anchor:
            raise HarnessError(
                Problem(
                    f"{what} {text!r} is an absolute path",
                    "outside-project",
                    hint="write it relative to the suite's folder, so that it works everywhere",
                )
            )
        path = Path(os.path.normpath(self.folder / text))
        if not self.holds(path):
            raise self.outside(f"{what} {text!r}")
        return path

    def outside(self, what: str, where: Where | None = None) -> HarnessError:
        """Return the error that says something lies outside the project."""
        here = self.project == Path.cwd()
        root = self.project.name if here else str(shown_path(self.project))
        return HarnessError(
            Problem(
                f"{what} leads outside the project",
                "outside-project",
                where,
                f"the project is {root}: copy what is needed into it",
            )
        )

    def _hint(self, path: Path, text: str) -> str | None:
        from_project = Path(os.path.normpath(self.project / text))
        if self.holds(from_project) and os.path.exists(from_project):  # noqa: PTH110  # as in find
            return f"paths start at the suite's folder: write {self.name_of(from_project)!r}"
        return near_name(path.name, (p.name for p in _beside(path)))


def refuse_link_out(path: Path) -> None:
    """Raise HarnessError where a file is a link that leads out of the project it stands in."""
    if path.is_symlink():
        place = FilePlace(path.parent.resolve(), find_project(path.parent.resolve()))
        if not place.holds(path):
            raise place.outside("is a link that", at(path))


def refuse_links_out(folder: Path, files: Sequence[Path]) -> None:
    """Raise HarnessError with every file of a folder that a link leads out of its project."""
    home = folder.resolve()
    place = FilePlace(home, find_project(home))
    errors = [place.outside("is a link that", at(path)) for path in place.outsiders(files)]
    if errors:
        raise HarnessError(*(problem for error in errors for problem in error.problems))


def near_name(name: str, names: Iterable[str]) -> str | None:
    """Return a hint with the nearest name, or with all of them when they are few."""
    visible = [n for n in names if not is_hidden(n)]
    hint = did_you_mean(name, visible)
    return hint if hint and (len(visible) <= _MOST_NAMES or hint.startswith("did you")) else None


def _beside(path: Path) -> list[Path]:
    try:
        return sorted(path.parent.iterdir())
    except OSError:
        return []


def shown_within(path: Path, project: Path) -> str:
    """Return the path relative to the project, with forward slashes; as it is when outside.

    >>> shown_within(Path("/home/me/work/evals/suite.yaml"), Path("/home/me/work"))
    'evals/suite.yaml'
    """
    inside = path.relative_to(project) if path.is_relative_to(project) else path
    return inside.as_posix()
