"""Routing: which values a person should look at first, within a budget."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from harness.confidence.calibrators import calibrator
from harness.confidence.observations import Observation, Observations, ValueKind
from harness.confidence.tuning import folds


@dataclass(frozen=True, slots=True)
class ReviewValue:
    """One value to look at."""

    case: str
    path: str
    entry: str
    confidence: float
    error: float
    """How probably it is wrong, as values like it were; in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Caught:
    """What looking at a share of the values finds."""

    effort: float
    """Share of the values that are looked at, the most doubtful first."""
    caught: float
    """Share of all errors among them."""
    at_random: float
    """The same if values are looked at in any order."""


def route(observed: Observations, budget: float) -> list[ReviewValue]:
    """Return the values to look at, most probably wrong first, up to a share of all.

    A value without a confidence has the error rate of its field.
    """
    values = observed.values
    errors = _expected_errors(observed, values)
    ranked = sorted(
        zip(values, errors, strict=True),
        key=lambda pair: (-pair[1], pair[0].confidence, _place(pair[0])),
    )
    return [
        ReviewValue(one.case, one.path, one.entry, one.confidence, error)
        for one, error in ranked[: round(budget * len(values))]
    ]


def _place(one: Observation) -> tuple[str, str]:
    return one.case, one.path


def _expected_errors(fitted_on: Observations, values: Sequence[Observation]) -> list[float]:
    """Return how probably each value is wrong, judged by the values of some documents."""
    judged = fitted_on.judged
    labels = [one.kind is ValueKind.RIGHT for one in judged]
    sure = calibrator(labels, [one.confidence for one in judged]) if judged else None
    rates = _error_rates(fitted_on.values)
    return [
        1 - sure(one.confidence)
        if sure is not None and one.has_confidence
        else rates.get(one.entry, 0.5)
        for one in values
    ]


def _error_rates(values: Sequence[Observation]) -> dict[str, float]:
    """Return the share of wrong values by field, shrunk by one right and one wrong."""
    met: dict[str, tuple[int, int]] = {}
    for one in values:
        wrong, count = met.get(one.entry, (1, 2))
        met[one.entry] = wrong + (one.kind is not ValueKind.RIGHT), count + 1
    return {entry: wrong / count for entry, (wrong, count) in met.items()}


def caught_by_effort(
    observed: Observations, efforts: Sequence[float], number: int = 5, seed: int = 0
) -> list[Caught]:
    """Return what looking finds, each document ranked by what the other documents taught."""
    ranked: list[tuple[float, float, float, bool]] = []
    draw = random.Random(seed)
    for held_out in folds(sorted(observed.fields), number, seed):
        rest = observed.within(frozenset(observed.fields) - held_out)
        values = observed.within(held_out).values
        for one, error in zip(values, _expected_errors(rest, values), strict=True):
            wrong = one.kind is not ValueKind.RIGHT
            ranked.append((-error, one.confidence, draw.random(), wrong))
    ranked.sort()
    errors = sum(wrong for *_, wrong in ranked)
    return [
        Caught(
            effort,
            sum(wrong for *_, wrong in ranked[: round(effort * len(ranked))]) / max(1, errors),
            effort,
        )
        for effort in efforts
    ]
