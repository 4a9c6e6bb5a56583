"""The records of `eval-results.json`: counts, scores, and one case with its verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harness.core.counts import Counts, Ratio, Scores
from harness.core.differ.case_result import CaseResult
from harness.core.explain.places.case_places import CasePlaces, Place, is_sought
from harness.core.explain.places.evidence import MOST_PLACES, TextSource
from harness.core.explain.places.suspicion import is_truth_doubtful
from harness.core.outcomes import FieldDiff, Outcome, Tag
from harness.core.records import Answer, Document, Failure
from harness.core.scores.causes import Cause
from harness.core.scores.scorecard import Average, FieldScore
from harness.core.statistics.intervals import LEVEL, METHOD, Intervals
from harness.run.results.confidence import confidences_of
from harness.run.results.cost import usage_record
from harness.run.results.score_cases import ScoredCase
from harness.run.store import KEPT_TEXT
from harness.run.stored.stored_figures import counts_record, metrics_of
from harness.run.stored.stored_results import (
    AveragesRecord,
    CaseRecord,
    CauseRecord,
    ChargedRecord,
    Confidences,
    DiffRecord,
    EvidenceRecord,
    FailureRecord,
    FieldRecord,
    IntervalsRecord,
    PlaceCounts,
    ScoresRecord,
    SpanRecord,
    ValueSide,
    WholeDiffValues,
)
from harness.run.stored.stored_shares import FractionRecord

_CORRECT: Final = Outcome.CORRECT
_OMISSION: Final = Outcome.OMISSION
_HALLUCINATION: Final = Outcome.HALLUCINATION
_CORRECT_VALUE: Final = Outcome.CORRECT.value
"""Members of an enum are looked up by a function of Python; every verdict is asked for these."""


def averages(average: Average) -> AveragesRecord:
    """Return macro and micro averages as they are stored."""
    return {"macro": scores_record(average.macro), "micro": scores_record(average.micro)}


def charged(average: Average) -> ChargedRecord:
    """Return averages with what their counts are charged."""
    counts = average.counts
    return {
        **averages(average),
        "total_true_positives": counts.true_positives,
        "total_false_positives": counts.false_positives,
        "total_false_negatives": counts.false_negatives,
    }


def scores_record(scores: Scores | None) -> ScoresRecord:
    """Return precision, recall and F1 as they are stored: all null where there is none."""
    if scores is None:
        return {"precision": None, "recall": None, "f1": None}
    return {"precision": scores.precision, "recall": scores.recall, "f1": scores.f1}


def fraction_record(ratio: Ratio) -> FractionRecord:
    """Return a fraction as it is stored."""
    return {"hits": ratio.hits, "of": ratio.of}


def intervals_record(intervals: Intervals) -> IntervalsRecord:
    """Return the confidence intervals over documents as they are stored."""
    return {
        "level": LEVEL,
        "method": METHOD,
        "documents": intervals.documents,
        "macro_f1": list(intervals.macro_f1) if intervals.macro_f1 else None,
        "micro_f1": list(intervals.micro_f1) if intervals.micro_f1 else None,
    }


def field_record(field: FieldScore) -> FieldRecord:
    """Return one field over all cases."""
    counts = field.counts
    return {
        "field": field.field,
        "precision": counts.precision.value,
        "recall": counts.recall.value,
        "f1": counts.f1.value,
        "lenient_f1": counts.lenient.f1.value,
        "counts": counts_record(counts),
        "support": counts.expected,
        "f1_lost": field.f1_lost,
        "comparator": field.comparator,
    }


def cause_record(cause: Cause) -> CauseRecord:
    """Return one cause of errors and what it costs."""
    return {
        "kind": cause.key.kind.value,
        "subject": cause.key.subject,
        "detail": cause.key.detail,
        "errors": cause.counts.total,
        "counts": counts_record(cause.counts),
        "items": cause.items,
        "cases": cause.cases,
        "fields": list(cause.fields),
        "micro_f1_lost": cause.micro_f1_lost,
        "macro_f1_lost": cause.macro_f1_lost,
        "micro_f1_cured": cause.micro_f1_cured,
    }


def case_record(each: ScoredCase, causes: Sequence[int | None] = ()) -> CaseRecord:
    """Return one case with every verdict; one that nobody answered has none.

    `causes` are the places of the verdicts' causes in the ranking; None for correct ones.
    """
    reply, result = each.output, each.result
    failure: FailureRecord | None = None
    if isinstance(reply, Failure):
        missing = reply.kind.is_missing
        failure = {"kind": reply.kind.value, "message": reply.message, "missing": missing}
    diffs: list[DiffRecord] = []
    if result is not None:
        diffs = diff_records(result, each.case.documents, confidences_of(each))
    prediction = each.prediction
    items = result.items if result else {}
    return {
        "id": each.case.id,
        **metrics_of(Counts() if result is None else result.counts),
        "replicate": each.replicate,
        "seconds": prediction.seconds if prediction else None,
        "usage": usage_record(reply.usage) if reply.usage else None,
        "tags": list(each.case.tags),
        "failure": failure,
        "repairs": list(reply.repairs) if isinstance(reply, Answer) else [],
        "approximate": list(result.approximate) if result else [],
        "items": [
            {"field": name, "paired": paired, "extra": extra, "missing": missing}
            for name, (paired, extra, missing) in sorted(items.items())
        ],
        "diffs": _with_causes(diffs, causes),
    }


def _with_causes(diffs: list[DiffRecord], causes: Sequence[int | None]) -> list[DiffRecord]:
    for diff, cause in zip(diffs, causes, strict=False):
        if cause is not None:
            diff["cause"] = cause
    return diffs


def diff_records(
    result: CaseResult,
    documents: Sequence[Document] = (),
    sure: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
) -> list[DiffRecord]:
    """Return every field's verdict as it is stored, with its evidence where documents are given.

    A side that is absent is left out, so that null can be told from missing. Where one document
    of the case is not at hand, nobody can say what stands nowhere: no evidence is given at all.
    `sure` are the answer's confidences by source.
    """
    known = all(0 < len(document.text) <= KEPT_TEXT for document in documents)
    sources = {d.name: TextSource(d.text) for d in documents} if known else {}
    places = CasePlaces(sources, result.diffs) if sources else None
    records = [_diff(diff, places) for diff in result.diffs]
    for diff, record in zip(result.diffs, records if sure else (), strict=False):
        mine = _sure(diff, sure)
        if mine:
            record["confidences"] = mine
    return records


def _sure(diff: FieldDiff, sure: Mapping[str, Mapping[str, float]]) -> Confidences:
    """Return how sure the answer was of what it says, or leaves out, by source.

    What is left out of a list's item has none: its place is one in the truth.
    """
    if diff.outcome is _OMISSION and "[" in diff.path:
        return {}
    where = diff.predicted_path or diff.path
    return {source: by_path[where] for source, by_path in sure.items() if where in by_path}


def _diff(diff: FieldDiff, places: CasePlaces | None) -> DiffRecord:
    correct = diff.outcome is _CORRECT
    record: DiffRecord = {
        "path": diff.path,
        "field": diff.field,
        "outcome": _CORRECT_VALUE if correct else diff.outcome.value,
        **_values(diff),
        "comparator": diff.comparator,
    }
    tags = diff.tags
    located = {} if places is None else _places(diff, places)
    if located and not correct:
        tags = (*tags, *_grounding(diff, located))
    if tags:
        record["tags"] = [tag.value for tag in tags]
    if any(located.values()):
        record["evidence"] = _evidence(located)
    more: PlaceCounts = {}
    for side, spans in located.items():
        if len(spans) > MOST_PLACES:
            more[side] = len(spans)
    if more:
        record["places"] = more
    return record


def _evidence(located: Mapping[ValueSide, tuple[Place, ...]]) -> EvidenceRecord:
    """Return the first places of each side; sides with the same places share their record."""
    evidence: EvidenceRecord = {}
    for side, spans in located.items():
        is_shared = side == "predicted" and spans is located.get("expected")
        evidence[side] = (
            evidence["expected"] if is_shared else [span_record(at) for at in spans[:MOST_PLACES]]
        )
    return evidence


def _values(diff: FieldDiff) -> WholeDiffValues:
    record: WholeDiffValues = {}
    if diff.outcome is not _HALLUCINATION:
        record["expected"] = diff.expected
    if diff.outcome is not _OMISSION:
        record["predicted"] = diff.predicted
    if diff.predicted_path is not None:
        record["predicted_path"] = diff.predicted_path
    if diff.value_equal:
        record["value_equal"] = True
    if diff.similarity is not None:
        record["similarity"] = round(diff.similarity, 4)
    return record


def span_record(place: Place) -> SpanRecord:
    """Return one place of a value as it is stored."""
    return {"document": place.document, "start": place.start, "end": place.end}


def _places(diff: FieldDiff, places: CasePlaces) -> dict[ValueSide, tuple[Place, ...]]:
    """Return where each side's value stands; a side nobody can look for is left out."""
    located: dict[ValueSide, tuple[Place, ...]] = {}
    expected, predicted = diff.expected, diff.predicted
    if is_sought(expected):
        located["expected"] = places.find(diff.path, expected, "expected")
    if not is_sought(predicted):
        return located
    if located and predicted == expected and diff.predicted_path is None:
        located["predicted"] = located["expected"]
    else:
        path = diff.predicted_path or diff.path
        located["predicted"] = places.find(path, predicted, "predicted")
    return located


def _grounding(diff: FieldDiff, places: Mapping[ValueSide, Sequence[Place]]) -> list[Tag]:
    """Return the grounding of an error in the documents; nothing where they were not searched."""
    expected, predicted = places.get("expected"), places.get("predicted")
    if diff.outcome is _HALLUCINATION and predicted is not None:
        return [Tag.GROUNDED if predicted else Tag.UNGROUNDED]
    if expected is None or predicted is None:
        return []
    doubtful = is_truth_doubtful(diff, expected, predicted)
    return [Tag.SUSPECT_GROUND_TRUTH] if doubtful else []
