"""The shape of `run.json`: a type for every object in it.

TypedDicts for the reason that `stored_results` gives; here it also matters that `harness rescore`
and `--resume` write back what they read, keys of other versions included.
"""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from harness.core.records import EndpointRecord
from harness.core.rules.goal_tiers import GoalsRecord
from harness.core.scores.scorecard import Empty
from harness.core.values import Json
from harness.run.stored.stored_results import AggregateRecord
from harness.run.stored.stored_review import ReviewedFields


class PromptRecord(TypedDict):
    """Prompt of a run."""

    name: str
    sha256: str


class ModelRecord(TypedDict):
    """A model that the command line named; no headers, since these may hold a secret."""

    model: str | None
    base_url: str | None
    model_path: str | None
    params: list[str]


class AskedRecord(TypedDict, total=False):
    """Request of the command line; older runs store less, an ensemble only the replicates."""

    replicates: int
    filter: list[str]
    tag: list[str]
    limit: int | None
    extractors: list[str]
    model: ModelRecord | None
    drafts: bool
    """Documents without ground truth were asked about, too, in a suite that has some."""


class ComparatorsRecord(TypedDict):
    """Folder of the user's comparators seen from the run, and their digests by file."""

    folder: str
    sha256: dict[str, str]


class RulerRecord(TypedDict):
    """Digests of what a run was judged by, so that a change on disk is seen."""

    folder: str
    """The suite's, from the run folder."""
    rules: str
    """Digest of the suite's rules."""
    cases: dict[str, str]
    """By case id, digest of truth, schema and own rules."""
    left_out: NotRequired[list[str] | None]
    """Cases its extractor was trained on; None for a run of one file; earlier runs do not say."""
    ledger: NotRequired[str | None]
    """Of the prompt's improvements, from the run folder; None for a run without a prompt."""


class PriceRecord(TypedDict):
    """US dollars a million tokens, and whose price it is."""

    input: float
    output: float
    cached: float
    date: str
    model: str
    table: str
    batch: NotRequired[float]
    """Of these prices, what a line of a batch costs; left out where that is all of it."""


class HeadlineRecord(TypedDict):
    """Headline figures of a run, so that an overview of many leaves the results unread."""

    aggregate: AggregateRecord
    complete: bool
    replicates: NotRequired[int]
    """How often each case was asked; earlier versions do not say."""
    target_f1: float | None
    fields: dict[str, float | None]
    reviewed: NotRequired[ReviewedFields | None]
    """How many fields of the truths are reviewed; None where every truth is taken for right."""


class SuiteRecord(TypedDict):
    """Suite of a run, so that it can be scored again without it."""

    suite: str
    description: str
    suite_digest: str
    empty: Empty
    target_f1: float | None
    goals: NotRequired[GoalsRecord | None]
    rules: dict[str, Json]
    documents: dict[str, str]
    """Digests by name."""
    schemas: dict[str, Json]
    comparators: ComparatorsRecord | None
    ruler: NotRequired[RulerRecord]
    checks: NotRequired[list[str]]
    """The suite's `checks`; earlier versions do not say."""


class WholeSuiteRecord(SuiteRecord, closed=True):
    """The same and nothing else, to build `run.json` of."""


class RunSignature(TypedDict, total=False):
    """Signature that two results must share to be compared; empty until the run is scored."""

    suite: str
    rules: str
    convention: str
    empty: Empty
    harness: str


class AskedRun(TypedDict):
    """Part of `run.json` that says which extractor was asked, and how."""

    extractor: str
    asked: NotRequired[AskedRecord]


class StudiedRun(AskedRun):
    """Part of `run.json` that a study of the run's errors needs."""

    run_id: str
    suite: str
    prompt: PromptRecord | None
    target_f1: float | None


class RunDocument(SuiteRecord):
    """The whole of `run.json`."""

    run_id: str
    harness_version: str
    started: str
    """UTC, ISO 8601."""
    finished: str | None
    """None until it ends."""
    complete: bool
    extractor: str
    extractor_kind: str
    prompt: PromptRecord | None
    signature: RunSignature
    asked: NotRequired[AskedRecord]
    price: NotRequired[PriceRecord | None]
    endpoint: NotRequired[EndpointRecord | None]
    headline: NotRequired[HeadlineRecord]
    """Left out until the run is scored."""
    thresholds: NotRequired[dict[str, Json] | None]
    """As in a thresholds file; values under them are withheld whenever the run is scored."""
    rescored: NotRequired[str]
    resumed: NotRequired[list[str]]
    model: NotRequired[str]
    """As earlier versions named it."""
    members: NotRequired[list[str]]
    """The runs that an ensemble merged."""
