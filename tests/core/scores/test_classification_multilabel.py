"""Sets of labels, by hand-worked example and by law."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.counts import Counts, Ratio
from harness.core.scores.classification import classify, micro_f1
from harness.core.scores.confusion import ClassScore
from harness.core.scores.multilabel import multilabel

SETS = st.frozensets(st.sampled_from("abcde"), max_size=4)
ITEMS = st.lists(st.tuples(SETS, SETS), min_size=1, max_size=20)
Items = list[tuple[frozenset[str], frozenset[str]]]


def test_the_worked_example_adds_up() -> None:
    found = multilabel(
        [{"joy", "love"}, {"anger"}, {"fear"}, set()],
        [{"joy"}, {"anger", "fear"}, set(), set()],
    )
    # joy 1/0/0, anger 1/0/0, love 0/0/1, fear 0/1/1 (TP/FP/FN)
    assert found.classes == (
        ClassScore("anger", 1, 0, 0),
        ClassScore("fear", 0, 1, 1),
        ClassScore("joy", 1, 0, 0),
        ClassScore("love", 0, 0, 1),
    )
    assert found.counts == Counts(correct=2, omission=2, hallucination=1)
    assert found.micro == Ratio(2 * 2, 2 * 2 + 1 + 2)
    assert found.macro == (1 + 0 + 1 + 0) / 4
    assert found.weighted == (1 * 1 + 1 * 0 + 1 * 1 + 1 * 0) / 4
    assert found.samples == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert found.vacuous == 1
    assert found.exact_match == Ratio(1, 4)
    assert found.hamming_loss == Ratio(3, 4 * 4)
    assert found.task == "multi-label"


def test_the_shortcut_of_seed_000_is_wrong_for_sets() -> None:
    truth, guess = [{"joy", "love", "pride"}, {"anger"}], [{"joy"}, {"anger"}]
    # one mismatch counter: one set right, one not, hence 2*1 / (2*1 + 1 + 1)
    assert micro_f1([*map(frozenset, truth)], [*map(frozenset, guess)]) == 0.5
    # in truth two labels are right, two missing and none is invented: 2*2 / (2*2 + 0 + 2)
    found = multilabel(truth, guess)
    assert found.micro == Ratio(4, 6)
    assert found.counts.precision == Ratio(2, 2)
    assert found.counts.recall == Ratio(2, 4)


def test_labels_nobody_used_count_in_hamming_loss_and_in_no_f1() -> None:
    found = multilabel([{"joy"}], [{"joy", "fear"}], labels=["joy", "fear", "grief", "relief"])
    assert [one.label for one in found.classes] == ["joy", "fear", "grief", "relief"]
    assert found.hamming_loss == Ratio(1, 4)
    assert found.macro == (1 + 0) / 2


def test_a_label_outside_the_named_ones_is_refused() -> None:
    with pytest.raises(ValueError, match="not one of the labels: 'fear', 'joy'"):
        multilabel([{"joy"}], [{"fear"}], labels=["grief"])


def test_unequal_lengths_are_refused_before_emptiness() -> None:
    with pytest.raises(ValueError, match="lengths differ: 0 true sets, 1 guesses"):
        multilabel([], [{"joy"}])
    with pytest.raises(ValueError, match="nothing to score"):
        multilabel([], [])


def test_empty_sets_everywhere_have_no_score() -> None:
    found = multilabel([set(), set()], [set(), set()])
    assert (found.micro.value, found.macro, found.weighted, found.samples) == (None,) * 4
    assert (found.exact_match, found.hamming_loss, found.vacuous) == (Ratio(2, 2), Ratio(0, 0), 2)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_sets_of_one_are_single_labels(pairs: list[tuple[str, str]]) -> None:
    sets = multilabel([{truth} for truth, _ in pairs], [{guess} for _, guess in pairs])
    single = classify(pairs)
    assert sets.classes == single.classes
    assert (sets.micro, sets.macro, sets.weighted) == (single.micro, single.macro, single.weighted)
    assert sets.exact_match == single.accuracy


@given(ITEMS, st.randoms(use_true_random=False))
def test_bounds_hold_and_order_changes_nothing(items: Items, draw: random.Random) -> None:
    found = multilabel([truth for truth, _ in items], [guess for _, guess in items])
    draw.shuffle(items)
    assert found == multilabel([truth for truth, _ in items], [guess for _, guess in items])
    ratios = (found.micro, found.exact_match, found.hamming_loss)
    for value in (*(one.value for one in ratios), found.macro, found.weighted, found.samples):
        assert value is None or 0 <= value <= 1
    assert found.hamming_loss.hits == sum(len(truth ^ guess) for truth, guess in items)
    assert (found.exact == len(items)) == (found.hamming_loss.hits == 0)
