"""The files an agent must not touch, compared before and after it worked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from harness.cases.suite import Suite
from harness.run.asking.run_session import cache_file

_SHOWN: Final = 5
_SMALL: Final = 1_000_000
"""Bytes up to which a file is known by its content, not by its size and times alone."""


def snapshot(suite: Suite) -> Mapping[Path, str]:
    """Return what is known of every file that decides what an improvement's figures are worth.

    Those are truths, suites, prompts with their ledgers, the cache of answers, the project's
    settings and what git runs.
    """
    return {file: _known(file) for file in sorted(set(_files(suite)))}


def changes(before: Mapping[Path, str], after: Mapping[Path, str]) -> tuple[Path, ...]:
    """Return the files that are new, gone or different."""
    files = sorted({*before, *after})
    return tuple(file for file in files if before.get(file) != after.get(file))


def file_list(files: Iterable[Path], home: Path) -> str:
    """Return the first of many files by name."""
    names = [f.relative_to(home).as_posix() if f.is_relative_to(home) else str(f) for f in files]
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _files(suite: Suite) -> Iterator[Path]:
    project = suite.project
    prompt = suite.prompt.path if suite.prompt else None
    folders = {suite.folder, *(project / each for each in ("evals", "ground_truth", "prompts"))}
    folders |= {project / ".git" / "hooks", *({prompt.parent} if prompt else ())}
    for folder in folders:
        yield from (file for file in folder.rglob("*") if file.is_symlink() or file.is_file())
    yield from suite.truth_files.values()
    yield from (project / "pyproject.toml", project / ".git" / "config", cache_file(project))


def _known(file: Path) -> str:
    try:
        status = file.lstat()
        if file.is_symlink():
            return f"link to {file.readlink()}"
        if status.st_size <= _SMALL:
            return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return "gone"
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
