"""Training a model: fitted, written to its folder, read back, and tested beside the baselines."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from harness.core.values import Json
from harness.extract.tagger.crf import learn_crf
from harness.extract.tagger.label_field import LabelForm
from harness.extract.tagger.model_folder import (
    WEIGHTS,
    load_weights,
    weights_digest,
    write_description,
)
from harness.extract.tagger.networks import require_torch, save_network
from harness.extract.tagger.perceptron import LabelledText, Majority, Perceptron
from harness.extract.tagger.tagger_model import ModelDescription, TaggerModel, chosen_labels
from harness.train.fit_network import fit_network
from harness.train.label_examples import LabelData, LabelExample, one_in
from harness.train.label_scores import ModelScore, label_classes
from harness.train.label_thresholds import best_thresholds, judged_positions
from harness.train.training_options import NETWORKS, TrainingOptions

SCORES: Final = "scores.json"
VALIDATION_SHARE: Final = 6
"""One group of the training documents in so many is kept to choose settings by."""
_EPOCHS: Final = 5


@dataclass(frozen=True, slots=True)
class FittedModel:
    """A model with what it is read with."""

    model: TaggerModel
    thresholds: tuple[float, ...] | None
    """Of the labels, where a text has a set of them."""


def train_model(
    data: LabelData,
    options: TrainingOptions,
    suite: str,
    folder: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[ModelScore, ...]:
    """Train a model into a folder and return the scores of the baselines and, last, of it.

    What is tested is the model as it is read back from the folder. Raises UsageError for settings
    that exclude each other, HarnessError where an extra is missing.
    """
    options.require_fit(data.labels, data.field.form)
    if options.model in NETWORKS:
        require_torch()
    scores = [score_model("majority label", data, majority(data), 0.0)]
    if options.model != "perceptron":
        began = time.perf_counter()
        plain = fit_perceptron(data, replace(options, model="perceptron", epochs=None))
        scores.append(score_model("perceptron", data, plain, time.perf_counter() - began))
    began = time.perf_counter()
    stored = fit_model(data, options, suite, folder, tell)
    spent = time.perf_counter() - began
    return (*scores, score_model(options.name, data, stored, spent))


def fit_model(
    data: LabelData,
    options: TrainingOptions,
    suite: str,
    folder: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> FittedModel:
    """Fit a model into a folder and return it as it is read back from there."""
    folder.mkdir(parents=True, exist_ok=True)
    thresholds, settings = _fit_into(data, options, folder, tell)
    description = _description(data, options, suite, thresholds, settings)
    description = description.model_copy(
        update={"weights_sha256": weights_digest(folder / description.weights)}
    )
    write_description(folder, description)
    return FittedModel(load_weights(folder, description), thresholds)


def write_scores(
    folder: Path, scores: Sequence[ModelScore], optimised: Mapping[str, str], data: LabelData
) -> None:
    """Write `scores.json`: the test of a model beside the baselines."""
    own: dict[str, Json] = {**optimised}
    scores_written: dict[str, Json] = {
        "test_documents": [one.case_id for one in data.test],
        "optimised": own,
        "models": [one.as_json() for one in scores],
    }
    text = json.dumps(scores_written, indent=1, ensure_ascii=False)
    (folder / SCORES).write_text(text + "\n", encoding="utf-8", newline="\n")


def fit_perceptron(data: LabelData, options: TrainingOptions) -> FittedModel:
    """Return a perceptron of all training documents.

    Its temperature and thresholds are those of a first one, tried on documents it had not seen.
    """
    held_out, learnt = validation_split(data.train)
    is_set = data.field.form is LabelForm.SET
    epochs = options.epochs or _EPOCHS
    first = Perceptron(len(data.labels), is_set)
    first.learn(numbered_labels(learnt, data.labels), epochs, random.Random(options.seed))
    unseen = numbered_labels(held_out, data.labels)
    first.warm(unseen)
    last = Perceptron(len(data.labels), is_set, first.temperature)
    last.learn(numbered_labels(data.train, data.labels), epochs, random.Random(options.seed))
    return FittedModel(
        last, best_thresholds(judged_positions(first, unseen), len(data.labels)) if is_set else None
    )


def validation_split(
    examples: Sequence[LabelExample],
) -> tuple[tuple[LabelExample, ...], tuple[LabelExample, ...]]:
    """Return the examples kept to choose settings by, and those to learn from."""
    held_out = tuple(one_in(examples, VALIDATION_SHARE))
    names = {one.case_id for one in held_out}
    return held_out or tuple(examples), tuple(one for one in examples if one.case_id not in names)


def numbered_labels(examples: Sequence[LabelExample], labels: Sequence[str]) -> list[LabelledText]:
    """Return examples with labels as numbers, unknown ones left out."""
    at = {label: number for number, label in enumerate(labels)}
    texts: list[LabelledText] = []
    for one in examples:
        truths: list[Collection[int] | None] = [
            None if truth is None else [at[label] for label in sorted(truth) if label in at]
            for truth in one.truths
        ]
        texts.append((one.positions, truths))
    return texts


def majority(data: LabelData) -> FittedModel:
    """Return the model that gives every position the most frequent label."""
    counts = Counter(label for one in data.train for truth in one.truths for label in truth or ())
    shares = tuple(counts[label] / counts.total() for label in data.labels)
    most = max(shares)
    is_set = data.field.form is LabelForm.SET
    least = tuple(0.0 if share == most else 1.1 for share in shares) if is_set else None
    return FittedModel(Majority(shares), least)


def _fit_into(
    data: LabelData, options: TrainingOptions, folder: Path, tell: Callable[[str], None]
) -> tuple[tuple[float, ...] | None, dict[str, float | int | str | list[str]]]:
    """Fit a model, write its weights, and return its thresholds and what else it is read with."""
    file = folder / WEIGHTS[options.model]
    if options.model == "crf":
        learn_crf(numbered_labels(data.train, data.labels), file)
        return None, {}
    if options.model in NETWORKS:
        held_out, learnt = validation_split(data.train)
        parts = numbered_labels(held_out, data.labels), numbered_labels(learnt, data.labels)
        network = fit_network(data, options, parts, tell)
        save_network(network, file)
        is_set = data.field.form is LabelForm.SET
        if not is_set:
            return None, {}
        judged = judged_positions(network, parts[0])
        return best_thresholds(judged, len(data.labels)), {}
    fitted = fit_perceptron(data, options)
    assert isinstance(fitted.model, Perceptron)  # noqa: S101  # of this very function
    fitted.model.save(file)
    return fitted.thresholds, {"epochs": options.epochs or _EPOCHS}


def _description(
    data: LabelData,
    options: TrainingOptions,
    suite: str,
    thresholds: tuple[float, ...] | None,
    settings: Mapping[str, float | int | str | list[str]],
) -> ModelDescription:
    digests = json.dumps(sorted([one.case_id, one.sha256] for one in data.train))
    return ModelDescription(
        kind=options.model,
        field=str(data.field),
        numbered=data.numbered,
        labels=list(data.labels),
        thresholds=list(thresholds) if thresholds is not None else None,
        optimised=options.name,
        seed=options.seed,
        settings=dict(settings),
        suite=suite,
        trained_on=hashlib.sha256(digests.encode()).hexdigest(),
        learnt_cases={one.case_id: one.text_sha256 for one in data.train},
        weights=WEIGHTS[options.model],
        weights_sha256="",
    )


def score_model(name: str, data: LabelData, fitted: FittedModel, spent: float) -> ModelScore:
    """Return how a model does on the test documents; `spent` are the seconds of its training."""
    began = time.perf_counter()
    answers = {one.case_id: _labels_of(one, data, fitted) for one in data.test}
    took = time.perf_counter() - began
    return ModelScore(name, label_classes(data, answers), spent, took, 0.0)


def _labels_of(one: LabelExample, data: LabelData, fitted: FittedModel) -> list[frozenset[str]]:
    return [
        frozenset(label for label, _ in chosen_labels(data.labels, chances, fitted.thresholds))
        for chances in fitted.model.chances(one.positions)
    ]
