"""Which run someone means: a folder, a part of its name, or `last`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.errors import Problem, UsageError, did_you_mean
from harness.run.store import run_folders

LAST: Final = "last"
_TIME: Final = re.compile(r"\d{8}-\d{6}-")
"""What run folders begin with; what follows is a name for a run, too."""
_NEAR: Final = "did you mean"
_NAMED: Final = 5
"""Runs a message names before it says how many more there are."""


def find_run(named: str, reports: Path) -> Path:
    """Return the folder of the run that `named` stands for.

    A path is taken as it is, whether or not a run is there; `last` is the newest run under
    `reports`; anything else is a part of one run folder's name there, and of no other's,
    or the end of one, as an extractor's name is. A whole name is that folder's.
    Raises UsageError where no run, or more than one, is meant.
    """
    if Path(named).is_dir() or "/" in named or "\\" in named:
        return Path(named)
    folders = run_folders(reports)
    if named == LAST and folders:
        return folders[0]
    whole = re.compile(rf"(^|-){re.escape(named)}(-\d+)?$")
    found = [folder for folder in folders if named in folder.name]
    found = [folder for folder in found if whole.search(folder.name)] or found
    found = [folder for folder in found if folder.name == named] or found
    if len(found) == 1:
        return found[0]
    raise UsageError(_none(named, reports, folders) if not found else _several(named, found))


def _none(named: str, reports: Path, folders: Sequence[Path]) -> Problem:
    if not folders:
        hint = "make one: harness run"
        return Problem(f"no runs in {reports}", "no-run", hint=hint)
    what = f"no run in {reports} is called {named!r}"
    names = [folder.name for folder in folders]
    near = did_you_mean(named, {LAST, *names, *(_TIME.sub("", name) for name in names)})
    if near is None or not near.startswith(_NEAR):
        near = did_you_mean(named, [LAST, *names[:_NAMED]])
    return Problem(what, "no-run", hint=near)


def _several(named: str, found: Sequence[Path]) -> Problem:
    names = ", ".join(folder.name for folder in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    what = f"{len(found)} runs have {named!r} in their names"
    return Problem(what, "many-runs", hint=f"say more of the name: {names}{more}")
