"""Thresholds of labels: the probability from which each label of a set is given."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Final, TypeAlias

from harness.extract.tagger.perceptron import LabelledText
from harness.extract.tagger.tagger_model import Chances, TaggerModel

JudgedPosition: TypeAlias = tuple[Chances, Collection[int]]
"""The probabilities at a position, and the numbers of its true labels."""
_GRID: Final = tuple(step / 50 for step in range(1, 50))
_MIDDLE: Final = 0.5
_FOLDS: Final = 5


def judged_positions(model: TaggerModel, texts: Sequence[LabelledText]) -> list[JudgedPosition]:
    """Return what a model gives at each position, with its truth; unlabelled ones left out."""
    return [
        (chances, truth)
        for positions, truths in texts
        for chances, truth in zip(model.chances(positions), truths, strict=True)
        if truth is not None
    ]


def best_thresholds(judged: Sequence[JudgedPosition], labels: int) -> tuple[float, ...]:
    """Return for each label the probability from which F1 is highest; 0.5 where it never occurs.

    Tried are 0.02 to 0.98; of equals the one nearest to 0.5 is taken, of two as near the lower.

    >>> best_thresholds([((0.3, 0.9), [0]), ((0.1, 0.2), []), ((0.2, 0.1), [])], 2)
    (0.3, 0.5)
    """
    return tuple(_best(judged, label) for label in range(labels))


def thresholds_apart(
    judged: Sequence[JudgedPosition], labels: int
) -> tuple[tuple[float, ...], ...]:
    """Return five times the thresholds: number n by all positions but n, n + 5, n + 10 ...

    A position read by its own thresholds would flatter: those of rare labels fit their few texts.
    """
    return tuple(
        best_thresholds([one for at, one in enumerate(judged) if at % _FOLDS != fold], labels)
        for fold in range(_FOLDS)
    )


def _best(judged: Sequence[JudgedPosition], label: int) -> float:
    right, given = [0] * (len(_GRID) + 1), [0] * (len(_GRID) + 1)
    for chances, truth in judged:
        reached = bisect_right(_GRID, chances[label])  # so many of the thresholds
        given[reached] += 1
        right[reached] += label in truth
    wanted = sum(right)
    hits, answers = ([*accumulate(reversed(one))][::-1][1:] for one in (right, given))

    def worth(step: int) -> tuple[float, float]:
        return 2 * hits[step] / (answers[step] + wanted), -abs(_GRID[step] - _MIDDLE)

    return _GRID[max(range(len(_GRID)), key=worth)] if wanted else _MIDDLE
