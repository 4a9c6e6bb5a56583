"""Ranking metrics: how well scores put the right ahead of the wrong, without a threshold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import compress


@dataclass(frozen=True, slots=True)
class MacroRocAuc:
    """One AUROC a label, one against the rest, and their mean.

    >>> MacroRocAuc((1.0, 0.5, None)).value
    0.75
    """

    per_label: tuple[float | None, ...]
    """In the order of the columns; None where all rows, or none, carry the label."""

    @property
    def value(self) -> float | None:
        """The mean over labels that have an AUROC, or None where no label has."""
        defined = [one for one in self.per_label if one is not None]
        return math.fsum(defined) / len(defined) if defined else None

    @property
    def undefined(self) -> int:
        """Number of labels that have no AUROC and are left out of the mean."""
        return self.per_label.count(None)


def roc_auc(labels: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Return the chance that a true row outscores a false one, in [0, 1]; a tie counts one half.

    None when all labels are true, or all false. The area under the ROC curve by midranks (Hanley
    and McNeil 1982, Radiology 143); n log n, and exact up to one division.

    Raises ValueError when the lengths differ, a label is no boolean, or a score is not a number.

    >>> roc_auc([False, False, True, True], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    below = halves = 0
    for right, wrong in reversed(_steps(labels, scores)):
        halves += right * (2 * below + wrong)
        below += wrong
    trues = len(labels) - below
    return halves / (2 * trues * below) if trues and below else None


def average_precision(labels: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Return the area under the precision-recall curve, as a sum of steps, in [0, 1].

    None when no label is true. Sum over thresholds, highest first, of the gain in recall times
    the precision there, rows of equal score entering together (Manning, Raghavan and Schuetze
    2008, ch. 8.4; scikit-learn's `average_precision_score`). n log n.

    Raises ValueError as `roc_auc` does.

    >>> average_precision([False, False, True, True], [0.1, 0.4, 0.35, 0.8])  # (1 + 2/3) / 2
    0.8333333333333333
    """
    trues = taken = 0
    areas = []
    for right, wrong in _steps(labels, scores):
        trues += right
        taken += right + wrong
        areas.append(right * trues / taken)
    return math.fsum(areas) / trues if trues else None


def macro_roc_auc(
    labels: Sequence[Sequence[bool]], scores: Sequence[Sequence[float]]
) -> MacroRocAuc:
    """Return the AUROC of every label against the rest, given a row an item, a column a label.

    Raises ValueError when the two tables differ in shape or there is no row, and as `roc_auc`.

    >>> macro_roc_auc([[True, False], [False, True]], [[0.9, 0.2], [0.1, 0.2]])
    MacroRocAuc(per_label=(1.0, 0.5))
    """
    _require_pairs(len(labels), len(scores))
    widths = {len(row) for row in (*labels, *scores)}
    if len(widths) != 1:
        raise ValueError("every row of labels and of scores must have one column a label")
    columns = zip(zip(*labels, strict=True), zip(*scores, strict=True), strict=True)
    return MacroRocAuc(tuple(roc_auc(truth, score) for truth, score in columns))


def recall_at_k(
    relevant: Sequence[AbstractSet[Hashable]], ranked: Sequence[Sequence[Hashable]], k: int
) -> float | None:
    """Return the mean share of an item's relevant labels among its first k candidates.

    Candidates stand best first; a repeated one takes up its place again and counts once. Items
    with nothing relevant are left out; None where there is no other (Manning, Raghavan and
    Schuetze 2008, ch. 8.4).

    Raises ValueError when the lengths differ, there is no item, or k is below 1.

    >>> recall_at_k([{"a"}, {"b", "c"}], [["a", "b"], ["c", "a", "b"]], 2)  # (1 + 1/2) / 2
    0.75
    """
    found_at_k = _found_at_k(relevant, ranked, k)
    shares = [hits / of for hits, of in found_at_k]
    return math.fsum(shares) / len(shares) if shares else None


def hit_rate_at_k(
    relevant: Sequence[AbstractSet[Hashable]], ranked: Sequence[Sequence[Hashable]], k: int
) -> float | None:
    """Return the share of items with a relevant label among the first k candidates.

    With one relevant label an item this is recall at k, and top-k accuracy. None and ValueError
    as in `recall_at_k`.

    >>> hit_rate_at_k([{"a"}, {"b", "c"}], [["a", "b"], ["c", "a", "b"]], 2)
    1.0
    """
    found_at_k = _found_at_k(relevant, ranked, k)
    return sum(1 for hits, _ in found_at_k if hits) / len(found_at_k) if found_at_k else None


def _found_at_k(
    relevant: Sequence[AbstractSet[Hashable]], ranked: Sequence[Sequence[Hashable]], k: int
) -> list[tuple[int, int]]:
    """Per item with anything relevant: how much of it is in the first k, and how much there is."""
    _require_pairs(len(relevant), len(ranked))
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    pairs = zip(relevant, ranked, strict=True)
    return [
        (len(wanted.intersection(best[:k])), len(wanted))
        for wanted, best in ((frozenset(w), b) for w, b in pairs)
        if wanted
    ]


def _steps(labels: Sequence[bool], scores: Sequence[float]) -> list[tuple[int, int]]:
    """Count true and false rows by score, from the highest score down."""
    _require_pairs(len(labels), len(scores))
    if not set(labels) <= {False, True}:
        raise ValueError("every label must be true or false")
    if any(map(math.isnan, scores)):
        raise ValueError("a score is not a number")
    rows = Counter(scores)
    trues = Counter(compress(scores, labels))
    steps = ((trues.get(score, 0), rows[score]) for score in sorted(rows, reverse=True))
    return [(right, size - right) for right, size in steps]


def _require_pairs(truths: int, scored: int) -> None:
    if truths != scored:
        raise ValueError(f"lengths differ: {truths} truths, {scored} rows of scores")
    if truths == 0:
        raise ValueError("there is nothing to score: both lists are empty")
