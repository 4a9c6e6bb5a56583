"""The shape of what results say about reviews of truths."""

from __future__ import annotations

from typing_extensions import TypedDict


class ReviewedFields(TypedDict):
    """Number of reviewed fields, and of all."""

    reviewed: int
    of: int


class DrafterRecord(TypedDict):
    """Whose answers became truths that people approved as they were."""

    extractor: str
    prompt: str | None
    """sha256 of what the model was told; null where nothing was."""
    cases: int


class CheckRecord(TypedDict):
    """A check of the suite that needs no ground truth, and the answers that break it."""

    check: str
    answers: int
    broken: int
    cases: list[str]
    """Ids of the cases with a broken answer, in order."""


class ReviewRecord(TypedDict):
    """Part of the truths that is reviewed."""

    fields: ReviewedFields
    cases: int
    unlabelled: list[str]
    """Ids of the cases of which no field is reviewed."""
    drafted: list[DrafterRecord]
    """Truths that began as a run's answers: that extractor's score on them is circular."""


def is_circular(record: ReviewRecord | None, extractor: str | None, prompt: str | None) -> bool:
    """Tell whether some truths are answers of the very extractor and prompt they are to judge."""
    drafted = record["drafted"] if record else []
    return any((one["extractor"], one["prompt"]) == (extractor, prompt) for one in drafted)
