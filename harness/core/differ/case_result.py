"""Case result: the verdicts of one scored case, and the counts, scores and diffs made of them."""

from __future__ import annotations

from typing import Final

from harness.core.counts import Counts, Quantity, Ratio, scores
from harness.core.differ.tagging.error_tags import tags_of
from harness.core.entities.reference_ids import unlinked
from harness.core.fields.verdict_ledger import (
    CODE,
    VALUE_EXPECTED,
    VALUE_PREDICTED,
    Ledger,
    Verdict,
)
from harness.core.outcomes import (
    ABSTENTION,
    CORRECT,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    OUTCOME_OF,
    FieldDiff,
    Outcome,
    Tag,
)

_RIGHT: Final = bytes({CORRECT, ABSTENTION})


class CaseResult(Quantity):
    """One scored case. Counts are ready; diffs are made when first asked for.

    It is ordered by its F1, equal where all verdicts are, and adds up to the counts of all cases.

    >>> from harness import score
    >>> result = score({"beds": 3, "pool": True}, {"beds": "3", "spa": True})
    >>> [str(d.outcome) for d in result.diffs]
    ['format_error', 'omission', 'hallucination']
    >>> result.counts.expected, result.f1
    (2, 0.0)
    >>> result
    <CaseResult F1 0.000: 1 omission, 1 hallucination, 1 format_error>
    >>> result < 0.5, sum([result, score({"beds": 3}, {"beds": 3})]).correct
    (True, 1)
    """

    __slots__ = ("_diffs", "counts", "ledger")

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.counts = Counts.of([verdict[CODE] for verdict in ledger.verdicts])
        self._diffs: tuple[FieldDiff, ...] | None = None

    def __float__(self) -> float:
        """F1. Raises ValueError for a vacuous case, which has none."""
        if self.f1 is None:
            raise ValueError("F1 is undefined: nothing is expected and nothing predicted")
        return self.f1

    def __add__(self, other: CaseResult | Counts) -> Counts:
        if not isinstance(other, CaseResult | Counts):
            return NotImplemented
        return self.counts + (other.counts if isinstance(other, CaseResult) else other)

    def __radd__(self, other: Counts | int) -> Counts:
        """Take the 0 that `sum` starts with for no counts at all."""
        return other + self.counts

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CaseResult):
            return NotImplemented
        return self.counts == other.counts and self.diffs == other.diffs

    def __hash__(self) -> int:
        return hash(self.counts)

    def __repr__(self) -> str:
        met = [f"{self.counts[outcome]} {outcome.value}" for outcome in Outcome]
        shown = [each for each in met if not each.startswith("0 ")]
        f1 = "undefined" if self.f1 is None else f"{self.f1:.3f}"
        return f"<CaseResult F1 {f1}: {', '.join(shown) or 'no fields'}>"

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP) in [0, 1]; 0 where undefined, None for a vacuous case."""
        own = scores(self.counts)
        return own.precision if own else None

    @property
    def recall(self) -> float | None:
        """TP / (TP + FN) in [0, 1]; 0 where undefined, None for a vacuous case."""
        own = scores(self.counts)
        return own.recall if own else None

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN) in [0, 1]; None for a vacuous case."""
        own = scores(self.counts)
        return own.f1 if own else None

    @property
    def is_perfect(self) -> bool:
        """True where nothing is wrong, an empty answer to an empty truth included."""
        return self.counts.total == self.counts.correct

    @property
    def is_exact(self) -> bool:
        """True where both sides are equal but for ids, the order of free lists and blanks."""
        judged = (v for v in self.ledger.verdicts if v[CODE] != ABSTENTION)
        return all(v[CODE] == CORRECT and v[VALUE_EXPECTED] == v[VALUE_PREDICTED] for v in judged)

    @property
    def cumulative(self) -> CaseResult | None:
        """The score of what a case's statements add up to; None for a case without statements."""
        ledger = self.ledger.cumulative
        return CaseResult(ledger) if ledger is not None else None

    @property
    def rows(self) -> Ratio:
        """Items of lists that are right in every field, out of all expected and extra ones."""
        codes = bytes([verdict[CODE] for verdict in self.ledger.verdicts])
        right = sum(not codes[start:end].strip(_RIGHT) for start, end in self.ledger.rows)
        return Ratio(right, sum(sum(met[1:]) for met in self.ledger.lists))

    @property
    def items(self) -> dict[str, tuple[int, int, int]]:
        """Items of each list: paired (TP), extra (FP) and missing (FN)."""
        counts: dict[str, tuple[int, int, int]] = {}
        for name, paired, missing, extra in self.ledger.lists:
            before = counts.get(name, (0, 0, 0))
            counts[name] = (
                before[0] + paired,
                before[1] + extra,
                before[2] + missing,
            )
        return counts

    @property
    def approximate(self) -> tuple[str, ...]:
        """Lists too long for an alignment that is sure to be the best there is."""
        return tuple(sorted(self.ledger.approximate))

    @property
    def diffs(self) -> tuple[FieldDiff, ...]:
        """Every field, classified and tagged; correct ones included, abstentions left out."""
        if self._diffs is None:
            tags = tags_of(self.ledger)
            self._diffs = tuple(
                _field_diff(verdict, tags.get(index, ()))
                for index, verdict in enumerate(self.ledger.verdicts)
                if verdict[CODE] != ABSTENTION
            )
        return self._diffs


def _field_diff(verdict: Verdict, tags: tuple[Tag, ...]) -> FieldDiff:
    code, leaf, at_expected, at_predicted, expected, predicted = verdict
    outcome = OUTCOME_OF[code]
    if code == HALLUCINATION:
        path, field = leaf.path.fill(at_expected), leaf.path.name or "$"
        there = None if at_predicted == at_expected else leaf.path.fill(at_predicted)
        name, plain = leaf.scalar.name, unlinked(predicted)
        return FieldDiff(path, field, outcome, None, plain, there, tags=tags, comparator=name)
    path, comparator = leaf.path.fill(at_expected), leaf.scalar.comparator_of(expected).name
    return FieldDiff(
        path,
        leaf.path.name or "$",
        outcome,
        unlinked(expected),
        None if code == OMISSION else unlinked(predicted),
        None if at_predicted == at_expected or code == OMISSION else leaf.path.fill(at_predicted),
        code == FORMAT_ONLY,
        _similarity(verdict),
        tags,
        comparator,
    )


def _similarity(verdict: Verdict) -> float | None:
    code, leaf, _, _, expected, predicted = verdict
    if code == OMISSION:
        return None
    if code == CORRECT and expected.__class__ is predicted.__class__ and expected == predicted:
        return 1.0
    return leaf.scalar.closeness(expected, predicted)
