"""The shape of `eval-results.json`: a type for every object in it, at every level.

TypedDicts, not records: thousands of cases stay the dictionaries that the JSON parser made, a key
that a later version wrote survives, and an absent key ("left out") stays apart from null. mypy
checks every key; `eval-results.schema.json` says the same to other languages, and a test holds the
two equal. Runs store version 2 of it (`packed_results`), which gives these records when it is read.
Keys that earlier versions did not write are not required here: readers have to ask for them.
"""

from __future__ import annotations

from typing import Final, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from harness.core.rules.goal_tiers import GoalsRecord
from harness.core.scores.scorecard import Empty
from harness.core.values import Json
from harness.run.stored.stored_costs import FieldCosts
from harness.run.stored.stored_places import JudgedPlace, StatedPlacesRecord
from harness.run.stored.stored_review import CheckRecord, ReviewRecord
from harness.run.stored.stored_shares import (
    FractionRecord,
    PromiseRecord,
    TunedRecord,
    WrappedRecord,
)

SCHEMA_VERSION: Final = 1
"""Version of the document's shape."""

AverageName: TypeAlias = Literal["macro", "micro"]

AVERAGES: Final[tuple[AverageName, AverageName]] = ("macro", "micro")

ValueSide: TypeAlias = Literal["expected", "predicted"]
"""The keys of what a verdict holds for each of its values."""

VALUE_SIDES: Final[tuple[ValueSide, ValueSide]] = ("expected", "predicted")


class ScoresRecord(TypedDict):
    """Precision, recall and F1; all None where there is nothing to average."""

    precision: float | None
    recall: float | None
    f1: float | None


class AveragesRecord(TypedDict):
    """Macro and micro averages over the same cases."""

    macro: ScoresRecord
    micro: ScoresRecord


class ChargedRecord(AveragesRecord):
    """Averages under a convention, and what it charges."""

    total_true_positives: int
    total_false_positives: int
    total_false_negatives: int


class CountsRecord(TypedDict):
    """Outcome counts of fields."""

    correct: int
    omission: int
    hallucination: int
    format_error: int
    wrong_value: int
    value_equal: int
    true_negatives: int


class SignatureRecord(TypedDict):
    """Signature that two results must share to be compared."""

    suite: str
    rules: str
    convention: str
    empty: Empty
    harness: str


class CoverageRecord(TypedDict):
    """Number of expected fields that were judged."""

    evaluated: int
    ignored: int


class IntervalsRecord(TypedDict):
    """Confidence intervals of macro and micro F1."""

    level: float
    method: str
    documents: int
    macro_f1: list[float] | None
    """Low and high end; None below two documents."""
    micro_f1: list[float] | None


class UsageRecord(TypedDict):
    """Tokens and cost of one answer."""

    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    usd: float | None


class UsageTotals(UsageRecord):
    """Tokens and costs of all answers."""

    paid_usd: float | None
    answers: int
    counted: int
    priced: int
    cached: int
    calls: int
    forms: NotRequired[dict[str, int]]


class LatencyRecord(TypedDict):
    """Latency of answers, in seconds."""

    p50: float | None
    p95: float | None


_OtherConventions = TypedDict("_OtherConventions", {"guide-code": NotRequired[ChargedRecord]})


class AggregateRecord(ChargedRecord, _OtherConventions):
    """The figures of all scored cases; earlier versions left out what is not required."""

    eval_count: int
    counts: CountsRecord
    lenient: AveragesRecord
    macro_over_fields: float | None
    weighted_over_fields: float | None
    correction_cost: FractionRecord
    perfect_documents: FractionRecord
    perfect_rows: NotRequired[FractionRecord]
    null_floor: float | None
    vacuous_cases: int
    failed_cases: int
    missing_cases: int
    approximate_cases: NotRequired[int]
    coverage: CoverageRecord
    intervals: NotRequired[IntervalsRecord]
    usage: NotRequired[UsageTotals]
    latency: NotRequired[LatencyRecord]


Conventions: TypeAlias = dict[str, AveragesRecord]
"""The same verdicts under every convention there is, by its name."""


class ItemCounts(TypedDict):
    """Pairing of the items of one list of one case."""

    field: str
    paired: int
    extra: int
    missing: int


class ItemScores(ScoresRecord):
    """Pairing of items, and the scores of that."""

    paired: int
    extra: int
    missing: int


class EntityType(ItemScores):
    """Pairing of the items of one list, over all cases."""

    field: str
    is_entity: bool


class EntitiesRecord(TypedDict):
    """Pairing of the items of lists of objects."""

    pooled: ItemScores | None
    types: list[EntityType]


class AttributeRecord(TypedDict):
    """Scores of one attribute of matched entities."""

    field: str
    coded: int
    agreement: float
    agreed: FractionRecord
    macro_f1: float | None
    pooled_f1: float | None


class ClassRecord(ScoresRecord):
    """One label of a closed set."""

    label: str
    support: int


class ClassificationRecord(TypedDict):
    """Classification scores of one field with a closed set of answers."""

    field: str
    kind: Literal["single-label", "multi-label"]
    items: int
    labels: list[str | None]
    matrix: list[list[int]] | None
    classes: list[ClassRecord]
    accuracy: float | None
    right: FractionRecord
    micro_f1: float | None
    macro_f1: float | None
    weighted_f1: float | None
    samples_f1: float | None
    hamming_loss: float | None
    majority: str | None
    baseline_f1: float | None
    warning: str | None


class CumulativeRecord(AveragesRecord):
    """Scores of the sums of statements."""

    cases: int
    counts: CountsRecord
    exact_match: FractionRecord
    entities: EntitiesRecord
    attributes: list[AttributeRecord]


class FocusRecord(TypedDict):
    """The fields in focus, and the guard over the others."""

    fields: list[str]
    f1: float | None
    guard: float | None


class CriticalRecord(TypedDict):
    """The critical fields, and the cases in which one is wrong."""

    fields: list[str]
    intact: FractionRecord
    broken: list[str]


class ConfidenceFigures(TypedDict):
    """Calibration figures of confidences."""

    values: int
    right: int
    auroc: float | None
    auprc: float | None
    log_loss: float
    brier: float
    calibration_error: float


class FieldConfidence(ConfidenceFigures):
    """Calibration figures of one field's confidences."""

    field: str


class IdleConfidences(TypedDict):
    """Confidences whose path is none of their answer's: nothing is made of them."""

    paths: int
    of: int
    """Confidences of the source, together."""
    case: str
    """The first case with such a confidence, and its path."""
    path: str


class SourceConfidence(TypedDict):
    """The confidences of one source, together and field by field."""

    all: ConfidenceFigures
    fields: list[FieldConfidence]
    idle: NotRequired[IdleConfidences]
    """Left out where every path is one of its answer's."""


class BeforeWithholding(AveragesRecord):
    """The averages and counts with every answered value scored."""

    counts: CountsRecord


class WithheldRecord(TypedDict):
    """Counts of values that thresholds withheld."""

    source: str
    goal: str
    values: int
    of: int
    before: BeforeWithholding
    promise: PromiseRecord | None
    tuned: NotRequired[TunedRecord]


class FieldRecord(ScoresRecord):
    """One field over all cases."""

    field: str
    lenient_f1: NotRequired[float | None]
    counts: CountsRecord
    support: int
    f1_lost: float
    comparator: str


class TagRecord(AveragesRecord):
    """The averages over the cases with one tag."""

    tag: str
    cases: int


class CauseRecord(TypedDict):
    """Cause that several errors share, and its cost in points."""

    kind: str
    """A `CauseKind`."""
    subject: str
    detail: str
    errors: int
    counts: CountsRecord
    items: int
    cases: int
    fields: list[str]
    micro_f1_lost: float
    macro_f1_lost: float
    micro_f1_cured: float


class SpanRecord(TypedDict):
    """Span of a value in a document, in characters."""

    document: str
    start: int
    end: int


class EvidenceRecord(TypedDict):
    """Places of both values; a side nobody looked for is left out."""

    expected: NotRequired[list[SpanRecord]]
    predicted: NotRequired[list[SpanRecord]]


class PlaceCounts(TypedDict):
    """Number of equally good places of a value, where not all are listed."""

    expected: NotRequired[int]
    predicted: NotRequired[int]


Confidences: TypeAlias = dict[str, float]
"""How sure the answer is of one field, by source."""

SourceConfidences: TypeAlias = dict[str, SourceConfidence]
"""How far the confidences of answers can be believed, by source."""


class DiffValues(TypedDict, total=False):
    """The two values of a verdict; a side that is absent is left out, and null is a value."""

    expected: Json
    predicted: Json
    predicted_path: str
    value_equal: Literal[True]
    similarity: float


class WholeDiffValues(DiffValues, closed=True):
    """The two values of a verdict and nothing else, to build a record of."""


class DiffNotes(TypedDict, total=False):
    """Notes on a verdict beside its values."""

    confidences: Confidences
    cause: int
    tags: list[str]
    why: list[str]
    places: PlaceCounts
    stated_place: JudgedPlace


class DiffRecord(DiffValues, DiffNotes):
    """One field of one case, with its verdict."""

    path: str
    field: str
    outcome: str
    """An `Outcome`."""
    comparator: str
    evidence: NotRequired[EvidenceRecord]


class FailureRecord(TypedDict):
    """Reason why there is no usable answer."""

    kind: str
    message: str
    missing: bool


class CaseMetrics(ScoresRecord):
    """One case's figures in the metric guide's own names."""

    lenient_f1: float | None
    true_positives: int
    false_positives: int
    false_negatives: int
    total_gt_fields: int
    correct_fields: int
    counts: CountsRecord


class CaseRecord(CaseMetrics):
    """One replicate of one case, with every verdict."""

    id: str
    replicate: NotRequired[int]
    seconds: NotRequired[float | None]
    usage: NotRequired[UsageRecord | None]
    tags: list[str]
    failure: FailureRecord | None
    repairs: list[str]
    approximate: NotRequired[list[str]]
    items: list[ItemCounts]
    diffs: list[DiffRecord]


class MarkFigures(TypedDict):
    """Figures of `focus` and `weight` rules; None where no rule asks for them."""

    focus: NotRequired[FocusRecord | None]
    weighted_f1: NotRequired[float | None]
    field_weights: NotRequired[dict[str, float] | None]
    """What rules say that fields weigh; None where none does."""


class FurtherFigures(MarkFigures):
    """The figures beside the headline; earlier versions left out some of them."""

    conventions: NotRequired[Conventions]
    exact_match: NotRequired[FractionRecord]
    entities: NotRequired[EntitiesRecord]
    attributes: NotRequired[list[AttributeRecord]]
    classification: NotRequired[list[ClassificationRecord]]
    cumulative: NotRequired[CumulativeRecord | None]
    critical: NotRequired[CriticalRecord | None]


class ResultsHead(FurtherFigures):
    """The whole of `eval-results.json` but its cases."""

    schema_version: int
    harness_version: str
    suite: str
    extractor: str | None
    replicates: int
    complete: bool
    convention: str
    empty: Empty
    target_f1: float | None
    goals: NotRequired[GoalsRecord | None]
    signature: SignatureRecord
    aggregate: AggregateRecord
    confidence: NotRequired[SourceConfidences | None]
    stated_places: NotRequired[StatedPlacesRecord | None]
    withheld: NotRequired[WithheldRecord | None]
    reviewed: NotRequired[ReviewRecord | None]
    checks: NotRequired[list[CheckRecord] | None]
    wrapped: NotRequired[WrappedRecord | None]
    field_costs: NotRequired[FieldCosts | None]
    fields: list[FieldRecord]
    tags: list[TagRecord]
    causes: NotRequired[list[CauseRecord] | None]


class ResultsDocument(ResultsHead):
    """The whole of `eval-results.json`."""

    cases: list[CaseRecord]
