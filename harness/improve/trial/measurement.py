"""What one version of a prompt did on the cases, as far as acceptance needs to know."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from harness.cases.suite import Suite
from harness.core.outcomes import ABSTENTION, CORRECT, OUTCOME_OF, Outcome
from harness.core.records import Prediction, Usage
from harness.core.scores.focus import rules_met
from harness.core.values import Json
from harness.run.results.score_cases import Scorer

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
    """How one answer did."""

    f1: float | None
    """None for a case with nothing expected and nothing predicted."""
    loss: int
    """Steps of the ladder its fields are away from right."""
    wrong: Mapping[str, int]
    """Errors by field; fields without one are left out."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One asking of cases with one prompt; the ledger holds all of it."""

    marks: Mapping[str, CaseMark]
    """By case id; cases that were never answered are missing."""
    asked: tuple[str, ...]
    """Ids of the cases, in order."""
    critical: frozenset[str] = frozenset()
    """Fields in which an error is never forgiven."""
    usage: Usage = field(default_factory=Usage)
    calls: int = 0
    """Questions that were asked, those answered from the cache included."""
    folder: str | None = None
    """Name of the run's folder; None where it has none."""

    @property
    def coverage(self) -> float:
        """Share of the cases that were answered at all."""
        return len(self.marks) / len(self.asked) if self.asked else 0.0

    @property
    def f1(self) -> float | None:
        """Mean F1 of the cases; None where none has one."""
        scores = [m.f1 for m in self.marks.values() if m.f1 is not None]
        return math.fsum(scores) / len(scores) if scores else None

    def __add__(self, other: Measurement) -> Measurement:
        """Return both together: what was asked first counts where both asked."""
        return Measurement(
            {**other.marks, **self.marks},
            tuple(sorted({*self.asked, *other.asked})),
            self.critical | other.critical,
            total([self.usage, other.usage]),
            self.calls + other.calls,
            other.folder or self.folder,
        )

    def as_json(self) -> dict[str, Json]:
        """Return it as the ledger keeps it."""
        marks: dict[str, Json] = {
            i: {"f1": m.f1, "loss": m.loss, "wrong": dict(m.wrong)} for i, m in self.marks.items()
        }
        asked: list[Json] = [*self.asked]
        critical: list[Json] = [*sorted(self.critical)]
        return {
            "f1": self.f1,
            "coverage": self.coverage,
            "calls": self.calls,
            "usage": asdict(self.usage),
            "critical": critical,
            "folder": self.folder,
            "asked": asked,
            "cases": marks,
        }


def measured_from(entry: Mapping[str, Any]) -> Measurement:
    """Return what the ledger kept."""
    return Measurement(
        {i: CaseMark(m["f1"], m["loss"], m["wrong"]) for i, m in entry["cases"].items()},
        tuple(entry["asked"]),
        frozenset(entry["critical"]),
        Usage(**entry["usage"]),
        entry["calls"],
        entry["folder"],
    )


def measured(
    suite: Suite, predictions: Iterable[Prediction], folder: str | None = None
) -> Measurement:
    """Score one replicate's predictions about the cases of a suite."""
    scorer = Scorer(suite.rules, suite.comparators.functions)
    said = {p.case_id: p for p in predictions}
    marks: dict[str, CaseMark] = {}
    critical: set[str] = set()
    for case in suite.cases:
        found = said.get(case.id)
        result = scorer.score(case, found.said).result if found is not None else None
        if result is None:
            continue
        critical.update(name for name, rule in rules_met([result]).items() if rule.critical)
        wrong: dict[str, int] = {}
        loss = 0
        for code, leaf, *_ in result.ledger.verdicts:
            if code not in (CORRECT, ABSTENTION):
                name = leaf.path.name or "$"
                wrong[name] = wrong.get(name, 0) + 1
                loss += LOSS[OUTCOME_OF[code]]
        marks[case.id] = CaseMark(result.f1, loss, wrong)
    usage = total(found.said.usage for found in said.values())
    asked = tuple(case.id for case in suite.cases)
    return Measurement(marks, asked, frozenset(critical), usage, len(said), folder)


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
