"""Combined confidences: signals weighed on some documents, applied to others (out of fold)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from harness.confidence.observations import COMBINED, Observation, Observations, ValueKind
from harness.core.statistics.combined_confidence import (
    Combination,
    SignalledValue,
    prior_weights,
    signal_rows,
)
from harness.core.statistics.logistic import fit_logistic, sigmoid

_MOST_ROWS: Final = 8_000
"""Values that weights are learnt from: of more, those of so many documents."""
_VALUES_A_DOCUMENT: Final = 3.0
"""How many independent values a document is worth."""
_SHRINKAGE: Final = 20.0
"""Values of a field that count as much as those of all fields together."""


@dataclass(frozen=True, slots=True)
class CombinedSource:
    """Values with a combined confidence, and what it is combined by for new answers."""

    observed: Observations
    """Each document's confidences by weights that other documents gave."""
    combination: Combination
    """By the weights of all documents."""


def combined(
    observed: Observations, parts: Sequence[frozenset[str]], *, is_found_used: bool = False
) -> CombinedSource:
    """Return observations whose confidence is combined of all that is known of a value.

    `parts` are the folds: documents whose weights the others give. Whether a value was found in
    its document counts on demand only: runs know it once they are scored.
    """
    sources = sorted({name for one in observed.values for name in one.sources})
    reliabilities = _found(observed) if is_found_used else {}
    answers = _answers(observed.judged)
    whole = _fit(answers, sources, reliabilities)
    levels: dict[int, float] = {}
    for part in parts:
        taught = {key: mine for key, mine in answers.items() if mine[0].document not in part}
        curve = _fit(taught, sources, reliabilities)
        for mine in answers.values():
            if mine[0].document in part:
                levels |= _levels(mine, curve, whole.curve.intercept, reliabilities)
    return CombinedSource(_with(observed, levels), whole)


def taught_by(observed: Observations) -> Combination:
    """Return how signs are weighed by all documents, whether values were found included."""
    sources = sorted({name for one in observed.values for name in one.sources})
    return _fit(_answers(observed.judged), sources, _found(observed))


def combined_by(observed: Observations, combination: Combination) -> Observations:
    """Return observations whose confidence is what a combination learnt elsewhere says."""
    levels: dict[int, float] = {}
    for mine in _answers(observed.judged).values():
        levels |= _levels(mine, combination, combination.curve.intercept, {})
    return _with(observed, levels)


def _with(observed: Observations, levels: dict[int, float]) -> Observations:
    values = tuple(
        replace(one, confidence=levels[id(one)]) if one.has_confidence else one
        for one in observed.values
    )
    return replace(observed, source=COMBINED, values=values)


def _levels(
    values: Sequence[Observation],
    by: Combination,
    intercept: float,
    reliabilities: dict[int, float],
) -> dict[int, float]:
    """Return the confidence of each value of one answer.

    The intercept is the same in all folds: one that leaves out the documents with most errors
    would think best of just these.
    """
    rows = signal_rows(_signalled(values, reliabilities), by.sources, by.field_errors)
    curve = replace(by.curve, intercept=intercept)
    return {id(one): sigmoid(curve.log_odds(row)) for one, row in zip(values, rows, strict=True)}


def _answers(values: Sequence[Observation]) -> _Answers:
    answers: defaultdict[tuple[str, int], list[Observation]] = defaultdict(list)
    for one in values:
        answers[one.case, one.replicate].append(one)
    return answers


def _signalled(
    values: Sequence[Observation], reliabilities: dict[int, float]
) -> list[SignalledValue]:
    return [
        SignalledValue(
            one.entry.partition("=")[0],
            one.path,
            one.sources,
            reliabilities.get(id(one), 0.0),
            float(one.broken),
        )
        for one in values
    ]


_Answers: TypeAlias = dict[tuple[str, int], list[Observation]]
"""Values by case and replicate."""


def _fit(answers: _Answers, sources: Sequence[str], reliabilities: dict[int, float]) -> Combination:
    values = [one for mine in answers.values() for one in mine]
    errors = _field_errors(values)
    every = max(1, math.ceil(len(values) / _MOST_ROWS))
    rows, labels, documents = [], [], set()
    for mine in list(answers.values())[::every]:
        rows += signal_rows(_signalled(mine, reliabilities), sources, errors)
        labels += [one.kind is ValueKind.RIGHT for one in mine]
        documents.add(mine[0].document)
    size = min(len(rows), _VALUES_A_DOCUMENT * len(documents))
    curve = fit_logistic(rows, labels, prior_weights(sources), size)
    return Combination(tuple(sources), curve, errors)


def _field_errors(values: Sequence[Observation]) -> dict[str, float]:
    """Return by field how much oftener its values are wrong than all are, as a logarithm."""
    number: Counter[str] = Counter(one.entry.partition("=")[0] for one in values)
    wrong: Counter[str] = Counter(
        one.entry.partition("=")[0] for one in values if one.kind is not ValueKind.RIGHT
    )
    share = (wrong.total() + 0.5) / (len(values) + 1)  # never 0
    return {
        field: math.log((wrong[field] + _SHRINKAGE * share) / (number[field] + _SHRINKAGE) / share)
        for field in number
    }


def _found(observed: Observations) -> dict[int, float]:
    """Return how much oftener each value stands in its document than values of its field do."""
    number: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for one in observed.values:
        number[one.entry] += one.is_found is not None
        met[one.entry] += bool(one.is_found)
    return {
        id(one): one.is_found - met[one.entry] / number[one.entry]
        for one in observed.values
        if one.is_found is not None
    }
