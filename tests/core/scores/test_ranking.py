"""Scores of rankings, by hand-worked example and by law."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.scores.ranking import (
    MacroRocAuc,
    average_precision,
    hit_rate_at_k,
    macro_roc_auc,
    recall_at_k,
    roc_auc,
)

ROWS = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=25)
Rows = list[tuple[bool, int]]
Scorer = Callable[[Sequence[int], Sequence[float]], float | None]


def _split(rows: Rows) -> tuple[list[bool], list[float]]:
    return [label for label, _ in rows], [score / 6 for _, score in rows]


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    # trues .35 and .8 against falses .1 and .4: right, wrong, right, right
    assert roc_auc([False, False, True, True], [0.1, 0.4, 0.35, 0.8]) == 3 / 4


def test_auroc_counts_a_tie_as_one_half() -> None:
    # trues .5 and .9 against falses .5 and .1: tie, right, right, right
    assert roc_auc([True, False, True, False], [0.5, 0.5, 0.9, 0.1]) == (0.5 + 3) / 4
    assert roc_auc([True, False, False], [0.2, 0.2, 0.2]) == 0.5


def test_auroc_is_undefined_without_both_classes() -> None:
    assert roc_auc([True, True], [0.1, 0.2]) is roc_auc([False], [0.1]) is None


def test_average_precision_adds_steps_of_recall() -> None:
    # from the top: true (1/1), false, true (2/3), false; half the trues each
    assert average_precision([False, False, True, True], [0.1, 0.4, 0.35, 0.8]) == pytest.approx(
        1 / 2 * 1 / 1 + 1 / 2 * 2 / 3
    )


def test_average_precision_takes_ties_together() -> None:
    # .9: a false; .5: two trues and one false at once, precision 2/4
    assert average_precision([False, True, True, False], [0.9, 0.5, 0.5, 0.5]) == 2 / 4


def test_average_precision_is_undefined_without_a_true_row() -> None:
    assert average_precision([False, False], [0.1, 0.2]) is None
    assert average_precision([True], [0.1]) == 1.0


@pytest.mark.parametrize("scorer", [roc_auc, average_precision])
def test_rows_that_cannot_be_ranked_are_refused(scorer: Scorer) -> None:
    with pytest.raises(ValueError, match="lengths differ: 0 truths, 1 rows of scores"):
        scorer([], [0.5])
    with pytest.raises(ValueError, match="nothing to score"):
        scorer([], [])
    with pytest.raises(ValueError, match="not a number"):
        scorer([True, False], [0.5, math.nan])
    with pytest.raises(ValueError, match="true or false"):
        scorer([1, -1], [0.5, 0.6])


def test_the_macro_is_the_mean_of_the_labels_that_have_an_auroc() -> None:
    found = macro_roc_auc(
        [[True, False, True], [False, True, True], [False, False, True]],
        [[0.9, 0.5, 0.1], [0.1, 0.5, 0.2], [0.2, 0.1, 0.3]],
    )
    # first: both pairs right; second: a tie and a right one; third: no false row
    assert found == MacroRocAuc((1.0, (0.5 + 1) / 2, None))
    assert (found.value, found.undefined) == ((1.0 + 0.75) / 2, 1)


def test_the_macro_of_no_defined_label_is_undefined() -> None:
    assert macro_roc_auc([[True]], [[0.5]]).value is None


def test_tables_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="lengths differ: 1 truths, 2 rows"):
        macro_roc_auc([[True]], [[0.5], [0.5]])
    with pytest.raises(ValueError, match="one column a label"):
        macro_roc_auc([[True, False]], [[0.5]])
    with pytest.raises(ValueError, match="nothing to score"):
        macro_roc_auc([], [])


def test_recall_at_k_is_a_mean_over_items_with_something_to_find() -> None:
    relevant = [{"a"}, {"b", "c"}, {"d"}, set()]
    ranked = [["x", "a"], ["b", "x", "c"], ["x", "y", "z"], ["a"]]
    assert recall_at_k(relevant, ranked, 1) == pytest.approx((0 + 1 / 2 + 0) / 3)
    assert recall_at_k(relevant, ranked, 2) == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert recall_at_k(relevant, ranked, 9) == pytest.approx((1 + 2 / 2 + 0) / 3)
    assert hit_rate_at_k(relevant, ranked, 1) == 1 / 3
    assert hit_rate_at_k(relevant, ranked, 2) == 2 / 3


def test_a_repeated_candidate_wastes_a_place() -> None:
    assert recall_at_k([{"a", "b"}], [["a", "a", "b"]], 2) == 1 / 2


def test_recall_with_nothing_to_find_is_undefined() -> None:
    assert recall_at_k([set()], [["a"]], 1) is hit_rate_at_k([set()], [["a"]], 1) is None


def test_k_below_one_and_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        recall_at_k([{"a"}], [["a"]], 0)
    with pytest.raises(ValueError, match="lengths differ"):
        hit_rate_at_k([{"a"}], [], 1)


@given(ROWS)
def test_auroc_agrees_with_counting_all_pairs(rows: Rows) -> None:
    labels, scores = _split(rows)
    pairs = [
        0.5 if right == wrong else float(right > wrong)
        for true, right in zip(labels, scores, strict=True)
        if true
        for false, wrong in zip(labels, scores, strict=True)
        if not false
    ]
    assert roc_auc(labels, scores) == (math.fsum(pairs) / len(pairs) if pairs else None)


@given(ROWS)
def test_turning_truth_and_scores_over_changes_no_auroc_and_one_of_them_mirrors_it(
    rows: Rows,
) -> None:
    labels, scores = _split(rows)
    found = roc_auc(labels, scores)
    mirrored = roc_auc([not label for label in labels], scores)
    assert roc_auc([not label for label in labels], [-score for score in scores]) == found
    assert mirrored == (None if found is None else pytest.approx(1 - found))


@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_scale_change_nothing_and_bounds_hold(rows: Rows, draw: random.Random) -> None:
    labels, scores = _split(rows)
    mixed = list(rows)
    draw.shuffle(mixed)
    for scorer in (roc_auc, average_precision):
        found = scorer(labels, scores)
        assert found == scorer(*_split(mixed))
        assert found == scorer(labels, [math.exp(score) for score in scores])
        assert found is None or 0 <= found <= 1
