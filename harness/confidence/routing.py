"""Routing: which values a person should look at first, within a budget."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from harness.confidence.combined import combined, taught_by
from harness.confidence.draft_values import DraftAnswer, prior_combination
from harness.confidence.observations import Observation, Observations, ValueKind
from harness.confidence.tuning import folds

_FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class ReviewValue:
    """One value to look at."""

    case: str
    path: str
    entry: str
    confidence: float
    error: float
    """How probably it is wrong, as values like it were; in [0, 1]."""
    broken: int = 0
    """Checks of the suite that it takes part in and that do not hold."""


@dataclass(frozen=True, slots=True)
class Caught:
    """Errors found by looking at a share of the values."""

    effort: float
    """Share of the values that are looked at, the most doubtful first."""
    caught: float
    """Share of all errors among them."""
    at_random: float
    """The same if values are looked at in any order."""
    at_best: float
    """The same if whoever orders them knew the truth: no order finds more."""


def route(
    observed: Observations,
    budget: float,
    held: Collection[ValuePlace] | None = None,
    drafts: Sequence[DraftAnswer] = (),
) -> list[ReviewValue]:
    """Return the values to look at, most probably wrong first, up to a share of all.

    Each document is ranked by what the others taught, and `drafts`, of which no truth is known, by
    what all taught. A value without a confidence has the error rate of its field. Of values, only
    those `held` back by thresholds are listed, where given. A field that several replicates answer
    is looked at once, as doubtful as the most doubtful of its answers.
    """
    values = [
        (
            place_of(one),
            ReviewValue(one.case, one.path, one.entry, one.confidence, error, one.broken),
        )
        for one, error in _expected_errors(observed, _FOLDS, 0)
    ]
    values += _drafted(observed, drafts)
    values.sort(key=lambda pair: (-pair[1].error, pair[1].confidence, pair[0]))
    fields = {(one.case, one.path) for _, one in values}
    listed: dict[tuple[str, str], ReviewValue] = {}
    for place, one in values:
        if held is None or place in held:
            listed.setdefault((one.case, one.path), one)
    return list(listed.values())[: round(budget * len(fields))]


def _drafted(
    observed: Observations, drafts: Sequence[DraftAnswer]
) -> list[tuple[ValuePlace, ReviewValue]]:
    """Return the values of drafts, each with its place."""
    if not drafts:
        return []
    by = taught_by(observed) if observed.judged else prior_combination(drafts)
    return [
        (
            (each.case, each.replicate, one.path),
            ReviewValue(
                each.case,
                one.path,
                one.field,
                min(one.confidences.values(), default=1.0),
                1 - sure,
                int(one.broken),
            ),
        )
        for each in drafts
        for one, sure in zip(each.values, by.probabilities(each.values), strict=True)
    ]


ValuePlace: TypeAlias = tuple[str, int, str]
"""Case, replicate and path of a value."""


def place_of(one: Observation) -> ValuePlace:
    """Return where a value stands."""
    return one.case, one.replicate, one.path


def errors_by_case(observed: Observations, drafts: Sequence[DraftAnswer] = ()) -> dict[str, float]:
    """Return how many wrong values are expected in each case, by what other documents taught."""
    errors: dict[str, float] = {}
    for one in route(observed, 1.0, drafts=drafts):
        errors[one.case] = errors.get(one.case, 0.0) + one.error
    return errors


def _expected_errors(
    observed: Observations, number: int, seed: int
) -> list[tuple[Observation, float]]:
    """Return every value and how probably it is wrong, by what other documents taught."""
    scored: list[tuple[Observation, float]] = []
    documents = sorted(observed.fields)
    parts = folds(documents, min(number, len(documents)), seed) if documents else []
    by_signs = combined(observed, parts, is_found_used=True).observed
    levels = {(o.case, o.replicate, o.path): o.confidence for o in by_signs.judged}
    for part in parts:
        rates = _error_rates([one for one in observed.values if one.document not in part])
        for one in observed.values:
            if one.document in part:
                sure = levels.get((one.case, one.replicate, one.path))
                known = sure is not None and one.has_confidence
                error = 1 - sure if known and sure is not None else rates.get(one.entry, rates[""])
                scored.append((one, error))
    return scored


def _error_rates(values: Sequence[Observation]) -> dict[str, float]:
    """Return the share of wrong values by field, and of all under no name; shrunk to a half."""
    met: dict[str, tuple[int, int]] = {"": (1, 2)}
    for one in values:
        for entry in (one.entry, ""):
            wrong, count = met.get(entry, (1, 2))
            met[entry] = wrong + (one.kind is not ValueKind.RIGHT), count + 1
    return {entry: wrong / count for entry, (wrong, count) in met.items()}


def caught_by_effort(
    observed: Observations, efforts: Sequence[float], number: int = 5, seed: int = 0
) -> list[Caught]:
    """Return what looking finds, each document ranked by what the other documents taught."""
    draw = random.Random(seed)
    ranked = [
        (-error, one.confidence, draw.random(), one.kind is not ValueKind.RIGHT)
        for one, error in _expected_errors(observed, number, seed)
    ]
    ranked.sort()
    errors = sum(wrong for *_, wrong in ranked)
    return [
        Caught(
            effort,
            sum(wrong for *_, wrong in ranked[: round(effort * len(ranked))]) / max(1, errors),
            effort,
            min(1.0, round(effort * len(ranked)) / errors) if errors else 0.0,
        )
        for effort in efforts
    ]
