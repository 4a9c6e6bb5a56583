"""Outcome counts that add up, and the scores computed from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol, SupportsFloat

from harness.core.outcomes import (
    ABSTENTION,
    CONVENTIONS,
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    VERDICTS,
    WRONG_VALUE,
    Outcome,
)


class Quantity(Protocol):
    """Number-like value: it is compared with numbers, and with its like, by `float`."""

    __slots__ = ()

    def __float__(self) -> float: ...

    def __lt__(self, other: SupportsFloat) -> bool:
        return float(self) < float(other)

    def __le__(self, other: SupportsFloat) -> bool:
        return float(self) <= float(other)

    def __gt__(self, other: SupportsFloat) -> bool:
        return float(self) > float(other)

    def __ge__(self, other: SupportsFloat) -> bool:
        return float(self) >= float(other)


@dataclass(frozen=True, slots=True)
class Ratio(Quantity):
    """A fraction that remembers what it was a fraction of.

    It is ordered by its value, and adds up as counts do: what is counted, and out of how many.

    >>> Ratio(11, 12).value
    0.9166666666666666
    >>> Ratio(0, 0).value is None
    True
    >>> Ratio(11, 12) > 0.9, Ratio(1, 2) <= Ratio(2, 4), f"{Ratio(11, 12):.2f}"
    (True, True, '0.92')
    >>> print(sum([Ratio(1, 2), Ratio(10, 10)]))
    0.917 (11/12)
    """

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The fraction in [0, 1], or None where it is undefined (nothing to divide by)."""
        return self.hits / self.of if self.of else None

    def __float__(self) -> float:
        if not self.of:
            raise ValueError("the ratio is undefined: there is nothing to divide by")
        return self.hits / self.of

    def __add__(self, other: Ratio) -> Ratio:
        if not isinstance(other, Ratio):
            return NotImplemented
        return Ratio(self.hits + other.hits, self.of + other.of)

    def __radd__(self, other: int) -> Ratio:
        """Take the 0 that `sum` starts with for nothing at all."""
        if other != 0 or isinstance(other, bool):
            return NotImplemented
        return self

    def __str__(self) -> str:
        value = "undefined" if self.value is None else f"{self.value:.3f}"
        return f"{value} ({self.hits}/{self.of})"

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else str(self)


_CHARGES: Final = {
    name: tuple(table[outcome] for outcome in Outcome) for name, table in CONVENTIONS.items()
}
"""The conventions' rows in the order of the outcomes: scores are read off counts all the time."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Outcome counts of fields. A commutative monoid under `+`.

    >>> a = Counts(correct=3, omission=1)
    >>> (a + Counts(wrong_value=2)).expected
    6
    >>> a.f1, f"{float(a.f1):.3f}"
    (Ratio(hits=6, of=7), '0.857')
    >>> sum([a, a]).correct
    6
    >>> print(a)
    3 correct, 1 omission; F1 0.857 (6/7)
    """

    correct: int = 0
    omission: int = 0
    hallucination: int = 0
    format_error: int = 0
    wrong_value: int = 0
    value_equal: int = 0
    """Format errors whose value is right once read leniently; part of `format_error`."""
    true_negatives: int = 0
    """Correct abstentions: absent on both sides, and in no F1."""
    convention: str = "standard"
    """Which table charges the outcomes; counts of two conventions do not add."""

    @classmethod
    def of(cls, codes: Iterable[int]) -> Counts:
        """Tally the verdict codes of a ledger; order does not matter."""
        return _known_tally(tuple(map(bytes(codes).count, range(VERDICTS))))

    @classmethod
    def tallied(cls, tally: Sequence[int]) -> Counts:
        """Return counts from a number for each verdict code."""
        return cls(
            tally[CORRECT],
            tally[OMISSION],
            tally[HALLUCINATION],
            tally[FORMAT_ERROR] + tally[FORMAT_ONLY],
            tally[WRONG_VALUE],
            tally[FORMAT_ONLY],
            tally[ABSTENTION],
        )

    @classmethod
    def stored(cls, record: Mapping[str, int]) -> Counts:
        """Return the counts of a stored record, outcomes that are not in it being 0.

        >>> Counts.stored({"correct": 1, "omission": 1}).f1
        Ratio(hits=2, of=3)
        """
        return cls(
            correct=record.get("correct", 0),
            omission=record.get("omission", 0),
            hallucination=record.get("hallucination", 0),
            format_error=record.get("format_error", 0),
            wrong_value=record.get("wrong_value", 0),
            value_equal=record.get("value_equal", 0),
            true_negatives=record.get("true_negatives", 0),
        )

    def __add__(self, other: Counts) -> Counts:
        if not isinstance(other, Counts):
            return NotImplemented
        if self.convention != other.convention:
            raise ValueError(f"{self.convention} counts do not add to {other.convention} counts")
        return Counts(
            self.correct + other.correct,
            self.omission + other.omission,
            self.hallucination + other.hallucination,
            self.format_error + other.format_error,
            self.wrong_value + other.wrong_value,
            self.value_equal + other.value_equal,
            self.true_negatives + other.true_negatives,
            self.convention,
        )

    def __radd__(self, other: int) -> Counts:
        """Take the 0 that `sum` starts with for no counts at all."""
        if other != 0 or isinstance(other, bool):
            return NotImplemented
        return self

    def __str__(self) -> str:
        met = [f"{self[outcome]} {outcome.value}" for outcome in Outcome if self[outcome]]
        return f"{', '.join(met) or 'no fields'}; F1 {self.f1}"

    def __getitem__(self, outcome: Outcome) -> int:
        count: int = getattr(self, outcome.value)
        return count

    def _charged(self, part: int) -> int:
        correct, omission, hallucination, format_error, wrong_value = _CHARGES[self.convention]
        return (
            correct[part] * self.correct
            + omission[part] * self.omission
            + hallucination[part] * self.hallucination
            + format_error[part] * self.format_error
            + wrong_value[part] * self.wrong_value
        )

    @property
    def true_positives(self) -> int:
        """Expected fields extracted with a matching value."""
        return self._charged(0)

    @property
    def false_positives(self) -> int:
        """Extracted fields that should not be there as they are."""
        return self._charged(1)

    @property
    def false_negatives(self) -> int:
        """Expected fields nobody got right; under `guide-code`, only those nobody tried."""
        return self._charged(2)

    @property
    def precision(self) -> Ratio:
        """TP / (TP + FP)."""
        return Ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Ratio:
        """TP / (TP + FN)."""
        return Ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> Ratio:
        """2 TP / (2 TP + FP + FN): one division, so one undefined case instead of three."""
        tp = self.true_positives
        return Ratio(2 * tp, 2 * tp + self.false_positives + self.false_negatives)

    @property
    def correction_cost(self) -> Ratio:
        """TP / (TP + everything a person would have to change), a wrong value being one change."""
        changes = self.omission + self.hallucination + self.format_error + self.wrong_value
        return Ratio(self.correct, self.correct + changes)

    @property
    def expected(self) -> int:
        """Number of fields the ground truth holds."""
        return self.correct + self.omission + self.format_error + self.wrong_value

    @property
    def total(self) -> int:
        """Number of fields judged, abstentions left out."""
        return self.expected + self.hallucination

    @property
    def lenient(self) -> Counts:
        """The same fields, with format errors whose value is right taken for correct."""
        if not self.value_equal:
            return self
        return Counts(
            self.correct + self.value_equal,
            self.omission,
            self.hallucination,
            self.format_error - self.value_equal,
            self.wrong_value,
            0,
            self.true_negatives,
            self.convention,
        )

    def under(self, convention: str) -> Counts:
        """Return the same fields charged under another convention.

        Raises KeyError for a convention nobody has named.

        >>> wrong = Counts(correct=5, wrong_value=5)
        >>> wrong.recall.value, wrong.under("guide-code").recall.value
        (0.5, 1.0)
        """
        if convention not in CONVENTIONS:
            raise KeyError(convention)
        return Counts(
            self.correct,
            self.omission,
            self.hallucination,
            self.format_error,
            self.wrong_value,
            self.value_equal,
            self.true_negatives,
            convention,
        )


_known_tally = lru_cache(maxsize=4096)(Counts.tallied)
"""Cases of few fields have few different counts."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 as numbers in [0, 1]."""

    precision: float
    recall: float
    f1: float


def scores(counts: Counts) -> Scores | None:
    """Return a case's scores, or None for a vacuous one (nothing expected, nothing predicted).

    A precision or recall with nothing to divide by is 0, as the guide has it, as long as the case
    has any field at all.

    >>> scores(Counts(omission=3))
    Scores(precision=0.0, recall=0.0, f1=0.0)
    >>> scores(Counts(true_negatives=3)) is None
    True
    """
    if not counts.total:
        return None
    tp, fp, fn = counts.true_positives, counts.false_positives, counts.false_negatives
    if not tp:
        return Scores(0.0, 0.0, 0.0)
    return Scores(tp / (tp + fp), tp / (tp + fn), 2 * tp / (2 * tp + fp + fn))
