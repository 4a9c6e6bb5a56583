"""Thresholds that withhold values: their result out of fold, and the risk-coverage curve."""

from __future__ import annotations

from dataclasses import dataclass

from harness.core import number_text
from harness.run.stored.stored_results import ResultsDocument
from harness.run.stored.stored_shares import CurvePointRecord, TunedRecord


@dataclass(frozen=True, slots=True)
class ThresholdCurve:
    """The risk-coverage curve, and the result of the thresholds that were chosen."""

    lead: str
    rows: tuple[tuple[str, str, str, str, str], ...]
    """Threshold; share accepted and errors among these; both on documents apart."""


def threshold_curve(results: ResultsDocument) -> ThresholdCurve | None:
    """Return the curve that thresholds were tuned on; None where nothing was withheld by any."""
    withheld = results.get("withheld")
    tuned = withheld.get("tuned") if withheld else None
    if not tuned:
        return None
    return ThresholdCurve(_lead(tuned), tuple(_row(point, tuned) for point in tuned["curve"]))


def _lead(tuned: TunedRecord) -> str:
    accepted = number_text.ratio(tuned["accepted"], tuned["values"])
    wrong = number_text.ratio(tuned["wrong"], tuned["accepted"])
    return (
        f"Where they were tuned, thresholds let {accepted} of the values through unseen, {wrong} "
        "of these wrong; no document chose its own thresholds."
    )


def _row(point: CurvePointRecord, tuned: TunedRecord) -> tuple[str, str, str, str, str]:
    return (
        number_text.similarity_text(point["threshold"]),
        number_text.ratio(point["accepted"], tuned["values"]),
        number_text.ratio(point["wrong"], point["accepted"]),
        number_text.ratio(point["accepted_out_of_fold"], tuned["values"]),
        number_text.ratio(point["wrong_out_of_fold"], point["accepted_out_of_fold"]),
    )
