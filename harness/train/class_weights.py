"""Class weights: how much a label counts in the weighted loss, by how often it occurs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from harness.train.training_options import WeightStrategy

_LEAST: Final = 0.1
_MOST: Final = 100.0
_BETA: Final = 0.999


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
