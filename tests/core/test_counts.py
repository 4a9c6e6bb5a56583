"""Counts, scores and averages, by hand-worked example."""

from __future__ import annotations

import pytest

import harness
from harness.core.counts import Counts, Ratio, Scores, scores
from harness.core.outcomes import CONVENTIONS, Charge, Outcome
from harness.core.scores.scorecard import average
from harness.core.statistics.intervals import document_intervals


def test_the_charges_are_the_guides_table() -> None:
    assert CONVENTIONS["standard"] == {
        Outcome.CORRECT: Charge(1, 0, 0),
        Outcome.OMISSION: Charge(0, 0, 1),
        Outcome.HALLUCINATION: Charge(0, 1, 0),
        Outcome.FORMAT_ERROR: Charge(0, 1, 1),
        Outcome.WRONG_VALUE: Charge(0, 1, 1),
    }


def test_the_guides_table_and_its_code_differ_on_wrong_values() -> None:
    counts = Counts(correct=5, wrong_value=5)
    assert (counts.recall, counts.f1.value) == (Ratio(5, 10), 0.5)
    code = counts.under("guide-code")
    assert (code.recall, code.f1.value) == (Ratio(5, 5), 10 / 15)


def test_an_unknown_convention_is_refused_and_two_conventions_do_not_add() -> None:
    with pytest.raises(KeyError):
        Counts().under("strictest")
    with pytest.raises(ValueError, match="do not add"):
        Counts() + Counts().under("guide-code")


def test_lenient_takes_right_values_in_wrong_formats_for_correct() -> None:
    counts = Counts(correct=1, format_error=3, value_equal=2)
    assert counts.lenient == Counts(correct=3, format_error=1)


def test_correction_cost_charges_a_wrong_value_once() -> None:
    assert Counts(correct=6, wrong_value=2).correction_cost == Ratio(6, 8)
    assert Counts(correct=6, omission=1, hallucination=1).correction_cost == Ratio(6, 8)


def test_macro_is_the_mean_of_cases_and_micro_the_score_of_the_sum() -> None:
    big, small = Counts(correct=90, omission=10), Counts(correct=1, omission=3)
    found = average([big, small])
    assert found.macro is not None
    assert found.micro is not None
    assert found.macro.f1 == pytest.approx((180 / 190 + 2 / 5) / 2)
    assert found.micro.f1 == pytest.approx(182 / (182 + 13))


@pytest.mark.parametrize(("empty", "macro"), [("skip", 1.0), ("zero", 0.5), ("one", 1.0)])
def test_a_vacuous_case_is_worth_what_the_policy_says(empty: str, macro: float) -> None:
    found = average([Counts(correct=1), Counts(true_negatives=2)], empty)  # type: ignore[arg-type]
    assert found.macro is not None
    assert found.macro.f1 == macro


def test_nothing_at_all_is_undefined_not_perfect() -> None:
    assert Counts().f1.value is None
    assert scores(Counts()) is None
    assert average([]).macro is None


def test_the_interval_is_of_the_mean_that_is_shown_when_some_were_never_answered() -> None:
    right, wrong = Counts(correct=1), Counts(omission=1)
    asked = [[right] * 3] * 50 + [[wrong]] * 50
    macro = average([counts for case in asked for counts in case]).macro
    interval = document_intervals(asked).macro_f1
    assert macro is not None
    assert macro.f1 == 0.75
    assert interval is not None
    assert interval.low < 0.70
    assert interval.high > 0.80


def test_intervals_are_seeded_and_need_two_documents() -> None:
    cases = [Counts(correct=n, omission=9 - n) for n in range(1, 9)]
    assert document_intervals([[c] for c in cases]) == document_intervals([[c] for c in cases])
    assert document_intervals([cases[:1]]).macro_f1 is None
    interval = document_intervals([[c] for c in cases]).macro_f1
    assert interval is not None
    assert interval.low < average(cases).macro.f1 < interval.high  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("truth", "guess", "score"),
    [([0, 1, 2], [0, 1, 2], 1.0), ([0, 1, 2], [0, 1, 1], 2 / 3), ([0, 1], [1, 0], 0.0)],
)
def test_micro_f1_of_single_labels(truth: list[int], guess: list[int], score: float) -> None:
    assert harness.micro_f1(truth, guess) == score
    assert type(harness.micro_f1(truth, guess)) is float


@pytest.mark.parametrize(("truth", "guess"), [([1], [1, 2]), ([], [])])
def test_micro_f1_refuses_what_it_cannot_score(truth: list[int], guess: list[int]) -> None:
    with pytest.raises(ValueError, match=r"lengths|empty"):
        harness.micro_f1(truth, guess)


def test_the_public_names_are_these_and_all_exist() -> None:
    assert harness.__all__ == [
        "Answer",
        "Case",
        "CaseResult",
        "Comparison",
        "Counts",
        "Failure",
        "FailureKind",
        "FieldDiff",
        "FieldRule",
        "HarnessError",
        "Match",
        "Outcome",
        "Plan",
        "Ratio",
        "Report",
        "Tag",
        "__version__",
        "accuracy",
        "arun",
        "average_precision",
        "brier",
        "compare",
        "confusion_matrix",
        "evaluate",
        "expected_calibration_error",
        "hit_rate_at_k",
        "log_loss",
        "macro_f1",
        "majority_warning",
        "micro_f1",
        "multilabel",
        "per_class",
        "recall_at_k",
        "roc_auc",
        "run",
        "score",
        "weighted_f1",
    ]
    assert all(hasattr(harness, name) for name in harness.__all__)


def test_a_mean_of_nothing_right_is_nothing() -> None:
    assert average([Counts(omission=1), Counts(hallucination=2)]).macro == Scores(0.0, 0.0, 0.0)
