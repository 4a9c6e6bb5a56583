"""Repeated runs: one run that is named twice, or stands in two folders as a copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.errors import Problem, UsageError
from harness.run import store


def require_each_once(folders: Sequence[Path], what: str) -> None:
    """Raise UsageError where a run is named twice, or is a copy of another: `what` counts twice.

    A copy says in `run.json` that it is the run that it was copied from, and when that began.
    """
    first_of: dict[object, Path] = {}
    for folder in folders:
        run = store.read_run(folder)
        for key in (folder.resolve(), (run["run_id"], run["started"])):
            first = first_of.setdefault(key, folder)
            if first is folder:
                continue
            how = "is named twice"
            if first.resolve() != folder.resolve():
                how = f"is a copy of {first.name}"
            problem = f"{folder.name} {how}: its {what} would count twice"
            raise UsageError(Problem(problem, "repeated-run", hint="name every run once"))
