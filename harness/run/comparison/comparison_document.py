"""Comparison as JSON: what `harness compare --format json` prints."""

from __future__ import annotations

from collections.abc import Sequence

from harness.run.comparison.compare import Comparison
from harness.run.comparison.cost_shifts import cost_shifts
from harness.run.comparison.flips import Flip, SideVerdict
from harness.run.comparison.shifts import CaseShift, FieldShift, TagShift
from harness.run.comparison.side import Arm
from harness.run.comparison.standings import EXPENSES, Contender, standings
from harness.run.comparison.verdict import ComparedScore, Evidence
from harness.run.stored.stored_comparison import (
    COMPARISON_VERSION,
    CaseChange,
    ComparedRun,
    ComparisonDocument,
    ContenderRecord,
    EvidenceOfChange,
    FieldChange,
    FlipRecord,
    RunsDocument,
    ScoreChange,
    SideOfFlip,
    TagChange,
)


def comparison_document(comparison: Comparison) -> ComparisonDocument:
    """Return a comparison as JSON; figures are exact, nothing is left out."""
    power = comparison.power
    return {
        "schema_version": COMPARISON_VERSION,
        "base": _arm(comparison.base),
        "new": _arm(comparison.new),
        "verdict": comparison.verdict.value,
        "margin": comparison.terms.margin,
        "unlike": list(comparison.unlike),
        "macro_f1": _score(comparison.macro),
        "micro_f1": _score(comparison.micro),
        "lenient_macro_f1": _score(comparison.lenient),
        "by": comparison.terms.by,
        "judged": _score(comparison.judged),
        "p_adjusted": comparison.p_adjusted,
        "evidence": _evidence(comparison.evidence),
        "detectable": {
            "smallest": power.smallest,
            "deviation": power.deviation,
            "deviation_assumed": power.assumed,
            "least_p_value": power.least_p,
            "documents_needed": power.needed,
        },
        "coverage": comparison.coverage,
        "missing": [{"case": m.case, "base": m.base, "new": m.new} for m in comparison.missing],
        "fields": [_field(shift) for shift in comparison.fields],
        "field_costs": [
            {
                "field": cost.field,
                "base_output_tokens_per_answer": cost.base_tokens,
                "new_output_tokens_per_answer": cost.new_tokens,
                "base_usd_per_answer": cost.base_usd,
                "new_usd_per_answer": cost.new_usd,
            }
            for cost in cost_shifts(comparison.base, comparison.new)
        ],
        "tags": [tag_change(shift) for shift in comparison.tags],
        "cases": [_case(case) for case in comparison.cases],
    }


def _evidence(firm: Evidence) -> EvidenceOfChange:
    return {
        "rung": firm.rung.value,
        "p_over_documents": firm.over_documents,
        "p_over_replicates": firm.over_replicates,
    }


def runs_document(
    comparisons: Sequence[Comparison], names: Sequence[str], target: float | None
) -> RunsDocument:
    """Return all comparisons with one base, and the runs side by side.

    `names` tell the runs apart, the base's first; `target` is the macro F1 that is wanted, the
    suite's own where None.
    """
    base = comparisons[0].base
    wanted = base.results["target_f1"] if target is None else target
    placed = standings([base, *(each.new for each in comparisons)], names, wanted)
    measured = placed.measured()
    return {
        "comparisons": [comparison_document(each) for each in comparisons],
        "standings": {
            "target": placed.target,
            "cases": placed.cases,
            "left_out": placed.left_out,
            "runs": [_contender(one) for one in placed.contenders],
            "pairs": [
                {"first": a, "second": b, "delta": duel.delta, "p_value": duel.p_value,
                 "p_adjusted": duel.p_adjusted}
                for (a, b), duel in placed.duels.items()
            ],
            "frontier": {by: list(placed.frontier(by)) for by in EXPENSES},
            "measured": measured,
        },
    }  # fmt: skip


def _contender(one: Contender) -> ContenderRecord:
    return {
        "name": one.name,
        "macro_f1": one.macro,
        "interval": list(one.interval) if one.interval else None,
        "micro_f1": one.micro,
        "lenient_macro_f1": one.lenient,
        "replicates_macro_f1": list(one.spread) if one.spread else None,
        "usd_per_answer": one.usd,
        "seconds_typical": one.seconds,
        "tokens_per_answer": one.tokens,
    }


def _arm(arm: Arm) -> ComparedRun:
    prompt = arm.run.get("prompt")
    return {
        "run_id": arm.run["run_id"],
        "suite": arm.results["suite"],
        "extractor": arm.results["extractor"],
        "prompt": prompt or None,
        "replicates": arm.replicates,
        "reviewed": arm.results.get("reviewed"),
    }


def _score(score: ComparedScore) -> ScoreChange:
    return {
        "base": score.base,
        "new": score.new,
        "delta": score.delta,
        "interval": list(score.interval) if score.interval else None,
        "p_value": score.p_value,
        "p_draws": score.test.draws,
        "p_error": score.test.error,
    }


def _field(shift: FieldShift) -> FieldChange:
    return {
        "field": shift.field,
        "critical": shift.critical,
        "base": shift.base,
        "new": shift.new,
        "delta": shift.delta,
        "fixed": shift.fixed,
        "broken": shift.broken,
        "still_wrong": shift.still_wrong,
        "unchanged": shift.unchanged,
        "p_value": shift.test.exact,
        "p_adjusted": shift.p_adjusted,
        "chi2": shift.test.chi2,
        "p_chi2": shift.test.approximate,
    }


def tag_change(shift: TagShift) -> TagChange:
    """Return how often a tag stood in each run."""
    return {
        "tag": shift.tag,
        "cases": shift.cases,
        "base": shift.base,
        "new": shift.new,
        "delta": shift.delta,
        "fixed": shift.fixed,
        "broken": shift.broken,
    }


def _case(case: CaseShift) -> CaseChange:
    return {
        "case": case.case,
        "base_f1": list(case.base_f1s),
        "new_f1": list(case.new_f1s),
        "delta": case.delta,
        "tags": list(case.tags),
        "unchanged_right": case.unchanged_right,
        "unchanged_wrong": case.unchanged_wrong,
        "flips": [_flip(flip) for flip in case.flips],
    }


def _flip(flip: Flip) -> FlipRecord:
    return {
        "path": flip.path,
        "field": flip.field,
        "change": flip.change.value,
        "critical": flip.critical,
        "base": _said(flip.base),
        "new": _said(flip.new),
    }


def _said(verdict: SideVerdict) -> SideOfFlip:
    return {
        "diff": verdict.diff,
        "right": verdict.right.hits,
        "replicates": verdict.right.of,
    }
