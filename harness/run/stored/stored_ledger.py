"""The shape of a prompt's ledger (`ledger.jsonl`): a type for every kind of step.

TypedDicts for the reason that `stored_results` gives; `step` tells the kinds apart, so that mypy
knows after a comparison with it which keys a step has.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from harness.run.stored.stored_results import UsageRecord


class _Step(TypedDict):
    session: NotRequired[int]
    """Number of the improvement; left out of what was done by hand."""


class ObjectiveRecord(TypedDict):
    """The figure an improvement raises, with the fields in focus."""

    by: Literal["macro", "micro", "weighted", "focus", "floor"]
    focus: list[str]


class SessionTerms(TypedDict, total=False):
    """Everything that decides how an improvement goes, but for the prompt.

    A session with the same terms goes on; ledgers of earlier versions hold fewer of them.
    """

    suite: str
    suite_digest: str
    extractor: str
    asked: str
    """Digest of what is asked of whom, but for the prompt."""
    writer: str | None
    engine: str
    target: float | None
    target_mode: Literal["point", "lower"]
    max_calls: int | None
    max_usd: float | None
    patience: int
    promote: bool
    objective: ObjectiveRecord
    """The figure to raise; ledgers of earlier versions do not say: macro F1."""
    tokens: int | None
    """The most the prompt may come to."""
    allowed: list[str]
    """Values of truths that may be written into the prompt."""
    examples: int
    paraphraser: str
    documents: list[str]
    """What the documents to look at are known by."""
    dev: int
    """Documents to look at."""
    holdout: int
    """Documents held out."""
    harness: str
    """Version of harness."""


class StartStep(_Step, SessionTerms):
    """The beginning of an improvement: what it works on."""

    step: Literal["start"]
    version: str
    prompt: NotRequired[str]
    """Digest of the texts."""


ScoreShare: TypeAlias = Annotated[float, Field(ge=0, le=1)]


class CaseMarkRecord(TypedDict):
    """Mark of one case."""

    f1: ScoreShare | None
    loss: int
    wrong: dict[str, int]
    """Errors by field."""
    totals: NotRequired[dict[str, list[float]]]
    """By field, numerator and denominator of its F1."""


class FigureRecord(TypedDict):
    """The figure that an improvement is to raise."""

    name: str
    value: float | None


class MeasurementRecord(TypedDict):
    """Answers of asking cases once, scored."""

    f1: ScoreShare | None
    coverage: float
    calls: int
    usage: UsageRecord
    critical: list[str]
    folder: str | None
    asked: list[str]
    cases: dict[str, CaseMarkRecord]
    focus: NotRequired[list[str]]
    weights: NotRequired[dict[str, float]]


class RunStep(_Step, MeasurementRecord):
    """One asking of cases with one version."""

    step: Literal["run"]
    version: str
    replicate: int
    figure: NotRequired[FigureRecord]
    """Left out where it is macro F1."""


class NoiseStep(_Step):
    """Difference between two askings of one version."""

    step: Literal["noise"]
    floor: float
    unsteady: dict[str, int]
    steady: bool
    figure: NotRequired[str]
    """What the floor is of; left out where it is macro F1."""


class ReachStep(_Step):
    """Score that curing mistakes can lead to."""

    step: Literal["reach"]
    macro_f1: NotRequired[float | None]
    most: NotRequired[float | None]
    doubted: NotRequired[int]
    """Clusters that no edit should cure: their truths are in doubt."""
    given_up: NotRequired[int]
    """Clusters of fields whose edits came to nothing."""
    stop: str | None


class ProposeStep(_Step):
    """A version that an editor proposed; no version, and nothing more, where it proposed none."""

    step: Literal["propose"]
    version: str | None
    parent: NotRequired[str]
    prompt: NotRequired[str]
    sections: NotRequired[dict[str, str | None]]
    added: NotRequired[list[str]]
    why: NotRequired[str]
    """The hypothesis: what is changed and why that should help."""
    meant: NotRequired[list[str]]
    """Clusters of mistakes it is to cure."""
    estimate: NotRequired[float]
    """What curing all of them would win; the measured gain stands in the comparison."""
    figure: NotRequired[str]
    """Of the estimate; ledgers of earlier versions do not say: macro F1."""
    calls: NotRequired[int]
    usage: NotRequired[UsageRecord]
    asked: NotRequired[dict[str, int]]
    """How often prompts were asked for it, by digest; ledgers of earlier versions do not say."""
    refusals: NotRequired[list[str]]
    """Why what the editor left is no prompt."""


class GuardStep(_Step):
    """Findings of the guards about a version."""

    step: Literal["guard"]
    version: str
    refusals: list[str]
    tokens_before: int
    tokens_after: int


class CompareStep(_Step):
    """Two versions side by side, on some documents or on all."""

    step: Literal["screen", "compare"]
    base: str
    version: str
    delta: float
    figure: NotRequired[str]
    """What the difference is of; left out where it is macro F1."""
    guard: NotRequired[float | None]
    """Difference of the fields that are not in focus."""
    p: float | None
    loss: float
    documents: int
    coverage: float
    fixed: int
    broken: int
    fields: dict[str, list[int]]
    """By field, how many errors were fixed and made."""


class VerdictStep(_Step):
    """Verdict on a version."""

    step: Literal["keep", "reject", "undecided"]
    version: str
    reason: str


class ClaimStep(_Step):
    """Claim about a version, on fresh answers or on the holdout."""

    step: Literal["claim", "verdict"]
    base: str
    version: str
    holds: bool
    rung: int
    delta: float | None
    interval: list[float] | None
    p: float | None
    alpha: float
    look: NotRequired[int]
    reason: str
    runs: NotRequired[list[MeasurementRecord]]
    """The answers on the holdout that it stands on."""


class MoveStep(_Step):
    """One version put in place of another."""

    step: Literal["promote", "rollback"]
    base: str
    version: str


class HoldoutStep(_Step):
    """A look at the documents held out."""

    step: Literal["holdout"]
    look: int
    documents: NotRequired[list[str]]
    """What they are known by; a look that does not say was at all of them."""
    base: NotRequired[str]
    version: NotRequired[str]
    extractor: NotRequired[str]
    replicates: NotRequired[int]


class FoldsStep(_Step):
    """Gain of searches on the other folds, on the documents of each fold."""

    step: Literal["folds"]
    base: str
    extractor: str
    versions: list[str]
    """What each search found, the base where it found nothing."""
    changed: int
    """Searches that found something."""
    documents: int
    delta: float
    """Of the figure, over all documents: that of several prompts, and of none of them alone."""
    figure: NotRequired[str]
    """Left out where it is macro F1, as is the objective."""
    objective: NotRequired[ObjectiveRecord]
    calls: NotRequired[int]
    """Of all searches, and of asking the folds; ledgers of earlier versions do not say."""
    interval: list[float] | None
    p: float
    """One-sided, over documents."""
    alpha: float
    holds: bool
    reason: str


class StopStep(_Step):
    """The end of an improvement, and why."""

    step: Literal["stop"]
    reason: str
    best: NotRequired[str]
    """The version that came out best."""


LedgerStep: TypeAlias = (
    StartStep
    | RunStep
    | NoiseStep
    | ReachStep
    | ProposeStep
    | GuardStep
    | CompareStep
    | VerdictStep
    | ClaimStep
    | MoveStep
    | HoldoutStep
    | FoldsStep
    | StopStep
)
