"""Scores of multi-label classification: every item carries a set of labels, perhaps empty.

The shortcut of seed 000, one mismatch counting once as false positive and once as false negative,
does not hold here: an item may miss labels without inventing any, and the other way round.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal

from harness.core.counts import Counts, Ratio
from harness.core.scores.classification import sequence_items
from harness.core.scores.confusion import ClassScore, by_support, macro, weighted

_Sets = Iterable[Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class Multilabel:
    """Everything said of a field with a set of labels an item.

    >>> found = multilabel([{"joy", "love"}, {"anger"}, set()], [{"joy"}, {"anger"}, set()])
    >>> found.micro, found.exact_match, found.hamming_loss
    (Ratio(hits=4, of=5), Ratio(hits=2, of=3), Ratio(hits=1, of=9))
    """

    classes: tuple[ClassScore, ...]
    """Every label, by support then text, those nobody used too where they were named."""
    items: int
    exact: int
    """Items whose two sets are equal, empty ones too."""
    vacuous: int
    """Items with no label on either side: in no F1, in `exact` all the same."""
    samples: float | None
    """Mean of the items' F1, vacuous items left out; None where all are vacuous."""
    task: Literal["multi-label"] = "multi-label"

    @property
    def counts(self) -> Counts:
        """Labels right, missing and invented; its precision and recall are micro-averaged."""
        return Counts(
            correct=sum(one.true_positives for one in self.classes),
            omission=sum(one.false_negatives for one in self.classes),
            hallucination=sum(one.false_positives for one in self.classes),
        )

    @property
    def micro(self) -> Ratio:
        """F1 of the summed counts; undefined where all items are vacuous."""
        return self.counts.f1

    @property
    def macro(self) -> float | None:
        """Mean F1 of the labels anybody used, or None where nobody used any."""
        return macro(self.classes)

    @property
    def weighted(self) -> float | None:
        """Mean F1 of the labels by support, or None where none is expected."""
        return weighted(self.classes)

    @property
    def exact_match(self) -> Ratio:
        """Subset accuracy: the share of items whose set of labels is exactly right."""
        return Ratio(self.exact, self.items)

    @property
    def hamming_loss(self) -> Ratio:
        """The share of all (item, label) decisions that are wrong; less is better."""
        wrong = self.counts.omission + self.counts.hallucination
        return Ratio(wrong, self.items * len(self.classes))


def multilabel(
    y_true: _Sets, y_pred: _Sets, *, labels: Iterable[Hashable] | None = None
) -> Multilabel:
    """Return the scores of predicted sets of labels (Tsoumakas and Katakis 2007).

    `labels` are all labels there are: Hamming loss is a share of them. None means those found on
    either side. Samples F1 is the mean of 2 |T and P| / (|T| + |P|) over items.

    The labels of an item are a set, or a list or tuple read as one. Raises ValueError when the
    lengths differ, when there is no item, or when a label is not one of `labels`; TypeError where
    an item is a text, a row of zeros and ones or no collection, and for tables and mappings.

    >>> multilabel([{"joy", "love"}, {"anger"}], [{"joy"}, {"fear"}]).macro  # (1 + 0 + 0 + 0) / 4
    0.25
    >>> multilabel([{"joy"}], [{"joy"}], labels=["joy", "fear"]).hamming_loss
    Ratio(hits=0, of=2)
    """
    truths, guesses = sequence_items(y_true, "the true sets"), sequence_items(y_pred, "the guesses")
    if len(truths) != len(guesses):
        raise ValueError(f"lengths differ: {len(truths)} true sets, {len(guesses)} guesses")
    if not truths:
        raise ValueError("there is nothing to score: both lists are empty")
    if _are_indicators([*truths, *guesses]):
        raise TypeError(f"{truths[0]!r} is a row of indicators: give the names of an item's labels")
    return _of_sets([_labels(one) for one in truths], [_labels(one) for one in guesses], labels)


def _are_indicators(rows: Sequence[object]) -> bool:
    """Tell whether all items are rows of one length that hold nothing but zeros and ones.

    Read as sets, `[1, 0, 1]` and `[0, 0, 1]` would be the same labels.
    """
    lists = [row for row in rows if isinstance(row, (list, tuple))]
    sizes = set(map(len, lists))
    if len(lists) < len(rows) or len(sizes) > 1 or max(sizes) < len(_INDICATORS):
        return False
    return all(label in _INDICATORS for row in lists for label in row)


_INDICATORS: Final = (0, 1)


def _of_sets(
    truths: Sequence[AbstractSet[Hashable]],
    guesses: Sequence[AbstractSet[Hashable]],
    labels: Iterable[Hashable] | None,
) -> Multilabel:
    both = [truth & guess for truth, guess in zip(truths, guesses, strict=True)]
    hits = Counter(chain.from_iterable(both))
    expected = Counter(chain.from_iterable(truths))
    predicted = Counter(chain.from_iterable(guesses))
    sets = zip(both, truths, guesses, strict=True)
    items = Counter((2 * len(hit), len(truth) + len(guess)) for hit, truth, guess in sets)
    ids = expected.keys() | predicted.keys()
    return Multilabel(
        by_support(
            ClassScore(name, hits[name], predicted[name] - hits[name], expected[name] - hits[name])
            for name in _universe(ids, labels)
        ),
        items=len(truths),
        exact=sum(times for (twice, size), times in items.items() if twice == size),
        vacuous=items[0, 0],
        samples=_samples(items),
    )


def _labels(one: Iterable[Hashable]) -> AbstractSet[Hashable]:
    if isinstance(one, AbstractSet):
        return one
    if isinstance(one, (str, bytes, Mapping)) or not isinstance(one, Iterable):
        raise TypeError(f"the labels of an item are a set or a list, not {one!r}")
    labels = list(one)
    try:
        return frozenset(labels)
    except TypeError:
        raise TypeError(f"the labels of an item are texts or numbers, not {labels!r}") from None


def _samples(items: Counter[tuple[int, int]]) -> float | None:
    """Mean of twice the hits over the sizes of both sets; items with two empty sets have none."""
    scored = [(twice / size, times) for (twice, size), times in items.items() if size]
    total = sum(times for _, times in scored)
    return math.fsum(share * times for share, times in scored) / total if total else None


def _universe(
    labels_used: AbstractSet[Hashable], labels: Iterable[Hashable] | None
) -> AbstractSet[Hashable]:
    if labels is None:
        return labels_used
    named = frozenset(labels)
    if strange := sorted(map(repr, labels_used - named)):
        raise ValueError(f"not one of the labels: {', '.join(strange)}")
    return named
