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
def test_tables_and_mappings_are_refused_and_never_scored_by_their_names(
    score: Callable[[Any, Any], object], rows: int
) -> None:
    labels = ["x"] * rows
    for table in (DataFrame(["label"], rows), {str(i): "x" for i in range(rows)}, {"a", "b"}):
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
