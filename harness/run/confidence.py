"""How far the confidences of answers can be believed, field by field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from harness.core.probabilities import brier, expected_calibration_error, log_loss
from harness.core.ranking import average_precision, roc_auc
from harness.core.records import Answer
from harness.core.values import Json
from harness.core.verdicts import ABSTENTION, CORRECT, OMISSION
from harness.run.scoring import Scored

_BINS = 10


def confidence(scored: Iterable[Scored]) -> Json:
    """Return how well confidences tell right values from wrong ones; None where there are none.

    What is judged is whether the predicted value is correct; a value without a confidence is in
    none of the figures.
    """
    by_field: defaultdict[str, list[tuple[bool, float]]] = defaultdict(list)
    for each in scored:
        if each.result is None or not isinstance(each.said, Answer) or not each.said.confidences:
            continue
        known = dict(each.said.confidences)
        for code, leaf, _, at, *_ in each.result.ledger.verdicts:
            sure = None if code in (OMISSION, ABSTENTION) else known.get(leaf.path.fill(at))
            if sure is not None and 0 <= sure <= 1:
                by_field[leaf.path.name or "$"].append((code == CORRECT, sure))
    if not by_field:
        return None
    every = [pair for pairs in by_field.values() for pair in pairs]
    fields: list[Json] = [{"field": name, **_figures(by_field[name])} for name in sorted(by_field)]
    return {"all": _figures(every), "fields": fields}


def _figures(pairs: list[tuple[bool, float]]) -> dict[str, Json]:
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
