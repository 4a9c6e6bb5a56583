"""Comparison of two runs over the same cases: changes, and the claims they support."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.core.scores.scorecard import Empty
from harness.core.statistics.intervals import mean
from harness.core.statistics.paired_tests import (
    Pair,
    bca,
    holm,
    pooled_difference,
    pooled_interval,
    pooled_swap,
    sign_flip_test,
)
from harness.core.statistics.permutation import Permutation
from harness.errors import HarnessError
from harness.run.comparison.flips import Change, Flip, flips
from harness.run.comparison.judged_figure import check_figure, field_figure, judged_figure
from harness.run.comparison.shifts import (
    CaseShift,
    FieldShift,
    Replicates,
    TagShift,
    field_shifts,
    tag_shifts,
)
from harness.run.comparison.side import Arm, F1Key, f1s_of, pooled_of, unlike
from harness.run.comparison.verdict import (
    ENOUGH,
    ComparedScore,
    ComparisonVerdict,
    Evidence,
    Power,
    Rung,
    Terms,
    comparison_verdict,
    evidence,
    power_of,
    rung_of,
)
from harness.run.stored.stored_review import is_circular

_SHOWN: Final = 8
"""Fields that are shown; the others are counted."""
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Missing:
    """A case that was not scored on both sides: in no figure of the comparison."""

    case: str
    base: str | None
    """Why the base run has no score of it; None where it has one."""
    new: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Changes from one run to another, with their uncertainty; `print` gives the summary.

    >>> from harness import compare, evaluate
    >>> truths = [{"n": number} for number in range(30)]
    >>> better = compare(evaluate(truths, [{"n": 0}] * 30), evaluate(truths, truths))
    >>> print(better)
    <Comparison: improved>
    macro F1 3.3 % -> 100 %, +96.7 points [+80.3 to +100.0]
    micro F1 3.3 % -> 100 %, +96.7 points [+80.3 to +100.0], p <0.001 of macro F1
      n: 29 fixed
    """

    base: Arm
    new: Arm
    terms: Terms
    verdict: ComparisonVerdict
    macro: ComparedScore
    """The mean over documents of each document's F1."""
    micro: ComparedScore
    lenient: ComparedScore
    """Macro, with format errors whose value is right taken for correct."""
    judged: ComparedScore
    """The figure that decides: the one asked for, macro F1 by default."""
    p_adjusted: float
    """The p-value of that figure, adjusted (Holm) for the number of runs compared with the base."""
    evidence: Evidence
    power: Power
    fields: tuple[FieldShift, ...]
    tags: tuple[TagShift, ...]
    cases: tuple[CaseShift, ...]
    """Every case both runs answered, the one that lost most first."""
    missing: tuple[Missing, ...]
    unlike: tuple[str, ...] = ()
    """Differences that make two runs incomparable unless `--allow-unlike` is given."""

    def __repr__(self) -> str:
        lines = [f"<Comparison: {self.verdict.value}>", _line("macro F1", self.macro)]
        chance = number_text.p_value(self.p_adjusted)
        lines.append(f"{_line('micro F1', self.micro)}, p {chance} of macro F1")
        moved = [field for field in self.fields if field.fixed or field.broken or field.still_wrong]
        lines += [_field_line(field) for field in moved[:_SHOWN]]
        notes = [(len(moved) - _SHOWN, "more field", "that changed")]
        notes.append((len(self.missing), "case", "not scored on both sides, in no figure"))
        lines += [f"{number_text.counted(n, noun)} {what}" for n, noun, what in notes if n > 0]
        lines += [f"unlike: {inert(what)}" for what in self.unlike]
        return "\n".join(lines)

    @property
    def seen(self) -> tuple[str, ...]:
        """Cases that were held out and seen all the same, or where nobody can say, in order."""
        arms = self.base, self.new
        return tuple(sorted(c.case for c in self.cases if any(a.is_seen(c.case) for a in arms)))

    @property
    def coverage(self) -> float:
        """Share of the cases that were scored on both sides; 0 where there is no case at all."""
        paired = len(self.cases)
        return paired / (paired + len(self.missing)) if paired else 0.0

    @property
    def is_circular(self) -> bool:
        """True where one of the two is judged by truths that are its own answers."""
        return any(_is_circular(arm) for arm in (self.base, self.new))


def _is_circular(arm: Arm) -> bool:
    prompt = arm.run.get("prompt")
    sha256 = prompt["sha256"] if prompt else None
    return is_circular(arm.results.get("reviewed"), arm.results["extractor"], sha256)


def _line(name: str, score: ComparedScore) -> str:
    delta = f"{number_text.gain(score.delta)} points [{number_text.gains(score.interval)}]"
    return f"{name} {number_text.percent(score.base)} -> {number_text.percent(score.new)}, {delta}"


def _field_line(field: FieldShift) -> str:
    met = (field.fixed, "fixed"), (field.broken, "broken"), (field.still_wrong, "wrong otherwise")
    return f"  {cut(inert(field.field), _LONGEST)}: " + ", ".join(f"{n} {w}" for n, w in met if n)


def compare_arms(base: Arm, news: Sequence[Arm], terms: Terms) -> list[Comparison]:
    """Return what changed from one run to each of others.

    The more runs are tried, the likelier one of them looks better by luck: their p-values are
    adjusted for their number.
    """
    check_figure(terms.by, [base, *news])
    problems = [problem for new in news for problem in unlike(base, new)]
    if problems and not terms.allow_unlike:
        raise HarnessError(*problems)
    comparisons = [_compare(base, new, terms) for new in news]
    adjusted = holm([each.judged.p_value for each in comparisons])
    within = holm([1.0 if (p := e.evidence.over_replicates) is None else p for e in comparisons])
    return [
        replace(
            each,
            p_adjusted=p,
            verdict=comparison_verdict(each.judged, p, each.coverage, terms.margin),
            evidence=replace(each.evidence, rung=_rung(each, p, inner)),
        )
        for each, p, inner in zip(comparisons, adjusted, within, strict=True)
    ]


def _rung(comparison: Comparison, over_documents: float, over_replicates: float) -> Rung:
    """Return the rung of a difference; with too few cases scored it claims nothing beyond them."""
    if comparison.coverage < ENOUGH:
        return Rung.POINT
    arms = comparison.base, comparison.new
    held = all(arm.is_held(case.case) for arm in arms for case in comparison.cases)
    rung = rung_of(over_documents, over_replicates, held=held)
    return (
        min(rung, Rung.DOCUMENTS, key=lambda each: each.value) if comparison.is_circular else rung
    )


def _compare(base: Arm, new: Arm, terms: Terms) -> Comparison:
    both = {
        name: (replicates, new.cases[name])
        for name, replicates in base.cases.items()
        if name in new.cases
    }
    critical = base.critical | new.critical
    changes = {name: tuple(flips(name, *pair, critical)) for name, pair in both.items()}
    cases = [_case(both[name], changes[name], base.results["empty"]) for name in both]
    known = [case for case in cases if case.base_f1s]
    before, after = [case.base_f1s for case in known], [case.new_f1s for case in known]
    macro = _averaged([(case.base, case.new) for case in known])
    micro = _micro(list(both.values()))
    lenient = _averaged([case.lenient for case in known if case.lenient])
    judged = {"micro": micro, "lenient": lenient}.get(terms.by, macro)
    firm = evidence(before, after, judged.p_value)
    moves: Sequence[float] = [case.delta for case in known]
    figure = field_figure(terms.by, base)
    if figure is not None:
        shown = judged_figure(figure, list(both.values()))
        judged = micro if terms.by == "micro" else shown.score
        firm = Evidence(Rung.POINT, judged.p_value, shown.over_replicates)
        moves = shown.moves
    return Comparison(
        base=base,
        new=new,
        terms=terms,
        verdict=ComparisonVerdict.UNDECIDED,
        macro=macro,
        micro=micro,
        lenient=lenient,
        judged=judged,
        p_adjusted=judged.p_value,
        evidence=firm,
        power=power_of(moves),
        fields=field_shifts(list(both.values()), changes.values(), critical),
        tags=tag_shifts(cases),
        cases=tuple(sorted(cases, key=lambda case: (case.delta, case.case))),
        missing=_missing(base, new),
        unlike=tuple(problem.what for problem in unlike(base, new)),
    )


def _case(pair: tuple[Replicates, Replicates], flips: Sequence[Flip], empty: Empty) -> CaseShift:
    before, after = _f1s(pair, "f1", empty)
    kindly = [mean(side) or 0.0 for side in _f1s(pair, "lenient_f1", empty)]
    first = pair[0][0]
    unchanged = [flip for flip in flips if flip.change is Change.UNCHANGED]
    return CaseShift(
        case=first["id"],
        base_f1s=before,
        new_f1s=after,
        lenient=(kindly[0], kindly[1]) if before else None,
        tags=tuple(first["tags"]),
        flips=tuple(flip for flip in flips if flip.change is not Change.UNCHANGED),
        unchanged_right=sum(flip.new.is_right for flip in unchanged),
        unchanged_wrong=sum(not flip.new.is_right for flip in unchanged),
    )


def _f1s(
    pair: tuple[Replicates, Replicates], key: F1Key, empty: Empty
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return each replicate's F1 in both runs.

    A vacuous answer counts as 1 beside one that is not: nothing was expected, nothing was said.
    """
    base, new = (f1s_of(side, key, empty) for side in pair)
    if all(f1 is None for f1 in (*base, *new)):
        return (), ()
    return tuple(map(_or_right, base)), tuple(map(_or_right, new))


def _or_right(f1: float | None) -> float:
    return 1.0 if f1 is None else f1


def _averaged(pairs: Sequence[tuple[float, float]]) -> ComparedScore:
    base, new = mean([base for base, _ in pairs]), mean([new for _, new in pairs])
    deltas = [new - base for base, new in pairs]
    return ComparedScore(base, new, mean(deltas), bca(deltas), sign_flip_test(deltas))


def _micro(pairs: Sequence[tuple[Replicates, Replicates]]) -> ComparedScore:
    """Return the pooled F1 of both runs, each replicate counting the same share of its case."""
    common = math.lcm(*(len(side) for pair in pairs for side in pair))
    rows = [
        Pair(*_pooled(base, common // len(base)), *_pooled(new, common // len(new)))
        for base, new in pairs
    ]
    base_hits, base_of, new_hits, new_of = map(sum, zip(*rows, strict=True)) if rows else (0,) * 4
    if not base_of or not new_of:
        return ComparedScore(None, None, None, None, Permutation(1.0))
    base, new = base_hits / base_of, new_hits / new_of
    return ComparedScore(
        base, new, pooled_difference(rows), pooled_interval(rows), pooled_swap(rows)
    )


def _pooled(replicates: Replicates, times: int) -> tuple[int, int]:
    ratios = [pooled_of(case) for case in replicates]
    return times * sum(r.hits for r in ratios), times * sum(r.of for r in ratios)


def _missing(base: Arm, new: Arm) -> tuple[Missing, ...]:
    """Return what either side never scored, in order of id."""
    names = base.cases.keys() | new.cases.keys() | base.missing.keys() | new.missing.keys()
    return tuple(
        Missing(name, *(_why(arm, name) for arm in (base, new)))
        for name in sorted(names)
        if name not in base.cases or name not in new.cases
    )


def _why(arm: Arm, case: str) -> str | None:
    return None if case in arm.cases else arm.missing.get(case, "not in the run")
