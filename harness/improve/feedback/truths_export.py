"""Truths with predictions and verdicts in one document; `truths.schema.json` describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from typing_extensions import TypedDict

from harness.cases.decisions.field_reviews import FieldReview
from harness.cases.decisions.reviewed_cases import case_reviews, plans, truth_records
from harness.cases.discovery.splits import HOLDOUT
from harness.cases.suite import Suite
from harness.core.records import Answer, Case, Failure
from harness.core.values import Json, show
from harness.errors import Problem, UsageError, did_you_mean
from harness.improve.diagnosis.exams import Exam
from harness.improve.diagnosis.study import Study
from harness.run.results.results_document import VERSION
from harness.run.stored.stored_figures import metrics_of
from harness.run.stored.stored_results import CaseMetrics, DiffRecord
from harness.run.stored.stored_run import PromptRecord

FORMAT: Final = "harness-truths"
FORMAT_VERSION: Final = 2


class TruthFieldRecord(TypedDict):
    """Decisions of people about one field of a truth."""

    path: str
    field: str
    """The path with indexes folded."""
    list: bool
    """It is not a value, but that the list has these items and no others."""
    state: str
    """A `FieldState`."""
    reviewed: bool
    """It counts when answers are scored."""
    approved: bool
    """Somebody approved it, and neither value nor document has changed since."""
    by: list[str]
    at: list[str]
    """When, in the order of `by`; ISO 8601 in UTC."""


class FailureWords(TypedDict):
    """Reason why there was no usable answer."""

    kind: str
    message: str


class PredictionRecord(TypedDict):
    """Prediction of a case, and its verdicts."""

    replicate: int
    answer: Json
    failure: FailureWords | None
    metrics: CaseMetrics
    verdicts: list[DiffRecord]


class DocumentText(TypedDict):
    """A document of a case."""

    name: str
    sha256: str
    text: str | None
    """None where the run keeps no text of it."""


class TruthCaseRecord(TypedDict):
    """A case with its truth and what was predicted for it."""

    id: str
    split: str | None
    tags: list[str]
    documents: list[DocumentText]
    truth: Json
    disputed: list[str]
    """Paths that are disputed."""
    predictions: list[PredictionRecord]
    fields: list[TruthFieldRecord] | None
    """Every field of the truth; None where the suite is not at hand."""


class TruthsDocument(TypedDict):
    """The whole document."""

    format: Literal["harness-truths"]
    version: Literal[2]
    harness_version: str
    run: str
    suite: str
    extractor: str
    prompt: PromptRecord | None
    split: str
    """`all` where the suite has no splits."""
    withheld: int
    """Cases of other splits."""
    disputed: list[str]
    """Ids of cases that were left out because their truth is disputed."""
    cases: list[TruthCaseRecord]


def export_document(studied: Study, names: Sequence[str]) -> TruthsDocument:
    """Return the cases asked for, or with none asked for all whose truth is not disputed.

    Nothing of the holdout is ever in it. Raises UsageError for a case that is unknown or sealed.
    """
    _check(studied, names)
    doubted = {case for case, _ in studied.disputed}
    chosen = [c for c in studied.cases if (c.id in names if names else c.id not in doubted)]
    by_case: dict[str, list[Exam]] = {}
    for exam in studied.analysis.exams:
        by_case.setdefault(exam.case.id, []).append(exam)
    record, fields = studied.record, _fields_of(studied.suite)
    return {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "harness_version": VERSION,
        "run": record["run_id"],
        "suite": record["suite"],
        "extractor": record["extractor"],
        "prompt": record["prompt"],
        "split": studied.split,
        "withheld": studied.withheld,
        "disputed": sorted(doubted - {case.id for case in chosen}),
        "cases": [
            _case(case, by_case.get(case.id, ()), studied.disputed, fields(case)) for case in chosen
        ],
    }


def _fields_of(suite: Suite | None) -> Callable[[Case], list[TruthFieldRecord] | None]:
    """Return what tells of each field of a case who approved it; None where no suite is at hand."""
    if suite is None or suite.truth_folder is None:
        return lambda _: None
    records = truth_records(suite.truth_folder, suite.truth_files, suite.truth)
    plan, today = plans(suite.rules, suite.comparators.functions), {c.id: c for c in suite.cases}
    moments = {d.id: d.at for history in records.histories.values() for d in history.decisions}

    def fields(case: Case) -> list[TruthFieldRecord]:
        case = today.get(case.id, case)
        return [_field(each, moments) for each in case_reviews(case, records, plan(case))]

    return fields


def _field(review: FieldReview, moments: Mapping[str, str]) -> TruthFieldRecord:
    approvals = review.approvals
    return {
        "path": show(review.field.path),
        "field": review.field.name or "$",
        "list": review.field.is_list,
        "state": review.state.value,
        "reviewed": review.is_reviewed,
        "approved": bool(approvals),
        "by": [each.by for each in approvals],
        "at": [moments.get(each.decision, "") for each in approvals],
    }


def _check(studied: Study, names: Sequence[str]) -> None:
    known = {case.id for case in studied.cases}
    suite = studied.suite.cases if studied.suite else ()
    sealed = {case.id for case in suite if case.split == HOLDOUT}
    problems = [
        Problem(f"case {name!r} is held out: it is not exported", "sealed")
        if name in sealed
        else Problem(f"there is no case {name!r}", "unknown-case", hint=did_you_mean(name, known))
        for name in names
        if name not in known
    ]
    if problems:
        raise UsageError(*problems)


def _case(
    case: Case,
    exams: Iterable[Exam],
    disputed: Iterable[tuple[str, str]],
    fields: list[TruthFieldRecord] | None,
) -> TruthCaseRecord:
    paths = sorted(path for name, path in disputed if name == case.id)
    return {
        "id": case.id,
        "split": case.split,
        "tags": list(case.tags),
        "documents": [
            {"name": d.name, "sha256": d.sha256, "text": d.text or None} for d in case.documents
        ],
        "truth": case.truth,
        "disputed": paths,
        "predictions": [_prediction(exam) for exam in exams],
        "fields": fields,
    }


def _prediction(exam: Exam) -> PredictionRecord:
    reply = exam.output
    failure: FailureWords | None = None
    if isinstance(reply, Failure):
        failure = {"kind": reply.kind.value, "message": reply.message}
    return {
        "replicate": exam.replicate,
        "answer": reply.value if isinstance(reply, Answer) else None,
        "failure": failure,
        "metrics": metrics_of(exam.result.counts),
        "verdicts": [*exam.records],
    }
