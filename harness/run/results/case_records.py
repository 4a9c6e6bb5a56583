"""The records of `eval-results.json`: counts, scores, and one case with its verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType

from harness.core.counts import Counts, Scores, scores
from harness.core.differ.case_result import CaseResult
from harness.core.explain.places.case_places import CasePlaces, Place
from harness.core.explain.places.evidence import MOST, Source
from harness.core.explain.places.suspicion import is_truth_doubtful
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import FieldDiff, Outcome, Tag
from harness.core.records import Answer, Document, Failure
from harness.core.scores.causes import Cause
from harness.core.scores.scorecard import Average, FieldScore
from harness.core.values import Json
from harness.run.results.confidence import confidences_of
from harness.run.results.cost import usage_record
from harness.run.results.score_cases import Scored
from harness.run.store import KEPT_TEXT


def averages(found: Average) -> dict[str, Json]:
    """Return macro and micro averages as they are stored."""
    return {"macro": scores_record(found.macro), "micro": scores_record(found.micro)}


def scores_record(found: Scores | None) -> Json:
    """Return precision, recall and F1 as they are stored: all null where there is none."""
    named = asdict(found) if found else dict.fromkeys(("precision", "recall", "f1"))
    return dict(named)


def counts_record(counts: Counts) -> dict[str, Json]:
    """Return how many fields met each outcome."""
    named = {outcome.value: counts[outcome] for outcome in Outcome}
    more = {"value_equal": counts.value_equal, "true_negatives": counts.true_negatives}
    return {**named, **more}


def field_record(field: FieldScore) -> dict[str, Json]:
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


def cause_record(cause: Cause) -> dict[str, Json]:
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


def case_metrics(result: CaseResult) -> dict[str, Json]:
    """Return one case's figures in the metric guide's own names (seed 004)."""
    counts = result.counts
    lenient = scores(counts.lenient)
    return {
        "precision": result.precision,
        "recall": result.recall,
        "f1": result.f1,
        "lenient_f1": lenient.f1 if lenient else None,
        "true_positives": counts.true_positives,
        "false_positives": counts.false_positives,
        "false_negatives": counts.false_negatives,
        "total_gt_fields": counts.expected,
        "correct_fields": counts.correct,
        "counts": counts_record(counts),
    }


def case_record(each: Scored, causes: Sequence[int | None] = ()) -> dict[str, Json]:
    """Return one case with every verdict; one that nobody answered has none.

    `causes` are the places of the verdicts' causes in the ranking; None for correct ones.
    """
    said, result = each.said, each.result
    failure: Json = None
    if isinstance(said, Failure):
        missing = said.kind.is_missing
        failure = {"kind": said.kind.value, "message": said.message, "missing": missing}
    if result is None:
        nothing = case_metrics(CaseResult(Ledger()))
        return {"id": each.case.id, **nothing, **_rest(each, failure), "diffs": []}
    return {
        "id": each.case.id,
        **case_metrics(result),
        **_rest(each, failure),
        "diffs": _with_causes(
            diff_records(result, each.case.documents, confidences_of(each)), causes
        ),
    }


def _with_causes(diffs: list[dict[str, Json]], causes: Sequence[int | None]) -> list[Json]:
    for diff, cause in zip(diffs, causes, strict=False):
        if cause is not None:
            diff["cause"] = cause
    return [*diffs]


def _rest(each: Scored, failure: Json) -> dict[str, Json]:
    repairs = each.said.repairs if isinstance(each.said, Answer) else ()
    result = each.result
    prediction = each.prediction
    return {
        "replicate": each.replicate,
        "seconds": prediction.seconds if prediction else None,
        "usage": usage_record(each.said.usage),
        "tags": list(each.case.tags),
        "failure": failure,
        "repairs": list(repairs),
        "approximate": list(result.approximate) if result else [],
        "items": [
            {"field": name, "paired": paired, "extra": extra, "missing": missing}
            for name, (paired, extra, missing) in sorted((result.items if result else {}).items())
        ],
    }


def diff_records(
    result: CaseResult,
    documents: Sequence[Document] = (),
    sure: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
) -> list[dict[str, Json]]:
    """Return every field's verdict as it is stored, with its evidence where documents are given.

    A side that is absent is left out, so that null can be told from missing. Where one document
    of the case is not at hand, nobody can say what stands nowhere: no evidence is given at all.
    `sure` are the answer's confidences by source.
    """
    known = all(0 < len(document.text) <= KEPT_TEXT for document in documents)
    sources = {d.name: Source(d.text) for d in documents} if known else {}
    places = CasePlaces(sources, result.diffs) if sources else None
    if not sure:
        return [_diff(diff, places) for diff in result.diffs]
    return [_diff(diff, places) | _sure(diff, sure) for diff in result.diffs]


def _sure(diff: FieldDiff, sure: Mapping[str, Mapping[str, float]]) -> dict[str, Json]:
    """Return how sure the answer was of what it says, or leaves out, by source.

    What is left out of a list's item has none: its place is one in the truth.
    """
    if diff.outcome is Outcome.OMISSION and "[" in diff.path:
        return {}
    where = diff.predicted_path or diff.path
    known: dict[str, Json] = {name: each[where] for name, each in sure.items() if where in each}
    return {"confidences": known} if known else {}


def _diff(diff: FieldDiff, places: CasePlaces | None) -> dict[str, Json]:
    record: dict[str, Json] = {
        "path": diff.path,
        "field": diff.field,
        "outcome": diff.outcome.value,
    }
    if diff.outcome is not Outcome.HALLUCINATION:
        record["expected"] = diff.expected
    if diff.outcome is not Outcome.OMISSION:
        record["predicted"] = diff.predicted
    if diff.predicted_path is not None:
        record["predicted_path"] = diff.predicted_path
    if diff.value_equal:
        record["value_equal"] = True
    if diff.similarity is not None:
        record["similarity"] = round(diff.similarity, 4)
    record["comparator"] = diff.comparator
    found = _places(diff, record, places) if places else {}
    tags = [*diff.tags, *_grounding(diff, found)]
    if tags:
        record["tags"] = [tag.value for tag in tags]
    if any(found.values()):
        record["evidence"] = {side: _spans(spans) for side, spans in found.items()}
    more: dict[str, Json] = {side: len(s) for side, s in found.items() if len(s) > MOST}
    if more:
        record["places"] = more
    return record


def _spans(places: Sequence[Place]) -> list[Json]:
    return [dict(place._asdict()) for place in places[:MOST]]


def _places(
    diff: FieldDiff, record: Mapping[str, Json], places: CasePlaces
) -> dict[str, tuple[Place, ...]]:
    """Return where each side's value stands; a side nobody can look for is left out."""
    found: dict[str, tuple[Place, ...]] = {}
    for side, path in (("expected", diff.path), ("predicted", diff.predicted_path or diff.path)):
        value = record.get(side)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            continue
        if found and value == record["expected"] and diff.predicted_path is None:
            found[side] = found["expected"]
            continue
        found[side] = places.find(path, value, side)
    return found


def _grounding(diff: FieldDiff, places: Mapping[str, Sequence[Place]]) -> list[Tag]:
    """Say what the documents tell of an error; nothing where nobody looked."""
    expected, predicted = places.get("expected"), places.get("predicted")
    if diff.outcome is Outcome.HALLUCINATION and predicted is not None:
        return [Tag.GROUNDED if predicted else Tag.UNGROUNDED]
    if expected is None or predicted is None:
        return []
    doubtful = is_truth_doubtful(diff, expected, predicted)
    return [Tag.SUSPECT_GROUND_TRUTH] if doubtful else []
