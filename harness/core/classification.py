"""Scores of single-label classification, for fields with a closed set of answers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def micro_f1(y_true: Sequence[Hashable], y_pred: Sequence[Hashable]) -> float:
    """Return the micro-averaged F1 of single-label guesses, in [0, 1] (seed 000).

    Each mismatch is one false positive and one false negative, so with one label an item micro F1
    equals accuracy. Linear in the number of items.

    Raises ValueError when the lengths differ, or when there is nothing to score.

    >>> micro_f1([0, 1, 2], [0, 1, 1])
    0.6666666666666666
    """
    if len(y_true) != len(y_pred):
        raise ValueError(f"lengths differ: {len(y_true)} true labels, {len(y_pred)} guesses")
    if len(y_true) == 0:
        raise ValueError("there is nothing to score: both lists are empty")
    hits = sum(1 for truth, guess in zip(y_true, y_pred, strict=True) if truth == guess)
    misses = len(y_true) - hits
    return 2 * hits / (2 * hits + misses + misses)
