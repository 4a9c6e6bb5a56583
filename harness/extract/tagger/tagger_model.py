"""Tagger model protocol, and the description that is stored beside its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from harness.extract.tagger.label_field import LabelForm
from harness.extract.tagger.text_features import (
    Features,
    bag_features,
    line_features,
    lines_of_text,
)

ModelKind: TypeAlias = Literal["majority", "perceptron", "crf", "linear", "bilstm"]
Chances: TypeAlias = tuple[float, ...]
"""The probability of each label, in the order of the model's labels."""


class TaggerModel(Protocol):
    """A trained model: features of a text's positions in, probabilities of labels out."""

    def chances(self, positions: Sequence[Features]) -> list[Chances]:
        """Return the probabilities at each position; they add up to 1 unless labels are a set."""
        ...


class ModelDescription(BaseModel):
    """`model.json`: all of a model but its weights."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    version: Literal[1] = 1
    """Raised whenever features change: weights of other features say nothing."""
    kind: ModelKind
    field: str
    numbered: bool
    """Items say which line they label."""
    labels: list[str]
    thresholds: list[float] | None = None
    """Probability from which each label of a set is given; None where one label is always."""
    optimised: str
    """What training made better, in words."""
    seed: int
    settings: dict[str, float | int | str | list[str]] = Field(default_factory=dict)
    """What else weights are read with, such as sizes of layers."""
    suite: str
    trained_on: str
    """sha256 over the ids, texts and labels of the training documents."""
    learnt_cases: dict[str, str]
    """sha256 of the text of each training case, by id: no score on them says anything."""
    weights: str
    """The file of the weights, beside this one."""
    weights_sha256: str


def featured_positions(text: str, form: LabelForm) -> tuple[Features, ...]:
    """Return the features of everything in a text that gets a label of its own."""
    return line_features(lines_of_text(text)) if form is LabelForm.LINES else (bag_features(text),)


def chosen_labels(
    labels: Sequence[str], chances: Chances, thresholds: Sequence[float] | None
) -> list[tuple[str, float]]:
    """Return the labels a position is given, with their probabilities.

    Where there are no thresholds it is the one of the highest probability; the first of equals.

    >>> chosen_labels(["a", "b"], (0.4, 0.6), None), chosen_labels(["a", "b"], (0.4, 0.6), [0.3, 1])
    ([('b', 0.6)], [('a', 0.4)])
    """
    if thresholds is None:
        best = max(range(len(labels)), key=chances.__getitem__)
        return [(labels[best], chances[best])]
    known = zip(labels, chances, thresholds, strict=True)
    return [(label, chance) for label, chance, least in known if chance >= least]
