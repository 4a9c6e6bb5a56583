"""The verdicts on one field, as small integers: the differ writes thousands of them."""

from __future__ import annotations

from typing import Final

from harness.core.outcomes import Outcome

CORRECT: Final = 0
OMISSION: Final = 1
HALLUCINATION: Final = 2
FORMAT_ERROR: Final = 3
WRONG_VALUE: Final = 4
FORMAT_ONLY: Final = 5
"""A format error whose value is right once read leniently (`value_equal`)."""
ABSTENTION: Final = 6
"""Absent on both sides: a true negative, and no field of any F1."""
VERDICTS: Final = 7

OUTCOME_OF: Final = (
    Outcome.CORRECT,
    Outcome.OMISSION,
    Outcome.HALLUCINATION,
    Outcome.FORMAT_ERROR,
    Outcome.WRONG_VALUE,
    Outcome.FORMAT_ERROR,
)
"""The outcome each verdict stands for; an abstention stands for none."""
