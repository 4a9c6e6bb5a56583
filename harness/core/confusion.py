"""Which label was taken for which: the confusion matrix and what is read off it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from harness.core.classes import ClassScore, label_order
from harness.core.counts import Counts


@dataclass(frozen=True, slots=True)
class ConfusionMatrix:
    """How often each expected label met each predicted one; only cells that occur are kept.

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
        """How many items there are, abstentions too."""
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
