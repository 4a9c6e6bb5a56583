"""One class of a classification: its counts, and the averages over classes."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from harness.core.counts import Ratio


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label fared: hits, false alarms, misses, and the ratios read off them.

    >>> cat = ClassScore("cat", true_positives=3, false_positives=1, false_negatives=2)
    >>> cat.precision, cat.recall, cat.support
    (Ratio(hits=3, of=4), Ratio(hits=3, of=5), 5)
    >>> cat.f1
    Ratio(hits=6, of=9)
    """

    label: Hashable
    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> Ratio:
        """TP / (TP + FP): of the items given this label, how many carry it."""
        return Ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> Ratio:
        """TP / (TP + FN): of the items that carry this label, how many were given it."""
        return Ratio(self.true_positives, self.support)

    @property
    def f1(self) -> Ratio:
        """2 TP / (2 TP + FP + FN) (seed 000); undefined for a label nobody used."""
        twice = 2 * self.true_positives
        return Ratio(twice, twice + self.false_positives + self.false_negatives)

    @property
    def support(self) -> int:
        """How many items carry this label in the ground truth."""
        return self.true_positives + self.false_negatives


def by_support(classes: Iterable[ClassScore]) -> tuple[ClassScore, ...]:
    """Return the classes, most support first, then in the order of the labels' text.

    >>> rare, often = ClassScore("a", 1, 0, 0), ClassScore("b", 5, 0, 0)
    >>> [found.label for found in by_support([rare, often])]
    ['b', 'a']
    """
    return tuple(sorted(classes, key=lambda one: (-one.support, *label_order(one.label))))


def label_order(label: Hashable) -> tuple[str, str]:
    """Return what labels of any type are sorted by: their text, then the name of their type.

    >>> sorted(["b", 10, "10"], key=label_order)
    [10, '10', 'b']
    """
    return str(label), type(label).__name__


def macro(classes: Iterable[ClassScore]) -> float | None:
    """Return the mean F1 of the classes, each counting the same (seed 000), in [0, 1].

    A class nobody expected or predicted has no F1 and is left out; None where no class has one.

    >>> macro([ClassScore("a", 1, 0, 0), ClassScore("b", 0, 1, 1), ClassScore("c", 0, 0, 0)])
    0.5
    """
    values = [value for one in classes if (value := one.f1.value) is not None]
    return math.fsum(values) / len(values) if values else None


def weighted(classes: Iterable[ClassScore]) -> float | None:
    """Return the mean F1 of the classes, each counting by its support (seed 000), in [0, 1].

    A class that was predicted and never expected weighs nothing; None where nothing was expected.

    >>> weighted([ClassScore("a", 3, 0, 0), ClassScore("b", 0, 1, 1)])
    0.75
    """
    kept = [(one.support, one.f1.value or 0.0) for one in classes if one.support]
    total = sum(support for support, _ in kept)
    return math.fsum(support * value for support, value in kept) / total if total else None
