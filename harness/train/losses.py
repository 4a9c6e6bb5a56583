"""Losses over probabilities of labels, for PyTorch, and class weights in them.

Likelihood, focal loss and soft F1.

Every function takes probabilities and truths of shape (positions, labels), a truth being 0 or 1,
and a mask of shape (positions,) that is 0 where nobody labelled a position.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from harness.extract.tagger.networks import require_torch
from harness.train.training_options import WeightStrategy

EPSILON: Final = 1e-7
"""Added to the divisors of soft precision, recall and F1, as Keras has it."""
FOCAL_GAMMA: Final = 2.0
FOCAL_ALPHA: Final = 0.25

_LEAST: Final = 0.1
_MOST: Final = 100.0
_BETA: Final = 0.999

Tensor = Any
"""`torch.Tensor`; not named, so that types are checked alike where PyTorch is not installed."""


def likelihood_loss(
    chances: Tensor, truth: Tensor, mask: Tensor, weights: Tensor, *, is_set: bool
) -> Tensor:
    """Return the mean negative log-likelihood, each position or positive weighted by its label.

    One label a position: sum(w[y] * -log p[y]) / sum(w[y]). Sets: the mean over positions and
    labels of -(w y log p + (1 - y) log(1 - p)). Weights of 1 make it plain cross-entropy.
    """
    sure = chances.clamp(EPSILON, 1 - EPSILON)
    if is_set:
        terms = -(weights * truth * sure.log() + (1 - truth) * (1 - sure).log())
        return _mean(terms, mask)
    heavy = (truth * weights).sum(1) * mask
    return (heavy * -(truth * sure.log()).sum(1)).sum() / heavy.sum().clamp_min(EPSILON)


def focal_loss(chances: Tensor, truth: Tensor, mask: Tensor, focus: Sequence[int]) -> Tensor:
    """Return the mean of -a (1 - q)^2 log q over positions and focus labels (Lin et al. 2017).

    q is the probability of what is true, p where the label is there and 1 - p where it is not; a is
    0.25 and 0.75.
    """
    chosen, there = chances[:, focus].clamp(EPSILON, 1 - EPSILON), truth[:, focus]
    right = there * chosen + (1 - there) * (1 - chosen)
    share = there * FOCAL_ALPHA + (1 - there) * (1 - FOCAL_ALPHA)
    return _mean(-share * (1 - right) ** FOCAL_GAMMA * right.log(), mask)


def soft_counts(chances: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Return soft counts of each label, rows TP, FP, FN and positions: they add over batches.

    TP = sum(y p), FP = sum((1 - y) p), FN = sum(y (1 - p)).
    """
    shown = mask.unsqueeze(1)
    truth, given = truth * shown, chances * shown
    there = truth.sum(0)
    hits = (truth * chances).sum(0)
    rows = [hits, given.sum(0) - hits, there - hits, shown.sum().expand_as(hits)]
    return require_torch().stack(rows)


def soft_f1_loss(counts: Tensor, focus: Sequence[int]) -> Tensor:
    """Return 1 - the mean soft F1 of the focus labels.

    The term of a label without a positive is its mean probability: its F1 is 0 whatever is said,
    and false positives would cost nothing.
    """
    hits, invented, missed, positions = counts[:, focus]
    precision = hits / (hits + invented + EPSILON)
    recall = hits / (hits + missed + EPSILON)
    f1 = 2 * precision * recall / (precision + recall + EPSILON)
    absent = invented / positions.clamp_min(1)
    return (1 - f1).where(hits + missed > 0, absent).mean()


def _mean(terms: Tensor, mask: Tensor) -> Tensor:
    return (terms * mask.unsqueeze(1)).sum() / (mask.sum() * terms.shape[1]).clamp_min(1)


def class_weights(counts: Sequence[int], strategy: WeightStrategy) -> tuple[float, ...]:
    """Return a weight for each label's count, between 0.1 and 100.

    balanced: total / (labels * count). root: its square root. effective: (1 - b) / (1 - b^count)
    with b = 0.999, scaled to a mean of 1 (Cui et al. 2019).

    >>> class_weights([1, 9], "balanced"), class_weights([1, 7], "root")[0]
    ((5.0, 0.5555555555555556), 2.0)
    """
    known = [max(count, 1) for count in counts]
    weights = [sum(known) / (len(known) * count) for count in known]
    if strategy == "root":
        weights = [weight**0.5 for weight in weights]
    if strategy == "effective":
        raw = [(1 - _BETA) / (1 - _BETA**count) for count in known]
        weights = [weight * len(raw) / sum(raw) for weight in raw]
    return tuple(min(max(weight, _LEAST), _MOST) for weight in weights)
