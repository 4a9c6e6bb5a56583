"""Scoring a suite's predictions: stored answers in, scored cases out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.cases.digest import canonical
from harness.core.comparators.own_functions import NO_FUNCTIONS, Functions
from harness.core.counts import Ratio
from harness.core.differ.case_result import CaseResult
from harness.core.differ.plan import Plan
from harness.core.records import Answer, Case, Failure, Prediction
from harness.core.rules.field_rule import NO_RULES, Rules, overlaid, rules_as_json
from harness.core.scores.replicate_agreement import vote_shares
from harness.core.values import Json


@dataclass(frozen=True, slots=True)
class Scored:
    """One case, what was said about it, and the result; None where nobody answered."""

    case: Case
    said: Answer | Failure
    result: CaseResult | None
    replicate: int = 1
    prediction: Prediction | None = None
    """What it took; None where that is not known."""
    votes: Mapping[str, float] = field(default_factory=dict)
    """By path, the share of all replicates that say what this one says; empty for a single one."""


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

    def score(self, case: Case, said: Answer | Failure) -> Scored:
        """Score what was said about a case.

        A failed extraction is scored as nothing said; one that never came about (infrastructure)
        is not scored at all.
        """
        if isinstance(said, Failure) and said.kind.is_missing:
            return Scored(case, said, None)
        value = said.value if isinstance(said, Answer) else None
        plan = self.plan(case.schema, case.rules)
        return Scored(case, said, CaseResult(plan.diff(case.truth, value)))

    def voted(self, replicates: Sequence[Scored]) -> list[Scored]:
        """Return the replicates of one case with the votes for each field of their answers.

        Failures agree with nobody; what was never answered has no vote, and one vote says nothing.
        """
        answers = [each.said.value for each in replicates if isinstance(each.said, Answer)]
        failed = sum(each.result is not None for each in replicates) - len(answers)
        if len(answers) + failed < 2:  # noqa: PLR2004  # nobody to agree with
            return list(replicates)
        case = replicates[0].case
        shares = iter(vote_shares(answers, self.plan(case.schema, case.rules), failed))
        return [
            replace(each, votes=dict(next(shares))) if isinstance(each.said, Answer) else each
            for each in replicates
        ]

    def null_floor(self, cases: Iterable[Case]) -> Ratio:
        """Return what empty answers would get if every abstention were credited."""
        spared = expected = 0
        for case in cases:
            counts = self.plan(case.schema, case.rules).score(case.truth, None).counts
            spared += counts.true_negatives
            expected += counts.expected
        return Ratio(spared, spared + expected)
