"""Measurement of one prompt version: the marks of its answers that acceptance tests need."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.cases.suite import Suite
from harness.core.counts import Counts
from harness.core.differ.case_result import CaseResult
from harness.core.outcomes import ABSTENTION, CORRECT, OUTCOME_OF, Outcome
from harness.core.records import Prediction, Usage
from harness.core.rules.field_rule import FieldRule
from harness.core.scores.focus import marked_fields, rules_met
from harness.core.scores.scorecard import Tally
from harness.core.statistics.field_figures import added
from harness.improve.trial.objective import Objective
from harness.run.results.cost import usage_record
from harness.run.results.score_cases import Scorer
from harness.run.stored.stored_ledger import CaseMarkRecord, MeasurementRecord

LOSS: Final[Mapping[Outcome, int]] = {
    Outcome.CORRECT: 0,
    Outcome.WRONG_VALUE: 1,
    Outcome.FORMAT_ERROR: 2,
    Outcome.OMISSION: 3,
    Outcome.HALLUCINATION: 3,
}
"""The ladder: how far a field is from right, whether or not its F1 moves (seed 004's priority)."""


@dataclass(frozen=True, slots=True)
class CaseMark:
    """Mark of one answer."""

    f1: float | None
    """None for a case with nothing expected and nothing predicted."""
    loss: int
    """Steps of the ladder its fields are away from right."""
    wrong: Mapping[str, int]
    """Errors by field; fields without one are left out."""
    totals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By field, numerator and denominator of its F1."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One asking of cases with one prompt; the ledger holds all of it."""

    marks: Mapping[str, CaseMark]
    """By case id; cases that were never answered are missing."""
    case_ids: tuple[str, ...]
    """Ids of the cases, in order."""
    critical: frozenset[str] = frozenset()
    """Fields in which an error is never forgiven."""
    usage: Usage = field(default_factory=Usage)
    calls: int = 0
    """Questions that were asked, those answered from the cache included."""
    folder: str | None = None
    """Name of the run's folder; None where it has none."""
    focus: frozenset[str] = frozenset()
    """Fields that rules mark as the ones to improve."""
    weights: Mapping[str, float] = field(default_factory=dict)
    """What rules say that fields weigh."""

    @property
    def coverage(self) -> float:
        """Share of the cases that were answered at all."""
        return len(self.marks) / len(self.case_ids) if self.case_ids else 0.0

    @property
    def f1(self) -> float | None:
        """Mean F1 of the cases; None where none has one."""
        scores = [m.f1 for m in self.marks.values() if m.f1 is not None]
        return math.fsum(scores) / len(scores) if scores else None

    def __add__(self, other: Measurement) -> Measurement:
        """Return both together: what was asked first counts where both asked."""
        return Measurement(
            {**other.marks, **self.marks},
            tuple(sorted({*self.case_ids, *other.case_ids})),
            self.critical | other.critical,
            total([self.usage, other.usage]),
            self.calls + other.calls,
            other.folder or self.folder,
            self.focus | other.focus,
            {**other.weights, **self.weights},
        )

    def figure(self, objective: Objective) -> float | None:
        """Return what the objective is of these answers; None where nothing is judged."""
        figure = objective.figure(self.focus, self.weights)
        if figure is None:
            return self.f1
        return figure.of(added(mark.totals for mark in self.marks.values()))

    def as_record(self) -> MeasurementRecord:
        """Return it as the ledger keeps it."""
        marks: dict[str, CaseMarkRecord] = {
            i: {
                "f1": m.f1,
                "loss": m.loss,
                "wrong": dict(m.wrong),
                "totals": {name: [*pair] for name, pair in m.totals.items()},
            }
            for i, m in self.marks.items()
        }
        return {
            "f1": self.f1,
            "coverage": self.coverage,
            "calls": self.calls,
            "usage": usage_record(self.usage),
            "critical": sorted(self.critical),
            "focus": sorted(self.focus),
            "weights": dict(self.weights),
            "folder": self.folder,
            "asked": [*self.case_ids],
            "cases": marks,
        }


def measured_from(entry: MeasurementRecord) -> Measurement:
    """Return what the ledger kept."""
    return Measurement(
        {i: _mark_from(m) for i, m in entry["cases"].items()},
        tuple(entry["asked"]),
        frozenset(entry["critical"]),
        Usage(**entry["usage"]),
        entry["calls"],
        entry["folder"],
        frozenset(entry.get("focus", ())),
        entry.get("weights", {}),
    )


def _mark_from(record: CaseMarkRecord) -> CaseMark:
    totals = {name: (pair[0], pair[1]) for name, pair in record.get("totals", {}).items()}
    return CaseMark(record["f1"], record["loss"], record["wrong"], totals)


def measured(
    suite: Suite, predictions: Iterable[Prediction], folder: str | None = None
) -> Measurement:
    """Score one replicate's predictions about the cases of a suite."""
    scorer = Scorer(suite.rules, suite.comparators.functions)
    by_case = {p.case_id: p for p in predictions}
    marks: dict[str, CaseMark] = {}
    rules: dict[str, FieldRule] = {}
    for case in suite.cases:
        prediction = by_case.get(case.id)
        result = scorer.score(case, prediction.output).result if prediction is not None else None
        if result is None:
            continue
        for name, rule in rules_met([result]).items():
            rules[name] = marked_fields(rules[name], rule) if name in rules else rule
        wrong: dict[str, int] = {}
        loss = 0
        for code, leaf, *_ in result.ledger.verdicts:
            if code not in (CORRECT, ABSTENTION):
                name = leaf.path.name or "$"
                wrong[name] = wrong.get(name, 0) + 1
                loss += LOSS[OUTCOME_OF[code]]
        marks[case.id] = CaseMark(result.f1, loss, wrong, _totals(result))
    usage = total(prediction.output.usage for prediction in by_case.values())
    cases = tuple(case.id for case in suite.cases)
    critical = frozenset(name for name, rule in rules.items() if rule.critical)
    focus = frozenset(name for name, rule in rules.items() if rule.focus)
    weights = {name: rule.weight for name, rule in rules.items() if rule.weight is not None}
    return Measurement(marks, cases, critical, usage, len(by_case), folder, focus, weights)


def _totals(result: CaseResult) -> dict[str, tuple[float, float]]:
    tally = Tally()
    tally.add(result)
    ratios = {name: Counts.tallied(codes).f1 for name, codes in tally.fields.items()}
    return {name: (ratio.hits, ratio.of) for name, ratio in ratios.items() if ratio.of}


def total(usages: Iterable[Usage | None]) -> Usage:
    """Return what answers took together; what one of them did not say nobody knows of all."""
    known = [usage for usage in usages if usage is not None]
    return Usage(
        _sum([u.input_tokens for u in known]),
        _sum([u.output_tokens for u in known]),
        _sum([u.cached_tokens for u in known]),
        _dollars([u.usd for u in known]),
    )


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _dollars(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if known and len(known) == len(values) else None
