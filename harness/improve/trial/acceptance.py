"""Acceptance tests of a changed prompt: whether the search keeps it, and what may be claimed."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from harness.core.number_text import gain, points
from harness.core.statistics.field_figures import (
    FieldFigure,
    FieldTotals,
    added,
    average_totals,
    figure_difference,
    figure_interval,
    figure_permutation,
    influences,
)
from harness.core.statistics.intervals import LEVEL, Interval, mean
from harness.core.statistics.paired_tests import bca, label_permutation, p_value, sign_flip
from harness.core.statistics.student_t import t_bound
from harness.improve.trial.measurement import CaseMark, Measurement
from harness.improve.trial.objective import MACRO, Objective
from harness.run.comparison.verdict import Rung

KEEP: Final = 0.20
"""One-sided p-value up to which an edit stays in the search: a strict test there stops it."""
CLAIM: Final = 0.05
"""One-sided p-value up to which an edit is called better."""
FEW: Final = 12
"""Documents below which a test over documents says little: the noise floor decides."""
_MANY: Final = 20
"""Documents from which asking twice shows enough of answers that vary; below, a third asking finds
what a search over so few is likely to lose."""
_FIRST: Final = 0.8
"""Share of that level which the first attempt to claim has."""
COVERAGE: Final = 0.95
"""Share of answered cases below which nothing is decided: what was never answered is not wrong."""
_BROKEN: Final = 2
_BROKEN_SHARE: Final = 0.1
_FLOORS: Final = 2.0
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class FieldFlips:
    """In how many documents a field got better and worse."""

    field: str
    fixed: int
    broken: int


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise between askings, from asking twice with one prompt."""

    floor: float = 0.0
    """One standard error of the difference of two runs' macro F1; 0 where nothing changed."""
    unsteady: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """In how many documents each field flipped."""
    guard: float = 0.0
    """The same of the fields that are not in focus."""

    @property
    def steady(self) -> bool:
        """True where both askings gave the same verdicts."""
        return not self.floor and not self.unsteady


@dataclass(frozen=True, slots=True)
class FigureShift:
    """Change of the figure an improvement is after, where that is not macro F1."""

    name: str
    delta: float
    p: float
    """One-sided, that it rose, over documents."""
    guard: float | None = None
    """Difference of the fields that are not in focus; None where all are meant."""
    guard_p: float = 1.0
    """One-sided, that those fell."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two prompts side by side, on the documents that both were asked about."""

    cases: tuple[str, ...]
    differences: tuple[float, ...]
    """F1 of the new less that of the old, a document each."""
    flips: tuple[FieldFlips, ...]
    """Fields that changed anywhere."""
    loss: float
    """By how many steps of the ladder the new is further from right, a document."""
    coverage: float
    """Share of the cases, those shown as examples left out, that every run has an answer to."""
    broken: tuple[tuple[str, str], ...] = ()
    """Case and field of every critical field that was right and no longer is."""
    shift: FigureShift | None = None
    """None where macro F1 is what is to rise."""

    @property
    def name(self) -> str:
        """Name of the figure that is to rise."""
        return self.shift.name if self.shift is not None else MACRO.said

    @property
    def delta(self) -> float:
        """Difference of the figure that is to rise: macro F1, if nothing else is said."""
        if self.shift is not None:
            return self.shift.delta
        return math.fsum(self.differences) / len(self.differences) if self.differences else 0.0

    @property
    def p(self) -> float:
        """One-sided, that the figure rose, over documents."""
        if self.shift is not None:
            return self.shift.p
        return sign_flip(self.differences, "greater")

    @property
    def fixed(self) -> int:
        """Fields that got better, counted by document."""
        return sum(flip.fixed for flip in self.flips)

    @property
    def worse(self) -> int:
        """Fields that got worse, counted by document."""
        return sum(flip.broken for flip in self.flips)


TrialDecision = Literal["keep", "reject", "undecided"]


@dataclass(frozen=True, slots=True)
class TrialVerdict:
    """Verdicts on an edit in the search."""

    decision: TrialDecision
    reason: str
    p: float | None
    """One-sided, over documents; None where nothing was tested."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Claim about a prompt after fresh answers of both sides."""

    holds: bool
    rung: Rung
    delta: float
    interval: Interval | None
    """Of the difference: for these documents asked again, or for others like them in an L3."""
    p: float | None
    """One-sided, of the test that the rung stands on."""
    alpha: float
    reason: str


def contrast(
    base: Sequence[Measurement],
    new: Sequence[Measurement],
    left_out: Collection[str] = (),
    objective: Objective = MACRO,
) -> Contrast:
    """Put two prompts side by side, replicates averaged; cases they show as examples left out."""
    cases = _shared([*base, *new], left_out)
    differences: list[float] = []
    judged: list[str] = []
    loss = 0.0
    fixed: dict[str, int] = {}
    worse: dict[str, int] = {}
    broken: list[tuple[str, str]] = []
    critical = frozenset[str]().union(*(m.critical for m in (*base, *new)))
    for case in cases:
        before, after = [m.marks[case] for m in base], [m.marks[case] for m in new]
        if any(m.f1 is not None for m in (*before, *after)):
            judged.append(case)
            differences.append(_mean(_f1(after)) - _mean(_f1(before)))
        loss += _mean([m.loss for m in after]) - _mean([m.loss for m in before])
        for name in sorted({f for m in (*before, *after) for f in m.wrong}):
            errors = [_mean([m.wrong.get(name, 0) for m in marks]) for marks in (before, after)]
            moved = fixed if errors[1] < errors[0] else worse if errors[1] > errors[0] else {}
            moved[name] = moved.get(name, 0) + 1
            if name in critical and not errors[0] and errors[1]:
                broken.append((case, name))
    flips = tuple(FieldFlips(f, fixed.get(f, 0), worse.get(f, 0)) for f in sorted({*fixed, *worse}))
    cases_asked = {case for m in (*base, *new) for case in m.case_ids}.difference(left_out)
    coverage = len(cases) / len(cases_asked) if cases_asked else 0.0
    per_case = loss / len(cases) if cases else 0.0
    shift = _shifted(base, new, cases, objective)
    where = tuple(judged), tuple(differences)
    return Contrast(*where, flips, per_case, coverage, tuple(broken), shift)


def _shifted(
    base: Sequence[Measurement],
    new: Sequence[Measurement],
    cases: Sequence[str],
    objective: Objective,
) -> FigureShift | None:
    """Return what became of a figure of fields, the answers to each document taken together."""
    figures = _figures(objective, (*base, *new))
    if figures.rising is None:
        return None
    before, after = _means(base, cases), _means(new, cases)
    delta = figure_difference(figures.rising, before, after)
    p = figure_permutation(figures.rising, before, after, "greater")
    if figures.guard is None:
        return FigureShift(objective.said, delta, p)
    fell = figure_difference(figures.guard, before, after)
    guard_p = figure_permutation(figures.guard, before, after, "less")
    return FigureShift(objective.said, delta, p, fell, guard_p)


@dataclass(frozen=True, slots=True)
class _Figures:
    """The figure that is to rise, and the one that must not fall; None where there is none."""

    rising: FieldFigure | None
    guard: FieldFigure | None


def _figures(objective: Objective, runs: Sequence[Measurement]) -> _Figures:
    marked = frozenset[str]().union(*(run.focus for run in runs))
    weights = {name: weight for run in runs for name, weight in run.weights.items()}
    return _Figures(objective.figure(marked, weights), objective.guard(marked))


def _totals(runs: Sequence[Measurement], cases: Sequence[str]) -> list[list[FieldTotals]]:
    return [[run.marks[case].totals for run in runs] for case in cases]


def _means(runs: Sequence[Measurement], cases: Sequence[str]) -> list[list[FieldTotals]]:
    return [[average_totals(document)] for document in _totals(runs, cases)]


def _shared(runs: Sequence[Measurement], left_out: Collection[str]) -> list[str]:
    """Return the cases that all runs have an answer to."""
    answered = [set(run.marks) for run in runs]
    return sorted(set.intersection(*answered).difference(left_out)) if answered else []


def _f1(marks: Sequence[CaseMark]) -> list[float]:
    """Return scores; nothing said where there is nothing to say is right, if others said much."""
    return [1.0 if mark.f1 is None else mark.f1 for mark in marks]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def noise(first: Measurement, second: Measurement, objective: Objective = MACRO) -> Noise:
    """Return what two askings with one prompt differ in."""
    change = contrast([first], [second])
    size = len(change.differences)
    floor = math.sqrt(math.fsum(d * d for d in change.differences)) / size if size else 0.0
    figures, cases = _figures(objective, (first, second)), _shared([first, second], ())
    sides = _totals([first], cases), _totals([second], cases)
    if figures.rising is not None:
        floor = _spread(influences(figures.rising, *sides))
    guard = _spread(influences(figures.guard, *sides)) if figures.guard is not None else 0.0
    return Noise(floor, {flip.field: flip.fixed + flip.broken for flip in change.flips}, guard)


def _spread(moves: Sequence[float]) -> float:
    """Return one standard error of what single documents move a figure by."""
    return math.sqrt(math.fsum(move * move for move in moves))


def judge(change: Contrast, noise: Noise) -> TrialVerdict:
    """Return what becomes of an edit in the search: kept liberally, never past a guard."""
    if change.coverage < COVERAGE:
        reason = f"only {change.coverage:.0%} of the cases were answered"
        return TrialVerdict("undecided", reason, None)
    guard = _guard(change, noise)
    p = change.p
    if guard is not None:
        return TrialVerdict("reject", guard, p)
    delta = f"{change.name} {gain(change.delta)} points"
    if abs(change.delta) <= _ROUNDING:
        if change.loss < 0:
            return TrialVerdict("keep", f"same {change.name}, errors nearer to right", p)
        return TrialVerdict("reject", "nothing got better", p)
    if len(change.differences) >= FEW:
        good = change.delta > 0 and p <= KEEP
        return TrialVerdict("keep" if good else "reject", f"{delta}, p {p_value(p)} one-sided", p)
    good = change.delta > noise.floor
    return TrialVerdict(
        "keep" if good else "reject", f"{delta}, noise floor {points(noise.floor)}", p
    )


def _guard(change: Contrast, noise: Noise) -> str | None:
    """Return what got worse that must not; None where nothing did."""
    if change.broken:
        case, name = change.broken[0]
        return f"critical field {name} is broken in {case}"
    shift = change.shift
    lost = -(shift.guard or 0.0) if shift is not None and shift.guard_p <= KEEP else 0.0
    if lost > _FLOORS * noise.guard + _ROUNDING:
        return f"the fields that are not in focus lost {points(lost)} points"
    least = max(_BROKEN, math.ceil(_BROKEN_SHARE * len(change.cases)))
    for flip in change.flips:
        chance = _FLOORS * math.sqrt(noise.unsteady.get(flip.field, 0))
        if flip.broken - flip.fixed >= least + chance:
            return f"{flip.field} got worse in {flip.broken} documents, better in {flip.fixed}"
    return None


def level_of_look(look: int) -> float:
    """Return the level of the n-th attempt to claim: all of them together come to `CLAIM`.

    The first has four fifths of it; each later one has to show more.

    >>> [round(level_of_look(n), 4) for n in (1, 2, 3)]
    [0.04, 0.0061, 0.0015]
    """
    if look == 1:
        return _FIRST * CLAIM
    return (1 - _FIRST) * CLAIM * 6 / (math.pi * (look - 1)) ** 2


def replicates_needed(documents: int, noise: Noise) -> int:
    """Return how often each side of a claim is asked: what documents are missing, askings buy."""
    if noise.steady:
        return 1 if documents >= FEW else 2
    return 2 if documents >= _MANY else 3


def claim(
    base: Sequence[Measurement],
    new: Sequence[Measurement],
    left_out: Collection[str],
    look: int,
    objective: Objective = MACRO,
) -> Claim:
    """Return what may be said of documents that were searched on: an L1, and never more.

    The answers are fresh, so that permuting the askings of each document is a fair test of what
    the new prompt does to these. The documents are not: edits were written from their errors and
    chosen by their scores, and one that suits these documents and hurts as many others comes out
    ahead on any fresh answers. No p-value mends that, however often it is multiplied: it would
    need the number of edits that might have been written. Others are spoken for by `confirm`.
    """
    change, alpha = contrast(base, new, left_out, objective), level_of_look(look)
    if change.coverage < COVERAGE or not change.cases:
        reason = f"only {change.coverage:.0%} of the cases were answered"
        return Claim(False, Rung.POINT, change.delta, None, None, alpha, reason)  # noqa: FBT003
    before, after = _scores(base, change.cases), _scores(new, change.cases)
    p = label_permutation(before, after, "greater")
    lost = None
    if change.shift is not None:
        dealt = _dealt_anew(base, new, change.cases, objective)
        p, lost = dealt.rising, dealt.guard
    fell = lost is not None and lost <= CLAIM
    holds = change.delta > _ROUNDING and p <= alpha and not change.broken and not fell
    rung = Rung.DOCUMENTS if holds else Rung.POINT
    reason = _reason(change, p, alpha)
    if change.broken:
        reason += f"; critical field {change.broken[0][1]} is broken in {change.broken[0][0]}"
    if fell:
        reason += f"; the fields that are not in focus fell, p {p_value(lost or 0.0)}"
    spread = asked_again(before, after) if change.shift is None else None
    return Claim(holds, rung, change.delta, spread, p, alpha, reason)


def confirm(
    base: Sequence[Measurement],
    new: Sequence[Measurement],
    look: int,
    objective: Objective = MACRO,
) -> Claim:
    """Return what may be said from documents that were kept apart: an L3, or else an L1.

    First that it is no noise there, by permuting askings; then, if so, that it is no accident of
    these documents, by flipping signs over them. In this order both have the whole level.
    """
    made = claim(base, new, (), look, objective)
    change = contrast(base, new, (), objective)
    if not made.holds or (p := change.p) > made.alpha:
        return made
    reason = _reason(change, p, made.alpha)
    spread = interval_over_documents(base, new, change, objective)
    return replace(made, rung=Rung.HOLDOUT, interval=spread, p=p, reason=reason)


def interval_over_documents(
    base: Sequence[Measurement],
    new: Sequence[Measurement],
    change: Contrast,
    objective: Objective,
) -> Interval | None:
    """Return where the difference lies for documents like these; None where they are all alike."""
    figure = _figures(objective, (*base, *new)).rising
    if figure is not None:
        spread = figure_interval(figure, _totals(base, change.cases), _totals(new, change.cases))
    else:
        spread = bca(change.differences)
    return spread if spread is not None and spread.low < spread.high else None


def figure_value(
    runs: Sequence[Measurement], cases: Sequence[str], objective: Objective
) -> float | None:
    """Return the figure of one side over documents, replicates averaged; None where it has none."""
    figure = _figures(objective, runs).rising
    if figure is not None:
        return figure.of(added(average_totals(d) for d in _totals(runs, cases)))
    marks = [run.marks[case].f1 for run in runs for case in cases]
    return mean([1.0 if f1 is None else f1 for f1 in marks])


@dataclass(frozen=True, slots=True)
class _DealtAnew:
    """One-sided p-values over askings: that the figure rose, that the guard fell."""

    rising: float
    guard: float | None


def _dealt_anew(
    base: Sequence[Measurement],
    new: Sequence[Measurement],
    cases: Sequence[str],
    objective: Objective,
) -> _DealtAnew:
    figures = _figures(objective, (*base, *new))
    sides = _totals(base, cases), _totals(new, cases)
    rising = 1.0
    if figures.rising is not None:
        rising = figure_permutation(figures.rising, *sides, alternative="greater")
    if figures.guard is None:
        return _DealtAnew(rising, None)
    return _DealtAnew(rising, figure_permutation(figures.guard, *sides, alternative="less"))


def _scores(runs: Sequence[Measurement], cases: Sequence[str]) -> list[list[float]]:
    return [_f1([run.marks[case] for run in runs]) for case in cases]


def _reason(change: Contrast, p: float, alpha: float) -> str:
    sentence = f"{change.name} {gain(change.delta)} points on {len(change.cases)} documents"
    return f"{sentence}, p {p_value(p)} one-sided against {alpha:.2g}"


def asked_again(base: Sequence[Sequence[float]], new: Sequence[Sequence[float]]) -> Interval | None:
    """Return where a difference lies for these documents, whatever they are asked another time.

    By Student's t, from what each document's askings differ in. None where nothing was asked twice
    or all askings agree: that they always will is not known.

    >>> asked_again([[0.5, 0.5]] * 3, [[0.6, 0.6]] * 3) is None
    True
    """
    sides = (base, new)
    freedom = sum(len(scores) - 1 for side in sides for scores in side)
    squares = math.fsum((x - _mean(s)) ** 2 for side in sides for s in side for x in s)
    if not freedom or squares <= _ROUNDING:
        return None
    size = len(base)
    middle = math.fsum(_mean(n) - _mean(b) for b, n in zip(base, new, strict=True)) / size
    shares = math.fsum(1 / len(scores) for side in sides for scores in side)
    error = math.sqrt(squares / freedom * shares) / size
    reach = t_bound((1 - LEVEL) / 2, freedom) * error
    return Interval(middle - reach, middle + reach)
