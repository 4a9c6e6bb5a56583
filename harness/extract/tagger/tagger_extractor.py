"""The tagger extractor: a model trained by `harness train` answers, with its probabilities."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from harness.core.records import Answer, Case, Failure
from harness.extract.tagger.label_field import LabelField
from harness.extract.tagger.model_folder import load_weights, read_description
from harness.extract.tagger.tagger_model import (
    ModelDescription,
    TaggerModel,
    chosen_labels,
    featured_positions,
)


@dataclass(frozen=True, slots=True)
class TaggerExtractor:
    """Labels the lines of a case's documents, or the documents as a whole."""

    model: TaggerModel
    description: ModelDescription
    threshold: float | None
    """Probability from which labels of a set are given; None: the model's own thresholds."""

    async def extract(self, case: Case) -> Answer | Failure:
        """Return the labels as the ground truths of the training had them."""
        description = self.description
        field = LabelField.parse(description.field)
        least = description.thresholds
        if least is not None and self.threshold is not None:
            least = [self.threshold] * len(least)
        chances = self.model.chances(featured_positions(case_text(case), field.form))
        labels = chain.from_iterable(
            chosen_labels(description.labels, one, least) for one in chances
        )
        value, confidences = field.write([*labels], numbered=description.numbered)
        return Answer(value, confidences=confidences)

    def has_learnt(self, case: Case) -> bool:
        """Tell whether the model was trained on a case, under this id or another."""
        learnt = self.description.learnt_cases
        return case.id in learnt or text_digest(case_text(case)) in learnt.values()


def text_digest(text: str) -> str:
    """Return the sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def case_text(case: Case) -> str:
    """Return the text that is labelled: of the documents in their order, line numbers going on."""
    return "\n".join(document.text for document in case.documents)


def open_tagger(folder: Path, threshold: float | None) -> TaggerExtractor:
    """Return the extractor a model's folder stands for. Raises HarnessError if it is none."""
    description = read_description(folder)
    return TaggerExtractor(load_weights(folder, description), description, threshold)
