"""Scorecard: averages and field scores of a whole suite, from its scored cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from harness.core.counts import Counts, Ratio, Scores, scores
from harness.core.differ.case_result import CaseResult
from harness.core.outcomes import VERDICTS
from harness.core.statistics.intervals import mean

Empty: TypeAlias = Literal["skip", "zero", "one"]
"""What a vacuous case is worth in a macro mean: left out, 0 (seed 004), or 1 (seed 003)."""


VACUOUS: Final[Mapping[Empty, float | None]] = MappingProxyType(
    {"skip": None, "zero": 0.0, "one": 1.0}
)
"""What each policy gives a case with nothing expected and nothing predicted."""


@dataclass(frozen=True, slots=True)
class Average:
    """Macro and micro averages over the same cases; None where there is nothing to average."""

    macro: Scores | None
    micro: Scores | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class FieldScore:
    """One field over all cases."""

    field: str
    counts: Counts
    comparator: str
    f1_lost: float
    """How much micro F1 would rise if every verdict of this field were correct."""

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP) in [0, 1]; None where undefined."""
        return self.counts.precision.value

    @property
    def recall(self) -> float | None:
        """TP / (TP + FN) in [0, 1]; None where undefined."""
        return self.counts.recall.value

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN) in [0, 1]; None where undefined."""
        return self.counts.f1.value

    @property
    def support(self) -> int:
        """Number of truths, or items of them, that hold the field."""
        return self.counts.expected


@dataclass(slots=True)
class Tally:
    """Sums over cases. Tallies add, so that shards of a suite can be merged."""

    counts: list[Counts] = field(default_factory=list)
    """One for each case, in the order they came."""
    fields: dict[str, list[int]] = field(default_factory=lambda: defaultdict(_no_verdicts))
    """Verdict codes met, by field."""
    comparators: dict[str, str] = field(default_factory=dict)
    rows: Ratio = field(default_factory=lambda: Ratio(0, 0))
    ignored: int = 0
    approximate: int = 0
    """Cases with a list whose alignment may not be the best there is."""

    def add(self, result: CaseResult) -> None:
        """Enter one scored case."""
        self.counts.append(result.counts)
        for code, leaf, *_ in result.ledger.verdicts:
            name = leaf.path.name or "$"
            self.fields[name][code] += 1
            if name not in self.comparators:
                self.comparators[name] = leaf.scalar.name
        rows = result.rows
        self.rows = Ratio(self.rows.hits + rows.hits, self.rows.of + rows.of)
        self.ignored += result.ledger.ignored
        self.approximate += bool(result.approximate)


def _no_verdicts() -> list[int]:
    return [0] * VERDICTS


def average(counts: Sequence[Counts], empty: Empty = "skip") -> Average:
    """Return macro and micro averages of some cases.

    Macro is the mean over cases of the case's scores, micro the scores of the summed counts.

    >>> halves = average([Counts(correct=1), Counts(omission=3)])
    >>> halves.macro.f1, halves.micro.f1
    (0.5, 0.4)
    """
    total = sum(counts[1:], counts[0]) if counts else Counts()
    each = [case if (case := scores(c)) is not None else _vacuous(empty) for c in counts]
    defined = [case for case in each if case is not None]
    if not defined:
        return Average(None, scores(total), total)
    macro = Scores(
        mean([s.precision for s in defined]) or 0.0,
        mean([s.recall for s in defined]) or 0.0,
        mean([s.f1 for s in defined]) or 0.0,
    )
    return Average(macro, scores(total), total)


def _vacuous(empty: Empty) -> Scores | None:
    worth = VACUOUS[empty]
    return None if worth is None else Scores(worth, worth, worth)


def field_scores(tally: Tally) -> list[FieldScore]:
    """Return every field, the one that costs the most micro F1 first."""
    by_field = {name: Counts.tallied(codes) for name, codes in tally.fields.items()}
    total = sum(by_field.values(), Counts())
    field_rows = [
        FieldScore(name, counts, tally.comparators.get(name, ""), _lost(counts, total))
        for name, counts in by_field.items()
    ]
    return sorted(field_rows, key=lambda f: (-f.f1_lost, f.field))


def _lost(counts: Counts, total: Counts) -> float:
    """Return the micro F1 that making every verdict of one field correct would win."""
    now = total.f1.value
    if now is None or counts.total == counts.correct:
        return 0.0
    tp = total.true_positives - counts.true_positives + counts.expected
    fp = total.false_positives - counts.false_positives
    fn = total.false_negatives - counts.false_negatives
    fixed = Ratio(2 * tp, 2 * tp + fp + fn).value
    return (1.0 if fixed is None else fixed) - now


def macro_over_fields(fields: Iterable[FieldScore]) -> float | None:
    """Return the plain mean of the fields' F1, each field counting the same."""
    return mean([f.counts.f1.value for f in fields if f.counts.f1.value is not None])


def weighted_over_fields(fields: Sequence[FieldScore]) -> float | None:
    """Return the mean of the fields' F1 weighted by how often each is expected."""
    known = [
        (f.counts.f1.value, f.counts.expected) for f in fields if f.counts.f1.value is not None
    ]
    weight = sum(w for _, w in known)
    return sum(f1 * w for f1, w in known) / weight if weight else None


def by_tag(tags: Mapping[str, Sequence[Counts]], empty: Empty = "skip") -> dict[str, Average]:
    """Return the averages of each tag's cases."""
    return {tag: average(counts, empty) for tag, counts in sorted(tags.items())}
