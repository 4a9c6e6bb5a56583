"""Truths with predictions and verdicts in one document; `truths.schema.json` describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from harness.cases.decisions.field_reviews import FieldReview
from harness.cases.decisions.reviewed_cases import case_reviews, plans, truth_records
from harness.cases.splits import HOLDOUT
from harness.cases.suite import Suite
from harness.core.records import Answer, Case
from harness.core.values import Json, show
from harness.errors import Problem, UsageError, did_you_mean
from harness.improve.diagnosis.exams import Exam
from harness.improve.diagnosis.study import Study
from harness.run.results.case_records import case_metrics
from harness.run.results.results_document import VERSION

FORMAT: Final = "harness-truths"
FORMAT_VERSION: Final = 2


def export_document(studied: Study, asked: Sequence[str]) -> dict[str, Any]:
    """Return the cases asked for, or with none asked for all whose truth is not disputed.

    Nothing of the holdout is ever in it. Raises UsageError for a case that is unknown or sealed.
    """
    _check(studied, asked)
    doubted = {case for case, _ in studied.disputed}
    chosen = [c for c in studied.cases if (c.id in asked if asked else c.id not in doubted)]
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
            _case(case, by_case.get(case.id, ()), studied.disputed) | {"fields": fields(case)}
            for case in chosen
        ],
    }


def _fields_of(suite: Suite | None) -> Callable[[Case], list[Json] | None]:
    """Return what tells of each field of a case who approved it; None where no suite is at hand."""
    if suite is None or suite.truth_folder is None:
        return lambda _: None
    records = truth_records(suite.truth_folder, suite.truth_files, suite.truth)
    plan, today = plans(suite.rules, suite.comparators.functions), {c.id: c for c in suite.cases}
    moments = {d.id: d.at for history in records.histories.values() for d in history.decisions}

    def fields(case: Case) -> list[Json] | None:
        case = today.get(case.id, case)
        return [_field(each, moments) for each in case_reviews(case, records, plan(case))]

    return fields


def _field(review: FieldReview, moments: Mapping[str, str]) -> Json:
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


def _check(studied: Study, asked: Sequence[str]) -> None:
    known = {case.id for case in studied.cases}
    suite = studied.suite.cases if studied.suite else ()
    sealed = {case.id for case in suite if case.split == HOLDOUT}
    problems = [
        Problem(f"case {name!r} is held out: it is not exported", "sealed")
        if name in sealed
        else Problem(f"there is no case {name!r}", "unknown-case", hint=did_you_mean(name, known))
        for name in asked
        if name not in known
    ]
    if problems:
        raise UsageError(*problems)


def _case(case: Case, exams: Iterable[Exam], disputed: Iterable[tuple[str, str]]) -> dict[str, Any]:
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
    }


def _prediction(exam: Exam) -> dict[str, Any]:
    said = exam.said
    outcome: Mapping[str, Any] = (
        {"answer": said.value, "failure": None}
        if isinstance(said, Answer)
        else {"answer": None, "failure": {"kind": said.kind.value, "message": said.message}}
    )
    return {
        "replicate": exam.replicate,
        **outcome,
        "metrics": case_metrics(exam.result),
        "verdicts": [dict(record) for record in exam.records],
    }
