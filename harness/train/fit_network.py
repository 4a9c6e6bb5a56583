"""Fitting a network: batches of texts, one of the losses, early stopping on kept documents."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from harness.core.number_text import percent
from harness.core.scores.multilabel import multilabel
from harness.extract.tagger.label_field import LabelForm
from harness.extract.tagger.networks import Network, hashed, new_network, require_torch
from harness.extract.tagger.perceptron import LabelledText
from harness.extract.tagger.tagger_model import chosen_labels
from harness.train import losses
from harness.train.label_examples import LabelData, LabelExample
from harness.train.label_thresholds import judged_positions, thresholds_apart
from harness.train.losses import class_weights
from harness.train.training_options import TrainingOptions

_EPOCHS: Final = 12
_PATIENCE: Final = 2
"""Epochs without a better score after which training ends."""
_RATE: Final = 0.003
_BATCHES: Final = 32
"""Batches an epoch, each of whole documents."""
_DROP: Final = 0.3
_FLAT: Final = 0.8


@dataclass(slots=True)
class Batch:
    """Texts that are learnt from together."""

    bags: list[list[list[int]]]
    truth: Any
    """(positions, labels), 0 or 1."""
    mask: Any
    """(positions,), 0 where nobody labelled."""
    counts: Any = None
    """Soft counts as they were when it was last seen."""


@dataclass(slots=True)
class NetworkFit:
    """A fit in progress, and what is told of each epoch."""

    network: Network
    batches: list[Batch]
    validation: Sequence[LabelledText]
    options: TrainingOptions
    focus: list[int]
    weights: Any
    tell: Callable[[str], None]
    best: float = -1.0
    means: list[float] = field(default_factory=list)

    def run(self, rng: random.Random) -> None:
        """Fit until the score on the kept documents no longer rises; the best weights stay."""
        torch = require_torch()
        drop = torch.nn.Dropout(_DROP)
        steps = torch.optim.Adam(self.network.parameters(), lr=_RATE)
        state, worse = self.network.state(), 0
        if self.options.loss == "soft-f1":
            self._count_all()
        for epoch in range(self.options.epochs or _EPOCHS):
            order = [*self.batches]
            rng.shuffle(order)
            total = 0.0
            for batch in order:
                loss = self.loss(batch, drop)
                steps.zero_grad()
                loss.backward()
                steps.step()
                total += loss.item()
            self.means.append(total / len(order))
            score = self.kept_score()
            self.tell(
                f"epoch {epoch + 1}: loss {self.means[-1]:.4f}, kept documents {percent(score)}"
            )
            if score > self.best:
                self.best, state, worse = score, self.network.state(), 0
            else:
                worse += 1
            if worse > _PATIENCE:
                break
        self.network.restore(state)
        if self.options.loss == "soft-f1" and min(self.means) > _FLAT:
            self.tell("the loss stayed above 0.8: more epochs, or --loss weighted first")

    def loss(self, batch: Batch, drop: Any = None) -> Any:  # noqa: ANN401
        """Return the loss of a batch; F1 is that of the whole data set, the others as last seen."""
        chances = self.network.forward(batch.bags, drop)
        if self.options.loss == "focal":
            return losses.focal_loss(chances, batch.truth, batch.mask, self.focus)
        if self.options.loss == "soft-f1":
            others = sum(one.counts for one in self.batches if one is not batch)
            counts = losses.soft_counts(chances, batch.truth, batch.mask)
            batch.counts = counts.detach()
            return losses.soft_f1_loss(others + counts, self.focus)
        is_set = self.network.is_set
        return losses.likelihood_loss(chances, batch.truth, batch.mask, self.weights, is_set=is_set)

    def _count_all(self) -> None:
        with require_torch().no_grad():
            for batch in self.batches:
                batch.counts = losses.soft_counts(
                    self.network.forward(batch.bags), batch.truth, batch.mask
                )

    def kept_score(self) -> float:
        """Return the mean F1 of the focus labels on the kept documents.

        Sets are read as the model would answer now: by thresholds that other documents chose.
        """
        size = self.weights.numel()
        judged = judged_positions(self.network, self.validation)
        least = thresholds_apart(judged, size) if self.network.is_set else [None]
        names = [str(number) for number in range(size)]
        truths = [{str(one) for one in truth} for _, truth in judged]
        given = [
            {name for name, _ in chosen_labels(names, chances, least[at % len(least)])}
            for at, (chances, _) in enumerate(judged)
        ]
        f1_of_label = {one.label: one.f1 for one in multilabel(truths, given, labels=names).classes}
        scores = [f1_of_label[str(one)] for one in self.focus]
        return sum(float(one) if one.of else 0.0 for one in scores) / len(scores)


def fit_network(
    data: LabelData,
    options: TrainingOptions,
    parts: tuple[Sequence[LabelledText], Sequence[LabelledText]],
    tell: Callable[[str], None],
) -> Network:
    """Return a network fitted to the second part, which stops by the first."""
    torch = require_torch()
    torch.manual_seed(options.seed)
    held_out, learnt = parts
    rng = random.Random(options.seed)
    size = len(data.labels)
    network = new_network(options.model, size, is_set=data.field.form is LabelForm.SET)
    focus = [at for at, label in enumerate(data.labels) if label in (options.focus or data.labels)]
    tell(f"{options.name}: {len(learnt)} documents to learn from, {len(held_out)} kept to stop by")
    counts = label_counts(data.train)
    weights = [1.0] * size
    if options.loss == "weighted":
        known = [counts[label] for label in data.labels]
        weights = [*class_weights(known, options.weights or "balanced")]
    batches = _batches(learnt, size, rng)
    NetworkFit(network, batches, held_out, options, focus, torch.tensor(weights), tell).run(rng)
    return network


def label_counts(examples: Sequence[LabelExample]) -> Counter[str]:
    """Return how often each label occurs."""
    return Counter(label for one in examples for truth in one.truths for label in truth or ())


def _batches(texts: Sequence[LabelledText], labels: int, rng: random.Random) -> list[Batch]:
    """Return about 32 batches of whole texts, each dealt its share of positions."""
    torch = require_torch()
    order = [*texts]
    rng.shuffle(order)
    number = min(_BATCHES, len(order))
    batches: list[Batch] = []
    for share in (order[at::number] for at in range(number)):
        rows = [truth for _, truths in share for truth in truths]
        truth = torch.zeros(len(rows), labels)
        for at, row in enumerate(rows):
            truth[at, list(row or ())] = 1.0
        mask = torch.tensor([float(row is not None) for row in rows])
        batches.append(Batch([hashed(positions) for positions, _ in share], truth, mask))
    return batches
