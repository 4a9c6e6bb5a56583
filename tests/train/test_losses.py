"""The losses in PyTorch equal their formulas, written out here in plain Python."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest

from harness.train import losses
from harness.train.losses import class_weights

torch: Any = pytest.importorskip("torch")

EPSILON = 1e-7
Rows = list[list[float]]


def softmax(row: Sequence[float]) -> list[float]:
    powers = [math.exp(one) for one in row]
    return [power / sum(powers) for power in powers]


def drawn(rng: random.Random, rows: int, labels: int) -> tuple[Rows, Rows, list[float]]:
    """Return scores, truths of one label a row, and a mask."""
    scores = [[rng.gauss(0, 2) for _ in range(labels)] for _ in range(rows)]
    truth = [[0.0] * labels for _ in range(rows)]
    for row in truth:
        row[rng.randrange(labels - 1)] = 1.0  # the last label is absent
    return scores, truth, [float(rng.random() < 0.8) for _ in range(rows)]


def shown(*columns: Sequence[Any]) -> list[tuple[Any, ...]]:
    *rows, mask = columns
    return [row for row, there in zip(zip(*rows, strict=True), mask, strict=True) if there]


def cross_entropy(chances: Rows, truth: Rows, mask: list[float], weights: list[float]) -> float:
    rows = [(p, y.index(1.0)) for p, y in shown(chances, truth, mask)]
    heavy = sum(weights[at] for _, at in rows)
    return float(sum(-weights[at] * math.log(p[at]) for p, at in rows) / heavy)


def focal(chances: Rows, truth: Rows, mask: list[float], focus: list[int]) -> float:
    terms = []
    for p, y in shown(chances, truth, mask):
        for at in focus:
            q, a = (p[at], 0.25) if y[at] else (1 - p[at], 0.75)
            terms.append(-a * (1 - q) ** 2 * math.log(q))
    return float(sum(terms) / len(terms))


def soft_f1(chances: Rows, truth: Rows, mask: list[float], focus: list[int]) -> float:
    terms = []
    rows = shown(chances, truth, mask)
    for at in focus:
        tp = sum(y[at] * p[at] for p, y in rows)
        fp = sum((1 - y[at]) * p[at] for p, y in rows)
        fn = sum(y[at] * (1 - p[at]) for p, y in rows)
        precision, recall = tp / (tp + fp + EPSILON), tp / (tp + fn + EPSILON)
        f1 = 2 * precision * recall / (precision + recall + EPSILON)
        terms.append(1 - f1 if tp + fn else fp / len(rows))
    return float(sum(terms) / len(terms))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rows", [3, 300])
def test_each_loss_equals_its_formula_and_its_gradient_the_slope(seed: int, rows: int) -> None:
    rng = random.Random(seed)
    scores, truth, mask = drawn(rng, rows, 4)
    mask[0] = 1.0
    weights, focus = [0.5, 2.0, 1.0, 3.0], [1, 3]
    live = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    ys, ms = torch.tensor(truth, dtype=torch.float64), torch.tensor(mask, dtype=torch.float64)
    ws = torch.tensor(weights, dtype=torch.float64)

    def ours(name: str) -> Any:  # noqa: ANN401  # a tensor
        chances = torch.softmax(live, 1)
        if name == "focal":
            return losses.focal_loss(chances, ys, ms, focus)
        if name == "soft-f1":
            return losses.soft_f1_loss(losses.soft_counts(chances, ys, ms), focus)
        used = ws if name == "weighted" else torch.ones_like(ws)
        return losses.likelihood_loss(chances, ys, ms, used, is_set=False)

    def reference(name: str, at: Rows) -> float:
        chances = [softmax(row) for row in at]
        if name == "focal":
            return focal(chances, truth, mask, focus)
        if name == "soft-f1":
            return soft_f1(chances, truth, mask, focus)
        used = weights if name == "weighted" else [1.0] * 4
        return cross_entropy(chances, truth, mask, used)

    for name in ("ce", "weighted", "focal", "soft-f1"):
        loss = ours(name)
        assert loss.item() == pytest.approx(reference(name, scores), abs=1e-6)
        (slopes,) = torch.autograd.grad(loss, live)
        step = 1e-5
        for column in range(4):
            ends = []
            for sign in (1, -1):
                moved = [[*row] for row in scores]
                moved[0][column] += sign * step
                ends.append(reference(name, moved))
            slope = (ends[0] - ends[1]) / (2 * step)
            assert slopes[0, column].item() == pytest.approx(slope, abs=1e-6)


def test_likelihoods_equal_those_of_pytorch() -> None:
    scores, truth, _ = drawn(random.Random(1), 50, 3)
    live, ys = (torch.tensor(one, dtype=torch.float64) for one in (scores, truth))
    weights, mask = torch.tensor([0.5, 2.0, 4.0], dtype=torch.float64), torch.ones(50)
    functional = torch.nn.functional
    one = losses.likelihood_loss(torch.softmax(live, 1), ys, mask, weights, is_set=False)
    theirs = functional.cross_entropy(live, ys.argmax(1), weight=weights)
    assert one.item() == pytest.approx(theirs.item(), abs=1e-6)
    some = losses.likelihood_loss(torch.sigmoid(live), ys, mask, weights, is_set=True)
    theirs = functional.binary_cross_entropy_with_logits(live, ys, pos_weight=weights)
    assert some.item() == pytest.approx(theirs.item(), abs=1e-6)


def test_focal_loss_of_sets_equals_the_one_that_starts_from_scores() -> None:
    scores, _, _ = drawn(random.Random(3), 300, 4)
    rng = random.Random(4)
    truth = [[float(rng.random() < 0.2) for _ in row] for row in scores]
    live, ys = (torch.tensor(one, dtype=torch.float64) for one in (scores, truth))
    ours = losses.focal_loss(torch.sigmoid(live), ys, torch.ones(300), range(4))
    crossed = torch.nn.functional.binary_cross_entropy_with_logits(live, ys, reduction="none")
    share = ys * losses.FOCAL_ALPHA + (1 - ys) * (1 - losses.FOCAL_ALPHA)
    theirs = (share * (1 - torch.exp(-crossed)) ** losses.FOCAL_GAMMA * crossed).mean()
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-6)


@pytest.mark.parametrize("rows", [30, 3_000])
def test_soft_f1_of_sure_answers_is_the_f1_and_balanced_weights_are_those_of_scikit_learn(
    rows: int,
) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    weights = pytest.importorskip("sklearn.utils.class_weight")
    numpy = pytest.importorskip("numpy")
    rng = random.Random(rows)
    truth = [rng.choices(range(3), (1, 3, 9))[0] for _ in range(rows - 3)] + [0, 1, 2]
    given = [y if rng.random() < 0.7 else rng.randrange(3) for y in truth]
    ys, ps = (
        torch.nn.functional.one_hot(torch.tensor(each), 3).to(torch.float64)
        for each in (truth, given)
    )
    loss = losses.soft_f1_loss(losses.soft_counts(ps, ys, torch.ones(rows)), [0, 1, 2])
    assert 1 - loss.item() == pytest.approx(
        metrics.f1_score(truth, given, average="macro"), abs=1e-6
    )
    theirs = weights.compute_class_weight("balanced", classes=numpy.arange(3), y=truth)
    ours = class_weights([truth.count(label) for label in range(3)], "balanced")
    assert ours == pytest.approx([*theirs], abs=1e-6)


def test_counts_of_batches_add_up_to_those_of_the_data_set_and_their_mean_f1_does_not() -> None:
    scores, truth, mask = drawn(random.Random(2), 60, 4)
    chances, ys, ms = (torch.tensor(one) for one in (scores, truth, mask))
    chances = torch.softmax(chances, 1)
    whole = losses.soft_counts(chances, ys, ms)
    parts = [losses.soft_counts(chances[a : a + 20], ys[a : a + 20], ms[a : a + 20])
             for a in (0, 20, 40)]  # fmt: skip
    assert torch.allclose(sum(parts), whole, atol=1e-5)
    mean = sum(losses.soft_f1_loss(part, [0, 1]).item() for part in parts) / 3
    assert abs(mean - losses.soft_f1_loss(whole, [0, 1]).item()) > 1e-4


def test_false_positives_of_an_absent_label_cost_their_mean_probability() -> None:
    chances, truth = torch.tensor([[0.9, 0.1], [0.7, 0.3]]), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    counts = losses.soft_counts(chances, truth, torch.ones(2))
    assert losses.soft_f1_loss(counts, [1]).item() == pytest.approx(0.2)


def test_class_weights_stay_within_bounds() -> None:
    assert class_weights([1, 1_000_000], "balanced") == (100.0, 0.5000005)
    assert class_weights([0, 10**9], "root")[0] == 100.0
    assert sum(class_weights([3, 3000], "effective")) == pytest.approx(2, abs=0.1)
