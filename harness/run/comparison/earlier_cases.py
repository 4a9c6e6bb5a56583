"""Cases chosen by an earlier run: those it got wrong, and those that are not as it asked them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fnmatch import translate
from glob import escape
from pathlib import Path
from re import compile as compiled
from typing import TypeAlias

from harness.cases.digest import canonical
from harness.cases.suite import Suite
from harness.core.outcomes import Outcome
from harness.core.records import Case
from harness.errors import Problem, UsageError, did_you_mean
from harness.run import store
from harness.run.comparison.side import asked_digest, read_arm
from harness.run.selection import Selection

WantedCases: TypeAlias = Callable[[Case], bool]


def wrong_in(folder: Path) -> WantedCases:
    """Return what tells the cases that a run got wrong, in any field or replicate, or not at all.

    Cases that the run did not ask are none of them. Raises HarnessError if it was not scored.
    """
    wrong = {
        case["id"]
        for case in store.read_results(folder)["cases"]
        if case["failure"] or any(d["outcome"] != Outcome.CORRECT for d in case["diffs"])
    }
    return lambda case: case.id in wrong


def changed_since(folder: Path) -> WantedCases:
    """Return what tells the cases that a run did not ask as they are now.

    They are new, or their documents, truth, schema or reviews have changed. Raises HarnessError
    if the run was not scored.
    """
    digests = {name: question.digest for name, question in read_arm(folder).questions.items()}

    def is_other(case: Case) -> bool:
        schema = None if case.schema is None else canonical(case.schema)
        return digests.get(case.id) != asked_digest(case, schema)

    return is_other


def of_earlier_run(
    suites: Sequence[Suite], selection: Selection, folder: Path, wanted: WantedCases
) -> tuple[Suite, Selection]:
    """Return the run's suite, and the selection narrowed to its cases that are wanted.

    Raises UsageError where the suite is not among those given, or none of its cases is wanted.
    """
    name = store.read_run(folder)["suite"]
    suite = next((suite for suite in suites if suite.name == name), None)
    if suite is None:
        hint = did_you_mean(name, [each.name for each in suites])
        raise UsageError(Problem(f"no suite {name!r}, which the run is of", "no-suite", hint=hint))
    patterns = [compiled(translate(pattern)) for pattern in selection.patterns]
    ids = [
        case.id
        for case in suite.cases
        if wanted(case) and (not patterns or any(each.match(case.id) for each in patterns))
    ]
    if not ids:
        what = f"nothing to ask: no case of {name!r} is one of those that {folder.name} leaves"
        raise UsageError(Problem(what, "no-cases", hint="leave out the option to ask all"))
    return suite, replace(selection, patterns=tuple(map(escape, ids)))
