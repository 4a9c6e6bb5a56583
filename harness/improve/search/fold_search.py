"""Improvements by folds: what a search is worth on documents that had no part in it.

For suites of which none can be held out: each fold's documents are answered by a prompt that a
search on the other folds has found. What is measured is the way of improving, not one prompt.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import Final

from harness.cases.discovery.splits import HOLDOUT, split_keys
from harness.cases.load import with_prompt
from harness.cases.suite import Suite
from harness.core.number_text import gain
from harness.core.records import Case
from harness.core.statistics.paired_tests import p_value
from harness.errors import Problem, UsageError
from harness.improve.search.improvement_session import (
    Wish,
    check_session,
    held_out,
    improve,
    prompt_path,
    visible_changes,
)
from harness.improve.search.search import ProgressCallback
from harness.improve.trial.acceptance import (
    CLAIM,
    COVERAGE,
    contrast,
    interval_over_documents,
    level_of_look,
)
from harness.improve.trial.asking import Asker, folder_name
from harness.improve.trial.limits import Spent
from harness.improve.trial.measurement import Measurement, measured
from harness.improve.trial.objective import MACRO, Objective
from harness.improve.versions.ledger import Lock
from harness.improve.versions.versions import PromptHistory, Version
from harness.run.asking.orders import Orders, RunWatch
from harness.run.stored.stored_ledger import FoldsStep

FEWEST_FOR_FOLDS: Final = 12
FoldProgress = Callable[[int], ProgressCallback]
"""From a fold's number, from 1, to what is called with each of its steps."""


@dataclass(frozen=True, slots=True)
class FoldPlan:
    """Number of folds, and the callback that is told of their steps."""

    number: int
    progress: FoldProgress


@dataclass(frozen=True, slots=True)
class Fold:
    """One fold: what a search on the other documents found, and how it does on these."""

    version: Version
    is_changed: bool
    base: Measurement
    new: Measurement
    spent: Spent
    """Of the search, and of asking the fold."""


def improve_by_folds(
    suite: Suite, wish: Wish, orders: Orders, watch: RunWatch, folds: FoldPlan
) -> FoldsStep:
    """Search once for each fold, and return what the prompts do on documents they never saw.

    The step is in the ledger. Stopped, the same call goes on; where only the search on all
    documents was stopped, nothing is searched again. Raises UsageError where there are too few
    documents.
    """
    check_session(suite, wish)
    parts = fold_cases(visible_changes(suite).cases, folds.number)
    history = PromptHistory(prompt_path(suite))
    start = history.current()
    earlier = _earlier(history, start, wish, folds.number)
    if earlier is not None:
        return earlier
    serial = 1 + sum(entry["step"] == "folds" for entry in history.ledger.entries())
    share = share_of(wish, folds.number, sum(map(len, parts)))
    share = replace(share, aims=replace(share.aims, promote=False))
    results = []
    for place, part in enumerate(parts, start=1):
        name = f"{history.name}-folds-{serial}-{place}"
        other = _suite_of(suite, part, name)
        results.append(_searched(other, share, (orders, watch), folds.progress(place)))
    with Lock(history.folder / ".lock"):
        step = folds_step(results, start, (wish.extractor, wish.aims.objective), serial)
        history.ledger.append(step)
    return step


def _earlier(history: PromptHistory, start: Version, wish: Wish, number: int) -> FoldsStep | None:
    """Return the folds of a command that was stopped in its search on all documents."""
    for entry in reversed(history.ledger.entries()):
        if entry["step"] == "stop":
            return None
        if entry["step"] == "folds":
            same = entry["base"] == start.sha256 and entry["extractor"] == wish.extractor
            same = (
                same
                and entry.get("objective", MACRO.as_record()) == wish.aims.objective.as_record()
            )
            return entry if same and len(entry["versions"]) == number else None
    return None


def share_of(wish: Wish, folds: int, documents: int) -> Wish:
    """Return a wish for one search of many: its share of the budget.

    The search on all documents has a share as well, and what asking the folds takes is kept back.
    """
    aims = wish.aims
    calls = None if aims.max_calls is None else (aims.max_calls - 2 * documents) // (folds + 1)
    usd = None if aims.max_usd is None else aims.max_usd / (folds + 2)
    if calls is not None and calls < 1:
        what = f"--max-calls {aims.max_calls} is not enough for {folds} folds and a last search"
        hint = f"give it at least {2 * documents + (folds + 1) * 3 * documents}"
        raise UsageError(Problem(what, "few-calls", hint=hint))
    return replace(wish, aims=replace(aims, max_calls=calls, max_usd=usd))


def fold_cases(cases: Sequence[Case], number: int, seed: int = 0) -> list[frozenset[str]]:
    """Return the ids of cases in parts of about equal size; what shares a document stays together.

    Raises UsageError where there are too few documents.
    """
    groups: list[tuple[set[str], set[str]]] = []
    for case in sorted(cases, key=lambda one: one.id):
        keys, ids = {*split_keys(case)} | {f"group {case.group or case.id}"}, {case.id}
        for group in [group for group in groups if group[0] & keys]:
            groups.remove(group)
            keys, ids = keys | group[0], ids | group[1]
        groups.append((keys, ids))
    least = max(FEWEST_FOR_FOLDS, 2 * number)
    if len(groups) < least:
        what = f"{number} folds need {least} documents that are not held out, there are "
        raise UsageError(Problem(f"{what}{len(groups)}", "few-documents"))
    random.Random(seed).shuffle(groups)
    parts: list[set[str]] = [set() for _ in range(number)]
    for _, ids in groups:
        min(parts, key=len).update(ids)
    return [frozenset(part) for part in parts]


def _suite_of(suite: Suite, part: frozenset[str], name: str) -> Suite:
    """Return a suite in which a fold is held out, and whose prompt is a copy with its own ledger.

    Cases that are held out for good have no part in it.
    """
    path = prompt_path(suite)
    copy = suite.project / "reports" / "folds" / (name + path.suffix)
    copy.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(path, copy)
    else:
        shutil.copyfile(path, copy)
    cases = tuple(
        replace(case, split=HOLDOUT if case.id in part else case.split)
        for case in visible_changes(suite).cases
    )
    history = PromptHistory(copy)
    prompt = replace(history.prompt(history.current()), path=copy)
    return with_prompt(replace(suite, cases=cases), prompt)


def _searched(
    suite: Suite, wish: Wish, how: tuple[Orders, RunWatch], progress: ProgressCallback
) -> Fold:
    outcome, folder = improve(suite, wish, *how, progress)
    history = PromptHistory(prompt_path(suite))
    asker = Asker(wish.extractor, folder / "fold", *how)

    def measurement_of(version: Version) -> Measurement:
        prompt = history.prompt(version)
        held = held_out(with_prompt(suite, prompt))
        return measured(held, asker.ask(held, 1), folder_name(prompt, 1))

    base = measurement_of(outcome.start)
    is_changed = outcome.best != outcome.start
    spent = outcome.spent.plus(base.calls, base.usage.usd)
    if not is_changed:
        return Fold(outcome.best, is_changed, base, base, spent)
    new = measurement_of(outcome.best)
    spent = spent.plus(new.calls, new.usage.usd)
    return Fold(outcome.best, is_changed, base, new, spent)


def folds_step(
    folds: Sequence[Fold], start: Version, terms: tuple[str, Objective], serial: int
) -> FoldsStep:
    """Return what prompts do on documents they never saw: the figure that an objective raises.

    `terms` are the extractor and the objective.
    """
    base = reduce(add, (fold.base for fold in folds))
    new = reduce(add, (fold.new for fold in folds))
    (extractor, objective), alpha = terms, level_of_look(serial)
    change = contrast([base], [new], (), objective)
    interval, p = interval_over_documents([base], [new], change, objective), change.p
    fell = change.shift is not None and change.shift.guard_p <= CLAIM
    claim = (
        f"{change.name} {gain(change.delta)} points on {len(change.cases)} documents, each "
        f"answered by a prompt that never saw it, p {p_value(p)} one-sided against {alpha:.2g}"
        f"{'; the fields that are not in focus fell' if fell else ''}"
    )
    if change.coverage < COVERAGE:
        claim = f"only {change.coverage:.0%} of the cases were answered"
    rose = change.delta > 0 and p <= alpha and not fell
    step: FoldsStep = {
        "step": "folds",
        "base": start.sha256,
        "extractor": extractor,
        "versions": [fold.version.sha256 for fold in folds],
        "changed": sum(fold.is_changed for fold in folds),
        "documents": len(change.cases),
        "delta": change.delta,
        "interval": [interval.low, interval.high] if interval else None,
        "p": p,
        "alpha": alpha,
        "holds": change.coverage >= COVERAGE and rose,
        "reason": claim,
        "calls": sum(fold.spent.calls for fold in folds),
    }
    if change.shift is not None:
        step["figure"], step["objective"] = change.name, objective.as_record()
    return step
