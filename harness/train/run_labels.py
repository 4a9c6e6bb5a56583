"""Labels of a stored run, scored as one more model beside those that are trained."""

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

    Recorded answers are read from files: how long they took and what they cost is not known.

    Raises HarnessError where it answered about none of them.
    """
    run = store.read_run(folder)
    is_recorded = run["extractor_kind"] == "recorded"
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
            is_free = not one.calls and not is_recorded
            usd.append(usage.usd if usage else 0.0 if is_free else None)
    known = [price for price in usd if price is not None]
    return ModelScore(
        run["extractor"],
        label_classes(data, answers),
        None,
        None if is_recorded else sum(one.seconds for one in answers_asked),
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
