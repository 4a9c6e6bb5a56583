"""Confidence figures: calibration of the confidences of answers, field by field."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from harness.core import number_text
from harness.core.inert_text import inert
from harness.core.outcomes import ABSTENTION, CORRECT, OMISSION
from harness.core.records import Answer
from harness.core.scores.calibration import brier, expected_calibration_error, log_loss
from harness.core.scores.ranking import average_precision, roc_auc
from harness.core.values import shown_paths
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_results import (
    ConfidenceFigures,
    FieldConfidence,
    IdleConfidences,
    SourceConfidence,
    SourceConfidences,
)

VOTES: Final = "votes"
"""Source of confidences: the share of replicates that agree."""
_BINS: Final = 10
_Pairs: TypeAlias = dict[str, list[tuple[bool, float]]]
"""By field: whether each value is right, and its confidence."""


def confidences_of(each: ScoredCase) -> dict[str, Mapping[str, float]]:
    """Return the confidences of an answer's fields, by source."""
    by_path: dict[str, Mapping[str, float]] = {}
    if isinstance(each.output, Answer) and each.output.confidences:
        by_path[each.output.confidence_source] = dict(each.output.confidences)
    if each.votes:
        by_path[VOTES] = each.votes
    return by_path


def confidence(scored: Iterable[ScoredCase]) -> SourceConfidences | None:
    """Return by source how well confidences tell right values from wrong ones; None without any.

    What is judged is whether the predicted value is correct; a value without a confidence is in
    none of the figures.
    """
    by_source: defaultdict[str, _Pairs] = defaultdict(lambda: defaultdict(list))
    scored = tuple(scored)
    for each in scored:
        if each.result is None:
            continue
        for source, known in confidences_of(each).items():
            for code, leaf, _, at, *_ in each.result.ledger.verdicts:
                sure = None if code in (OMISSION, ABSTENTION) else known.get(leaf.path.fill(at))
                if sure is not None and 0 <= sure <= 1:
                    by_source[source][leaf.path.name or "$"].append((code == CORRECT, sure))
    idle = idle_confidences(scored)
    figures: SourceConfidences = {}
    for source in sorted({*by_source, *idle}):
        figures[source] = _judged(by_source[source])
        if source in idle:
            figures[source]["idle"] = idle[source]
    return figures or None


def idle_confidences(scored: Iterable[ScoredCase]) -> dict[str, IdleConfidences]:
    """Return by source the confidences whose path is none of their answer's: how many, and one."""
    idle_by_source: dict[str, IdleConfidences] = {}
    of: Counter[str] = Counter()
    for each in scored:
        output = each.given or each.output
        if not isinstance(output, Answer) or not output.confidences:
            continue
        source = output.confidence_source
        of[source] += len(output.confidences)
        paths = set(shown_paths(output.value))
        for path, _ in output.confidences:
            if path not in paths:
                first = IdleConfidences(paths=0, of=0, case=each.case.id, path=path)
                idle_by_source.setdefault(source, first)["paths"] += 1
    for name, idle in idle_by_source.items():
        idle["of"] = of[name]
    return idle_by_source


def idle_words(idle: IdleConfidences) -> str:
    """Return the warning about confidences whose path is none of their answer's."""
    number, of = number_text.count(idle["paths"]), number_text.counted(idle["of"], "confidence")
    of_nothing = "is" if idle["paths"] == 1 else "are"
    return (
        f"{number} of {of} {of_nothing} of no value of the answer, as {inert(idle['path'])!r} of "
        f"case {inert(idle['case'])!r}: nothing is made of them; write paths as `items[0].name`"
    )


def _judged(by_field: _Pairs) -> SourceConfidence:
    every = [pair for pairs in by_field.values() for pair in pairs]
    fields: list[FieldConfidence] = [
        {"field": name, **_figures(by_field[name])} for name in sorted(by_field)
    ]
    return {"all": _figures(every), "fields": fields}


def _figures(pairs: list[tuple[bool, float]]) -> ConfidenceFigures:
    right, sure = [one for one, _ in pairs], [p for _, p in pairs]
    return {
        "values": len(pairs),
        "right": sum(right),
        "auroc": roc_auc(right, sure),
        "auprc": average_precision(right, sure),
        "log_loss": log_loss(right, sure),
        "brier": brier(right, sure),
        "calibration_error": expected_calibration_error(right, sure, _BINS),
    }
