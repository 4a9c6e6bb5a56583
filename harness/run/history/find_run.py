"""Run lookup: a folder, a part of its name, or `last`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from harness.errors import HarnessError, Problem, UsageError, did_you_mean
from harness.run.store import RESULTS, RUN, read_run, run_folders

LAST: Final = "last"
_TIME: Final = re.compile(r"\d{8}-\d{6}-")
"""What run folders begin with; what follows is a name for a run, too."""
_COUNTED: Final = re.compile(r"last(:(?P<name>[^~]+))?(~(?P<back>\d+))?")
_NEAR: Final = "did you mean"
_NAMED: Final = 5
"""Runs a message names before it says how many more there are."""


def find_run(named: str, reports: Path) -> Path:
    """Return the folder of the run that `named` stands for.

    A path is taken as it is, whether or not a run is there; so is a folder here, unless it holds
    no run and its name is that of one under `reports`. `last` is the newest run under
    `reports`, `last~1` the one before, `last:NAME` and `last:NAME~1` the same among the runs
    whose names have NAME in them. Anything else is a part of a run folder's name there, or the
    end of one, as an extractor's name is: the newest run of that suite and extractor. A whole
    name is that folder's. Raises UsageError where no run is meant, or runs of several names are.
    """
    folder = Path(named)
    if "/" in named or "\\" in named or (folder / RUN).is_file():
        return folder
    folders = run_folders(reports)
    if folder.is_dir() and not _COUNTED.fullmatch(named) and not _called(named, folders):
        return folder
    if (counted_back := _COUNTED.fullmatch(named)) and folders:
        name, back = counted_back["name"] or "", int(counted_back["back"] or 0)
        mine = _called(name, folders) if name else folders
        if back < len(mine):
            return mine[back]
        raise UsageError(_none(name, reports, folders) if not mine else _too_few(named, mine))
    folders_found = _called(named, folders)
    if folders_found and (len(folders_found) == 1 or len(set(map(_what_ran, folders_found))) == 1):
        return folders_found[0]
    raise UsageError(
        _none(named, reports, folders) if not folders_found else _several(named, folders_found)
    )


def last_run_of(suite: str, reports: Path) -> Path | None:
    """Return the newest run of a suite that was scored; None where there is none."""
    for folder in run_folders(reports):
        if (folder / RESULTS).is_file() and _what_ran(folder)[0] == suite:
            return folder
    return None


def _called(named: str, folders: Sequence[Path]) -> Sequence[Path]:
    """Return the runs that a name stands for, newest first."""
    whole = re.compile(rf"(^|-){re.escape(named)}(-\d+)?$")
    matches = [folder for folder in folders if named in folder.name]
    matches = [folder for folder in matches if whole.search(folder.name)] or matches
    return [folder for folder in matches if folder.name == named] or matches


def _what_ran(folder: Path) -> tuple[str, str | None]:
    """Return a run's suite and extractor; the folder's name where its record cannot be read."""
    try:
        record = read_run(folder)
    except HarnessError:
        return folder.name, None
    return record["suite"], record["extractor"]


def _too_few(named: str, mine: Sequence[Path]) -> Problem:
    what = f"{named!r} goes back too far: there are {len(mine)} such runs"
    return Problem(what, "no-run", hint=f"the oldest is {mine[-1].name}")


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


def _several(named: str, matches: Sequence[Path]) -> Problem:
    names = ", ".join(folder.name for folder in matches[:_NAMED])
    more = f" and {len(matches) - _NAMED} more" if len(matches) > _NAMED else ""
    what = f"{len(matches)} runs have {named!r} in their names"
    return Problem(what, "many-runs", hint=f"say more of the name: {names}{more}")
