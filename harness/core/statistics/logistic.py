"""Logistic regression with a prior: Newton's method on a few columns, in pure Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MOST_STEPS: Final = 50
_LONGEST_STEP: Final = 1.0
_CLOSE: Final = 1e-7
_LOOSE: Final = 0.1
"""How firmly the intercept is held to the share of true labels."""


@dataclass(frozen=True, slots=True)
class Logistic:
    """A fitted curve: the log-odds of a row are its weighted sum and the intercept."""

    weights: tuple[float, ...]
    intercept: float

    def log_odds(self, row: Sequence[float]) -> float:
        """Return how much more probable true is than false, as a logarithm."""
        return math.fsum(w * x for w, x in zip(self.weights, row, strict=True)) + self.intercept


def logit(probability: float, least: float = 0.02) -> float:
    """Return the log-odds of a probability, which is kept so far from 0 and 1.

    >>> logit(0.5), round(logit(1.0), 3)
    (0.0, 3.892)
    """
    bounded = min(1 - least, max(least, probability))
    return math.log(bounded / (1 - bounded))


def sigmoid(log_odds: float) -> float:
    """Return the probability of log-odds.

    >>> sigmoid(0.0), sigmoid(-800.0) < 1e-300
    (0.5, True)
    """
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(max(log_odds, -700.0))
    return odds / (1 + odds)


def fit_logistic(
    rows: Sequence[Sequence[float]], labels: Sequence[bool], prior: Sequence[float], size: float
) -> Logistic:
    """Return the likeliest curve under a normal prior of variance 1 around `prior`.

    All rows together count as much as `size` independent ones: rows of one document are right or
    wrong together. Without any row the prior itself is returned.

    >>> rows, labels = [(0.0,), (1.0,), (2.0,), (3.0,)] * 50, [False, False, True, True] * 50
    >>> fit_logistic(rows, labels, (0.0,), 200).weights[0] > 2
    True

    Raises ValueError for lists of unequal length.
    """
    if len(rows) != len(labels):
        raise ValueError(f"{len(rows)} rows, {len(labels)} labels")
    if not rows:
        return Logistic(tuple(prior), 0.0)
    number, trues = len(rows), sum(labels)
    means = [math.fsum(column) / number for column in zip(*rows, strict=True)]
    centred = [
        (*(x - mean for x, mean in zip(row, means, strict=True)), 1.0, float(label))
        for row, label in zip(rows, labels, strict=True)
    ]
    held = [*prior, math.log((trues + 1) / (number - trues + 1))]
    firm = [*[1.0] * len(prior), _LOOSE]
    fitted = list(held)
    for _ in range(_MOST_STEPS):
        step = _newton(centred, fitted, held, (firm, size / number))
        longest = max(map(abs, step))
        short = _LONGEST_STEP / longest if longest > _LONGEST_STEP else 1.0
        fitted = [one - short * part for one, part in zip(fitted, step, strict=True)]
        if longest < _CLOSE:
            break
    weights = tuple(fitted[:-1])
    shift = math.fsum(w * mean for w, mean in zip(weights, means, strict=True))
    return Logistic(weights, fitted[-1] - shift)


def _newton(
    rows: Sequence[Sequence[float]],
    fitted: Sequence[float],
    held: Sequence[float],
    firmness: tuple[Sequence[float], float],
) -> list[float]:
    """Return the step to the next curve; a row's last number is its label."""
    firm, each = firmness
    width = len(fitted)
    slope = [0.0] * width
    bend = [[0.0] * width for _ in range(width)]
    for row in rows:
        share = sigmoid(sum(w * x for w, x in zip(fitted, row, strict=False)))
        error, weight = share - row[width], share * (1 - share)
        for i in range(width):
            x = row[i]
            slope[i] += error * x
            scaled, below = weight * x, bend[i]
            for j in range(i + 1):
                below[j] += scaled * row[j]
    for i in range(width):
        slope[i] = each * slope[i] + firm[i] * (fitted[i] - held[i])
        for j in range(i + 1):
            bend[i][j] *= each
            bend[j][i] = bend[i][j]
        bend[i][i] += firm[i]
    return _solved(bend, slope)


def _solved(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    """Return x of `matrix x = vector`, for a symmetric positive matrix (Gauss, no pivoting)."""
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    size = len(rows)
    for i in range(size):
        for below in rows[i + 1 :]:
            part = below[i] / rows[i][i]
            for j in range(i, size + 1):
                below[j] -= part * rows[i][j]
    solution = [0.0] * size
    for i in reversed(range(size)):
        rest = math.fsum(rows[i][j] * solution[j] for j in range(i + 1, size))
        solution[i] = (rows[i][size] - rest) / rows[i][i]
    return solution
