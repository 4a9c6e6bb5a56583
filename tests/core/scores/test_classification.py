"""Single-label scores, by hand-worked example and by law."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.counts import Counts, Ratio
from harness.core.scores.classification import (
    accuracy,
    classify,
    confusion_matrix,
    macro_f1,
    majority_warning,
    micro_f1,
    per_class,
    weighted_f1,
)
from harness.core.scores.confusion import ClassScore, macro, weighted

Scorer = Callable[[Sequence[Hashable], Sequence[Hashable]], object]
SCORERS: list[Scorer] = [
    micro_f1,
    macro_f1,
    weighted_f1,
    accuracy,
    per_class,
    confusion_matrix,
    majority_warning,
]

LABELS = st.sampled_from(["ham", "spam", "eggs", "1"]) | st.integers(0, 2)
GUESSES = st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=30)
MAYBE = st.none() | LABELS
PAIRS = st.lists(st.tuples(MAYBE, MAYBE), min_size=1, max_size=30)


class Column:
    """A sequence like a numpy array: it has a length and items, and its truth is an error."""

    def __init__(self, *labels: int) -> None:
        self.labels = labels

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> int:
        return self.labels[index]

    def __bool__(self) -> bool:
        raise ValueError("the truth value of an array is ambiguous")


def test_seed_000_one_mislabel_of_three_is_two_thirds() -> None:
    # TP 2, and the mismatch is one FP and one FN: 2*2 / (2*2 + 1 + 1)
    assert micro_f1([0, 1, 2], [0, 1, 1]) == 4 / 6 == 2 / 3


def test_seed_000_all_right_is_one_and_all_wrong_is_zero() -> None:
    assert micro_f1([0, 1, 2], [0, 1, 2]) == 1.0
    assert micro_f1([0, 0, 0], [0, 0, 0]) == 1.0
    assert micro_f1([0, 1, 2], [1, 2, 0]) == 0.0


def test_seed_000_scales_to_a_hundred_thousand_items() -> None:
    truth = [index % 7 for index in range(100_000)]
    guess = [0] * 100_000
    assert micro_f1(truth, guess) == math.ceil(100_000 / 7) / 100_000


def test_micro_f1_is_a_public_name_and_returns_a_python_float() -> None:
    assert harness.micro_f1 is micro_f1
    assert type(micro_f1([1], [1])) is type(micro_f1([1], [2])) is float


@pytest.mark.parametrize("scorer", SCORERS)
def test_the_lengths_are_checked_before_emptiness(scorer: Scorer) -> None:
    with pytest.raises(ValueError, match="lengths differ: 0 true labels, 1 guesses"):
        scorer([], [1])
    with pytest.raises(ValueError, match="lengths differ"):
        scorer([1, 2], [1])
    with pytest.raises(ValueError, match="nothing to score"):
        scorer([], [])


@pytest.mark.parametrize("scorer", SCORERS)
def test_a_sequence_without_a_truth_value_will_do(scorer: Scorer) -> None:
    column = Column(0, 1, 1)
    assert scorer(column, column) == scorer([0, 1, 1], [0, 1, 1])  # type: ignore[arg-type]


def test_the_constant_predictor_has_a_high_micro_and_a_low_macro() -> None:
    truth, guess = ["ham"] * 95 + ["spam"] * 5, ["ham"] * 100
    ham = 2 * 95 / (2 * 95 + 5)  # five false positives, no false negative
    assert micro_f1(truth, guess) == accuracy(truth, guess) == 0.95
    assert macro_f1(truth, guess) == pytest.approx((ham + 0) / 2)
    assert round(macro_f1(truth, guess), 3) == 0.487
    assert weighted_f1(truth, guess) == pytest.approx((95 * ham + 5 * 0) / 100)


def test_every_class_has_its_counts_most_support_first_then_by_text() -> None:
    found = per_class(["b", "b", "a", "c"], ["b", "a", "a", "d"])
    assert found == (
        ClassScore("b", 1, 0, 1),
        ClassScore("a", 1, 1, 0),
        ClassScore("c", 0, 0, 1),
        ClassScore("d", 0, 1, 0),
    )
    assert [one.support for one in found] == [2, 1, 1, 0]
    assert [one.precision for one in found] == [Ratio(1, 1), Ratio(1, 2), Ratio(0, 0), Ratio(0, 1)]
    assert [one.recall for one in found] == [Ratio(1, 2), Ratio(1, 1), Ratio(0, 1), Ratio(0, 0)]
    assert [one.f1.value for one in found] == [2 / 3, 2 / 3, 0.0, 0.0]


def test_labels_of_equal_text_stay_apart_and_in_order() -> None:
    assert [one.label for one in per_class([1, "1"], ["1", 1])] == [1, "1"]


def test_a_wrong_label_an_omission_and_a_hallucination_are_charged_where_they_belong() -> None:
    found = classify(
        [
            ("cat", "cat"),
            ("cat", "dog"),  # false negative of cat, false positive of dog
            ("dog", None),  # false negative of dog only
            (None, "cat"),  # false positive of cat only
            (None, None),  # in no score
        ]
    )
    assert found.classes == (ClassScore("cat", 1, 1, 1), ClassScore("dog", 0, 1, 1))
    assert found.counts == Counts(
        correct=1, omission=1, hallucination=1, wrong_value=1, true_negatives=1
    )
    assert found.micro == Ratio(2, 2 + 2 + 2)
    assert found.macro == (2 / 4 + 0) / 2
    assert found.weighted == (2 * (2 / 4) + 1 * 0) / 3
    assert found.accuracy == Ratio(1, 4)
    assert found.task == "single-label"


def test_the_confusion_matrix_keeps_absent_last() -> None:
    matrix = confusion_matrix(["a", None, "b", "b", None], ["b", "z", None, "b", None])
    assert matrix.labels == ("b", "a", "z", None)
    assert matrix.rows == (
        (1, 0, 0, 1),
        (1, 0, 0, 0),
        (0, 0, 0, 0),
        (0, 0, 1, 1),
    )
    assert matrix.confused == (("b", None, 1), ("a", "b", 1), (None, "z", 1))
    assert matrix.total == 5


def test_items_absent_everywhere_are_worth_nothing_and_undefined_in_the_record() -> None:
    for scorer in (micro_f1, macro_f1, weighted_f1, accuracy):
        assert scorer([None, None], [None, None]) == 0.0
    found = classify([(None, None)])
    assert (found.micro.value, found.macro, found.weighted) == (None, None, None)
    assert (found.accuracy, found.majority, found.baseline) == (Ratio(0, 0), None, Ratio(0, 0))
    assert found.majority_warning is None


def test_what_nobody_expected_has_no_weight() -> None:
    found = classify([(None, "cat")])
    assert (found.macro, found.weighted, found.micro) == (0.0, None, Ratio(0, 1))
    assert found.majority_warning is None


def test_averages_of_no_class_are_undefined() -> None:
    assert macro([]) is weighted([]) is None


def test_classify_refuses_nothing() -> None:
    with pytest.raises(ValueError, match="no pair of labels"):
        classify([])


def test_the_majority_label_explaining_the_score_is_said_with_both_numbers() -> None:
    truth, guess = ["ham"] * 95 + ["spam"] * 5, ["ham"] * 100
    assert majority_warning(truth, guess) == (
        "Always answering ham would reach a micro F1 of 0.950; these answers reach 0.950."
        " Micro F1 is 0.950 and macro F1 only 0.487: frequent labels hide that others go wrong."
    )


def test_a_gap_alone_is_said_alone() -> None:
    # 40 of 50 right; a, b and c go well, ten labels of one item each do not
    truth = ["a"] * 14 + ["b"] * 13 + ["c"] * 13 + [f"rare {n}" for n in range(10)]
    guess = ["a"] * 14 + ["b"] * 13 + ["c"] * 13 + ["a"] * 10
    assert majority_warning(truth, guess) == (
        "Micro F1 is 0.800 and macro F1 only 0.211: frequent labels hide that others go wrong."
    )
    assert macro_f1(truth, guess) == pytest.approx((28 / 38 + 1 + 1) / 13)


def test_a_flawless_answer_to_an_uneven_question_is_no_reason_to_warn() -> None:
    truth = ["ham"] * 97 + ["spam"] * 3  # three points above the baseline, all mistakes avoided
    assert majority_warning(truth, truth) is None


def test_a_field_with_one_label_says_nothing() -> None:
    assert majority_warning(["ham"] * 3, ["ham"] * 3) == (
        "Always answering ham would reach a micro F1 of 1.000; these answers reach 1.000."
    )


@pytest.mark.parametrize(("right", "warned"), [(60, True), (65, True), (66, False), (20, True)])
def test_the_margin_is_five_points_and_belongs_to_the_warning(right: int, warned: bool) -> None:  # noqa: FBT001  # a table
    truth = ["a"] * 60 + ["b"] * 40
    guess = truth[:right] + ["b" if label == "a" else "a" for label in truth[right:]]
    sentence = majority_warning(truth, guess) or ""
    assert ("Always answering a would reach a micro F1 of 0.600" in sentence) is warned


def test_a_score_just_below_one_is_not_shown_as_one() -> None:
    truth, guess = ["ham"] * 9_999 + ["spam"], ["ham"] * 10_000
    assert "a micro F1 of 0.999;" in (majority_warning(truth, guess) or "")


def test_with_something_absent_the_baseline_answers_everywhere() -> None:
    found = classify([("a", "a"), ("a", "a"), ("b", "a"), (None, "a")])
    # always "a": TP 2, FP 2 (one wrong, one hallucinated), FN 1
    assert found.baseline == Ratio(2 * 2, 2 * 2 + 2 + 1) == found.micro


@given(GUESSES)
def test_micro_f1_precision_recall_and_accuracy_are_one_number(
    pairs: list[tuple[Hashable, Hashable]],
) -> None:
    truth, guess = [t for t, _ in pairs], [p for _, p in pairs]
    right = sum(t == p for t, p in pairs) / len(pairs)
    found = classify(pairs)
    assert micro_f1(truth, guess) == pytest.approx(right)
    assert micro_f1(truth, guess) == found.micro.value
    assert accuracy(truth, guess) == found.accuracy.value == right
    assert found.counts.precision.value == found.counts.recall.value == right


@given(PAIRS)
def test_the_functions_say_what_the_record_says_and_zero_where_it_is_undefined(
    pairs: list[tuple[Hashable, Hashable]],
) -> None:
    truth, guess = [t for t, _ in pairs], [p for _, p in pairs]
    found = classify(pairs)
    assert micro_f1(truth, guess) == (found.micro.value or 0.0)
    assert macro_f1(truth, guess) == (found.macro or 0.0)
    assert weighted_f1(truth, guess) == (found.weighted or 0.0)
    assert accuracy(truth, guess) == (found.accuracy.value or 0.0)


@given(PAIRS, st.randoms(use_true_random=False))
def test_the_order_of_items_changes_nothing(
    pairs: list[tuple[Hashable, Hashable]], draw: random.Random
) -> None:
    mixed = list(pairs)
    draw.shuffle(mixed)
    assert classify(pairs) == classify(mixed)
    assert classify(pairs).majority_warning == classify(mixed).majority_warning


@given(PAIRS)
def test_sums_and_bounds_hold(pairs: list[tuple[Hashable, Hashable]]) -> None:
    found = classify(pairs)
    matrix, counts = found.confusion, found.counts
    rows = matrix.rows
    assert sum(map(sum, rows)) == matrix.total == len(pairs) == counts.total + counts.true_negatives
    assert [sum(row) for row in rows] == [
        sum(truth == label for truth, _ in pairs) for label in matrix.labels
    ]
    assert sum(one.support for one in found.classes) == counts.expected
    assert sum(one.true_positives for one in found.classes) == counts.true_positives
    assert sum(one.false_positives for one in found.classes) == counts.false_positives
    assert sum(one.false_negatives for one in found.classes) == counts.false_negatives
    for value in (found.micro.value, found.macro, found.weighted, found.accuracy.value):
        assert value is None or 0 <= value <= 1
    assert (found.accuracy.value or 0) <= (found.micro.value or 0)
    assert sum(n for _, _, n in matrix.confused) + counts.correct + counts.true_negatives == len(
        pairs
    )


@given(PAIRS)
def test_swapping_the_sides_swaps_precision_and_recall(
    pairs: list[tuple[Hashable, Hashable]],
) -> None:
    forth, back = classify(pairs), classify((guess, truth) for truth, guess in pairs)
    assert forth.micro == back.micro
    assert forth.macro == pytest.approx(back.macro)
    assert forth.counts.precision == back.counts.recall
    assert Counter(forth.confusion.confused) == Counter(
        (truth, guess, times) for guess, truth, times in back.confusion.confused
    )
