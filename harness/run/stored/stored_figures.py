"""Figures read off stored records: counts, confidence intervals, why a case has no answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from harness.core.counts import Counts
from harness.run.stored.stored_results import (
    VALUE_SIDES,
    AggregateRecord,
    AverageName,
    CaseRecord,
    CountsRecord,
    EvidenceRecord,
)

MEASURABLE: Final = 0.01
"""Seconds from which a duration is one: what is recorded answers at once."""


def by_outcome(record: CountsRecord) -> Mapping[str, int]:
    """Return stored counts as a mapping, for reading an outcome that is known by name only."""
    return {name: count for name, count in record.items() if isinstance(count, int)}


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
