"""The figure a comparison is judged by: macro F1, or another that was asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.counts import Counts
from harness.core.statistics.field_figures import (
    FieldFigure,
    FieldTotals,
    added,
    average_totals,
    figure_difference,
    figure_interval,
    figure_permutation,
    figure_test,
    influences,
)
from harness.errors import Problem, UsageError, did_you_mean
from harness.run.comparison.shifts import Replicates
from harness.run.comparison.side import Arm
from harness.run.comparison.verdict import ComparedScore
from harness.run.stored.stored_results import CaseRecord

FIGURES: Final = ("macro", "micro", "lenient", "weighted", "focus", "guard", "floor")
"""What a comparison may be judged by, beside `field:NAME`."""
_OF_FIELD: Final = "field:"


@dataclass(frozen=True, slots=True)
class JudgedFigure:
    """A figure of fields in both runs, with everything a verdict needs."""

    score: ComparedScore
    over_replicates: float | None
    """p-value of permuted replicate labels; None unless both runs have replicates."""
    moves: tuple[float, ...]
    """What each document moves the figure by, times their number."""


def figure_name(by: str) -> str:
    """Return what a figure is called in sentences.

    >>> figure_name("macro"), figure_name("field:total")
    ('macro F1', 'F1 of total')
    """
    if by.startswith(_OF_FIELD):
        return f"F1 of {by.removeprefix(_OF_FIELD)}"
    return _NAMES[by]


_NAMES: Final = {
    "macro": "macro F1",
    "micro": "micro F1",
    "lenient": "macro F1, lenient",
    "weighted": "F1 of fields by weight",
    "focus": "focus F1",
    "guard": "guard F1",
    "floor": "lowest F1 of a field",
}


def check_figure(by: str, arms: Sequence[Arm]) -> None:
    """Raise UsageError for a figure nobody has named, a field or a focus the runs do not have."""
    if by.startswith(_OF_FIELD):
        name = by.removeprefix(_OF_FIELD)
        known = {field["field"] for arm in arms for field in arm.results["fields"]}
        if name not in known:
            hint = did_you_mean(name, known)
            raise UsageError(
                Problem(f"the runs have no field {name!r}", "unknown-field", hint=hint)
            )
    elif by not in FIGURES:
        hint = did_you_mean(by, (*FIGURES, "field:NAME"))
        raise UsageError(Problem(f"there is no figure {by!r}", "unknown-figure", hint=hint))
    elif by in ("focus", "guard") and not any(arm.results.get("focus") for arm in arms):
        hint = "mark fields in suite.yaml: rules: {FIELD: {focus: true}}, then harness rescore"
        raise UsageError(Problem("no field of these runs is in focus", "no-focus", hint=hint))
    elif by == "weighted" and not all(arm.results.get("field_weights") for arm in arms):
        hint = "give fields a weight in suite.yaml, then harness rescore both runs"
        raise UsageError(Problem("these runs have no weights of fields", "no-weights", hint=hint))


def field_figure(by: str, arm: Arm) -> FieldFigure | None:
    """Return a figure of fields; None for the means over documents, macro and lenient."""
    focus = arm.results.get("focus")
    marked = focus["fields"] if focus else []
    if by.startswith(_OF_FIELD):
        return FieldFigure("mean", ((by.removeprefix(_OF_FIELD), 1.0),), 0.0)
    weights = tuple(sorted((arm.results.get("field_weights") or {}).items()))
    figures = {
        "micro": FieldFigure("pooled"),
        "weighted": FieldFigure("mean", weights),
        "focus": FieldFigure("mean", tuple((name, 1.0) for name in marked), 0.0),
        "guard": FieldFigure("mean", tuple((name, 0.0) for name in marked)),
        "floor": FieldFigure("floor"),
    }
    return figures.get(by)


def judged_figure(
    figure: FieldFigure, pairs: Sequence[tuple[Replicates, Replicates]]
) -> JudgedFigure:
    """Return a figure of both runs over the documents both answered, tested by document."""
    base = [[_totals(case) for case in side] for side, _ in pairs]
    new = [[_totals(case) for case in side] for _, side in pairs]
    before, after = ([[average_totals(d)] for d in side] for side in (base, new))
    sums = [added(d[0] for d in side) for side in (before, after)]
    values = [figure.of(each) for each in sums]
    judged = None not in values
    score = ComparedScore(
        values[0],
        values[1],
        figure_difference(figure, before, after) if judged else None,
        figure_interval(figure, before, after),
        figure_test(figure, before, after),
    )
    has_replicates = bool(pairs) and min(len(side) for pair in pairs for side in pair) > 1
    within = figure_permutation(figure, base, new) if has_replicates else None
    moves = tuple(len(pairs) * move for move in influences(figure, base, new))
    return JudgedFigure(score, within, moves)


def _totals(case: CaseRecord) -> FieldTotals:
    outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for diff in case["diffs"]:
        outcomes[diff["field"]][diff["outcome"]] += 1
    ratios = {name: Counts.stored(counts).f1 for name, counts in outcomes.items()}
    return {name: (float(r.hits), float(r.of)) for name, r in ratios.items() if r.of}
