"""User-defined comparators that the rules of a stored run name."""

from __future__ import annotations

from pathlib import Path

from harness.cases.files.places import find_project
from harness.cases.files.user_functions import Home, load_comparators
from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.errors import HarnessError, Problem, Where
from harness.run import store
from harness.run.stored.stored_run import RunDocument


def stored_functions(folder: Path, record: RunDocument) -> Functions:
    """Return the user-defined comparators of a run, imported from where its suite was.

    Raises HarnessError where one is gone, or is not what it was: the score would not be the same.
    """
    stored = record.get("comparators")
    if not stored:
        return NO_FUNCTIONS
    home, where = (folder.resolve() / stored["folder"]).resolve(), Where(folder / store.RUN)
    hint = f"harness rescore {folder} --suite ... scores with a suite as it is today"
    if not home.is_dir():
        what = f"the folder of {', '.join(stored['sha256'])} is not there: {stored['folder']}"
        raise HarnessError(Problem(what, "no-comparator", where, hint))
    comparators = load_comparators(stored["sha256"], Home(home, find_project(home), where))
    changed = [
        name for name, digest in stored["sha256"].items() if comparators.sha256[name] != digest
    ]
    if changed:
        what = f"{', '.join(changed)} is not what it was when the run was scored"
        raise HarnessError(Problem(what, "comparator-changed", where, hint))
    return comparators.functions
