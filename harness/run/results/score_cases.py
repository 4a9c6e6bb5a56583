"""Score the predictions of a suite, case by case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from harness.cases.decisions.truth_fields import truth_fields
from harness.cases.digest import canonical
from harness.cases.schemas.field_checks import FieldCheck, broken_checks
from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.core.counts import Counts, Ratio
from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan
from harness.core.differ.review_mask import reviewed_only
from harness.core.records import Answer, Case, Failure, Prediction
from harness.core.rules.field_rule import NO_RULES, Rules, overlaid, rules_as_json
from harness.core.scores.replicate_agreement import vote_shares
from harness.core.values import Json
from harness.run.stored.stored_review import CheckRecord, ReviewRecord


@dataclass(frozen=True, slots=True)
class ScoredCase:
    """One case, what was said about it, and the result; None where nobody answered."""

    case: Case
    output: Answer | Failure
    result: CaseResult | None
    replicate: int = 1
    prediction: Prediction | None = None
    """The prediction, with time and calls; None where only the output is known."""
    given: Answer | None = None
    """The answer with the values that thresholds have withheld; None where none were."""
    votes: Mapping[str, float] = field(default_factory=dict)
    """By path, the share of all replicates that say what this one says; empty for a single one."""


_NOTHING: Final = Answer(None)


class Scorer:
    """Scores the cases of one suite; cases with one schema and no own rules share a plan."""

    def __init__(self, rules: Rules, functions: Functions = NO_FUNCTIONS) -> None:
        self.rules = rules
        self._functions = functions
        self._by_identity: dict[tuple[int, int], tuple[Json, Rules, Plan]] = {}
        self._by_content: dict[str, Plan] = {}

    def plan(self, schema: Json, own: Rules = NO_RULES) -> Plan:
        """Return the compiled plan of a schema; `own` are the rules of the case itself."""
        known = self._by_identity.get((id(schema), id(own)))
        if known is not None:
            return known[2]
        content = canonical([schema, rules_as_json(own)])
        if content not in self._by_content:
            self._by_content[content] = Plan(schema, overlaid(self.rules, own), self._functions)
        plan = self._by_content[content]
        self._by_identity[id(schema), id(own)] = schema, own, plan
        return plan

    def score(self, case: Case, reply: Answer | Failure) -> ScoredCase:
        """Score what was said about a case.

        A failed extraction is scored as nothing said; one that never came about (infrastructure)
        is not scored at all. Fields that nobody reviewed are left out.
        """
        if isinstance(reply, Failure) and reply.kind.is_missing:
            return ScoredCase(case, reply, None)
        value = reply.value if isinstance(reply, Answer) else None
        plan = self.plan(case.schema, case.rules)
        ledger = plan.diff(case.truth, value)
        if case.review is not None:
            ledger = reviewed_only(ledger, case.review)
        return ScoredCase(case, reply, CaseResult(ledger))

    def voted(self, replicates: Sequence[ScoredCase]) -> list[ScoredCase]:
        """Return the replicates of one case with the votes for each field of their answers.

        Failures agree with nobody; what was never answered has no vote, and one vote says nothing.
        """
        answers = [each.output.value for each in replicates if isinstance(each.output, Answer)]
        failed = sum(each.result is not None for each in replicates) - len(answers)
        if len(answers) + failed < 2:  # noqa: PLR2004  # nobody to agree with
            return list(replicates)
        case = replicates[0].case
        shares = iter(vote_shares(answers, self.plan(case.schema, case.rules), failed))
        return [
            replace(each, votes=dict(next(shares))) if isinstance(each.output, Answer) else each
            for each in replicates
        ]

    def null_floor(self, cases: Iterable[Case]) -> Ratio:
        """Return what empty answers would get if every abstention were credited."""
        spared = expected = 0
        for case in cases:
            result = self.score(case, _NOTHING).result
            counts = result.counts if result is not None else Counts()
            spared += counts.true_negatives
            expected += counts.expected
        return Ratio(spared, spared + expected)


def review_record(cases: Sequence[Case], scorer: Scorer) -> ReviewRecord | None:
    """Return how many fields of all cases are reviewed; None where every truth is taken for right.

    Cases of which nothing is reviewed are named: they are asked, and not scored.
    """
    if all(case.review is None for case in cases):
        return None
    counts = [_fields(case, scorer) for case in cases]
    known = (case.review.drafted_by for case in cases if case.review is not None)
    drafters = Counter(drafter for drafter in known if drafter is not None)
    return {
        "fields": {"reviewed": sum(one for one, _ in counts), "of": sum(of for _, of in counts)},
        "cases": len(cases),
        "unlabelled": [case.id for case in cases if not case.is_labelled],
        "drafted": [
            {"extractor": extractor, "prompt": prompt, "cases": number}
            for (extractor, prompt), number in sorted(drafters.items(), key=repr)
        ],
    }


def _fields(case: Case, scorer: Scorer) -> tuple[int, int]:
    if case.review is not None:
        return case.review.fields
    number = len(truth_fields(scorer.plan(case.schema, case.rules), case.truth))
    return number, number


def check_records(
    checks: Iterable[FieldCheck], predictions: Iterable[Prediction]
) -> list[CheckRecord]:
    """Return what checks say of the usable answers among predictions: no truth is asked."""
    answers = [(p.case_id, p.output.value) for p in predictions if isinstance(p.output, Answer)]
    records: list[CheckRecord] = []
    for check in checks:
        broken = [case for case, value in answers if any(broken_checks([check], value))]
        cases = sorted(set(broken))
        records.append(
            {"check": check.text, "answers": len(answers), "broken": len(broken), "cases": cases}
        )
    return records


def are_answered(
    cases: Collection[Case], predictions: Mapping[tuple[str, int], Prediction], replicates: int
) -> bool:
    """Tell whether somebody answered every replicate of some cases."""
    replies = (predictions.get((c.id, n)) for c in cases for n in range(1, replicates + 1))
    return all(p is not None and not _is_missing(p) for p in replies)


def _is_missing(prediction: Prediction) -> bool:
    return isinstance(prediction.output, Failure) and prediction.output.kind.is_missing
