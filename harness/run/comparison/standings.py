"""Standings: quality, cost and time of any number of runs over the cases that all scored."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, Literal, TypeAlias

from harness.core.counts import Counts
from harness.core.statistics.intervals import Interval, mean, ratio_interval
from harness.core.statistics.paired_tests import ALPHA, holm, sign_flip
from harness.run.comparison.side import Arm, f1s_of, pooled_of
from harness.run.comparison.verdict import ENOUGH, power_of
from harness.run.stored.stored_figures import MEASURABLE
from harness.run.stored.stored_results import CaseRecord, LatencyRecord

Expense: TypeAlias = Literal["usd", "seconds", "tokens"]
"""What an answer takes, of the three that can be measured."""
EXPENSES: Final[tuple[Expense, ...]] = ("usd", "seconds", "tokens")


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the runs that are compared, over the cases that all of them scored."""

    name: str
    macro: float | None
    interval: Interval | None
    """Of macro F1, over documents; the runs share documents, so overlapping intervals say little
    of a difference."""
    micro: float | None
    lenient: float | None
    spread: tuple[float, float] | None
    """Least and greatest macro F1 of its replicates; None where it has one only."""
    usd: float | None
    """Mean cost of an answer; None where fewer than `ENOUGH` of them tell."""
    seconds: float | None
    """Typical (median) time of an answer given now; None where all were recorded or cached."""
    tokens: float | None
    """Mean tokens of an answer, in and out; None where fewer than `ENOUGH` tell."""

    def expense(self, by: Expense) -> float | None:
        """Return what an answer takes."""
        return {"usd": self.usd, "seconds": self.seconds, "tokens": self.tokens}[by]


@dataclass(frozen=True, slots=True)
class Duel:
    """Two of the runs, tested on the documents both scored."""

    delta: float
    """Macro F1 of the second less that of the first."""
    p_value: float
    p_adjusted: float
    """By Holm, for as many pairs as there are."""
    differences: tuple[float, ...]
    """Of each document, in no order that means anything."""

    @property
    def is_sure(self) -> bool:
        """Tell whether the difference is more than chance, however many pairs were looked at."""
        return self.p_adjusted <= ALPHA

    @property
    def smallest(self) -> float | None:
        """The smallest true difference that four of five such pairs show, before correction."""
        return power_of(self.differences).smallest


@dataclass(frozen=True, slots=True)
class Standings:
    """All runs, and every pair of them."""

    contenders: tuple[Contender, ...]
    """In the order given; the first is the base."""
    cases: int
    """How many cases all of them scored."""
    left_out: int
    """How many some of them did not."""
    duels: Mapping[tuple[int, int], Duel]
    """By the places of the two, the lesser first."""
    target: float | None

    def duel(self, first: int, second: int) -> Duel:
        """Return the test of two runs, the difference being the second less the first."""
        if first < second:
            return self.duels[first, second]
        turned = self.duels[second, first]
        return replace(turned, delta=-turned.delta)

    def frontier(self, by: Expense) -> tuple[int, ...]:
        """Return the runs that no other beats in macro F1 for as little, the least first.

        Runs of which either is unknown are not among them.
        """
        known = [
            (cost, -one.macro, place)
            for place, one in enumerate(self.contenders)
            if (cost := one.expense(by)) is not None and one.macro is not None
        ]
        frontier: list[int] = []
        best = -math.inf
        for _, worth, place in sorted(known):
            if -worth > best:
                best = -worth
                frontier.append(place)
        return tuple(frontier)

    def measured(self) -> Expense | None:
        """Return the expense that is known of all runs: cost, else time, else tokens."""
        for by in EXPENSES:
            if all(one.expense(by) is not None for one in self.contenders):
                return by
        return None


def standings(arms: Sequence[Arm], names: Sequence[str], target: float | None) -> Standings:
    """Return runs side by side; `names` tell them apart."""
    shared = shared_cases(arms)
    scores = [{case: _scores(arm, case) for case in shared} for arm in arms]
    judged = [case for case in shared if any(any(s is not None for s in of[case]) for of in scores)]
    f1s = [[[1.0 if s is None else s for s in of[case]] for case in judged] for of in scores]
    means = [[mean(case) or 0.0 for case in of] for of in f1s]
    every = {case for arm in arms for case in (*arm.cases, *arm.missing)}
    return Standings(
        contenders=tuple(
            _contender(name, arm, shared, known)
            for name, arm, known in zip(names, arms, f1s, strict=True)
        ),
        cases=len(shared),
        left_out=len(every) - len(shared),
        duels=_duels(means),
        target=target,
    )


def shared_cases(arms: Sequence[Arm]) -> tuple[str, ...]:
    """Return the cases that every run scored, in order of id."""
    first, *others = arms
    return tuple(case for case in first.cases if all(case in arm.cases for arm in others))


def field_f1s(arms: Sequence[Arm]) -> dict[str, tuple[float | None, ...]]:
    """Return the F1 of each field in every run, over the cases that all of them scored.

    Each case weighs the same however many replicates it has; None where there is nothing to count.
    """
    shared = shared_cases(arms)
    sums = [_field_sums(arm, shared) for arm in arms]
    names = sorted({name for of in sums for name in of})
    return {
        name: tuple(Counts.stored(of.get(name, Counter())).f1.value for of in sums)
        for name in names
    }


def _field_sums(arm: Arm, shared: Sequence[str]) -> dict[str, Counter[str]]:
    common = math.lcm(*(len(arm.cases[case]) for case in shared))
    sums: dict[str, Counter[str]] = {}
    for case in shared:
        replicates = arm.cases[case]
        met = Counter((d["field"], d["outcome"]) for one in replicates for d in one["diffs"])
        for (name, outcome), number in met.items():
            sums.setdefault(name, Counter())[outcome] += number * common // len(replicates)
    return sums


def _scores(arm: Arm, case: str) -> list[float | None]:
    return f1s_of(arm.cases[case], "f1", arm.results["empty"])


def _contender(
    name: str, arm: Arm, shared: Sequence[str], f1s: Sequence[Sequence[float]]
) -> Contender:
    replicates = [one for case in shared for one in arm.cases[case]]
    means = [mean(case) or 0.0 for case in f1s]
    kind = [
        mean(
            [
                1.0 if s is None else s
                for s in f1s_of(arm.cases[c], "lenient_f1", arm.results["empty"])
            ]
        )
        for c in shared
        if any(s is not None for s in _scores(arm, c))
    ]
    return Contender(
        name=name,
        macro=mean(means),
        interval=ratio_interval([math.fsum(case) for case in f1s], [len(case) for case in f1s]),
        micro=_pooled(arm, shared),
        lenient=mean([each for each in kind if each is not None]),
        spread=_spread(f1s),
        usd=_mean_known([_usd(one) for one in replicates]),
        seconds=_typical(arm.results["aggregate"].get("latency")),
        tokens=_mean_known([_tokens(one) for one in replicates]),
    )


def _spread(f1s: Sequence[Sequence[float]]) -> tuple[float, float] | None:
    """Return the least and the greatest macro F1 of replicates all cases have."""
    number = min(map(len, f1s), default=0)
    if number < 2:  # noqa: PLR2004  # one has no spread
        return None
    macros = [math.fsum(case[place] for case in f1s) / len(f1s) for place in range(number)]
    return min(macros), max(macros)


def _usd(case: CaseRecord) -> float | None:
    usage = case.get("usage")
    return usage["usd"] if usage else None


def _tokens(case: CaseRecord) -> int | None:
    usage = case.get("usage")
    sent, received = (usage["input_tokens"], usage["output_tokens"]) if usage else (None, None)
    return None if sent is None or received is None else sent + received


def _pooled(arm: Arm, shared: Sequence[str]) -> float | None:
    """Return micro F1; a case weighs the same however many replicates it has."""
    common = math.lcm(*(len(arm.cases[case]) for case in shared))
    ratios = [
        (common // len(arm.cases[case]), pooled_of(one))
        for case in shared
        for one in arm.cases[case]
    ]
    of = sum(times * ratio.of for times, ratio in ratios)
    return sum(times * ratio.hits for times, ratio in ratios) / of if of else None


def _mean_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if len(known) >= ENOUGH * len(values) else None


def _typical(latency: LatencyRecord | None) -> float | None:
    typical = latency["p50"] if latency else None
    return typical if typical is not None and typical >= MEASURABLE else None


def _duels(means: Sequence[Sequence[float]]) -> dict[tuple[int, int], Duel]:
    pairs = list(combinations(range(len(means)), 2))
    differences = [
        [two - one for one, two in zip(means[a], means[b], strict=True)] for a, b in pairs
    ]
    p_values = [sign_flip(each) for each in differences]
    return {
        pair: Duel(mean(each) or 0.0, p, adjusted, tuple(each))
        for pair, each, p, adjusted in zip(
            pairs, differences, p_values, holm(p_values), strict=True
        )
    }
