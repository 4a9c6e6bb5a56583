"""The shape of a comparison: what `harness compare --format json` prints, every level typed.

TypedDicts for the reason that `stored_results` gives.
"""

from __future__ import annotations

from typing import Final

from typing_extensions import TypedDict

from harness.run.stored.stored_results import DiffRecord
from harness.run.stored.stored_review import ReviewRecord
from harness.run.stored.stored_run import PromptRecord

COMPARISON_VERSION: Final = 1
"""Version of the document's shape."""


class ComparedRun(TypedDict):
    """One of the two runs."""

    run_id: str
    suite: str
    extractor: str | None
    prompt: PromptRecord | None
    replicates: int
    reviewed: ReviewRecord | None
    """How much of the truths is reviewed; None where every truth is taken for right."""


class ScoreChange(TypedDict):
    """A score in both runs, their difference, and what may be said of it."""

    base: float | None
    new: float | None
    delta: float | None
    interval: list[float] | None
    p_value: float
    p_draws: int | None
    """Seeded draws the p-value was estimated from; None where it is exact."""
    p_error: float
    """Standard error of a p-value that was drawn; 0 where it is exact."""


class EvidenceOfChange(TypedDict):
    """Evidence of the verdict."""

    rung: int
    p_over_documents: float
    p_over_replicates: float | None


class DetectableChange(TypedDict):
    """The smallest difference that these documents could show."""

    smallest: float | None
    deviation: float | None
    deviation_assumed: bool
    least_p_value: float
    documents_needed: int | None


class MissingCase(TypedDict):
    """A case that was not scored on both sides, and why on each."""

    case: str
    base: str | None
    new: str | None


class FieldChange(TypedDict):
    """One field in both runs."""

    field: str
    critical: bool
    base: float | None
    new: float | None
    delta: float | None
    fixed: int
    broken: int
    still_wrong: int
    unchanged: int
    p_value: float
    p_adjusted: float
    chi2: float | None
    p_chi2: float | None


class TagChange(TypedDict):
    """One tag in both runs."""

    tag: str
    cases: int
    base: float | None
    new: float | None
    delta: float | None
    fixed: int
    broken: int


class SideOfFlip(TypedDict):
    """One run's verdict on a field, and in how many replicates it is right."""

    diff: DiffRecord | None
    right: int
    replicates: int


class FlipRecord(TypedDict):
    """One field of one case whose verdict changed."""

    path: str
    field: str
    change: str
    critical: bool
    base: SideOfFlip
    new: SideOfFlip


class CaseChange(TypedDict):
    """One case in both runs."""

    case: str
    base_f1: list[float]
    new_f1: list[float]
    delta: float
    tags: list[str]
    unchanged_right: int
    unchanged_wrong: int
    flips: list[FlipRecord]


class FieldCostChange(TypedDict):
    """Cost of one field in a mean answer of both runs; None where a run does not know."""

    field: str
    base_output_tokens_per_answer: float | None
    new_output_tokens_per_answer: float | None
    base_usd_per_answer: float | None
    new_usd_per_answer: float | None


class ComparisonDocument(TypedDict):
    """The whole of a comparison."""

    schema_version: int
    base: ComparedRun
    new: ComparedRun
    verdict: str
    margin: float
    unlike: list[str]
    macro_f1: ScoreChange
    micro_f1: ScoreChange
    lenient_macro_f1: ScoreChange
    by: str
    """The figure that decides."""
    judged: ScoreChange
    p_adjusted: float
    evidence: EvidenceOfChange
    detectable: DetectableChange
    coverage: float
    missing: list[MissingCase]
    fields: list[FieldChange]
    field_costs: list[FieldCostChange]
    tags: list[TagChange]
    cases: list[CaseChange]


class ContenderRecord(TypedDict):
    """One of several runs that stand side by side, over the cases that all of them scored."""

    name: str
    macro_f1: float | None
    interval: list[float] | None
    micro_f1: float | None
    lenient_macro_f1: float | None
    replicates_macro_f1: list[float] | None
    usd_per_answer: float | None
    seconds_typical: float | None
    tokens_per_answer: float | None


class DuelRecord(TypedDict):
    """Two of the runs, by their places, tested on the documents both scored."""

    first: int
    second: int
    delta: float
    p_value: float
    p_adjusted: float


class StandingsRecord(TypedDict):
    """Several runs side by side, and every pair of them."""

    target: float | None
    cases: int
    left_out: int
    runs: list[ContenderRecord]
    pairs: list[DuelRecord]
    frontier: dict[str, list[int]]
    measured: str | None


class RunsDocument(TypedDict):
    """All comparisons with one base, and the runs side by side."""

    comparisons: list[ComparisonDocument]
    standings: StandingsRecord
