"""Changes from one run to the other, field by field and tag by tag."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeAlias

from harness.core.counts import Counts
from harness.core.outcomes import Outcome
from harness.core.statistics.intervals import mean
from harness.core.statistics.paired_tests import ClusteredTest, clustered_mcnemar, holm
from harness.run.comparison.flips import Change, Flip
from harness.run.stored.stored_results import CaseRecord


@dataclass(frozen=True, slots=True)
class FieldShift:
    """One field over all cases both runs answered."""

    field: str
    base: float | None
    """F1 of the summed counts, a case the same however many replicates it has; None where there is
    nothing to count."""
    new: float | None
    delta: float | None
    fixed: int
    broken: int
    still_wrong: int
    """Wrong before and after, with another value."""
    unchanged: int
    test: ClusteredTest
    """By documents: a field may stand many times in one."""
    p_adjusted: float
    """The exact p-value by Holm, for as many fields as there are."""
    critical: bool


@dataclass(frozen=True, slots=True)
class TagShift:
    """The cases that carry one tag."""

    tag: str
    cases: int
    base: float | None
    """Macro F1."""
    new: float | None
    delta: float | None
    fixed: int
    broken: int


Replicates: TypeAlias = tuple[CaseRecord, ...]


@dataclass(slots=True)
class _Sums:
    """Sums of one field."""

    base: Counter[str] = field(default_factory=Counter)
    new: Counter[str] = field(default_factory=Counter)
    changes: Counter[Change] = field(default_factory=Counter)
    differences: list[float] = field(default_factory=list)
    """Each document's fixed less broken, over its replicates."""


def field_shifts(
    pairs: Sequence[tuple[Replicates, Replicates]],
    flips: Iterable[Sequence[Flip]],
    critical: frozenset[str],
) -> tuple[FieldShift, ...]:
    """Return every field, what moved most first."""
    sums: dict[str, _Sums] = defaultdict(_Sums)
    common = math.lcm(*(len(side) for pair in pairs for side in pair))
    for base, new in pairs:
        before, after = _outcomes(base), _outcomes(new)
        for name in before.keys() | after.keys():
            was, now = before.get(name, Counter()), after.get(name, Counter())
            mine = sums[name]
            _add(mine.base, was, common // len(base))
            _add(mine.new, now, common // len(new))
            fewer = _errors(was) / len(base) - _errors(now) / len(new)
            if fewer:
                mine.differences.append(fewer)
    for flip in chain.from_iterable(flips):
        sums[flip.field].changes[flip.change] += 1
    shifts = [_shift(name, mine, critical=name in critical) for name, mine in sorted(sums.items())]
    adjusted = holm([shift.test.exact for shift in shifts])
    adjusted_shifts = [
        replace(shift, p_adjusted=p) for shift, p in zip(shifts, adjusted, strict=True)
    ]
    return tuple(
        sorted(adjusted_shifts, key=lambda s: (s.test.exact, -abs(s.fixed - s.broken), s.field))
    )


def _outcomes(replicates: Replicates) -> Mapping[str, Counter[str]]:
    by_field: dict[str, Counter[str]] = defaultdict(Counter)
    for case in replicates:
        for diff in case["diffs"]:
            by_field[diff["field"]][diff["outcome"]] += 1
    return by_field


def _add(to: Counter[str], outcomes: Counter[str], times: int) -> None:
    for outcome, count in outcomes.items():
        to[outcome] += count * times


def _errors(outcomes: Counter[str]) -> int:
    return outcomes.total() - outcomes[Outcome.CORRECT]


def _shift(name: str, sums: _Sums, *, critical: bool) -> FieldShift:
    base, new = _f1(sums.base), _f1(sums.new)
    changes = sums.changes
    return FieldShift(
        field=name,
        base=base,
        new=new,
        delta=None if base is None or new is None else new - base,
        fixed=changes[Change.FIXED],
        broken=changes[Change.BROKEN],
        still_wrong=changes[Change.STILL_WRONG],
        unchanged=changes[Change.UNCHANGED],
        test=clustered_mcnemar(sums.differences),
        p_adjusted=1.0,
        critical=critical,
    )


def _f1(outcomes: Counter[str]) -> float | None:
    return Counts.stored(outcomes).f1.value


@dataclass(frozen=True, slots=True)
class CaseShift:
    """One case both runs answered."""

    case: str
    base_f1s: tuple[float, ...]
    """F1 of each replicate; none where nothing is expected and neither run says anything."""
    new_f1s: tuple[float, ...]
    lenient: tuple[float, float] | None
    """Lenient F1 in both runs, the mean over replicates; None for such a case."""
    tags: tuple[str, ...]
    flips: tuple[Flip, ...]
    """What changed; unchanged fields are left out."""
    unchanged_right: int
    unchanged_wrong: int

    @property
    def base(self) -> float:
        """F1, the mean over replicates; 1 where there was nothing to say or get wrong."""
        return 1.0 if (f1 := mean(self.base_f1s)) is None else f1

    @property
    def new(self) -> float:
        """The same of the other run."""
        return 1.0 if (f1 := mean(self.new_f1s)) is None else f1

    @property
    def delta(self) -> float:
        """New less base."""
        return self.new - self.base


def tag_shifts(cases: Sequence[CaseShift]) -> tuple[TagShift, ...]:
    """Return every tag, in order of name."""
    by_tag: dict[str, list[CaseShift]] = defaultdict(list)
    for case in cases:
        for tag in case.tags:
            by_tag[tag].append(case)
    return tuple(_tag(tag, some) for tag, some in sorted(by_tag.items()))


def _tag(tag: str, cases: Sequence[CaseShift]) -> TagShift:
    known = [case for case in cases if case.base_f1s]
    base, new = mean([case.base for case in known]), mean([case.new for case in known])
    changes = Counter(flip.change for case in cases for flip in case.flips)
    return TagShift(
        tag=tag,
        cases=len(cases),
        base=base,
        new=new,
        delta=None if base is None or new is None else new - base,
        fixed=changes[Change.FIXED],
        broken=changes[Change.BROKEN],
    )
