"""The labels that a stored run gave, as one more model beside those that are trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.core.records import Answer
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where
from harness.extract.tagger.label_field import LabelField, LabelForm
from harness.run import store
from harness.train.label_examples import LabelData
from harness.train.label_scores import ModelScore, label_classes


def run_score(folder: Path, data: LabelData) -> ModelScore:
    """Return how a run's answers do on the test documents.

    Raises HarnessError where it answered about none of them.
    """
    name = store.read_run(folder)["extractor"]
    predictions = store.read_predictions(folder)
    answers_asked = [predictions[one.case_id] for one in data.test if one.case_id in predictions]
    if not answers_asked:
        what = "the run has no answer about any test document"
        raise HarnessError(Problem(what, "other-cases", Where(folder)))
    answers: dict[str, Sequence[frozenset[str]]] = {}
    usd: list[float | None] = []
    for one in answers_asked:
        if isinstance(one.output, Answer):
            answers[one.case_id] = labels_in(one.output.value, data.field)
            usage = one.output.usage
            usd.append(usage.usd if usage else (None if one.calls else 0.0))
    known = [price for price in usd if price is not None]
    return ModelScore(
        name,
        label_classes(data, answers),
        None,
        sum(one.seconds for one in answers_asked),
        sum(known) if len(known) == len(usd) else None,
        len(data.test) - len(answers),
    )


def labels_in(value: Json, field: LabelField) -> list[frozenset[str]]:
    """Return the labels of an answer by position; a line that is labelled twice gets neither."""
    labels_written = field.read(value)
    if field.form is LabelForm.SET:
        return [frozenset(one.label for one in labels_written)]
    by_line: dict[int, list[str]] = {}
    for one in labels_written:
        by_line.setdefault(one.line, []).append(one.label)
    last = max(by_line, default=-1)
    return [
        frozenset(by_line[at]) if len(by_line.get(at, ())) == 1 else frozenset()
        for at in range(min(last + 1, 10**6))
    ]
