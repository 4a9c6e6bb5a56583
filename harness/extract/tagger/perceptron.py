"""Averaged perceptron: a linear model in pure Python, and the majority label as a model."""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from harness.extract.tagger.tagger_model import Chances
from harness.extract.tagger.text_features import Features

LabelledText: TypeAlias = tuple[Sequence[Features], Sequence[Collection[int] | None]]
"""Positions of a text, and the labels of each by their numbers; None where nobody labelled it."""
_TEMPERATURES: Final = (0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 80.0)
"""Tried as divisors of scores, so that probabilities are not sure beyond reason."""
_SMALL: Final = 1e-4
_DIGITS: Final = 5


@dataclass(slots=True)
class Perceptron:
    """Weights by feature and label. One label a position, or any number of them."""

    labels: int
    is_set: bool
    temperature: float = 1.0
    weights: dict[str, list[float]] = field(default_factory=dict)

    def chances(self, positions: Sequence[Features]) -> list[Chances]:
        """Return the probabilities at each position: softmax or, for sets, logistic of scores."""
        chances: list[Chances] = []
        before = "prev=edge"
        for features in positions:
            scores = self.scores((*features, before))
            before = f"prev={scores.index(max(scores))}"
            chances.append(self.of_scores(scores))
        return chances

    def scores(self, features: Features) -> list[float]:
        """Return the sum of the features' weights for each label."""
        total = [0.0] * self.labels
        for feature in features:
            row = self.weights.get(feature)
            if row is not None:
                for at, weight in enumerate(row):
                    total[at] += weight
        return total

    def of_scores(self, scores: Sequence[float]) -> Chances:
        """Return scores as probabilities, by the temperature."""
        warm = [score / self.temperature for score in scores]
        if self.is_set:
            return tuple(1 / (1 + math.exp(-max(-30.0, min(30.0, one)))) for one in warm)
        most = max(warm)
        powers = [math.exp(one - most) for one in warm]
        return tuple(power / sum(powers) for power in powers)

    def learn(self, texts: Sequence[LabelledText], epochs: int, rng: random.Random) -> None:
        """Fit the weights, averaged over all updates; texts are shuffled anew each epoch."""
        rows: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * self.labels)
        late: defaultdict[str, list[float]] = defaultdict(lambda: [0.0] * self.labels)
        self.weights = rows
        step = 1
        order = list(texts)
        for _ in range(epochs):
            rng.shuffle(order)
            for positions, truths in order:
                before = "prev=edge"
                for features, truth in zip(positions, truths, strict=True):
                    known = (*features, before)
                    scores = [*map(sum, zip(*(rows[one] for one in known), strict=True))]
                    before = f"prev={scores.index(max(scores))}"
                    for at, change in self._changes(scores, truth):
                        for one in known:
                            rows[one][at] += change
                            late[one][at] += step * change
                    step += 1
        self.weights = {}
        for name, row in rows.items():
            mean = [weight - late[name][at] / step for at, weight in enumerate(row)]
            if any(abs(weight) > _SMALL for weight in mean):
                self.weights[name] = [round(weight, _DIGITS) for weight in mean]

    def _changes(
        self, scores: Sequence[float], truth: Collection[int] | None
    ) -> Iterator[tuple[int, float]]:
        if truth is None:
            return
        if self.is_set:
            for at, score in enumerate(scores):
                if (score > 0) != (at in truth):
                    yield at, 1.0 if at in truth else -1.0
            return
        best = scores.index(max(scores))
        right = next(iter(truth))
        if best != right:
            yield right, 1.0
            yield best, -1.0

    def warm(self, texts: Sequence[LabelledText]) -> None:
        """Set the temperature under which labels of texts not learnt from are most probable."""
        losses: dict[float, float] = {}
        for temperature in _TEMPERATURES:
            self.temperature = temperature
            losses[temperature] = sum(
                self._surprise(chances, truth)
                for positions, truths in texts
                for chances, truth in zip(self.chances(positions), truths, strict=True)
                if truth is not None
            )
        self.temperature = min(_TEMPERATURES, key=losses.__getitem__)

    def _surprise(self, chances: Chances, truth: Collection[int]) -> float:
        sure = [
            chance if at in truth else 1 - chance
            for at, chance in enumerate(chances)
            if self.is_set or at in truth
        ]
        return -sum(math.log(max(one, 1e-12)) for one in sure)

    def save(self, file: Path) -> None:
        """Write temperature and weights as JSON."""
        file.write_text(
            json.dumps({"temperature": self.temperature, "weights": self.weights}, sort_keys=True),
            encoding="utf-8",
            newline="\n",
        )


def load_perceptron(file: Path, labels: int, *, is_set: bool) -> Perceptron:
    """Return the perceptron that a file holds. Raises KeyError or ValueError if it holds none."""
    stored = json.loads(file.read_text(encoding="utf-8"))
    weights = {str(name): [float(one) for one in row] for name, row in stored["weights"].items()}
    if any(len(row) != labels for row in weights.values()):
        raise ValueError("a row of weights has not a number for each label")
    return Perceptron(labels, is_set, float(stored["temperature"]), weights)


@dataclass(frozen=True, slots=True)
class Majority:
    """The simple baseline: everywhere the shares that labels have in the training documents."""

    shares: Chances

    def chances(self, positions: Sequence[Features]) -> list[Chances]:
        """Return the same for each position."""
        return [self.shares] * len(positions)
