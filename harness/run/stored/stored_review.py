"""The shape of what results say about reviews of truths."""

from __future__ import annotations

from typing_extensions import TypedDict


class ReviewedFields(TypedDict):
    """How many fields are reviewed, of all."""

    reviewed: int
    of: int


class ReviewRecord(TypedDict):
    """Which part of the truths is reviewed."""

    fields: ReviewedFields
    cases: int
    unlabelled: list[str]
    """Ids of the cases of which no field is reviewed."""
