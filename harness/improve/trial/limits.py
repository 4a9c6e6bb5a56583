"""Limits of an improvement: its target, its budget, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.core.statistics.intervals import lower_bound
from harness.improve.trial.measurement import Measurement
from harness.improve.trial.objective import MACRO, Objective

FEWEST_EDITS = 3
"""Candidates below which a budget hardly buys an improvement."""


@dataclass(frozen=True, slots=True)
class Aims:
    """Target score and budget of an improvement."""

    target: float | None = None
    """Of the objective's figure."""
    target_mode: Literal["point", "lower"] = "point"
    """`lower`: what documents like these reach at the least, 95 % sure, as if nothing had been
    chosen by them."""
    max_calls: int | None = None
    max_usd: float | None = None
    patience: int = 3
    """Proposals in a row that came to nothing, after which it is over."""
    promote: bool = True
    """Put the prompt in place if the claim holds."""
    objective: Objective = MACRO
    """Which figure is to rise."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Calls, tokens and dollars paid so far.

    Answers from the cache are counted too: a resumed run stops where an undisturbed one does.
    """

    calls: int = 0
    usd: float | None = 0.0
    """None once something had no known price."""

    def plus(self, calls: int, usd: float | None) -> Spent:
        """Return the sum."""
        known = None if self.usd is None or (usd is None and calls) else self.usd + (usd or 0.0)
        return Spent(self.calls + calls, known)


def affordable(aims: Aims, spent: Spent, calls: int) -> bool:
    """Tell whether so many more calls, at what calls cost so far, stay within the caps."""
    if aims.max_calls is not None and spent.calls + calls > aims.max_calls:
        return False
    if aims.max_usd is None:
        return True
    if spent.usd is None:
        return False
    return spent.usd * (1 + calls / spent.calls if spent.calls else 1) <= aims.max_usd


@dataclass(frozen=True, slots=True)
class Purse:
    """Budget of a proposal: all there is, less what it takes to try it and to make sure."""

    aims: Aims = Aims()
    spent: Spent = Spent()
    reserved: int = 0
    """Calls."""

    @property
    def is_capped(self) -> bool:
        """True where there is a budget at all."""
        return self.aims.max_calls is not None or self.aims.max_usd is not None

    def allows(self, already: Spent, calls: int) -> bool:
        """Tell whether so many more calls are left, after what the proposal took already."""
        spent = self.spent.plus(already.calls, already.usd)
        return affordable(self.aims, spent, calls + self.reserved)


def reached(aims: Aims, runs: tuple[Measurement, ...]) -> bool:
    """Tell whether a prompt is as good as it should be."""
    if aims.target is None or not runs:
        return False
    figures = (run.figure(aims.objective) for run in runs)
    means = [figure for figure in figures if figure is not None]
    if not means or aims.target_mode == "point":
        return bool(means) and sum(means) / len(means) >= aims.target
    per_case: dict[str, list[float]] = {}
    for run in runs:
        for case, mark in run.marks.items():
            if mark.f1 is not None:
                per_case.setdefault(case, []).append(mark.f1)
    return lower_bound([sum(f1) / len(f1) for f1 in per_case.values()]) >= aims.target


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Trials that a budget buys."""

    documents: int
    start: int
    """Calls to know the prompt as it is, and its noise."""
    candidate: int
    """Calls to try one edit, at most."""
    claim: int
    """Calls to make sure of what was found, at most."""
    candidates: int | None
    """Edits that can be tried; None without a cap."""
    searched: int | None = None
    """Calls that one search over many prompts may take; None without a cap."""


def plan(aims: Aims, documents: int, replicates: int) -> SearchPlan:
    """Return what a budget buys: `replicates` askings of either side make a claim."""
    start, candidate, claim = 2 * documents, 2 * documents + 1, 2 * replicates * documents
    left = None if aims.max_calls is None else max(0, aims.max_calls - start - claim)
    if left is None:
        return SearchPlan(documents, start, candidate, claim, None)
    searched = max(0, left - 2 * documents)
    return SearchPlan(documents, start, candidate, claim, left // candidate, searched)
