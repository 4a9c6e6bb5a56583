"""Risk-coverage curve: the share of accepted values that is wrong, by how many are accepted."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from math import ceil
from typing import Final

from harness.confidence.observations import Observation, Observations, ValueKind
from harness.run.results.threshold_file import CurvePoint

_LEVELS: Final = 20
"""Coverages the curve is drawn at: 5 %, 10 %, ... 100 %."""


def risk_curve(observed: Observations, parts: Sequence[frozenset[str]]) -> tuple[CurvePoint, ...]:
    """Return the curve of one threshold for all fields, surest values first.

    Each point stands beside what the threshold that accepts the same share of the other folds
    (`parts`) does on the documents of a fold. Levels that accept the same values are one point.
    """
    whole = observed.judged
    apart = [0] * _LEVELS, [0] * _LEVELS
    for part in parts:
        rest = [one for one in whole if one.document not in part]
        accepted, wrong = _accepted(
            [one for one in whole if one.document in part], _thresholds(rest)
        )
        for level in range(_LEVELS):
            apart[0][level] += accepted[level]
            apart[1][level] += wrong[level]
    thresholds = _thresholds(whole)
    points = {
        threshold: CurvePoint(
            threshold=threshold,
            accepted=accepted,
            wrong=wrong,
            accepted_out_of_fold=apart[0][level],
            wrong_out_of_fold=apart[1][level],
        )
        for level, (threshold, accepted, wrong) in enumerate(
            zip(thresholds, *_accepted(whole, thresholds), strict=True)
        )
    }
    return tuple(points.values())


def _thresholds(values: Sequence[Observation]) -> list[float]:
    """Return the threshold of each level: the lowest confidence that it accepts."""
    ordered = sorted((one.confidence for one in values), reverse=True)
    if not ordered:
        return [1.0] * _LEVELS
    return [ordered[ceil(n * len(ordered) / _LEVELS) - 1] for n in range(1, _LEVELS + 1)]


def _accepted(
    values: Sequence[Observation], thresholds: Sequence[float]
) -> tuple[list[int], list[int]]:
    """Return how many values each threshold accepts, and how many of these are wrong."""
    every = sorted(-one.confidence for one in values)
    wrong = sorted(-one.confidence for one in values if one.kind is not ValueKind.RIGHT)
    return (
        [bisect_right(every, -least) for least in thresholds],
        [bisect_right(wrong, -least) for least in thresholds],
    )
