"""What can happen to one field, and what each outcome is charged under each convention."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from harness.core.values import Json


class Outcome(StrEnum):
    """The five ways one field can end up. Exactly one applies to each field."""

    CORRECT = "correct"
    OMISSION = "omission"
    HALLUCINATION = "hallucination"
    FORMAT_ERROR = "format_error"
    WRONG_VALUE = "wrong_value"


class Charge(NamedTuple):
    """How many true positives, false positives and false negatives one field adds."""

    tp: int
    fp: int
    fn: int


CONVENTIONS: Final[Mapping[str, Mapping[Outcome, Charge]]] = MappingProxyType(
    {
        "standard": MappingProxyType(
            {
                Outcome.CORRECT: Charge(tp=1, fp=0, fn=0),
                Outcome.OMISSION: Charge(tp=0, fp=0, fn=1),
                Outcome.HALLUCINATION: Charge(tp=0, fp=1, fn=0),
                Outcome.FORMAT_ERROR: Charge(tp=0, fp=1, fn=1),
                Outcome.WRONG_VALUE: Charge(tp=0, fp=1, fn=1),
            }
        ),
        "guide-code": MappingProxyType(
            {
                Outcome.CORRECT: Charge(tp=1, fp=0, fn=0),
                Outcome.OMISSION: Charge(tp=0, fp=0, fn=1),
                Outcome.HALLUCINATION: Charge(tp=0, fp=1, fn=0),
                Outcome.FORMAT_ERROR: Charge(tp=0, fp=1, fn=0),
                Outcome.WRONG_VALUE: Charge(tp=0, fp=1, fn=0),
            }
        ),
    }
)
"""The only place where an outcome becomes a number.

`standard` is the table of the metric guide (seed 004): TP + FN is the number of expected fields.
`guide-code` is what that guide's own code computes: only an omission is a false negative.
"""


class Tag(StrEnum):
    """Why a field went wrong. Tags explain an error and never change a score."""

    DUPLICATE = "duplicate"
    ROW_SWAP = "row_swap"
    MISPLACED = "misplaced"
    RENAMED_KEY = "renamed_key"
    SUPERSET = "superset"
    SUBSET = "subset"
    AMBIGUOUS_DATE = "ambiguous_date"
    SCALE = "scale"
    SIGN = "sign"
    CASE_ONLY = "case_only"
    TRUNCATED = "truncated"
    PLACEHOLDER = "placeholder"
    INVENTED_KEY = "invented_key"
    EXTRA_ITEM = "extra_item"
    MISSING_ITEM = "missing_item"
    WRAPPED = "wrapped"
    UNWRAPPED = "unwrapped"
    GROUNDED = "grounded"
    UNGROUNDED = "ungrounded"
    SUSPECT_GROUND_TRUTH = "suspect_ground_truth"


class FieldDiff(NamedTuple):
    """One field of one case, classified."""

    path: str
    """Where the field stands, `rooms[0].area`: in the truth, or for a hallucination in the
    prediction."""
    field: str
    """The path with indexes folded, `rooms[].area`: what counts are kept under."""
    outcome: Outcome
    expected: Json = None
    """The ground-truth value; None also stands for absent when the outcome is a hallucination."""
    predicted: Json = None
    """The predicted value; None also stands for absent when the outcome is an omission."""
    predicted_path: str | None = None
    """Where the predicted value stands if that is another path; None if it is the same."""
    value_equal: bool = False
    """For a format error: right once read leniently."""
    similarity: float | None = None
    """How near the two values are, in [0, 1]; None unless both are there."""
    tags: tuple[Tag, ...] = ()
    comparator: str = ""
    """The name of the comparator that judged it."""
