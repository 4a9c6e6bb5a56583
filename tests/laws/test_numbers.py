"""Counts, scores and intervals: what must hold of the arithmetic."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import Counts
from harness.core.counts import scores
from harness.core.outcomes import CONVENTIONS
from harness.core.scores.scorecard import Average, average
from harness.core.statistics.intervals import document_intervals, mean
from tests.laws.strategies import seeds

small = st.integers(0, 30)


def _counts(numbers: tuple[int, ...]) -> Counts:
    correct, omission, hallucination, equal, wrong_format, wrong, absent = numbers
    return Counts(correct, omission, hallucination, equal + wrong_format, wrong, equal, absent)


counts = st.tuples(*[small] * 7).map(_counts)
cases = st.lists(counts, max_size=8)


@given(counts, counts, counts)
def test_counts_form_a_commutative_monoid(a: Counts, b: Counts, c: Counts) -> None:
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a + Counts() == a == Counts() + a


@given(cases)
def test_micro_is_the_score_of_the_summed_counts(each: list[Counts]) -> None:
    total = sum(each, Counts())
    assert average(each).micro == scores(total)
    assert average(each).counts == total
    half = len(each) // 2
    assert average(each[:half]).counts + average(each[half:]).counts == total


@given(counts, st.sampled_from(sorted(CONVENTIONS)))
def test_f1_lies_between_precision_and_recall(given_counts: Counts, convention: str) -> None:
    found = scores(given_counts.under(convention))
    if found is None:
        assert given_counts.total == 0
        return
    assert found.f1 <= max(found.precision, found.recall) + 1e-12
    assert found.f1 >= min(found.precision, found.recall) - 1e-12
    assert all(0 <= value <= 1 for value in (found.precision, found.recall, found.f1))


@given(counts)
def test_each_convention_charges_a_correct_field_once(given_counts: Counts) -> None:
    for convention in CONVENTIONS:
        charged = given_counts.under(convention)
        assert charged.true_positives == given_counts.correct
    standard = given_counts.under("standard")
    assert standard.true_positives + standard.false_negatives == given_counts.expected
    predicted = given_counts.total - given_counts.omission
    assert standard.true_positives + standard.false_positives == predicted


@given(counts, st.sampled_from(["omission", "hallucination", "format_error", "wrong_value"]))
def test_putting_one_count_right_never_lowers_f1(given_counts: Counts, outcome: str) -> None:
    """A fixed omission or error becomes correct; a fixed hallucination is gone."""
    numbers = {
        name: getattr(given_counts, name)
        for name in ("correct", "omission", "hallucination", "format_error", "wrong_value")
    }
    if not numbers[outcome]:
        return
    numbers[outcome] -= 1
    numbers["correct"] += outcome != "hallucination"
    fixed = Counts(**numbers)
    for convention in CONVENTIONS:
        before = given_counts.under(convention).f1.value
        after = fixed.under(convention).f1.value
        assert after is None or before is None or after >= before


@given(cases, seeds)
def test_a_macro_mean_is_the_same_to_the_last_bit_in_any_order(
    each: list[Counts], seed: int
) -> None:
    again = list(each)
    Random(seed).shuffle(again)
    assert average(again) == average(each)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), seeds)
def test_a_mean_is_the_same_to_the_last_bit_in_any_order(values: list[float], seed: int) -> None:
    again = list(values)
    Random(seed).shuffle(again)
    assert mean(again) == mean(values)


@given(cases)
def test_what_a_vacuous_case_is_worth_is_the_only_difference_between_policies(
    each: list[Counts],
) -> None:
    defined = [c for c in each if c.total]
    vacuous = len(each) - len(defined)
    skip, zero, one = (
        _macro_f1(average(each, "skip")),
        *(_macro_f1(average(each, e)) for e in ("zero", "one")),
    )
    if not vacuous:
        assert skip == zero == one
    elif defined:
        assert skip is not None
        assert zero is not None
        assert one is not None
        assert abs(zero - skip * len(defined) / len(each)) < 1e-12
        assert abs(one - zero - vacuous / len(each)) < 1e-12


def _macro_f1(found: Average) -> float | None:
    return None if found.macro is None else found.macro.f1


@given(st.lists(counts, min_size=2, max_size=5), st.randoms())
def test_the_order_of_documents_moves_no_interval(each: list[Counts], draw: Random) -> None:
    documents = [[case] for case in each]
    shuffled = draw.sample(documents, k=len(documents))
    for one, other in zip(document_intervals(documents), document_intervals(shuffled), strict=True):
        assert one == (pytest.approx(other) if isinstance(other, tuple) else other)


def test_an_interval_holds_the_score_it_is_about() -> None:
    rng = Random(1)
    for _ in range(10):
        each = [
            Counts(
                correct=rng.randrange(1, 20),
                omission=rng.randrange(5),
                wrong_value=rng.randrange(5),
            )
            for _ in range(rng.randrange(5, 40))
        ]
        found, intervals = average(each), document_intervals([[case] for case in each])
        assert found.macro is not None
        assert found.micro is not None
        assert intervals.macro_f1 is not None
        assert intervals.micro_f1 is not None
        assert intervals.macro_f1.low <= found.macro.f1 <= intervals.macro_f1.high
        assert intervals.micro_f1.low <= found.micro.f1 <= intervals.micro_f1.high
        assert intervals.macro_f1.low < intervals.macro_f1.high


def test_equal_documents_prove_no_more_than_their_number_allows() -> None:
    """Every resample is the same: 3 of 4 right is P = R = F1 = 3/4. That is not certainty."""
    each = [[Counts(correct=3, wrong_value=1)]] * 10
    few, many = document_intervals(each), document_intervals(each * 10)
    assert few.macro_f1 is not None
    assert many.macro_f1 is not None
    assert few.macro_f1 == few.micro_f1
    assert few.macro_f1.low < many.macro_f1.low < 0.75 < many.macro_f1.high < few.macro_f1.high


@pytest.mark.parametrize(("size", "low"), [(2, 0.1581), (10, 0.6915), (59, 0.9394)])
def test_documents_without_a_fault_have_the_interval_of_clopper_and_pearson(
    size: int, low: float
) -> None:
    """0.025 to the power 1/n: what n successes in n trials prove (two-sided, 95 %)."""
    found = document_intervals([[Counts(correct=4)]] * size)
    assert found.macro_f1 is not None
    assert found.macro_f1 == found.micro_f1
    assert list(found.macro_f1) == pytest.approx([low, 1.0], abs=5e-5)


@settings(max_examples=15)
@given(st.lists(counts, min_size=2, max_size=5), st.integers(2, 4))
def test_asking_the_same_again_makes_no_interval_narrower(each: list[Counts], times: int) -> None:
    once, often = (
        document_intervals([[case] for case in each]),
        document_intervals([[case] * times for case in each]),
    )
    assert once.documents == often.documents
    for before, after in ((once.macro_f1, often.macro_f1), (once.micro_f1, often.micro_f1)):
        if before is not None and after is not None:
            assert list(before) == pytest.approx(list(after))
