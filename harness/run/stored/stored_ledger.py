"""The shape of a prompt's ledger (`ledger.jsonl`): a type for every kind of step.

TypedDicts for the reason that `stored_results` gives; `step` tells the kinds apart, so that mypy
knows after a comparison with it which keys a step has.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from harness.run.stored.stored_results import UsageRecord


class StartStep(TypedDict):
    """The beginning of an improvement: what it works on."""

    step: Literal["start"]
    session: int
    version: str
    suite: NotRequired[str]
    extractor: NotRequired[str]
    dev: NotRequired[int]
    """Documents to look at."""
    holdout: NotRequired[int]
    """Documents held out."""
    target: NotRequired[float | None]
    engine: NotRequired[str]
    writer: NotRequired[str | None]


class CaseMarkRecord(TypedDict):
    """How one case came out."""

    f1: float | None
    loss: int
    wrong: dict[str, int]
    """Errors by field."""
    totals: NotRequired[dict[str, list[float]]]
    """By field, numerator and denominator of its F1."""


class FigureRecord(TypedDict):
    """The figure that an improvement is to raise."""

    name: str
    value: float | None


class RunStep(TypedDict):
    """One asking of cases with one version."""

    step: Literal["run"]
    version: str
    replicate: int
    f1: float | None
    coverage: float
    calls: int
    usage: UsageRecord
    critical: list[str]
    folder: str | None
    asked: list[str]
    cases: dict[str, CaseMarkRecord]
    focus: NotRequired[list[str]]
    weights: NotRequired[dict[str, float]]
    figure: NotRequired[FigureRecord]
    """Left out where it is macro F1."""


class NoiseStep(TypedDict):
    """What two askings of one version differ in."""

    step: Literal["noise"]
    floor: float
    unsteady: dict[str, int]
    steady: bool
    figure: NotRequired[str]
    """What the floor is of; left out where it is macro F1."""


class ReachStep(TypedDict):
    """How far curing mistakes can lead."""

    step: Literal["reach"]
    macro_f1: NotRequired[float | None]
    most: NotRequired[float | None]
    stop: str | None


class ProposeStep(TypedDict):
    """A version that an editor proposed; no version where it proposed nothing."""

    step: Literal["propose"]
    version: str | None
    parent: NotRequired[str]
    prompt: NotRequired[str]
    sections: dict[str, str | None]
    added: list[str]
    why: str
    """The hypothesis: what is changed and why that should help."""
    meant: NotRequired[list[str]]
    """Clusters of mistakes it is to cure."""
    estimate: NotRequired[float]
    """Macro F1 that curing all of them would win; the measured gain stands in the comparison."""
    calls: int
    usage: UsageRecord
    asked: dict[str, int]


class GuardStep(TypedDict):
    """What the guards said of a version."""

    step: Literal["guard"]
    version: str
    refusals: list[str]
    tokens_before: int
    tokens_after: int


class CompareStep(TypedDict):
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


class VerdictStep(TypedDict):
    """What became of a version."""

    step: Literal["keep", "reject", "undecided"]
    version: str
    reason: str


class ClaimStep(TypedDict):
    """What may be said of a version, on fresh answers or on the holdout."""

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


class MoveStep(TypedDict):
    """One version put in place of another."""

    step: Literal["promote", "rollback"]
    base: str
    version: str


class HoldoutStep(TypedDict):
    """A look at the documents held out."""

    step: Literal["holdout"]
    look: int


class StopStep(TypedDict):
    """The end of an improvement, and why."""

    step: Literal["stop"]
    reason: str


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
    | StopStep
)
