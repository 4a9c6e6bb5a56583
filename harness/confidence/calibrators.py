"""Calibration maps: from confidences to shares of right values (isotonic, Platt).

For showing people "n % sure" only: a map that keeps the order changes no threshold.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

LEAST_FOR_ISOTONIC: Final = 200
Calibrator: TypeAlias = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Isotonic:
    """A rising step function, linear between its points (pool adjacent violators)."""

    confidences: tuple[float, ...]
    shares: tuple[float, ...]

    def __call__(self, confidence: float) -> float:
        """Return the calibrated confidence; beyond the ends, that of the nearer end."""
        above = bisect_right(self.confidences, confidence)
        if above == 0:
            return self.shares[0]
        if above == len(self.confidences):
            return self.shares[-1]
        low, high = self.confidences[above - 1], self.confidences[above]
        part = (confidence - low) / (high - low)
        return self.shares[above - 1] + part * (self.shares[above] - self.shares[above - 1])


def isotonic(labels: Sequence[bool], confidences: Sequence[float]) -> Isotonic:
    """Return the rising function with the least squared error (Ayer et al. 1955).

    Equal to scikit-learn's `IsotonicRegression(out_of_bounds="clip")`.

    >>> isotonic([False, True, False, True], [0.1, 0.2, 0.3, 0.4])(0.25)
    0.5

    Raises ValueError for lists of unequal length, or empty ones.
    """
    if not labels or len(labels) != len(confidences):
        raise ValueError(f"{len(labels)} labels, {len(confidences)} confidences")
    tied: dict[float, list[int]] = {}
    for label, confidence in zip(labels, confidences, strict=True):
        met = tied.setdefault(confidence, [0, 0])
        met[0] += label
        met[1] += 1
    blocks: list[tuple[int, int, list[float]]] = []
    for confidence in sorted(tied):
        right, count = tied[confidence]
        block = right, count, [confidence]
        while blocks and blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]:
            before = blocks.pop()
            block = before[0] + block[0], before[1] + block[1], before[2] + block[2]
        blocks.append(block)
    points = [(one, right / count) for right, count, met in blocks for one in (met[0], met[-1])]
    corners = list(dict.fromkeys(points))
    return Isotonic(tuple(x for x, _ in corners), tuple(y for _, y in corners))


@dataclass(frozen=True, slots=True)
class Platt:
    """A logistic curve over the confidence."""

    slope: float
    intercept: float

    def __call__(self, confidence: float) -> float:
        """Return the calibrated confidence."""
        return 1 / (1 + math.exp(-(self.slope * confidence + self.intercept)))


_MOST_STEPS: Final = 100


def platt(labels: Sequence[bool], confidences: Sequence[float]) -> Platt:
    """Return the logistic curve of greatest likelihood with Platt's targets (Platt 1999).

    Newton's method with halved steps (Lin, Lin and Weng 2007).

    Raises ValueError for lists of unequal length, or empty ones.
    """
    if not labels or len(labels) != len(confidences):
        raise ValueError(f"{len(labels)} labels, {len(confidences)} confidences")
    trues = sum(labels)
    high, low = (trues + 1) / (trues + 2), 1 / (len(labels) - trues + 2)
    targets = [high if label else low for label in labels]
    fitted = Platt(0.0, math.log((trues + 1) / (len(labels) - trues + 1)))
    for _ in range(_MOST_STEPS):
        moved = _newton(fitted, targets, confidences)
        if moved is None:
            break
        fitted = moved
    return fitted


def _newton(fitted: Platt, targets: Sequence[float], confidences: Sequence[float]) -> Platt | None:
    """Return the next curve; None where there is nothing to be won."""
    a = b = c = down_slope = down_intercept = 0.0
    for target, x in zip(targets, confidences, strict=True):
        p = fitted(x)
        weight, error = p * (1 - p), p - target
        a += weight * x * x
        b += weight * x
        c += weight
        down_slope += error * x
        down_intercept += error
    if abs(down_slope) + abs(down_intercept) < 1e-9:  # noqa: PLR2004  # flat
        return None
    a, c = a + 1e-12, c + 1e-12
    determinant = a * c - b * b
    if determinant <= 0:
        return None
    slope = (c * down_slope - b * down_intercept) / determinant
    intercept = (a * down_intercept - b * down_slope) / determinant
    before, step = _likelihood(fitted, targets, confidences), 1.0
    while step > 1e-10:  # noqa: PLR2004  # as far as halving makes sense
        tried = Platt(fitted.slope - step * slope, fitted.intercept - step * intercept)
        if _likelihood(tried, targets, confidences) < before:
            return tried
        step /= 2
    return None


def _likelihood(fitted: Platt, targets: Sequence[float], confidences: Sequence[float]) -> float:
    total = 0.0
    for target, x in zip(targets, confidences, strict=True):
        z = fitted.slope * x + fitted.intercept
        total += math.log1p(math.exp(-abs(z))) + max(z, 0) - target * z
    return total


def calibrator(labels: Sequence[bool], confidences: Sequence[float]) -> Calibrator:
    """Return an isotonic map where there are enough values, else Platt's curve."""
    fit = isotonic if len(labels) >= LEAST_FOR_ISOTONIC else platt
    return fit(labels, confidences)
