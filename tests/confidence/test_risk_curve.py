"""The risk-coverage curve and the interval of a result, at 3 documents and at 3,000."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean, stdev

import pytest

from harness.confidence.accept import accepted_in, added_by_entry, figures_of, macro_interval
from harness.confidence.choose_threshold import Goal
from harness.confidence.observations import ValueKind
from harness.confidence.risk_curve import risk_curve
from harness.confidence.tuning import Tuning, folds, tune
from tests.confidence.test_thresholds import drawn


@pytest.mark.parametrize("documents", [3, 3_000])
def test_each_point_of_the_curve_counts_the_values_from_its_threshold_on(documents: int) -> None:
    observed = drawn(documents, 1)
    curve = risk_curve(observed, folds(sorted(observed.fields), 3, 0))
    assert 10 <= len(curve) <= 20
    for point in curve:
        taken = [one for one in observed.judged if one.confidence >= point.threshold]
        assert point.accepted == len(taken)
        assert point.wrong == sum(one.kind is not ValueKind.RIGHT for one in taken)
    whole = len(observed.judged)
    assert [p.accepted for p in curve] == sorted({p.accepted for p in curve}), "surest first"
    assert curve[-1].accepted == whole


def test_out_of_fold_the_curve_is_that_of_fresh_documents() -> None:
    observed, fresh = drawn(600, 2), drawn(600, 3)
    curve = risk_curve(observed, folds(sorted(observed.fields), 5, 0))
    for point in curve:
        taken = [one for one in fresh.judged if one.confidence >= point.threshold]
        wrong = sum(one.kind is not ValueKind.RIGHT for one in taken)
        assert point.accepted_out_of_fold / 6_000 == pytest.approx(len(taken) / 6_000, abs=0.03)
        expected = wrong / len(taken)
        assert point.wrong_out_of_fold / point.accepted_out_of_fold == pytest.approx(
            expected, abs=0.04
        )


@pytest.mark.parametrize("documents", [3, 3_000])
def test_confidences_all_alike_are_one_point(documents: int) -> None:
    observed = drawn(documents, 4, fields=1)
    same = replace(observed, values=tuple(replace(v, confidence=1.0) for v in observed.values))
    (point,) = risk_curve(same, folds(sorted(same.fields), 3, 0))
    assert (point.accepted, point.accepted_out_of_fold) == (documents, documents)


def test_the_interval_of_a_result_is_as_wide_as_results_vary() -> None:
    macros, widths = [], []
    for seed in range(200):
        counts = accepted_in(drawn(60, seed), lambda _: 0.5)
        macros.append(figures_of(added_by_entry(counts).values()).macro_f1 or 0.0)
        interval = macro_interval(counts)
        assert interval is not None
        widths.append(interval[1] - interval[0])
    assert fmean(widths) == pytest.approx(4 * stdev(macros), rel=0.15)


@pytest.mark.parametrize("documents", [0, 1])
def test_of_fewer_than_two_documents_there_is_no_interval(documents: int) -> None:
    assert macro_interval(accepted_in(drawn(documents, 1), lambda _: 0.5)) is None


@pytest.mark.parametrize("documents", [40, 3_000])
def test_a_tuned_result_stores_its_curve_and_an_interval_around_its_macro_f1(
    documents: int,
) -> None:
    tuned = tune(drawn(documents, 5), Tuning(Goal()), "x")
    assert tuned.out_of_fold_interval is not None
    low, high = tuned.out_of_fold_interval
    assert low < (tuned.out_of_fold.macro_f1 or 0) < high
    assert tuned.curve[-1].accepted == tuned.out_of_fold.values
