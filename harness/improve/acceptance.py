"""Whether a changed prompt is kept for the search, and whether it may be called better."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from harness.core.paired import bca, label_permutation, sign_flip
from harness.core.stats import Interval
from harness.improve.measured import CaseMark, Measured
from harness.run.standing import Rung

KEEP: Final = 0.20
"""One-sided p-value up to which an edit stays in the search: a strict test there stops it."""
CLAIM: Final = 0.05
"""One-sided p-value up to which an edit is called better."""
FEW: Final = 12
"""Documents below which a test over documents says little: the noise floor decides."""
COVERAGE: Final = 0.95
"""Share of answered cases below which nothing is decided: what was never answered is not wrong."""
_BROKEN: Final = 2
_BROKEN_SHARE: Final = 0.1
_FLOORS: Final = 2.0
_ROUNDING: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Flip:
    """In how many documents a field got better and worse."""

    field: str
    fixed: int
    broken: int


@dataclass(frozen=True, slots=True)
class Noise:
    """What changes from one asking to the next, from asking twice with one prompt."""

    floor: float = 0.0
    """One standard error of the difference of two runs' macro F1; 0 where nothing changed."""
    unsteady: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """In how many documents each field flipped."""

    @property
    def steady(self) -> bool:
        """True where both askings gave the same verdicts."""
        return not self.floor and not self.unsteady


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two prompts side by side, on the documents that both were asked about."""

    cases: tuple[str, ...]
    differences: tuple[float, ...]
    """F1 of the new less that of the old, a document each."""
    flips: tuple[Flip, ...]
    """Fields that changed anywhere."""
    loss: float
    """By how many steps of the ladder the new is further from right, a document."""
    coverage: float
    """Share of the cases, those shown as examples left out, that every run has an answer to."""
    broken: tuple[tuple[str, str], ...] = ()
    """Case and field of every critical field that was right and no longer is."""

    @property
    def delta(self) -> float:
        """Difference of the macro F1."""
        return math.fsum(self.differences) / len(self.differences) if self.differences else 0.0

    @property
    def fixed(self) -> int:
        """Fields that got better, counted by document."""
        return sum(flip.fixed for flip in self.flips)

    @property
    def worse(self) -> int:
        """Fields that got worse, counted by document."""
        return sum(flip.broken for flip in self.flips)


Decision = Literal["keep", "reject", "undecided"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an edit in the search."""

    decision: Decision
    reason: str
    p: float | None
    """One-sided, over documents; None where nothing was tested."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What may be said of a prompt after fresh answers of both sides."""

    holds: bool
    rung: Rung
    delta: float
    interval: Interval | None
    p: float | None
    """One-sided, of the test that decides."""
    alpha: float
    reason: str


def contrast(
    base: Sequence[Measured], new: Sequence[Measured], left_out: Collection[str] = ()
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
    flips = tuple(Flip(f, fixed.get(f, 0), worse.get(f, 0)) for f in sorted({*fixed, *worse}))
    asked = {case for m in (*base, *new) for case in m.asked}.difference(left_out)
    coverage = len(cases) / len(asked) if asked else 0.0
    per_case = loss / len(cases) if cases else 0.0
    return Contrast(tuple(judged), tuple(differences), flips, per_case, coverage, tuple(broken))


def _shared(runs: Sequence[Measured], left_out: Collection[str]) -> list[str]:
    """Return the cases that all runs have an answer to."""
    answered = [set(run.marks) for run in runs]
    return sorted(set.intersection(*answered).difference(left_out)) if answered else []


def _f1(marks: Sequence[CaseMark]) -> list[float]:
    """Return scores; nothing said where there is nothing to say is right, if others said much."""
    return [1.0 if mark.f1 is None else mark.f1 for mark in marks]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def noise(first: Measured, second: Measured) -> Noise:
    """Return what two askings with one prompt differ in."""
    seen = contrast([first], [second])
    size = len(seen.differences)
    floor = math.sqrt(math.fsum(d * d for d in seen.differences)) / size if size else 0.0
    return Noise(floor, {flip.field: flip.fixed + flip.broken for flip in seen.flips})


def judge(seen: Contrast, noise: Noise) -> Verdict:
    """Return what becomes of an edit in the search: kept liberally, never past a guard."""
    if seen.coverage < COVERAGE:
        said = f"only {seen.coverage:.0%} of the cases were answered"
        return Verdict("undecided", said, None)
    guard = _guard(seen, noise)
    p = sign_flip(seen.differences, "greater")
    if guard is not None:
        return Verdict("reject", guard, p)
    delta = f"macro F1 {seen.delta:+.3f}"
    if abs(seen.delta) <= _ROUNDING:
        if seen.loss < 0:
            return Verdict("keep", "same macro F1, errors nearer to right", p)
        return Verdict("reject", "nothing got better", p)
    if len(seen.differences) >= FEW:
        good = seen.delta > 0 and p <= KEEP
        return Verdict("keep" if good else "reject", f"{delta}, p {p:.3f} one-sided", p)
    good = seen.delta > noise.floor
    return Verdict("keep" if good else "reject", f"{delta}, noise floor {noise.floor:.3f}", p)


def _guard(seen: Contrast, noise: Noise) -> str | None:
    """Return what got worse that must not; None where nothing did."""
    if seen.broken:
        case, name = seen.broken[0]
        return f"critical field {name} is broken in {case}"
    least = max(_BROKEN, math.ceil(_BROKEN_SHARE * len(seen.cases)))
    for flip in seen.flips:
        chance = _FLOORS * math.sqrt(noise.unsteady.get(flip.field, 0))
        if flip.broken - flip.fixed >= least + chance:
            return f"{flip.field} got worse in {flip.broken} documents, better in {flip.fixed}"
    return None


def level_of_look(look: int) -> float:
    """Return the level of the n-th attempt to promote: each later one has to show more.

    >>> [round(level_of_look(n), 4) for n in (1, 2, 3)]
    [0.05, 0.0076, 0.0034]
    """
    return CLAIM if look == 1 else CLAIM * 6 / (math.pi * look) ** 2


def replicates_needed(documents: int, noise: Noise) -> int:
    """Return how often each side of a claim is asked: what documents are missing, askings buy."""
    if documents >= FEW:
        return 1 if noise.steady else 2
    return 2 if noise.steady else 3


def claim(
    base: Sequence[Measured],
    new: Sequence[Measured],
    left_out: Collection[str],
    look: int,
    tried: int = 1,
) -> Claim:
    """Return what may be said, from answers that nothing was chosen by.

    From twelve documents on the test is over documents. Below, it is over the askings of these
    documents, which says nothing of others, and the claim says so. Fresh answers are answers about
    the same documents: of several edits `tried` on them the best fits them by luck, too, so that it
    speaks for others only with a p-value so many times smaller.
    """
    seen, alpha = contrast(base, new, left_out), level_of_look(look)
    spread, delta = bca(seen.differences), seen.delta
    if seen.coverage < COVERAGE or not seen.cases:
        said = f"only {seen.coverage:.0%} of the cases were answered"
        return Claim(False, Rung.POINT, delta, spread, None, alpha, said)  # noqa: FBT003
    over_documents = sign_flip(seen.differences, "greater")
    p = over_documents
    if len(seen.cases) < FEW:
        p = label_permutation(*_scores(base, new, seen.cases), "greater")
    rung = Rung.POPULATION if over_documents * tried <= alpha else Rung.DOCUMENTS
    holds = delta > _ROUNDING and p <= alpha and not seen.broken
    said = f"macro F1 {delta:+.3f}, p {p:.4f} one-sided against {alpha:.4f}"
    if seen.broken:
        said += f"; critical field {seen.broken[0][1]} is broken in {seen.broken[0][0]}"
    return Claim(holds, rung if holds else Rung.POINT, delta, spread, p, alpha, said)


def _scores(
    base: Sequence[Measured], new: Sequence[Measured], cases: Sequence[str]
) -> tuple[list[list[float]], list[list[float]]]:
    def of(runs: Sequence[Measured]) -> list[list[float]]:
        return [_f1([run.marks[case] for run in runs]) for case in cases]

    return of(base), of(new)
