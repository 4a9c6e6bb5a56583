"""The shape of `feedback.json`, every level typed; a test holds it to `feedback.schema.json`.

TypedDicts for the reason that `run.stored.stored_results` gives.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from harness.run.stored.stored_review import ReviewedFields


class FeedbackSource(TypedDict):
    """The run that the feedback is about."""

    run: str
    suite: str
    suite_path: str | None
    extractor: str
    prompt: str | None
    prompt_sha256: str | None
    is_current: bool
    renamed: dict[str, str]
    version: str | None
    again: list[str]
    """The command that asks the same extractor once more, in words."""


class FeedbackStanding(TypedDict):
    """Scores of the run."""

    macro_f1: float | None
    target_f1: float | None
    focus: list[str]
    documents: int
    cases: int
    replicates: int
    errors: int
    clusters: int
    unanswered: list[str]
    changed: list[str]
    most: float | None
    reviewed: ReviewedFields | None
    """None where every truth is taken for right."""


class PassageRecord(TypedDict):
    """A value where it stands in a document, with the words around it."""

    side: str
    document: str
    start: int
    end: int
    before: str
    value: str
    after: str


class ExampleRecord(TypedDict):
    """One place that is shown: an error, or a value that is right."""

    case_id: str
    place: str
    expected: str | None
    predicted: str | None
    note: str
    answer: str | None
    passages: list[PassageRecord]
    wrong: int
    of: int
    is_suspect: bool
    prompts: int


class ClusterRecord(TypedDict):
    """Errors of one field that went wrong in one way."""

    id: str
    field: str
    outcome: str
    mistake: str
    says: str
    headroom: float
    errors: int
    places: int
    stable: int
    cases: list[str]


class AttemptRecord(TypedDict):
    """Earlier attempt against a cluster."""

    what: str
    delta: float | None
    verdict: str
    fixed: NotRequired[int | None]
    broken: NotRequired[int | None]


class ClusterReport(ClusterRecord):
    """A cluster with all that helps to cure it."""

    rank: int
    cure: str
    together: float
    without: float | None
    examples: list[ExampleRecord]
    right: list[ExampleRecord]
    suspects: list[ExampleRecord]
    canaries: list[str]
    sections: list[str]
    description: str
    form: NotRequired[str]
    disputed: int
    convention: int
    attempts: list[AttemptRecord]


class SectionText(TypedDict):
    """A section of the prompt; no text where it was not kept."""

    name: str
    file: str
    text: str | None


class DroppedCounts(TypedDict):
    """Counts of what there was no room for."""

    examples: int
    right: int
    clusters: int
    sections: int
    passages: int


class RoomRecord(TypedDict):
    """Tokens of the prompt, and the most it may have."""

    tokens: int
    most: int


class FeedbackDocument(TypedDict):
    """The whole of `feedback.json`."""

    schema_version: int
    harness_version: str
    source: FeedbackSource
    standing: FeedbackStanding
    split: str
    withheld: int
    left_out: list[str]
    claim: str
    clusters: list[ClusterReport]
    rest: list[ClusterRecord]
    sections: list[SectionText]
    dropped: DroppedCounts
    conventions: list[str]
    """What people who audited the truths said of what the schema does not tell."""
    room: RoomRecord | None
    tokens: int
