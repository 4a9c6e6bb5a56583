"""What outcomes and tags mean, a sentence each, for whoever reads a verdict for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from harness.core.outcomes import Outcome, Tag

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
        Tag.SCALE: "The numbers differ by a factor of 10, 100, 1000 or a million.",
        Tag.SIGN: "The numbers differ in their sign only.",
        Tag.CASE_ONLY: "The texts differ in upper and lower case only.",
        Tag.TRUNCATED: "The prediction breaks off before the expected text ends.",
        Tag.PLACEHOLDER: "The prediction stands for no value, such as N/A or unknown.",
        Tag.INVENTED_KEY: "The schema has no such field.",
        Tag.EXTRA_ITEM: "The whole list item is in the prediction only.",
        Tag.MISSING_ITEM: "The whole list item is in the truth only.",
        Tag.WRAPPED: "A list of one stands where a single value is expected.",
        Tag.UNWRAPPED: "A single value stands where a list of one is expected.",
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
