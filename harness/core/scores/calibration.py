"""Calibration: proper scores (Brier, log loss) and calibration error of probabilities."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Final

CLIP: Final = sys.float_info.epsilon
"""Log loss takes probabilities no nearer to 0 and 1 than this (2 ** -52), as scikit-learn does."""


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Rows of about the same probability: how sure they claim to be, and how often they are right.

    >>> CalibrationBin(rows=4, trues=3, mean=0.9).share
    0.75
    """

    rows: int
    trues: int
    mean: float
    """Mean probability of the rows."""

    @property
    def share(self) -> float:
        """The share of rows that are true."""
        return self.trues / self.rows


def log_loss(labels: Sequence[bool], probabilities: Sequence[float]) -> float:
    """Return the mean of -ln p of what was true, in nats; 0 is best.

    Probabilities are clipped to [CLIP, 1 - CLIP], so that one sure mistake costs 36 nats and not
    infinity (Bishop 2006, p. 209).

    Raises ValueError when the lengths differ, there is no row, a label is no boolean, or a
    probability is outside [0, 1].

    >>> round(log_loss([True, False], [0.8, 0.4]), 12)  # -(ln 0.8 + ln 0.6) / 2
    0.36698458754
    """
    _require_probabilities(labels, probabilities)
    losses = (
        math.log(min(max(p if true else 1 - p, CLIP), 1 - CLIP))
        for true, p in zip(labels, probabilities, strict=True)
    )
    return -math.fsum(losses) / len(labels)


def brier(labels: Sequence[bool], probabilities: Sequence[float]) -> float:
    """Return the mean squared distance of probability and truth, in [0, 1]; 0 is best.

    Brier 1950, Monthly Weather Review 78, for two classes (half of Brier's own sum over both).
    Raises ValueError as `log_loss` does.

    >>> brier([True, False], [0.5, 0.5])
    0.25
    """
    _require_probabilities(labels, probabilities)
    pairs = zip(labels, probabilities, strict=True)
    return math.fsum((1 - p if true else p) ** 2 for true, p in pairs) / len(labels)


def calibration_bins(
    labels: Sequence[bool], probabilities: Sequence[float], bins: int
) -> tuple[CalibrationBin, ...]:
    """Return up to `bins` bins of about equally many rows, lowest probability first.

    Row i of n in ascending order falls into bin floor(bins * (i + 1/2) / n), so without ties no
    two bins differ by more than one row. Rows of equal probability stay together, in the bin of
    their middle: the order of the rows changes nothing, and a bin may be empty and is left out.

    Raises ValueError as `log_loss` does, and when `bins` is below 1.

    >>> [one.rows for one in calibration_bins([True] * 5, [0.1, 0.2, 0.3, 0.4, 0.5], 2)]
    [2, 3]
    """
    _require_probabilities(labels, probabilities)
    if bins < 1:
        raise ValueError(f"bins must be at least 1, not {bins}")
    size = len(labels)
    rows, trues = Counter(probabilities), Counter(compress(probabilities, labels))
    gathered: dict[int, list[float]] = {}
    before = 0
    for p in sorted(rows):
        place = (2 * before + rows[p]) * bins // (2 * size)
        gathered.setdefault(place, []).append(p)
        before += rows[p]
    return tuple(_bin(members, rows, trues) for members in gathered.values())


def _bin(members: list[float], rows: Counter[float], trues: Counter[float]) -> CalibrationBin:
    size = sum(rows[p] for p in members)
    mean = math.fsum(p * rows[p] for p in members) / size
    return CalibrationBin(size, sum(trues.get(p, 0) for p in members), mean)


def expected_calibration_error(
    labels: Sequence[bool], probabilities: Sequence[float], bins: int
) -> float:
    """Return the mean distance of claimed and true share over `calibration_bins`, in [0, 1].

    Sum over bins of rows / n * |mean probability - share of trues| (Naeini, Cooper and Hauskrecht
    2015, AAAI), with bins of equal mass, not equal width. Biased upwards, the more so the fewer
    rows a bin has: below a hundred rows it says little. Raises ValueError as `calibration_bins`.

    >>> expected_calibration_error([True, False, True, True], [0.5, 0.5, 0.75, 0.75], 2)
    0.125
    """
    result = calibration_bins(labels, probabilities, bins)
    return math.fsum(one.rows * abs(one.mean - one.share) for one in result) / len(labels)


def _require_probabilities(labels: Sequence[bool], probabilities: Sequence[float]) -> None:
    if len(labels) != len(probabilities):
        raise ValueError(f"lengths differ: {len(labels)} labels, {len(probabilities)} rows")
    if len(labels) == 0:
        raise ValueError("there is nothing to score: both lists are empty")
    if not set(labels) <= {False, True}:
        raise ValueError("every label must be true or false")
    if not all(0 <= p <= 1 for p in probabilities):
        raise ValueError("every probability must lie between 0 and 1")
