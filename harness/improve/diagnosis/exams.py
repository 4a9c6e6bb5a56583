"""Exams: the questions and answers of a run, judged again, one a case and replicate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan
from harness.core.records import Answer, Case, Failure, Prediction
from harness.core.rules.field_rule import Rules
from harness.run.results.case_records import diff_records
from harness.run.results.score_cases import Scorer
from harness.run.stored.stored_results import DiffRecord


@dataclass(frozen=True, slots=True)
class Exam:
    """One case, what was said about it once, and how that was judged."""

    case: Case
    replicate: int
    output: Answer | Failure
    plan: Plan
    result: CaseResult
    records: Sequence[DiffRecord]
    """Every verdict but abstentions as `eval-results.json` has it, with its evidence."""

    @property
    def is_read(self) -> bool:
        """True where the documents are at hand, so that what stands nowhere can be told."""
        return bool(self.case.documents) and all(d.text for d in self.case.documents)


@dataclass(frozen=True, slots=True)
class Sitting:
    """All exams of a run, and the cases nobody answered."""

    exams: tuple[Exam, ...]
    """By case id, then replicate."""
    unanswered: tuple[str, ...]
    """Ids of cases that were never asked, or that nobody could answer: no exam, and no mistake."""


def sit(
    cases: Iterable[Case],
    predictions: Iterable[Prediction],
    rules: Rules,
    functions: Functions = NO_FUNCTIONS,
) -> Sitting:
    """Judge the predictions of some cases; predictions of other cases are left out.

    `functions` are those that rules name.
    """
    scorer = Scorer(rules, functions)
    by_case: dict[str, dict[int, Prediction]] = {}
    for prediction in predictions:
        by_case.setdefault(prediction.case_id, {})[prediction.replicate] = prediction
    exams: list[Exam] = []
    unanswered: list[str] = []
    for case in sorted(cases, key=lambda case: case.id):
        before = len(exams)
        for number, prediction in sorted(by_case.get(case.id, {}).items()):
            scored = scorer.score(case, prediction.output)
            if scored.result is not None:
                exams.append(_exam(case, number, prediction.output, scorer, scored.result))
        if len(exams) == before:
            unanswered.append(case.id)
    return Sitting(tuple(exams), tuple(unanswered))


def _exam(
    case: Case, number: int, reply: Answer | Failure, scorer: Scorer, result: CaseResult
) -> Exam:
    records = diff_records(result, case.documents)
    return Exam(case, number, reply, scorer.plan(case.schema, case.rules), result, records)
