"""The shape of a line of `cases.jsonl`: a case as a run folder keeps it."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from harness.core.values import Json
from harness.run.stored.stored_places import StoredPlace


class StoredDocument(TypedDict):
    """A document of a case."""

    name: str
    sha256: str
    text: str | None
    """None where it is too long to be kept."""


class StoredTruthReview(TypedDict):
    """Part of the truth that people vouch for."""

    reviewed: list[list[str | int]]
    """Paths of the fields."""
    fields: list[int]
    """How many fields are reviewed, and how many there are."""
    drafted_by: NotRequired[list[str | None]]
    """Extractor and sha256 of the prompt whose answer became the truth."""


class StoredCase(TypedDict):
    """A case: documents, truth and what belongs to it alone."""

    id: str
    truth: Json
    schema: str | None
    """Its name in `run.json`."""
    tags: list[str]
    split: str | None
    group: NotRequired[str | None]
    documents: list[StoredDocument]
    rules: NotRequired[dict[str, Json]]
    """Those of the case alone."""
    review: NotRequired[StoredTruthReview]
    """Left out where the whole truth is taken for right."""
    places: NotRequired[dict[str, StoredPlace]]
    """By path, where values of the truth stand; left out where nobody said so."""
