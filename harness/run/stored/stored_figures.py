"""Figures read off stored records: counts, confidence intervals, why a case has no answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.core.counts import Counts, scores
from harness.run.stored.stored_results import (
    VALUE_SIDES,
    AggregateRecord,
    AverageName,
    CaseMetrics,
    CaseRecord,
    CountsRecord,
    EvidenceRecord,
)

MEASURABLE: Final = 0.01
"""Seconds from which a duration is one: what is recorded answers at once."""


def by_outcome(record: Mapping[str, object]) -> Mapping[str, int]:
    """Return stored counts as a mapping, for reading an outcome that is known by name only."""
    return {name: count for name, count in record.items() if isinstance(count, int)}


def counts_record(counts: Counts) -> CountsRecord:
    """Return how many fields met each outcome."""
    return {
        "correct": counts.correct,
        "omission": counts.omission,
        "hallucination": counts.hallucination,
        "format_error": counts.format_error,
        "wrong_value": counts.wrong_value,
        "value_equal": counts.value_equal,
        "true_negatives": counts.true_negatives,
    }


def metrics_of(counts: Counts) -> CaseMetrics:
    """Return one case's figures in the metric guide's own names (seed 004)."""
    strict, lenient = scores(counts), scores(counts.lenient)
    return {
        "precision": strict.precision if strict else None,
        "recall": strict.recall if strict else None,
        "f1": strict.f1 if strict else None,
        "lenient_f1": lenient.f1 if lenient else None,
        "true_positives": counts.true_positives,
        "false_positives": counts.false_positives,
        "false_negatives": counts.false_negatives,
        "total_gt_fields": counts.expected,
        "correct_fields": counts.correct,
        "counts": counts_record(counts),
    }


def counts_of(record: CountsRecord) -> Counts:
    """Return stored counts as counts that add; an outcome that is not in the record is 0."""
    return Counts.stored(by_outcome(record))


def interval_of(aggregate: AggregateRecord, average: AverageName) -> list[float] | None:
    """Return the confidence interval of an F1: None below two documents, or where none is stored.

    Earlier versions stored none.
    """
    intervals = aggregate.get("intervals")
    if intervals is None:
        return None
    return intervals["macro_f1"] if average == "macro" else intervals["micro_f1"]


def failure_kind(case: CaseRecord) -> str | None:
    """Return why a case has no usable answer; None where it has one."""
    return case["failure"]["kind"] if case["failure"] else None


def is_missing(case: CaseRecord) -> bool:
    """Return True for a case that nobody answered: it is in no figure."""
    failure = case["failure"]
    return failure is not None and failure["missing"]


def evidence_spans(case: CaseRecord, document: str) -> Iterator[tuple[int, int]]:
    """Yield where the values of a case stand in a document, as offsets of its first and last + 1.

    Lazy, since most documents are short enough to be shown whole.
    """
    for diff in case["diffs"]:
        evidence: EvidenceRecord = diff.get("evidence") or {}
        for side in VALUE_SIDES:
            for span in evidence.get(side) or ():
                if span["document"] == document:
                    yield span["start"], span["end"]
