"""Combined confidence: one probability out of many signals about a value and those around it.

No sign knows the truth: each can be read off an answer before anybody has looked at it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Final

from harness.core.statistics.logistic import Logistic, logit, sigmoid

AROUND: Final = ("item", "list", "document", "field", "found", "broken")
"""The signs beside the sources' own, in the order of columns."""
_PRIOR: Final = (0.5, 0.25, 0.5, -0.3, 0.3, -1.0)
"""What they weigh where nothing is learnt; the sources share a weight of 1."""


@dataclass(frozen=True, slots=True)
class SignalledValue:
    """One value of an answer and what is known of it."""

    field: str
    path: str
    """As it is shown: `lines[0].amount`."""
    confidences: Mapping[str, float]
    """By source; at least one."""
    relative_frequency: float = 0.0
    """How much oftener it stands in the document than values of its field do; 0 where unknown."""
    broken: float = 0.0
    """Checks between fields that it takes part in and that do not hold."""


@dataclass(frozen=True, slots=True)
class Combination:
    """Weights of the signs that are combined into one confidence."""

    sources: tuple[str, ...]
    curve: Logistic
    field_errors: Mapping[str, float]
    """By field, the logarithm of how much oftener its values are wrong than all are."""

    def probabilities(self, values: Sequence[SignalledValue]) -> list[float]:
        """Return how probably each value of one answer is right."""
        rows = signal_rows(values, self.sources, self.field_errors)
        return [sigmoid(self.curve.log_odds(row)) for row in rows]


def prior_weights(sources: Sequence[str]) -> tuple[float, ...]:
    """Return what signs weigh where nothing is learnt.

    >>> prior_weights(["stated", "votes"])
    (0.5, 0.5, 0.5, 0.25, 0.5, -0.3, 0.3, -1.0)
    """
    return (*(1 / len(sources) for _ in sources), *_PRIOR)


def signal_rows(
    values: Sequence[SignalledValue], sources: Sequence[str], field_errors: Mapping[str, float]
) -> list[tuple[float, ...]]:
    """Return a row of signs for each value of one answer: its sources', then `AROUND`.

    What a source does not say is taken from the others. Where a value is alone in its item or
    list, what is around it is the document.

    >>> values = [SignalledValue("a", "a", {"votes": 0.5}), SignalledValue("b", "b", {"votes": 1})]
    >>> [tuple(round(x, 1) for x in row) for row in signal_rows(values, ["votes"], {"a": 0.7})]
    [(0.0, 3.9, 3.9, 3.9, 0.7, 0.0, 0.0), (3.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)]
    """
    known = [
        {source: logit(sure) for source, sure in one.confidences.items() if source in sources}
        for one in values
    ]
    own = [fsum(logits.values()) / len(logits) if logits else 0.0 for logits in known]
    items, lists = [_item(one.path) for one in values], [one.field for one in values]
    by_item, by_list = _sums(items, own), _sums(lists, own)
    whole = fsum(own), len(own)
    rows = []
    for n, one in enumerate(values):
        around = _rest(whole, own[n], own[n])
        in_item = _rest(by_item[items[n]], own[n], around) if items[n] else around
        in_list = _rest(by_list[lists[n]], own[n], around)
        error = field_errors.get(one.field, 0.0)
        logits = (known[n].get(source, own[n]) for source in sources)
        rows.append((*logits, in_item, in_list, around, error, one.relative_frequency, one.broken))
    return rows


def _sums(keys: Sequence[str], own: Sequence[float]) -> dict[str, tuple[float, int]]:
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for key, value in zip(keys, own, strict=True):
        groups[key].append(value)
    return {key: (fsum(some), len(some)) for key, some in groups.items()}


def _rest(of: tuple[float, int], own: float, otherwise: float) -> float:
    """Return the mean of all but one; something else where there is only that one."""
    total, number = of
    return (total - own) / (number - 1) if number > 1 else otherwise


def _item(path: str) -> str:
    """Return the innermost list item around a value; empty where there is none."""
    head, bracket, _ = path.rpartition("]")
    return head + bracket
