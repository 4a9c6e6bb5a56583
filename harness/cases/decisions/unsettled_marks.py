"""Marks of truth files that are about to be written: a command that was killed leaves them."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import quote

from harness.cases.decisions.decision_log import FOLDER

_MARKS: Final = ".unsettled"


def mark_unsettled(home: Path, case: str) -> None:
    """Note that the log is about to know more of a case than its truth file."""
    file = _file(home, case)
    file.parent.mkdir(parents=True, exist_ok=True)
    ignored = home / FOLDER / ".gitignore"
    if not ignored.exists():
        ignored.write_text(f"{_MARKS}/\n", encoding="utf-8", newline="\n")
    file.touch()


def is_unsettled(home: Path, case: str) -> bool:
    """Tell whether a truth file is behind the log because nobody came to write it."""
    return _file(home, case).exists()


def mark_settled(home: Path, case: str) -> None:
    """Note that a truth file says what the log says."""
    file = _file(home, case)
    file.unlink(missing_ok=True)


def _file(home: Path, case: str) -> Path:
    """Return the mark of a case.

    >>> _file(Path("truths"), "a/b").as_posix()
    'truths/review/.unsettled/a%2Fb'
    """
    return home / FOLDER / _MARKS / quote(case, safe=" @+").replace("..", "%2E%2E")
