"""Scores of single-label classification, for fields with a closed set of answers.

Labels compare as Python compares them, so 1 and True are one label: give text where both occur.
None stands for absent, on either side: it is no class, and two of them are in no score.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from harness.core.counts import Counts, Ratio
from harness.core.scores.confusion import ClassScore, ConfusionMatrix, macro, weighted

BASELINE_MARGIN: Final = Fraction(5, 100)
"""A micro F1 at most this far above that of the majority label alone is owed to it ..."""
AVOIDED: Final = Fraction(1, 2)
"""... unless the answers avoid more than this share of what the majority label loses."""
GAP_MARGIN: Final = Fraction(20, 100)
"""A micro F1 further than this above macro F1 hides classes that go wrong."""
_THOUSAND: Final = 1000


@dataclass(frozen=True, slots=True)
class Classification:
    """Everything said of a field with one label an item, read off its confusion matrix.

    >>> found = classify([("cat", "cat"), ("cat", "dog"), ("dog", None), (None, "cat")])
    >>> found.micro, found.accuracy
    (Ratio(hits=2, of=6), Ratio(hits=1, of=4))
    """

    confusion: ConfusionMatrix
    task: Literal["single-label"] = "single-label"

    @property
    def counts(self) -> Counts:
        """The outcomes of the items; its precision and recall are the micro-averaged ones."""
        return self.confusion.counts

    @property
    def classes(self) -> tuple[ClassScore, ...]:
        """Every label expected or predicted, by support then text."""
        return self.confusion.classes

    @property
    def micro(self) -> Ratio:
        """F1 of the summed counts; equals accuracy where nothing is absent."""
        return self.counts.f1

    @property
    def macro(self) -> float | None:
        """Mean F1 of the classes, or None where every item is absent on both sides."""
        return macro(self.classes)

    @property
    def weighted(self) -> float | None:
        """Mean F1 of the classes by support, or None where nothing is expected."""
        return weighted(self.classes)

    @property
    def accuracy(self) -> Ratio:
        """Correct items of those present on either side: an abstention earns nothing."""
        return self.counts.correction_cost

    @property
    def majority(self) -> ClassScore | None:
        """The most frequent expected label, or None where nothing is expected."""
        return next((one for one in self.classes if one.support), None)

    @property
    def baseline(self) -> Ratio:
        """Micro F1 of answering `majority` for every item; undefined where nothing is expected."""
        support = self.majority.support if self.majority else 0
        expected = self.counts.expected
        return Ratio(2 * support, expected + self.confusion.total if support else 0)

    @property
    def majority_warning(self) -> str | None:
        """A sentence or two when the majority label explains the score, or None.

        One sentence when micro F1 is at most `BASELINE_MARGIN` above `baseline` and avoids at most
        the share `AVOIDED` of what `baseline` loses; so a flawless answer is warned of only where
        there is but one label. One more when micro F1 is above macro F1 by more than `GAP_MARGIN`.
        """
        sentences = tuple(filter(None, (self._baseline_sentence(), self._gap_sentence())))
        return " ".join(sentences) if sentences else None

    def _baseline_sentence(self) -> str | None:
        majority, (hits, of) = self.majority, (self.baseline.hits, self.baseline.of)
        if majority is None:
            return None
        baseline, reached = Fraction(hits, of), Fraction(self.micro.hits, self.micro.of)
        gain = reached - baseline
        if gain > BASELINE_MARGIN or gain > AVOIDED * (1 - baseline):
            return None
        return (
            f"Always answering {majority.label!s} would reach a micro F1 of {_shown(baseline)};"
            f" these answers reach {_shown(reached)}."
        )

    def _gap_sentence(self) -> str | None:
        if self.macro is None or self.micro.value is None:
            return None
        if self.micro.value - self.macro <= GAP_MARGIN:
            return None
        return (
            f"Micro F1 is {_shown(self.micro.value)} and macro F1 only {_shown(self.macro)}:"
            " frequent labels hide that others go wrong."
        )


def _shown(value: Fraction | float) -> str:
    """Three decimals; 0.000 and 1.000 are said only when exact."""
    thousandths = round(value * _THOUSAND)
    if 0 < value < 1:
        thousandths = min(max(thousandths, 1), _THOUSAND - 1)
    return f"{thousandths // _THOUSAND}.{thousandths % _THOUSAND:03d}"


def classify(pairs: Iterable[tuple[Hashable, Hashable]]) -> Classification:
    """Return the scores of (expected, predicted) labels, None being absent on that side.

    A wrong label is a false positive of the predicted class and a false negative of the expected
    one; an omission is only the latter, a hallucination only the former, absent twice neither.

    Raises ValueError when there is no pair.

    >>> found = classify([("cat", "cat"), ("cat", "dog"), (None, "cat"), (None, None)])
    >>> found.counts.correct, found.counts.hallucination, found.counts.true_negatives
    (1, 1, 1)
    """
    tally = Counter(pairs)
    if not tally:
        raise ValueError("there is nothing to score: no pair of labels")
    return Classification(ConfusionMatrix.of(tally))


def label_column(values: object, what: str) -> list[Hashable]:
    """Return labels as a list in their order, missing ones (None, NaN, NaT, NA) as None.

    Lists, tuples, arrays, Series and generators are read. Raises TypeError for a mapping, a set or
    a DataFrame, whose items are names of columns or in no order, for a text, whose items are its
    letters, and for labels that cannot be told apart, such as lists. Raises ValueError for an array
    of several dimensions.

    >>> label_column(["a", float("nan")], "the labels")
    ['a', None]
    >>> label_column({"label": ["a"]}, "the labels")
    Traceback (most recent call last):
    TypeError: the labels are a dict: give one list, array or Series of labels
    """
    labels = sequence_items(values, what)
    for label in labels:
        if not isinstance(label, Hashable):
            raise TypeError(
                f"{what}: {label!r} is no label, which is a text, number or truth value"
            )
    return [None if _is_missing(label) else label for label in labels]


def sequence_items(values: object, what: str) -> list[Any]:
    """Return the items of a list, array, Series or generator; raises as `label_column` does.

    >>> sequence_items((["a"], ["b"]), "the true sets")
    [['a'], ['b']]
    """
    shape = getattr(values, "shape", None)
    if isinstance(shape, tuple) and len(shape) != 1 and type(values).__name__ != "DataFrame":
        raise ValueError(f"{what} have {len(shape)} dimensions: give one label an item")
    refused = isinstance(values, (Mapping, AbstractSet, str, bytes, bytearray))
    read = hasattr(values, "__iter__") or hasattr(values, "__getitem__")
    if refused or not read or type(values).__name__ == "DataFrame":
        what = f"{what} are a {type(values).__name__}"
        raise TypeError(f"{what}: give one list, array or Series of labels")
    items: Any = values
    return list(items)


def _is_missing(label: object) -> bool:
    """Tell NaN, NaT and NA, whoever made them: none of them equals itself."""
    return type(label).__name__ in ("NAType", "NaTType") or bool(label != label)  # noqa: PLR0124


def micro_f1(y_true: Iterable[Hashable], y_pred: Iterable[Hashable]) -> float:
    """Return the micro-averaged F1 of single-label guesses, in [0, 1] (seed 000).

    Each mismatch is one false positive and one false negative, so with one label an item micro F1
    equals accuracy. 0.0 where every label is absent (None) on both sides. Linear in the number of
    items.

    Raises ValueError when the lengths differ, or when there is nothing to score; TypeError for
    tables, mappings and texts.

    >>> micro_f1([0, 1, 2], [0, 1, 1])
    0.6666666666666666
    """
    hits = expected = predicted = 0
    for (truth, guess), times in _tally(y_true, y_pred).items():
        expected += times if truth is not None else 0
        predicted += times if guess is not None else 0
        hits += times if truth is not None and truth == guess else 0
    return Ratio(2 * hits, expected + predicted).value or 0.0


def macro_f1(y_true: Iterable[Hashable], y_pred: Iterable[Hashable]) -> float:
    """Return the mean of the classes' F1, each class counting the same, in [0, 1] (seed 000).

    The classes are the labels found on either side, None left out; 0.0 where there is none.
    Raises ValueError as `micro_f1` does.

    >>> macro_f1(["ham"] * 4, ["ham", "ham", "ham", "spam"])  # (6/7 + 0) / 2
    0.42857142857142855
    """
    return macro(per_class(y_true, y_pred)) or 0.0


def weighted_f1(y_true: Iterable[Hashable], y_pred: Iterable[Hashable]) -> float:
    """Return the mean of the classes' F1, each counting by its support, in [0, 1] (seed 000).

    0.0 where nothing is expected. Raises ValueError as `micro_f1` does.

    >>> weighted_f1(["ham"] * 4, ["ham", "ham", "ham", "spam"])  # 6/7
    0.8571428571428571
    """
    return weighted(per_class(y_true, y_pred)) or 0.0


def accuracy(y_true: Iterable[Hashable], y_pred: Iterable[Hashable]) -> float:
    """Return the share of items with the right label, in [0, 1].

    Items absent (None) on both sides are left out; 0.0 where there is no other.
    Raises ValueError as `micro_f1` does.

    >>> accuracy(["cat", "dog", None, None], ["cat", None, "dog", None])
    0.3333333333333333
    """
    return Classification(confusion_matrix(y_true, y_pred)).accuracy.value or 0.0


def per_class(y_true: Iterable[Hashable], y_pred: Iterable[Hashable]) -> tuple[ClassScore, ...]:
    """Return the counts of every label found on either side, by support, then by label text.

    Raises ValueError as `micro_f1` does.

    >>> [(one.label, one.support, one.f1.value) for one in per_class(("a", "b"), ("b", "b"))]
    [('a', 1, 0.0), ('b', 1, 0.6666666666666666)]
    """
    return confusion_matrix(y_true, y_pred).classes


def confusion_matrix(y_true: Iterable[Hashable], y_pred: Iterable[Hashable]) -> ConfusionMatrix:
    """Return which label was taken for which; raises ValueError as `micro_f1` does.

    >>> confusion_matrix(["a", "a", "b"], ["a", "b", None]).rows
    ((1, 1, 0), (0, 0, 1), (0, 0, 0))
    """
    return ConfusionMatrix.of(_tally(y_true, y_pred))


def majority_warning(y_true: Iterable[Hashable], y_pred: Iterable[Hashable]) -> str | None:
    """Return a sentence or two when the majority label explains the score, or None.

    When that is, `Classification.majority_warning` says. Raises ValueError as `micro_f1` does.

    >>> majority_warning(["ham", "spam"], ["ham", "spam"]) is None
    True
    >>> print((majority_warning(["ham"] * 19 + ["spam"], ["ham"] * 20) or "").partition(". ")[0])
    Always answering ham would reach a micro F1 of 0.950; these answers reach 0.950
    """
    return Classification(confusion_matrix(y_true, y_pred)).majority_warning


def _tally(
    y_true: Iterable[Hashable], y_pred: Iterable[Hashable]
) -> Counter[tuple[Hashable, Hashable]]:
    """Count each (expected, predicted) pair; the one walk over the items."""
    truths, guesses = label_column(y_true, "the true labels"), label_column(y_pred, "the guesses")
    if len(truths) != len(guesses):
        raise ValueError(f"lengths differ: {len(truths)} true labels, {len(guesses)} guesses")
    if not truths:
        raise ValueError("there is nothing to score: both lists are empty")
    return Counter(zip(truths, guesses, strict=True))
