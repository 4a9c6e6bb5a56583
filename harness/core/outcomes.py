"""Outcomes, verdict codes and tags: what each is charged, and what each means."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from harness.core.values import Json


class Outcome(StrEnum):
    """The five ways one field can end up. Exactly one applies to each field.

    >>> [outcome.value for outcome in Outcome]
    ['correct', 'omission', 'hallucination', 'format_error', 'wrong_value']
    """

    CORRECT = "correct"
    OMISSION = "omission"
    HALLUCINATION = "hallucination"
    FORMAT_ERROR = "format_error"
    WRONG_VALUE = "wrong_value"


class Charge(NamedTuple):
    """True positives, false positives and false negatives that one field adds."""

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
    """Tags that explain an error; they never change a score.

    >>> from harness import score
    >>> score({"total": 12}, {"total": 1200}).diffs[0].tags
    (<Tag.SCALE: 'scale'>,)
    """

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
    NEAR_MISS = "near_miss"
    TRUNCATED = "truncated"
    PLACEHOLDER = "placeholder"
    INVENTED_KEY = "invented_key"
    EXTRA_ITEM = "extra_item"
    MISSING_ITEM = "missing_item"
    WRAPPED = "wrapped"
    UNWRAPPED = "unwrapped"
    ENCODED = "encoded"
    GROUNDED = "grounded"
    UNGROUNDED = "ungrounded"
    SUSPECT_GROUND_TRUTH = "suspect_ground_truth"


class FieldDiff(NamedTuple):
    """One field of one case, classified.

    >>> from harness import score
    >>> diff = score({"rows": [{"n": 1}]}, {"rows": []}).diffs[0]
    >>> isinstance(diff, FieldDiff), diff.path, diff.field, diff.outcome.value, diff.expected
    (True, 'rows[0].n', 'rows[].n', 'omission', 1)
    """

    path: str
    """Where the field stands in the truth, `rooms[0].area`. A hallucination stands in the item that
    its own was paired with; an item that was paired with none keeps its number."""
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


OUTCOME_MEANINGS: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.CORRECT: "Both are there, the format is right, and the values are the same.",
        Outcome.OMISSION: "A value is expected, and the prediction has none.",
        Outcome.HALLUCINATION: "The prediction has a value where none is expected.",
        Outcome.FORMAT_ERROR: "Both are there, and the prediction breaks the field's format.",
        Outcome.WRONG_VALUE: "Both are there, the format is right, and the values differ.",
    }
)

TAG_MEANINGS: Final[Mapping[Tag, str]] = MappingProxyType(
    {
        Tag.DUPLICATE: "The item says again what another item of the prediction says.",
        Tag.ROW_SWAP: "The predicted value belongs to another item of the list.",
        Tag.MISPLACED: "The expected value stands at another path of the prediction.",
        Tag.RENAMED_KEY: "The expected value stands under a key spelled in another way.",
        Tag.SUPERSET: "The prediction holds the expected text and more.",
        Tag.SUBSET: "The prediction is only a part of the expected text.",
        Tag.AMBIGUOUS_DATE: "The date has more than one reading; no rule says which is meant.",
        Tag.SCALE: (
            "The numbers differ by a factor of 10, 100, 1000, a million or a billion; one of them "
            "may be rounded to three digits."
        ),
        Tag.SIGN: "The numbers differ in their sign only.",
        Tag.CASE_ONLY: "The texts differ in upper and lower case only.",
        Tag.NEAR_MISS: (
            "A text of a list differs from an unpaired one on the other side in separators, "
            "spaces, case, accents or legal form only."
        ),
        Tag.TRUNCATED: "The prediction breaks off before the expected text ends.",
        Tag.PLACEHOLDER: "The prediction stands for no value, such as N/A or unknown.",
        Tag.INVENTED_KEY: "The schema has no such field.",
        Tag.EXTRA_ITEM: "The whole list item is in the prediction only.",
        Tag.MISSING_ITEM: "The whole list item is in the truth only.",
        Tag.WRAPPED: "A list of one stands where a single value is expected.",
        Tag.UNWRAPPED: "A single value stands where a list of one is expected.",
        Tag.ENCODED: "A list or an object was sent as JSON text.",
        Tag.GROUNDED: "The predicted value stands in the documents: the truth may lack it.",
        Tag.UNGROUNDED: "The predicted value does not stand in the documents.",
        Tag.SUSPECT_GROUND_TRUTH: (
            "The predicted value stands in the documents and the expected one does not: "
            "the truth may be wrong."
        ),
    }
)
"""A sentence for every tag: a test sees to it that none is left out."""

ABSTENTION_MEANING: Final = "Absent on both sides: a correct abstention, counted in no F1."


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
