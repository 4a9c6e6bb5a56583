"""Conformal risk control over documents: the largest share of values accepted at a promised risk.

Angelopoulos, Bates, Fisch, Lei and Schuster 2024, "Conformal Risk Control", ICLR: with a loss in
[0, 1] that never grows with the threshold, (n R(t) + 1) / (n + 1) <= a keeps the expected loss of a
new, exchangeable document at or under a.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import ceil, fsum

from harness.confidence.observations import Observations, ValueKind
from harness.core.number_text import percent
from harness.run.results.threshold_file import NEVER


def least_documents(risk: float) -> int:
    """Return how many documents a promise of this risk needs at least: 1 / (n + 1) <= risk.

    >>> least_documents(0.01), least_documents(0.03)
    (99, 33)
    """
    return ceil(1 / risk - 1 - 1e-9)


def least_withheld(base: float, risk: float) -> float:
    """Return the share of values that must be withheld at least to come from a base risk to this.

    Values withheld cannot all be the wrong ones: (base - risk) / (1 - risk).

    >>> round(least_withheld(0.06, 0.02), 4)
    0.0408
    """
    return max(0.0, (base - risk) / (1 - risk))


def losses(observed: Observations, threshold: float) -> list[float]:
    """Return, for each document, the share of its fields that are accepted and wrong."""
    wrong: defaultdict[str, int] = defaultdict(int)
    for one in observed.values:
        taken = one.confidence >= threshold or not one.has_confidence
        if taken and one.kind is not ValueKind.RIGHT:
            wrong[one.document] += 1
    return [wrong[name] / fields for name, fields in observed.fields.items() if fields]


def controlled_threshold(
    observed: Observations, risk: float, candidates: Sequence[float]
) -> float | None:
    """Return the lowest threshold whose risk is controlled; None where none is.

    The loss of values without a confidence counts at any threshold: they cannot be withheld.
    """
    for threshold in sorted({*candidates, NEVER}):
        met = losses(observed, threshold)
        if met and (fsum(met) + 1) / (len(met) + 1) <= risk:
            return threshold
    return None


def base_risk(observed: Observations) -> float:
    """Return the mean share of a document's fields that are wrong with everything accepted."""
    met = losses(observed, 0.0)
    return fsum(met) / len(met) if met else 0.0


def withheld_at_least(base: float, risk: float) -> str:
    """Return how much has to be withheld at the least, as a sentence without a full stop.

    >>> withheld_at_least(0.06, 0.02)
    'with everything accepted 6.0 % of the fields are wrong: at least 4.1 % must be withheld'
    """
    wrong = f"with everything accepted {percent(base)} of the fields are wrong"
    if base <= risk:
        return wrong
    return f"{wrong}: at least {percent(least_withheld(base, risk))} must be withheld"


def why_not(observed: Observations, risk: float) -> str:
    """Return the arithmetic of a promise that cannot be kept."""
    documents, needed = len([n for n in observed.fields.values() if n]), least_documents(risk)
    if documents < needed:
        need = f"risk {risk:.3g} needs at least {needed} documents, there are {documents}"
        return f"{need}; {withheld_at_least(base_risk(observed), risk)}"
    met = losses(observed, NEVER)
    if (fsum(met) + 1) / (len(met) + 1) <= risk:
        return (
            f"risk {risk:.3g} is kept only by withholding everything: values that all are sure of "
            f"are wrong; {withheld_at_least(base_risk(observed), risk)}"
        )
    return (
        f"values without a confidence alone make a risk of {fsum(met) / len(met):.3g}: no "
        "threshold can withhold them"
    )
