"""Values of drafts: answers about documents without ground truth, ranked by what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.cases.schemas.checked_values import broken_values
from harness.cases.schemas.field_checks import FieldCheck
from harness.confidence.observations import Observations
from harness.core.records import Answer
from harness.core.statistics.combined_confidence import Combination, SignalledValue
from harness.core.statistics.logistic import Logistic
from harness.core.values import Json, field_of_path, json_leaves, show
from harness.run import store
from harness.run.results.rescore import stored_checks
from harness.run.stored.stored_run import RunDocument

_NOTHING: Final[tuple[Json, ...]] = (None, "", {}, [])


@dataclass(frozen=True, slots=True)
class DraftAnswer:
    """An answer of which no truth is known."""

    case: str
    replicate: int
    values: tuple[SignalledValue, ...]
    labels: tuple[str | None, ...]
    """What each value says, where it is a text."""


def draft_answers(folder: Path, run: RunDocument, source: str | None) -> list[DraftAnswer]:
    """Return the answers of a run that nothing was scored of, and that have confidences.

    Of `source` only, where one is named.
    """
    unscored = {
        case.id for case in store.read_cases(folder, run["schemas"]) if not case.is_labelled
    }
    checks = stored_checks(run)
    drafts = []
    for (case, replicate), prediction in store.read_replicates(folder).items():
        output = prediction.output
        if case not in unscored or not isinstance(output, Answer) or not output.confidences:
            continue
        if source in {None, output.confidence_source}:
            labels = (
                value if isinstance(value, str) else None for _, value in _stated(output.value)
            )
            values = tuple(_values(output, checks))
            drafts.append(DraftAnswer(case, replicate, values, tuple(labels)))
    return drafts


def _values(answer: Answer, checks: Sequence[FieldCheck]) -> Iterator[SignalledValue]:
    sure, broken = dict(answer.confidences), broken_values(checks, answer.value)
    for path, _ in _stated(answer.value):
        level = sure.get(path)
        known: dict[str, float] = {} if level is None else {answer.confidence_source: level}
        field = field_of_path(path)
        yield SignalledValue(field, path, known, broken=float(broken[path]))


def _stated(value: Json) -> Iterator[tuple[str, Json]]:
    """Yield each scalar that is stated, after its path as it is shown."""
    return ((show(path), leaf) for path, leaf in json_leaves(value) if leaf not in _NOTHING)


_OWN: Final = 0.7
_AROUND: Final = (0.1, 0.1, 0.1, 0.0, 0.0, -2.5)
"""What signs weigh where no truth has taught it: a value's own confidences, and `AROUND`."""


def prior_combination(drafts: Sequence[DraftAnswer]) -> Combination:
    """Return how signs are weighed where no truth has taught it: an order, and no probability.

    A value that all are sure of and that breaks a check comes before one that a third doubts.
    """
    known = {source for each in drafts for one in each.values for source in one.confidences}
    sources = tuple(sorted(known))
    weights = (*(_OWN / len(sources) for _ in sources), *_AROUND)
    return Combination(sources, Logistic(weights, 0.0), {})


def breaches(
    folder: Path, run: RunDocument, observed: Observations
) -> Mapping[tuple[str, int, str], int]:
    """Return how many broken checks values take part in, by case, replicate and path."""
    checks = stored_checks(run)
    if not checks:
        return {}
    cases = {one.case for one in observed.values}
    return {
        (case, replicate, path): number
        for (case, replicate), prediction in store.read_replicates(folder).items()
        if case in cases and isinstance(prediction.output, Answer)
        for path, number in broken_values(checks, prediction.output.value).items()
    }
