"""Worth of a pair of list items: the fields that pairing them would make correct."""

from __future__ import annotations

from typing import Final, NamedTuple

from harness.core.fields.field import Field
from harness.core.fields.verdict_ledger import CODE, Ledger, Verdict
from harness.core.outcomes import (
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    WRONG_VALUE,
)
from harness.core.values import Json

WORTH_STEPS: Final = 1000
"""Similarities are weighed in whole steps, so that sums are exact and equal sums are equal."""


class Worth(NamedTuple):
    """Weight of pairing two items, in falling order of importance."""

    correct: int
    lenient: int
    """Leaves that are right once read leniently."""
    shared: int
    """Leaves present on both sides."""
    similarity: int
    """Summed over shared leaves, in steps."""
    in_format: int
    """Shared leaves that are no format error."""
    leaves: int
    """Leaves present on either side; no reason to pair, but what similarity is a share of."""


def worth_of(field: Field, expected: Json, predicted: Json, ledger: Ledger) -> Worth:
    """Judge two values on a scratch ledger and return what pairing them would bring."""
    scratch = Ledger()
    scratch.pairings, scratch.kept = ledger.pairings, ledger.kept
    field.diff(expected, predicted, (), (), scratch)
    codes = [verdict[CODE] for verdict in scratch.verdicts]
    correct, lenient = codes.count(CORRECT), codes.count(FORMAT_ONLY)
    wrong, malformed = codes.count(WRONG_VALUE), codes.count(FORMAT_ERROR)
    near = sum(map(_nearness, scratch.verdicts)) if wrong or malformed else 0
    shared = correct + lenient + wrong + malformed
    return Worth(
        correct,
        lenient,
        shared,
        (correct + lenient) * WORTH_STEPS + near,
        correct + wrong,
        shared + codes.count(OMISSION) + codes.count(HALLUCINATION),
    )


def _nearness(verdict: Verdict) -> int:
    code, leaf, _, _, expected, predicted = verdict
    if code not in (WRONG_VALUE, FORMAT_ERROR):
        return 0
    return round(WORTH_STEPS * leaf.scalar.closeness(expected, predicted))
