"""Thresholds of labels, and that a network stops by what it answers with them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from harness.extract.tagger.networks import hashed, new_network
from harness.extract.tagger.perceptron import LabelledText
from harness.train.fit_network import NetworkFit
from harness.train.label_thresholds import JudgedPosition, best_thresholds, thresholds_apart
from harness.train.training_options import TrainingOptions


def f1_from(judged: Sequence[JudgedPosition], label: int, least: float) -> float:
    hits = sum(chances[label] >= least and label in truth for chances, truth in judged)
    given = sum(chances[label] >= least for chances, _ in judged)
    return 2 * hits / (given + sum(label in truth for _, truth in judged))


@pytest.mark.parametrize("rows", [3, 3_000])
def test_no_other_threshold_gives_a_label_a_better_f1(rows: int) -> None:
    rng = random.Random(rows)
    judged: list[JudgedPosition] = []
    for row in range(rows):
        truth = [0] if row == 0 or rng.random() < 0.1 else []
        judged.append(((0.3 * rng.random() + 0.05 * (truth == [0]), rng.random()), truth))
    tried = [step / 50 for step in range(1, 50)]
    least, never_seen = best_thresholds(judged, 2)
    best = max(f1_from(judged, 0, one) for one in tried)
    assert f1_from(judged, 0, least) == best > 0
    equals = [one for one in tried if f1_from(judged, 0, one) == best]
    assert abs(least - 0.5) == min(abs(one - 0.5) for one in equals)
    assert never_seen == 0.5


@pytest.mark.parametrize("rows", [3, 3_000])
def test_no_position_has_a_say_in_the_thresholds_that_it_is_read_by(rows: int) -> None:
    rng = random.Random(rows)
    judged: list[JudgedPosition] = [((rng.random(),), [0] * (row % 2)) for row in range(rows)]
    changed = [*judged[:2], ((0.01,), [0]), *judged[3:]]
    assert thresholds_apart(judged, 1)[2] == thresholds_apart(changed, 1)[2]
    assert thresholds_apart(judged, 1)[0] == best_thresholds(
        [one for at, one in enumerate(judged) if at % 5], 1
    )


@pytest.mark.parametrize(("texts", "score"), [(3, 0.5), (3_000, 1.0)])
def test_a_network_is_kept_by_what_it_answers_and_not_by_what_it_gives_one_half(
    texts: int, score: float
) -> None:
    torch: Any = pytest.importorskip("torch")
    network = new_network("linear", 2, is_set=True)
    with torch.no_grad():  # it ranks every text right, and is nowhere sure
        network.layers["bag"].weight[:] = -3.0
        for label, ((word,),) in enumerate((hashed([("a",)]), hashed([("b",)]))):
            network.layers["bag"].weight[word, label] = -1.0
    kept: list[LabelledText] = [([("ab"[at % 2],)], [[at % 2]]) for at in range(texts)]
    options = TrainingOptions("linear", "soft-f1")
    fit = NetworkFit(network, [], kept, options, [0, 1], torch.ones(2), print)
    assert fit.kept_score() == score  # of three, the one with b has nobody to choose by
