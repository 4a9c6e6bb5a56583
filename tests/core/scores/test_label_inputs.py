"""What the label scores take: lists, arrays and Series; never tables or mappings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pytest

import harness

SCORES: Final = (
    harness.micro_f1,
    harness.macro_f1,
    harness.weighted_f1,
    harness.accuracy,
    harness.per_class,
    harness.confusion_matrix,
    harness.majority_warning,
)


class DataFrame:
    """What a table does when it is iterated: it yields the names of its columns."""

    def __init__(self, columns: list[str], rows: int) -> None:
        self.columns = columns
        self.shape = (rows, len(columns))

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("score", SCORES)
def test_tables_mappings_and_texts_are_refused_and_never_scored_by_names_or_letters(
    score: Callable[[Any, Any], object], rows: int
) -> None:
    labels = ["x"] * rows
    named = {str(i): "x" for i in range(rows)}
    for table in (DataFrame(["label"], rows), named, {"a", "b"}, "x" * rows, b"x" * rows, None):
        for sides in ((table, table), (labels, table), (table, labels)):
            with pytest.raises(TypeError, match="give one list, array or Series of labels"):
                score(*sides)
    with pytest.raises(ValueError, match="have 2 dimensions"):
        score(np.array([["x"]] * rows), labels)


def test_arrays_are_lists_of_labels() -> None:
    labels: Any = np.array([0, 1, 2])
    assert harness.micro_f1(labels, np.minimum(labels, 1)) == pytest.approx(2 / 3)


def test_labels_of_an_item_may_be_a_list() -> None:
    found = harness.multilabel([["joy", "love", "joy"], ("anger",)], [["joy"], {"anger"}])
    assert (found.micro.hits, found.micro.of, found.exact) == (4, 5, 1)
    for wrong in ("joy", {"joy": 1}, 5):
        with pytest.raises(TypeError, match="the labels of an item are a set or a list"):
            harness.multilabel([wrong], [["joy"]])  # type: ignore[list-item]  # what a user may do


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("score", SCORES)
def test_generators_and_arrays_are_lists_of_labels(
    score: Callable[[Any, Any], object], rows: int
) -> None:
    truths, guesses = (["ab"[n % 2] for n in range(rows)], ["a"] * rows)
    expected = score(truths, guesses)
    assert score((one for one in truths), map(str, guesses)) == expected
    assert score(np.array(truths), tuple(guesses)) == expected


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_missing_label_is_absent_and_credits_nobody(rows: int) -> None:
    missing = [float("nan"), np.float64("nan"), np.datetime64("NaT"), None]
    truths = [*missing, *["a"] * rows]
    assert harness.micro_f1(truths, truths) == 1.0
    assert harness.confusion_matrix(truths, truths).counts.true_negatives == len(missing)
    assert harness.micro_f1([*missing, "a"], [*missing, "b"]) == 0.0


@pytest.mark.parametrize("score", SCORES)
def test_what_is_no_label_is_named(score: Callable[[Any, Any], object]) -> None:
    for label in (["a"], {"a": 1}, {"a"}):
        with pytest.raises(TypeError, match=r"the guesses: .* is no label"):
            score(["a", "b"], ["a", label])


@pytest.mark.parametrize("width", [2, 3, 3_000])
def test_rows_of_indicators_are_no_sets_of_labels(width: int) -> None:
    rows = [[n % 2 for n in range(width)], [1] * width]
    for kind in (list, tuple):
        one, other = ([kind(row) for row in side] for side in (rows, rows[::-1]))
        with pytest.raises(TypeError, match="a row of indicators"):
            harness.multilabel(one, other)
    assert harness.multilabel([{0, 1}, {1}], [{0, 1}, {0}]).exact == 1
    assert harness.multilabel([[0], [1]], [[0], [0]]).exact == 1
    assert harness.multilabel((row for row in [["a"], []]), iter([["a"], ["b"]])).exact == 1
