"""Choosing a threshold for a goal, and refusing where confidences cannot carry one."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Final, Literal

from harness.confidence.accept import ThresholdStep, steps
from harness.confidence.observations import Observation, ValueKind
from harness.core.statistics.logistic import logit, sigmoid
from harness.errors import Problem, UsageError, did_you_mean

GRID: Final = tuple(0.1 + 0.8 * n / 19 for n in range(20))
"""Twenty points from 0.1 to 0.9, both included: the grid of seed 001."""
_MOST_CANDIDATES: Final = 40
_LEAST_ACCEPTED: Final = 30
"""Values that the highest threshold tried accepts at least, of many."""
_LEAST_DISTINCT: Final = 3
_RESAMPLES: Final = 200
_FEWER_RESAMPLES: Final = 40
_MANY_VALUES: Final = 20_000
_LEAST_WRONG_DOCUMENTS: Final = 5
Strategy = Literal["quantiles", "grid"]
_KINDS: Final = ("f1", "precision", "coverage", "risk")


@dataclass(frozen=True, slots=True)
class Goal:
    """Goal that a threshold is chosen for."""

    kind: Literal["f1", "precision", "coverage", "risk"] = "f1"
    level: float = 0.0
    """The precision, coverage or risk to reach; 0 for `f1`."""

    @staticmethod
    def parse(text: str) -> Goal:
        """Return the goal a text names: `f1`, `precision=0.99`, `coverage=0.8`, `risk=0.02`.

        >>> Goal.parse("precision=0.99")
        Goal(kind='precision', level=0.99)

        Raises UsageError for any other text.
        """
        name, _, level = text.partition("=")
        for kind in _KINDS:
            if name == kind and (kind == "f1") == (not level):
                return Goal(kind, _share(level, text) if level else 0.0)
        hint = did_you_mean(name, _KINDS) if name not in _KINDS else f"as in {name}=0.98"
        raise UsageError(Problem(f"{text!r} is no goal", "bad-goal", hint=hint))

    def __str__(self) -> str:
        return self.kind if self.kind == "f1" else f"{self.kind}={self.level:g}"


def _share(text: str, whole: str) -> float:
    try:
        level = float(text)
    except ValueError:
        level = -1
    if not 0 < level < 1:
        raise UsageError(Problem(f"{whole!r}: a share lies between 0 and 1", "bad-goal"))
    return level


def candidates(values: Sequence[Observation], strategy: Strategy) -> list[float]:
    """Return the thresholds worth trying: midpoints between confidences, or the fixed grid.

    A midpoint accepts what the confidence above it accepts and leaves room on both sides; of many
    distinct confidences the quantiles are taken, and at the top ever smaller parts of the last one:
    where few values are right, only the surest of all are. 0 accepts everything.
    """
    if strategy == "grid":
        return list(GRID)
    met = sorted({one.confidence for one in values})
    between = [0.0, *((low + high) / 2 for low, high in pairwise(met))]
    if len(between) <= _MOST_CANDIDATES:
        return between
    ordered = sorted(one.confidence for one in values)
    picked = {ordered[n * len(ordered) // _MOST_CANDIDATES] for n in range(_MOST_CANDIDATES)}
    rest = len(ordered) // _MOST_CANDIDATES // 2
    while rest >= _LEAST_ACCEPTED:
        picked.add(ordered[-rest])
        rest //= 2
    return sorted({between[min(bisect_left(met, one), len(between) - 1)] for one in picked} | {0.0})


def choose(
    values: Sequence[Observation], missed: int, goal: Goal, strategy: Strategy
) -> float | None:
    """Return the threshold that serves the goal best; None where none serves it."""
    tried = steps(values, missed, candidates(values, strategy))
    if goal.kind == "f1":
        return _best(tried)
    if goal.kind == "coverage":
        fit = [one.threshold for one in tried if _coverage(one) >= goal.level]
        return max(fit, default=None)
    fit = [one.threshold for one in tried if (share := _precision(one)) and share >= goal.level]
    return min(fit, default=None)


_REDRAWS: Final = 20
_LEAST_CONFIDENCE: Final = 1e-4


def steady(values: Sequence[Observation], missed: Mapping[str, int], seed: int) -> float | None:
    """Return the threshold of the highest F1, averaged over documents drawn anew.

    The best threshold of one sample is mostly luck; the mean of those of twenty redrawn ones, on
    the scale of log-odds, is steadier (bagging, Breiman 1996). `missed` is by document. None where
    no draw has a right value.
    """
    ordered = sorted(values, key=lambda one: -one.confidence)
    documents = sorted({one.document for one in values} | missed.keys())
    draw = random.Random(seed)
    logits = []
    for _ in range(_REDRAWS):
        times = Counter(draw.choices(documents, k=len(documents)))
        best = _best_of(ordered, missed, times)
        if best is not None:
            logits.append(logit(best, _LEAST_CONFIDENCE))
    return sigmoid(math.fsum(logits) / len(logits)) if logits else None


def _best_of(
    ordered: Sequence[Observation], missed: Mapping[str, int], times: Mapping[str, int]
) -> float | None:
    """Return the middle between the lowest confidence accepted at the highest F1 and the next.

    `ordered` by confidence, highest first; `times` says how often a document counts.
    """
    expected = sum(number * times[name] for name, number in missed.items())
    expected += sum(times[o.document] for o in ordered if o.kind is not ValueKind.EXTRA)
    right = false = 0
    best, top = None, 0.0
    for n, one in enumerate(ordered):
        if one.kind is ValueKind.RIGHT:
            right += times[one.document]
        else:
            false += times[one.document]
        below = ordered[n + 1].confidence if n + 1 < len(ordered) else 0.0
        if below < one.confidence and right:
            f1 = 2 * right / (right + false + expected)
            if f1 > top:
                best, top = (one.confidence + below) / 2, f1
    return best


def _best(tried: Sequence[ThresholdStep]) -> float | None:
    """Return the middle of the plateau of the highest F1: its edge is where luck is greatest."""
    scores = [one.counts.f1 or 0.0 for one in tried]
    if not scores:
        return None
    first = scores.index(max(scores))
    last = first
    while last + 1 < len(scores) and scores[last + 1] == scores[first]:
        last += 1
    return tried[(first + last) // 2].threshold


def _accepted(step: ThresholdStep) -> int:
    return step.counts.right + step.counts.wrong + step.counts.extra


def _coverage(step: ThresholdStep) -> float:
    return _accepted(step) / step.counts.values if step.counts.values else 0.0


def _precision(step: ThresholdStep) -> float | None:
    accepted = _accepted(step)
    return step.counts.right / accepted if accepted else None


_LUCK: Final = 0.025
"""One-sided p-value above which an AUROC may be luck."""


@dataclass(frozen=True, slots=True)
class Discrimination:
    """Discrimination: whether confidence sorts right values before wrong ones."""

    auroc: float | None
    """None where all values are right, or all wrong."""
    interval: tuple[float, float] | None
    """95 %, by drawing documents; None where there is no AUROC in most of the draws."""
    distinct: int
    wrong_documents: int
    """Documents with a wrong value."""
    luck: float = 0.0
    """One-sided p-value of the AUROC if confidences were dealt to the values at random."""

    @property
    def is_degenerate(self) -> bool:
        """True where there are too few distinct confidences to tell values apart."""
        return self.distinct < _LEAST_DISTINCT


def discrimination(values: Sequence[Observation], seed: int = 0) -> Discrimination:
    """Return the AUROC of confidences with its interval; the unit is the document."""
    distinct = len({one.confidence for one in values})
    ordered = sorted(values, key=lambda one: one.confidence)
    documents = sorted({one.document for one in values})
    number = {name: n for n, name in enumerate(documents)}
    rows = [(one.confidence, one.kind is ValueKind.RIGHT, number[one.document]) for one in ordered]
    draw = random.Random(seed)
    pairs = []
    for _ in range(_FEWER_RESAMPLES if len(rows) > _MANY_VALUES else _RESAMPLES):
        drawn = Counter(draw.choices(range(len(documents)), k=len(documents)))
        area = _weighted_auroc(rows, [drawn[n] for n in range(len(documents))])
        if area is not None:
            pairs.append(area)
    pairs.sort()
    enough = len(pairs) > _RESAMPLES // 10
    ends = (pairs[int(0.025 * len(pairs))], pairs[int(0.975 * len(pairs))]) if enough else None
    whole = _weighted_auroc(rows, [1] * len(documents)) if rows else None
    wrong = len({one.document for one in values if one.kind is not ValueKind.RIGHT})
    return Discrimination(whole, ends, distinct, wrong, _luck(rows, whole))


def _luck(rows: Sequence[tuple[float, bool, int]], auroc: float | None) -> float:
    """Return how often shuffled confidences have such an AUROC: the rank-sum test, ties counted.

    An interval over few documents is too narrow to keep shuffled confidences out by itself.
    """
    size, right = len(rows), sum(is_right for _, is_right, _ in rows)
    pairs = right * (size - right)
    if auroc is None or not pairs:
        return 1.0
    ties = Counter(confidence for confidence, _, _ in rows).values()
    tied = math.fsum(t**3 - t for t in ties) / (size * (size - 1))
    spread = math.sqrt(max(0.0, (size + 1 - tied) / (12 * pairs)))
    return 1.0 if not spread else 1 - NormalDist().cdf((auroc - 0.5) / spread)


def _weighted_auroc(
    rows: Sequence[tuple[float, bool, int]], weights: Sequence[int]
) -> float | None:
    """Return the AUROC of rows in order of confidence, each as often as its document's weight."""
    below = halves = trues = index = 0
    while index < len(rows):
        level, right, wrong = rows[index][0], 0, 0
        while index < len(rows) and rows[index][0] == level:
            if rows[index][1]:
                right += weights[rows[index][2]]
            else:
                wrong += weights[rows[index][2]]
            index += 1
        halves += right * (2 * below + wrong)
        below += wrong
        trues += right
    return halves / (2 * trues * below) if trues and below else None


def threshold_refusal(measured: Discrimination, goal: Goal) -> str | None:
    """Return why no threshold may be set by these confidences; None where one may.

    A promise of risk holds whatever the confidences are worth: it only needs some.
    """
    if measured.is_degenerate:
        return (
            f"degenerate: only {measured.distinct} distinct confidence(s), at least "
            f"{_LEAST_DISTINCT} are needed to tell values apart"
        )
    if goal.kind == "risk":
        return None
    if measured.auroc is None:
        return "nothing to tell apart: all values are right, or all are wrong"
    if measured.wrong_documents < _LEAST_WRONG_DOCUMENTS or measured.interval is None:
        return (
            f"all errors stand in {measured.wrong_documents} document(s), at least "
            f"{_LEAST_WRONG_DOCUMENTS} are needed: what is learnt from fewer is true of them only"
        )
    return _chance(measured.auroc, measured.interval, measured.luck)


def _chance(auroc: float, interval: tuple[float, float], luck: float) -> str | None:
    """Return why an AUROC may be chance; None where it is not."""
    low, high = interval
    if low <= 0.5:  # noqa: PLR2004  # chance
        return (
            f"no better than chance: the AUROC is {auroc:.2f}, and its 95 % interval over "
            f"documents, {low:.2f} to {high:.2f}, is not above 0.5"
        )
    if luck > _LUCK:
        return (
            f"no better than chance: {luck:.0%} of all ways to deal these confidences to the "
            f"values have an AUROC of {auroc:.2f} or more"
        )
    return None
