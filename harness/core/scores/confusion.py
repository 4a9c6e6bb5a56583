"""The confusion matrix, the score of each class, and averages over classes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from harness.core.counts import Counts, Ratio


@dataclass(frozen=True, slots=True)
class ClassScore:
    """Score of one label: hits, false alarms, misses, and the ratios read off them.

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
        """Number of items that carry this label in the ground truth."""
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
    supported = [(one.support, one.f1.value or 0.0) for one in classes if one.support]
    total = sum(support for support, _ in supported)
    return math.fsum(support * value for support, value in supported) / total if total else None


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """Confusion matrix: expected by predicted labels; only cells that occur are kept.

    Labels stand by support, then by text; None, last, stands for absent: its column holds the
    omissions, its row the hallucinations, and where the two meet the correct abstentions.

    >>> matrix = ConfusionMatrix.of({("cat", "cat"): 3, ("cat", "dog"): 1, ("dog", None): 2})
    >>> matrix.labels
    ('cat', 'dog', None)
    >>> matrix.rows
    ((3, 1, 0), (0, 0, 2), (0, 0, 0))
    """

    labels: tuple[Hashable, ...]
    cells: tuple[tuple[int, int, int], ...]
    """Row, column, how often: sorted, and never with a count of 0."""

    @classmethod
    def of(cls, tally: Mapping[tuple[Hashable, Hashable], int]) -> ConfusionMatrix:
        """Return the matrix of how often each (expected, predicted) pair occurs."""
        support: Counter[Hashable] = Counter()
        for (expected, predicted), times in tally.items():
            support[expected] += times
            support[predicted] += 0
        labels = sorted(
            support, key=lambda label: (label is None, -support[label], *label_order(label))
        )
        place = {label: index for index, label in enumerate(labels)}
        cells = sorted((place[e], place[p], times) for (e, p), times in tally.items() if times)
        return cls(tuple(labels), tuple(cells))

    @property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """Every cell, zeros too: `rows[i][j]` items expected `labels[i]`, got `labels[j]`."""
        dense = [[0] * len(self.labels) for _ in self.labels]
        for row, column, times in self.cells:
            dense[row][column] = times
        return tuple(map(tuple, dense))

    @property
    def total(self) -> int:
        """Number of items, abstentions too."""
        return sum(times for _, _, times in self.cells)

    @property
    def confused(self) -> tuple[tuple[Hashable, Hashable, int], ...]:
        """Expected label, predicted label, how often: every kind of mistake, most often first.

        >>> ConfusionMatrix.of({("cat", "cat"): 3, ("cat", "dog"): 1, ("dog", None): 2}).confused
        (('dog', None, 2), ('cat', 'dog', 1))
        """
        wrong = [cell for cell in self.cells if cell[0] != cell[1]]
        wrong.sort(key=lambda cell: -cell[2])
        return tuple((self.labels[row], self.labels[column], n) for row, column, n in wrong)

    @property
    def counts(self) -> Counts:
        """The outcomes: equal labels are correct, None on one side omission or hallucination."""
        correct = wrong = omission = hallucination = abstention = 0
        absent = self._absent
        for row, column, times in self.cells:
            if row == column:
                if row == absent:
                    abstention = times
                else:
                    correct += times
            elif column == absent:
                omission += times
            elif row == absent:
                hallucination += times
            else:
                wrong += times
        return Counts(
            correct, omission, hallucination, wrong_value=wrong, true_negatives=abstention
        )

    @property
    def classes(self) -> tuple[ClassScore, ...]:
        """Every label but None, by support then text.

        A wrong label is a false positive of the predicted class and a false negative of the
        expected one; an omission is only the latter, a hallucination only the former.
        """
        hits, extra, missed = ([0] * len(self.labels) for _ in range(3))
        for row, column, times in self.cells:
            if row == column:
                hits[row] += times
            else:
                missed[row] += times
                extra[column] += times
        scored = map(ClassScore, self.labels, hits, extra, missed)
        return tuple(one for one in scored if one.label is not None)

    @property
    def _absent(self) -> int:
        """The row and column of None, or -1 where nothing is absent."""
        last = len(self.labels) - 1
        return last if self.labels and self.labels[last] is None else -1
