"""Shapes of shares in `eval-results.json`: fractions, the risk-coverage curve, promises."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict


class FractionRecord(TypedDict):
    """A fraction that remembers both of its numbers; 0 of 0 is undefined."""

    hits: int
    of: int


class PromiseRecord(TypedDict):
    """Figures that hold for new documents like these."""

    kind: Literal["conformal_risk_control"]
    risk: float
    documents: int


class CurvePointRecord(TypedDict):
    """A point of the risk-coverage curve."""

    threshold: float
    accepted: int
    wrong: int
    accepted_out_of_fold: int
    wrong_out_of_fold: int


class TunedRecord(TypedDict):
    """Figures of thresholds on the documents that they were tuned on."""

    values: int
    accepted: int
    wrong: int
    """Of these three, each document is judged by thresholds that others chose."""
    curve: list[CurvePointRecord]


class WrappedRecord(TypedDict):
    """Answers, or truths, whose values stand below a key that the other side does not have."""

    side: Literal["expected", "predicted"]
    """The side that holds its values below the key."""
    key: str
    """Dotted where it stands below another."""
    cases: int
    of: int
    """Cases that were looked at."""
