"""Cases that tests check: scored one by one, explained by their errors, summed up at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from harness.core import number_text
from harness.core.counts import Counts
from harness.core.differ.case_result import CaseResult
from harness.core.inert_text import cut, inert
from harness.core.outcomes import FieldDiff, Outcome
from harness.errors import Problem, UsageError
from harness.run.evaluation.case_source import AskedCorpus
from harness.run.evaluation.corpus_report import EvaluatedCase, Report, corpus_report
from harness.run.evaluation.evaluate import corpus_ruler, given_answer
from harness.run.evaluation.pairing import truth_case
from harness.run.gates import MEASURES, Demand, parse_demand
from harness.run.results.score_cases import ScoredCase, Scorer
from harness.run.scored_files.standalone_rules import Ruler

_SHOWN: Final = 20
"""Errors that are shown; the others are counted."""
_LONGEST: Final = 60


def read_demands(texts: Sequence[str]) -> list[Demand]:
    """Return demands as users write them. Raises UsageError for what tests cannot know."""
    demands = [parse_demand(text) for text in texts]
    tags = [demand.measure for demand in demands if demand.measure.startswith("tag:")]
    if tags:
        known = ", ".join((*MEASURES, "field:NAME"))
        raise UsageError(Problem(f"tests have no {tags[0]!r}", "bad-gate", hint=f"use {known}"))
    return demands


@dataclass(slots=True)
class CheckedCases:
    """Cases checked so far, in the order of the tests."""

    scored: list[ScoredCase] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)

    def ruler(
        self,
        expected: object,
        suites: Iterable[AskedCorpus],
        schema: Any,  # noqa: ANN401  # JSON, or a Pydantic class
        rules: Mapping[str, object] | None,
    ) -> Ruler:
        """Return what a case is judged by: its suite's rules where it is a suite's."""
        if schema is None and rules is None:
            for suite in suites:
                if any(case is expected for case in suite.cases):
                    return suite.ruler
        return corpus_ruler(schema, rules)

    def add(self, name: str, expected: object, predicted: object, ruler: Ruler) -> EvaluatedCase:
        """Score a prediction and keep it for the summary."""
        self.names[name] += 1
        key = name if self.names[name] == 1 else f"{name} ({self.names[name]})"
        case = truth_case(key, expected, ruler.schema)
        one = Scorer(ruler.rules, ruler.functions).score(case, given_answer(case, predicted))
        self.scored.append(one)
        return EvaluatedCase(one)

    def lines(self, case: EvaluatedCase, least: float) -> Iterator[str]:
        """Yield why a case is not good enough."""
        wanted = "" if least >= 1 else f", wanted {number_text.percent(least)}"
        failure = f"; {case.failure.message}" if case.failure else ""
        yield f"F1 {number_text.percent(case.f1)}{wanted}{inert(failure)}"
        yield from check_lines(case)

    def report(self) -> Report:
        """Return the report on all that was checked."""
        return corpus_report(self.scored, Ruler())

    def summary(self) -> list[str]:
        """Return the report's lines."""
        return repr(self.report()).splitlines()

    def verdict(self, demand: Demand) -> tuple[bool, str]:
        """Return whether a demand is met, and a line about it; nothing checked meets none."""
        value = _figure(self.report(), demand)
        is_met = value is not None and value >= demand.least
        if is_met and not self.report().is_complete:
            return False, f"harness {demand.measure}: some cases were not answered"
        sign, least = ">=" if is_met else "<", number_text.percent(demand.least)
        name = f"harness {demand.measure}: {number_text.percent(value)} {sign} {least}"
        if value is None:
            name = f"harness {demand.measure}: there is nothing to judge, {least} wanted"
        return is_met, name


def _figure(report: Report, demand: Demand) -> float | None:
    part, _, name = demand.measure.partition(":")
    if part == "field":
        return report.fields[name].f1 if name in report.fields else None
    if part == "perfect":
        right = sum(case.counts.total == case.counts.correct for case in report.cases)
        return right / len(report.cases) if report.cases else None
    if part == "lenient":
        return report.lenient.macro.f1 if report.lenient.macro else None
    return (report.micro if part == "micro" else report.macro).f1


def check_lines(score: object) -> list[str]:
    """Return the errors of a case or a report, a line each: field, expected, predicted."""
    errors: list[tuple[str, FieldDiff]] = []
    counts = Counts()
    if isinstance(score, Report):
        counts = score.counts
        errors = [(f"{case.id} ", diff) for case in score.cases for diff in case.diffs]
    elif isinstance(score, CaseResult | EvaluatedCase):
        counts, errors = score.counts, [("", diff) for diff in score.diffs]
    wrong = [(case, diff) for case, diff in errors if diff.outcome is not Outcome.CORRECT]
    lines = [f"  {cut(inert(case), _LONGEST)}{_line(diff)}" for case, diff in wrong[:_SHOWN]]
    more = [f"  and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
    return [f"{counts.total - counts.correct} of {counts.total} fields are wrong", *lines, *more]


def _line(diff: FieldDiff) -> str:
    expected, predicted = _value(diff.expected), _value(diff.predicted)
    sides = {
        Outcome.OMISSION: f"expected {expected}, predicted nothing",
        Outcome.HALLUCINATION: f"expected nothing, predicted {predicted}",
    }
    both = f"expected {expected}, predicted {predicted}"
    side = sides.get(diff.outcome, both)
    return f"{cut(inert(diff.path), _LONGEST)}: {diff.outcome.value}, {side}"


def _value(value: object) -> str:
    return cut(inert(json.dumps(value, ensure_ascii=False, default=str)), _LONGEST)
