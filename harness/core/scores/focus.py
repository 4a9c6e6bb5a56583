"""Focus, weights and critical fields: their effect on averages and cases; counts never change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from harness.core.counts import Counts
from harness.core.differ.case_result import CaseResult
from harness.core.fields.field import Leaf
from harness.core.fields.verdict_ledger import FIELD
from harness.core.outcomes import FieldDiff, Outcome
from harness.core.rules.field_rule import FieldRule
from harness.core.statistics.intervals import mean


@dataclass(frozen=True, slots=True)
class Focus:
    """The fields somebody wants to improve, and the rest that must not get worse for it."""

    f1: float | None
    """Mean F1 of the focus fields, each counting the same; None where none has an F1."""
    guard: float | None
    """Mean F1 of all other fields; None where none has an F1."""


def rules_met(results: Iterable[CaseResult]) -> dict[str, FieldRule]:
    """Return the rule of every field that some verdict is about, the schema's own included.

    Where schemas disagree about a field, it is marked as any of them marks it, and weighs what the
    one that weighs it most says: the same in whatever order cases come.
    """
    rules: dict[str, FieldRule] = {}
    for leaf in dict.fromkeys(v[FIELD] for result in results for v in result.ledger.verdicts):
        if isinstance(leaf, Leaf):
            name = leaf.path.name or "$"
            rules[name] = marked_fields(rules[name], leaf.rule) if name in rules else leaf.rule
    return rules


def marked_fields(one: FieldRule, other: FieldRule) -> FieldRule:
    """Return a rule with the marks of another, too."""
    weights = [weight for weight in (one.weight, other.weight) if weight is not None]
    return replace(
        one,
        weight=max(weights, default=None),
        critical=one.critical or other.critical,
        focus=one.focus or other.focus,
    )


def weighted_f1(fields: Mapping[str, Counts], rules: Mapping[str, FieldRule]) -> float | None:
    """Return the mean of the fields' F1, each counting by its rule's `weight`.

    Fields without an F1 (nothing expected, nothing predicted) are left out; None where no field
    that counts for anything is left.

    >>> counts = {"total": Counts(correct=1), "note": Counts(omission=1)}
    >>> weighted_f1(counts, {"total": FieldRule(weight=3)})
    0.75
    """
    scored = [
        (rules[name].weight if name in rules else None, counts.f1.value)
        for name, counts in sorted(fields.items())
    ]
    known = [(1.0 if weight is None else weight, f1) for weight, f1 in scored if f1 is not None]
    whole = sum(weight for weight, _ in known)
    return sum(weight * f1 for weight, f1 in known) / whole if whole else None


def focus_of(fields: Mapping[str, Counts], rules: Mapping[str, FieldRule]) -> Focus:
    """Return the score of the fields marked `focus`, and of the others.

    >>> counts = {"total": Counts(correct=1), "note": Counts(omission=1), "city": Counts(correct=1)}
    >>> focus_of(counts, {"note": FieldRule(focus=True)})
    Focus(f1=0.0, guard=1.0)
    """
    marked = {name for name, rule in rules.items() if rule.focus}
    scored = {name: f1 for name, counts in fields.items() if (f1 := counts.f1.value) is not None}
    return Focus(
        mean([f1 for name, f1 in scored.items() if name in marked]),
        mean([f1 for name, f1 in scored.items() if name not in marked]),
    )


def critical_broken(result: CaseResult) -> tuple[FieldDiff, ...]:
    """Return a case's errors in fields marked `critical`, in the order of its diffs.

    >>> from harness import score
    >>> rules = {"dose": {"critical": True}}
    >>> [d.path for d in critical_broken(score({"dose": 5, "by": "x"}, {"dose": 6}, None, rules))]
    ['dose']
    """
    critical = {name for name, rule in rules_met([result]).items() if rule.critical}
    if not critical:
        return ()
    return tuple(
        diff
        for diff in result.diffs
        if diff.field in critical and diff.outcome is not Outcome.CORRECT
    )
