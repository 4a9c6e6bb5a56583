"""How far the confidences of answers can be believed, field by field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from harness.core.outcomes import ABSTENTION, CORRECT, OMISSION
from harness.core.records import Answer
from harness.core.scores.calibration import brier, expected_calibration_error, log_loss
from harness.core.scores.ranking import average_precision, roc_auc
from harness.run.results.score_cases import ScoredCase
from harness.run.stored.stored_results import (
    ConfidenceFigures,
    FieldConfidence,
    SourceConfidence,
    SourceConfidences,
)

VOTES: Final = "votes"
"""The source of confidences that is no word of the model's: how often it says the same."""
_BINS: Final = 10
_Pairs: TypeAlias = dict[str, list[tuple[bool, float]]]
"""By field: is it right, and how sure was the answer."""


def confidences_of(each: ScoredCase) -> dict[str, Mapping[str, float]]:
    """Return what is known of how sure an answer is of each field, by source."""
    by_path: dict[str, Mapping[str, float]] = {}
    if isinstance(each.said, Answer) and each.said.confidences:
        by_path[each.said.confidence_source] = dict(each.said.confidences)
    if each.votes:
        by_path[VOTES] = each.votes
    return by_path


def confidence(scored: Iterable[ScoredCase]) -> SourceConfidences | None:
    """Return by source how well confidences tell right values from wrong ones; None without any.

    What is judged is whether the predicted value is correct; a value without a confidence is in
    none of the figures.
    """
    by_source: defaultdict[str, _Pairs] = defaultdict(lambda: defaultdict(list))
    for each in scored:
        if each.result is None:
            continue
        for source, known in confidences_of(each).items():
            for code, leaf, _, at, *_ in each.result.ledger.verdicts:
                sure = None if code in (OMISSION, ABSTENTION) else known.get(leaf.path.fill(at))
                if sure is not None and 0 <= sure <= 1:
                    by_source[source][leaf.path.name or "$"].append((code == CORRECT, sure))
    return {source: _judged(by_source[source]) for source in sorted(by_source)} or None


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
