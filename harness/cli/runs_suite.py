"""Suite of a run, for commands that need both."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.run.stored.stored_run import RunDocument

EVALS = Path("evals")


def suite_of(run: Path, path: Path | None) -> Suite | None:
    """Return the suite of a run, out of those at a path; None without a path where none is found.

    Without a path it is the suite where the run found it, or one under `evals`.

    Raises HarnessError with what is wrong with the suites, and if the one at the path is another.
    """
    from harness.cases.load import load_suites
    from harness.errors import Problem, UsageError, did_you_mean
    from harness.run.store import read_run

    record = read_run(run)
    name, ruler = str(record["suite"]), record.get("ruler")
    load = partial(
        load_suites, keep_unreadable=True, unlabelled=bool(record.get("asked", {}).get("drafts"))
    )
    home = (run.resolve() / ruler["folder"]).resolve() if ruler else None
    if path is None and home is not None and home.is_dir():
        own = {suite.name: suite for suite in load(home)}
        if name in own:
            return own[name]
    if path is None and not EVALS.is_dir():
        return None
    known = {suite.name: suite for suite in load(path or EVALS)}
    if name not in known and path is not None:
        what = f"the run is of suite {name!r}, which {str(path)!r} does not hold"
        raise UsageError(Problem(what, "other-suite", hint=did_you_mean(name, known)))
    return known.get(name)


def suites_beside(run: Path, record: RunDocument) -> list[Path]:
    """Return the folders with frozen splits where a run's suite was, and under `evals`."""
    from harness.cases.discovery.splits import SPLITS

    ruler = record.get("ruler")
    homes = [EVALS.resolve()]
    if ruler:
        homes.append((run.resolve() / ruler["folder"]).resolve().parent)
    return sorted({file.parent for home in homes for file in home.glob(f"*/{SPLITS}")})
