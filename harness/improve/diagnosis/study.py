"""Study of a run: its visible cases judged by today's truths, and their errors clustered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.digest import canonical
from harness.cases.discovery.splits import (
    DEV,
    HOLDOUT,
)
from harness.cases.suite import Suite
from harness.core.records import Case
from harness.core.rules.field_rule import parse_rules
from harness.core.scores.scorecard import Empty
from harness.errors import HarnessError, Problem, UsageError, Where, did_you_mean
from harness.improve.diagnosis.clusters import Analysis, analyse
from harness.improve.diagnosis.disputes import open_places
from harness.improve.diagnosis.exams import Sitting, sit
from harness.improve.diagnosis.other_prompts import ScoreScale, weighed
from harness.run.results.own_comparators import stored_functions
from harness.run.store import read_cases, read_replicates, read_run
from harness.run.stored.stored_run import RunDocument, StudiedRun

ALL_SPLITS: Final = "all"
"""What is shown of a suite that has no splits."""


@dataclass(frozen=True, slots=True)
class StudyScope:
    """Scope of a feedback bundle."""

    top: int | None = None
    """Clusters that are shown in full; None for as many as it takes to reach the target."""
    split: str = DEV
    without: tuple[str, ...] = ()
    """Ids of cases to leave out, so that an edit can be judged on what it never saw."""
    target_f1: float | None = None
    """None: the suite's own, if it has one."""
    version: str | None = None
    """What the prompt is kept under, so that an edit can be checked against it."""
    tokens: int | None = None
    """The most the prompt's texts may come to; None for the usual cap."""
    focus: tuple[str, ...] = ()
    """Fields whose F1 is to rise before all others; empty for those that rules mark."""


@dataclass(frozen=True, slots=True)
class Study:
    """A run as far as it may be looked at."""

    run: str
    record: StudiedRun
    suite: Suite | None
    split: str
    cases: tuple[Case, ...]
    """Those that may be shown."""
    withheld: int
    sitting: Sitting
    analysis: Analysis
    disputed: frozenset[tuple[str, str]] = frozenset()
    """Case and path of truths that are in doubt: nobody should learn from them."""
    changed: tuple[str, ...] = ()
    """Ids of cases whose truth is another one than when the run was made."""


def study(folder: Path, suite: Suite | None, wanted: StudyScope) -> Study:
    """Judge a run's answers to the cases that may be looked at, and cluster their errors.

    Truths, rules and splits are the suite's as they are now, or the run's own without a suite.

    Raises HarnessError if the folder holds no run or none of its cases may be shown, UsageError
    for the holdout, for an unknown case, and for the suite of another run.
    """
    record = read_run(folder)
    if suite is not None and suite.name != record["suite"]:
        what = f"the run is of suite {record['suite']!r}, not of {suite.name!r}"
        raise UsageError(Problem(what, "other-suite", Where(folder)))
    stored = () if suite else read_cases(folder, record["schemas"])
    cases = tuple(suite.cases if suite else stored)
    split, shown = _shown(cases, wanted)
    if not shown:
        what = f"no case of split {split!r} is left to be shown"
        raise HarnessError(Problem(what, "nothing-to-show", Where(folder)))
    rules = suite.rules if suite else parse_rules(record["rules"])
    empty: Empty = suite.empty if suite else record["empty"]
    functions = suite.comparators.functions if suite else stored_functions(folder, record)
    sitting = sit(shown, read_replicates(folder).values(), rules, functions)
    there = {case.id for case in shown}.union(wanted.without)
    withheld = sum(case.id not in there for case in cases)
    analysis = weighed(folder, analyse(sitting.exams, empty), ScoreScale(rules, functions))
    disputed = open_places(suite) if suite else frozenset()
    changed = _changed(folder, record, shown) if suite else ()
    return Study(
        str(folder), record, suite, split, shown, withheld, sitting, analysis, disputed, changed
    )


def _changed(folder: Path, record: RunDocument, cases: Iterable[Case]) -> tuple[str, ...]:
    """Return the ids of cases whose truth was another one when the run was made."""
    truths = {case.id: case.truth for case in read_cases(folder, record["schemas"])}
    return tuple(
        case.id
        for case in cases
        if case.id in truths and canonical(truths[case.id]) != canonical(case.truth)
    )


def _shown(cases: Sequence[Case], wanted: StudyScope) -> tuple[str, tuple[Case, ...]]:
    """Return the split and those of its cases that are not left out."""
    if wanted.split == HOLDOUT:
        hint = "what is looked at is no holdout any more; the sealed look is `harness holdout`"
        raise UsageError(Problem("the holdout is never shown", "sealed", hint=hint))
    known = {case.id for case in cases}
    unknown = [
        Problem(f"there is no case {name!r}", "unknown-case", hint=did_you_mean(name, known))
        for name in wanted.without
        if name not in known
    ]
    if unknown:
        raise UsageError(*unknown)
    splits = {case.split for case in cases if case.split is not None}
    if splits and wanted.split not in splits:
        near = did_you_mean(wanted.split, splits - {HOLDOUT})
        raise UsageError(Problem(f"there is no split {wanted.split!r}", "unknown-split", hint=near))
    there = (case for case in cases if case.id not in wanted.without)
    shown = tuple(case for case in there if not splits or case.split == wanted.split)
    return wanted.split if splits else ALL_SPLITS, shown
