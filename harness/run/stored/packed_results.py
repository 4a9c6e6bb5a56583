"""Packed cases of `eval-results.json`: values that follow from the rest of the file are left out.

Version 1 of the file, which `--format json` still prints, repeats much: the field that a path says,
both values where they are equal, the name of the document in each place. Version 2 stores every
case without that, and reading it gives version 1 again, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, Literal, NotRequired, TypeAlias

from typing_extensions import TypedDict

from harness.core.counts import Counts
from harness.core.outcomes import Outcome
from harness.core.values import INDEX_IN_PATH, Json, field_of_path
from harness.run.stored.stored_figures import by_outcome, metrics_of
from harness.run.stored.stored_results import (
    SCHEMA_VERSION,
    VALUE_SIDES,
    CaseRecord,
    DiffNotes,
    DiffRecord,
    EvidenceRecord,
    FailureRecord,
    ItemCounts,
    ResultsDocument,
    ResultsHead,
    SpanRecord,
    UsageRecord,
)

PACKED_VERSION: Final = 2
"""Version of the file's shape."""

PackedSpan: TypeAlias = list[int]
"""Start and end in characters; third, where it is not the first, the place of the document."""


class PackedEvidence(TypedDict):
    """Places of both values; a side nobody looked for is left out."""

    both: NotRequired[list[PackedSpan]]
    """The places of either side, where they are the same."""
    expected: NotRequired[list[PackedSpan]]
    predicted: NotRequired[list[PackedSpan]]


class PackedDiff(DiffNotes):
    """One field of one case, with its verdict; correct unless it says otherwise."""

    path: str
    field: NotRequired[str]
    """Left out where it is the path without its numbers."""
    outcome: NotRequired[str]
    """An `Outcome`; left out where it is correct."""
    expected: NotRequired[Json]
    predicted: NotRequired[Json]
    """Left out of what is correct where it is the expected value itself."""
    predicted_path: NotRequired[str | list[int]]
    """The numbers alone where nothing else differs from the path."""
    value_equal: NotRequired[Literal[True]]
    similarity: NotRequired[float]
    """Left out of what is correct where it is 1."""
    comparator: NotRequired[str]
    """Left out where it is the one that the field has under `fields`."""
    evidence: NotRequired[PackedEvidence]


class MetCounts(TypedDict, total=False):
    """Outcome counts of fields; those that no field met are left out."""

    correct: int
    omission: int
    hallucination: int
    format_error: int
    wrong_value: int
    value_equal: int
    true_negatives: int


class PackedMetrics(TypedDict, total=False):
    """Figures that are left out where they follow from the counts."""

    precision: float | None
    recall: float | None
    lenient_f1: float | None
    true_positives: int
    false_positives: int
    false_negatives: int
    total_gt_fields: int
    correct_fields: int


class PackedCase(PackedMetrics):
    """One replicate of one case; what is empty, null or the first replicate is left out."""

    id: str
    f1: float | None
    counts: MetCounts
    replicate: NotRequired[int]
    seconds: NotRequired[float | None]
    usage: NotRequired[UsageRecord | None]
    tags: NotRequired[list[str]]
    failure: NotRequired[FailureRecord | None]
    repairs: NotRequired[list[str]]
    approximate: NotRequired[list[str]]
    items: NotRequired[list[ItemCounts]]
    documents: NotRequired[list[str]]
    """The documents that places are in."""
    diffs: list[PackedDiff]


class PackedResults(ResultsHead):
    """The whole of `eval-results.json`, version 2."""

    cases: list[PackedCase]


def packed(results: ResultsDocument) -> PackedResults:
    """Return a results document as it is stored."""
    comparators = {field["field"]: field["comparator"] for field in results["fields"]}
    cases = [_packed_case(case, comparators) for case in results["cases"]]
    whole: Any = {**results, "schema_version": PACKED_VERSION, "cases": cases}
    made: PackedResults = whole
    return made


def unpacked(stored: PackedResults) -> ResultsDocument:
    """Return the results document that a stored one says.

    Raises KeyError, IndexError or RuntimeError where what was left out does not follow.
    """
    comparators = {field["field"]: field["comparator"] for field in stored["fields"]}
    cases = [_parts(case, comparators) for case in stored["cases"]]
    whole: Any = {**stored, "schema_version": SCHEMA_VERSION, "cases": cases}
    made: ResultsDocument = whole
    return made


_field_of: Final = lru_cache(maxsize=16_384)(field_of_path)
"""The paths of one case are those of the next."""
_CORRECT: Final = Outcome.CORRECT.value
_CASE_DEFAULTS: Final[tuple[tuple[str, object], ...]] = (
    ("replicate", 1),
    ("seconds", None),
    ("usage", None),
    ("tags", []),
    ("failure", None),
    ("repairs", []),
    ("approximate", []),
    ("items", []),
)


def _packed_case(case: CaseRecord, comparators: Mapping[str, str]) -> PackedCase:
    parts: dict[str, object] = {**case}
    documents: dict[str, int] = {}
    diffs = [_packed_diff(diff, comparators, documents) for diff in case["diffs"]]
    counts = by_outcome(case["counts"])
    record: dict[str, Any] = {
        "id": case["id"],
        "f1": case["f1"],
        "counts": {name: count for name, count in counts.items() if count},
    }
    derived = metrics_of(Counts.stored(counts)).items()
    record |= {key: parts[key] for key, value in derived if parts[key] != value}
    record |= {k: parts[k] for k, default in _CASE_DEFAULTS if k in parts and parts[k] != default}
    if documents:
        record["documents"] = list(documents)
    record["diffs"] = diffs
    whole: Any = record
    made: PackedCase = whole
    return made


def _parts(case: PackedCase, comparators: Mapping[str, str]) -> CaseRecord:
    parts: dict[str, object] = {**case}
    documents = case.get("documents", [])
    derived = metrics_of(Counts.stored(by_outcome(case["counts"])))
    record: dict[str, Any] = {"id": case["id"], **derived}
    record |= {key: parts[key] for key in derived if key in parts and key != "counts"}
    for key, default in _CASE_DEFAULTS:
        record[key] = parts.get(key, [] if default == [] else default)
    record["diffs"] = [_whole_diff(diff, comparators, documents) for diff in case["diffs"]]
    whole: Any = record
    made: CaseRecord = whole
    return made


def _numbered(path: str, numbers: Sequence[int]) -> str:
    """Return a path with other numbers."""
    others: Iterator[int] = iter(numbers)
    return INDEX_IN_PATH.sub(lambda _: f"[{next(others)}]", path)


@lru_cache(maxsize=16_384)
def _numbers_of(other: str, path: str) -> tuple[int, ...] | None:
    """Return the numbers of a path that differs from another in nothing else; None otherwise."""
    numbers = tuple(int(number) for number in INDEX_IN_PATH.findall(other))
    is_so = len(numbers) == len(INDEX_IN_PATH.findall(path)) and _numbered(path, numbers) == other
    return numbers if is_so else None


def _packed_diff(
    diff: DiffRecord, comparators: Mapping[str, str], documents: dict[str, int]
) -> PackedDiff:
    record: Any = {**diff}
    path, field = diff["path"], diff["field"]
    if field == _field_of(path):
        del record["field"]
    if comparators.get(field) == diff["comparator"]:
        del record["comparator"]
    other = diff.get("predicted_path")
    if other is not None:
        numbers = _numbers_of(other, path)
        if numbers is not None:
            record["predicted_path"] = list(numbers)
    if diff["outcome"] == _CORRECT:
        del record["outcome"]
        if diff.get("similarity") == 1.0:
            del record["similarity"]
        if "predicted" in diff and _is_same(diff["expected"], diff["predicted"]):
            del record["predicted"]
    if "evidence" in diff:
        record["evidence"] = _packed_evidence(diff["evidence"], documents)
    made: PackedDiff = record
    return made


def _is_same(one: Json, other: Json) -> bool:
    """Tell whether two scalars are one JSON value: 1 is not 1.0, nor true."""
    return one.__class__ is other.__class__ and not isinstance(one, list | dict) and one == other


def _whole_diff(
    diff: PackedDiff, comparators: Mapping[str, str], documents: Sequence[str]
) -> DiffRecord:
    path, outcome = diff["path"], diff.get("outcome", _CORRECT)
    field = diff["field"] if "field" in diff else _field_of(path)
    record: Any = {"path": path, "field": field, "outcome": outcome}
    correct = outcome == _CORRECT
    if "expected" in diff:
        record["expected"] = diff["expected"]
    if "predicted" in diff:
        record["predicted"] = diff["predicted"]
    elif correct:
        record["predicted"] = diff["expected"]
    if "predicted_path" in diff:
        other = diff["predicted_path"]
        record["predicted_path"] = other if isinstance(other, str) else _numbered(path, other)
    if "value_equal" in diff:
        record["value_equal"] = diff["value_equal"]
    if "similarity" in diff or correct:
        record["similarity"] = diff.get("similarity", 1.0)
    record["comparator"] = diff["comparator"] if "comparator" in diff else comparators[field]
    if "evidence" in diff:
        record["evidence"] = _whole_evidence(diff["evidence"], documents)
    record |= {key: value for key, value in diff.items() if key not in record}
    made: DiffRecord = record
    return made


def _packed_evidence(evidence: EvidenceRecord, documents: dict[str, int]) -> PackedEvidence:
    expected = evidence.get("expected")
    if expected is not None and expected == evidence.get("predicted"):
        return {"both": [_packed_span(span, documents) for span in expected]}
    sides: PackedEvidence = {}
    for side in VALUE_SIDES:
        if side in evidence:
            sides[side] = [_packed_span(span, documents) for span in evidence[side]]
    return sides


def _packed_span(span: SpanRecord, documents: dict[str, int]) -> PackedSpan:
    place = documents.setdefault(span["document"], len(documents))
    return [span["start"], span["end"], place] if place else [span["start"], span["end"]]


def _whole_evidence(evidence: PackedEvidence, documents: Sequence[str]) -> EvidenceRecord:
    record: EvidenceRecord = {}
    for side in VALUE_SIDES:
        spans = evidence["both"] if "both" in evidence else evidence.get(side)
        if spans is not None:
            record[side] = [_whole_span(span, documents) for span in spans]
    return record


def _whole_span(span: PackedSpan, documents: Sequence[str]) -> SpanRecord:
    start, end, *place = span
    return {"document": documents[place[0] if place else 0], "start": start, "end": end}
