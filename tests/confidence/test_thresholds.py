"""Thresholds: chosen for a goal, judged on documents that did not choose them, or refused."""

from __future__ import annotations

import importlib
import random
from contextlib import suppress
from dataclasses import replace
from math import fsum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.confidence.accept import accepted_by, figures_of, steps
from harness.confidence.calibrators import isotonic, platt
from harness.confidence.choose_threshold import (
    GRID,
    Goal,
    Strategy,
    candidates,
    choose,
    discrimination,
    steady,
    threshold_refusal,
)
from harness.confidence.observations import Observation, Observations, ValueKind
from harness.confidence.risk_control import (
    controlled_threshold,
    least_documents,
    least_withheld,
    losses,
)
from harness.confidence.tuning import Tuning, tune
from harness.core.statistics.logistic import sigmoid
from harness.errors import HarnessError, UsageError
from harness.run.results.threshold_file import NEVER, Thresholds

numpy: Any = importlib.import_module("numpy")
sk_isotonic: Any = importlib.import_module("sklearn.isotonic")
sk_calibration: Any = importlib.import_module("sklearn.calibration")
mapie: Any = importlib.import_module("mapie.risk_control")


def drawn(documents: int, seed: int, *, fields: int = 10, honest: bool = True) -> Observations:
    """Return documents of one field whose confidences are right as often as they say, or not."""
    draw = random.Random(seed)
    values = []
    for number in range(documents):
        for place in range(fields):
            sure = round(draw.random(), 2)
            right = draw.random() < (sure if honest else 0.6)
            kind = ValueKind.RIGHT if right else draw.choice((ValueKind.WRONG, ValueKind.EXTRA))
            values.append(Observation(f"d{number}", "f", sure, kind, f"d{number}", f"f[{place}]"))
    return Observations("votes", tuple(values), {}, {f"d{n}": fields for n in range(documents)})


observations = st.lists(
    st.builds(
        Observation,
        st.sampled_from(("a", "b", "c")),
        st.just("f"),
        st.sampled_from((0.0, 0.1, 0.25, 0.5, 0.9, 1.0)),
        st.sampled_from(ValueKind),
    ),
    min_size=1,
    max_size=30,
)


@given(observations, st.integers(0, 3), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_counts_at_every_threshold_are_those_of_accepting_value_by_value(
    values: list[Observation], missed: int, thresholds: list[float]
) -> None:
    observed = Observations("votes", tuple(values), {("a", "f"): missed}, {})
    for step in steps(values, missed, thresholds):
        one_by_one = accepted_by(observed, {"f": step.threshold}.get)["f"]
        assert step.counts == one_by_one


@given(observations)
def test_the_chosen_threshold_has_the_highest_f1_of_all_that_can_be_chosen(
    values: list[Observation],
) -> None:
    found = choose(values, 1, Goal(), "quantiles")
    every = steps(values, 1, candidates(values, "quantiles"))
    best = max(step.counts.f1 or 0 for step in every)
    (mine,) = [step for step in every if step.threshold == found]
    assert (mine.counts.f1 or 0) == best


@pytest.mark.parametrize("documents", [40, 3_000])
def test_results_out_of_the_folds_are_those_of_fresh_documents(documents: int) -> None:
    tuned = tune(drawn(documents, 1), Tuning(Goal()), "x")
    fresh = figures_of(accepted_by(drawn(3_000, 2), lambda _: tuned.shared).values())
    assert tuned.out_of_fold.micro_f1 is not None
    assert fresh.micro_f1 is not None
    assert tuned.out_of_fold.micro_f1 == pytest.approx(fresh.micro_f1, abs=0.06)
    assert tuned.out_of_fold.micro_f1 > (tuned.before.micro_f1 or 0)


def test_confidences_that_say_nothing_are_refused() -> None:
    refused = 0
    for seed in range(100):
        with suppress(HarnessError):
            tune(drawn(40, seed, honest=False), Tuning(Goal()), "x")
            continue
        refused += 1
    assert refused >= 95


def test_confidences_that_are_all_alike_are_refused_with_the_reason() -> None:
    observed = drawn(40, 3)
    same = tuple(
        Observation(o.document, o.entry, 1.0, o.kind, o.case, o.path) for o in observed.values
    )
    with pytest.raises(HarnessError, match="degenerate: only 1 distinct"):
        tune(Observations("votes", same, {}, observed.fields), Tuning(Goal()), "x")


def test_errors_of_few_documents_teach_no_threshold() -> None:
    right = [Observation(f"d{n}", "f", 0.9 - n / 100, ValueKind.RIGHT) for n in range(30)]
    wrong = [Observation("d0", "f", 0.1 + n / 100, ValueKind.WRONG) for n in range(20)]
    observed = Observations("votes", (*right, *wrong), {}, {f"d{n}": 2 for n in range(30)})
    with pytest.raises(HarnessError, match="all errors stand in 1 document"):
        tune(observed, Tuning(Goal()), "x")


def test_a_promise_of_risk_is_broken_no_more_often_than_it_says() -> None:
    whole = drawn(600, 4, fields=8)
    names = sorted(whole.fields)
    risk, broken, made = 0.05, [], 0
    tried = candidates(whole.judged, "quantiles")
    for seed in range(200):
        shuffled = names[:]
        random.Random(seed).shuffle(shuffled)
        found = controlled_threshold(whole.within(frozenset(shuffled[:60])), risk, tried)
        if found is not None:
            made += 1
            met = losses(whole.within(frozenset(shuffled[60:])), found)
            broken.append(sum(met) / len(met))
    assert made > 150
    assert sum(broken) / made <= risk, "the promise is one on average over calibrations"


def test_a_promise_that_needs_more_documents_says_how_many() -> None:
    with pytest.raises(HarnessError, match="needs at least 99 documents, there are 16"):
        tune(drawn(16, 5), Tuning(Goal("risk", 0.01)), "x")
    assert least_documents(0.02) == 49
    assert least_withheld(0.05, 0.05) == 0


def test_values_without_a_confidence_are_never_withheld_and_count_against_a_promise() -> None:
    values = tuple(
        Observation(f"d{n}", "f", 1.0, ValueKind.WRONG, has_confidence=False) for n in range(200)
    )
    observed = Observations("votes", values, {}, {f"d{n}": 4 for n in range(200)})
    assert controlled_threshold(observed, 0.1, [0.5]) is None
    assert losses(observed, 1.0) == [0.25] * 200


def test_shuffled_confidences_are_refused_even_where_errors_stand_in_few_documents() -> None:
    # 26 documents of 40 values, all errors in six of them: intervals over documents are narrow
    goal, refused = Goal.parse("precision=0.99"), 0
    for seed in range(100):
        draw = random.Random(seed)
        values = [
            Observation(
                f"d{n}",
                "f",
                draw.choice((0.5, 0.67, 0.83, 1.0, 1.0, 1.0)),
                ValueKind.WRONG if n < 6 and m < 15 else ValueKind.RIGHT,
            )
            for n in range(26)
            for m in range(40)
        ]
        refused += threshold_refusal(discrimination(values, seed), goal) is not None
    assert refused >= 95


def test_the_grid_is_twenty_points_from_a_tenth_to_nine_tenths() -> None:
    assert list(GRID) == pytest.approx(list(numpy.linspace(0.1, 0.9, 20)))
    assert choose(drawn(50, 6).judged, 0, Goal(), "grid") in GRID


@pytest.mark.parametrize("text", ["precision", "f1=0.5", "risk=2", "recall=0.5", "coverage=x", ""])
def test_what_is_no_goal_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        Goal.parse(text)


@pytest.mark.parametrize(("size", "seed"), [(3, 1), (40, 2), (3_000, 3)])
def test_isotonic_calibration_is_that_of_scikit_learn(size: int, seed: int) -> None:
    draw = random.Random(seed)
    sure = [round(draw.random(), 2) for _ in range(size)]
    right = [draw.random() < p * p for p in sure]
    theirs = sk_isotonic.IsotonicRegression(out_of_bounds="clip").fit(sure, right)
    ours = isotonic(right, sure)
    points = [n / 200 for n in range(-20, 221)]
    assert [ours(p) for p in points] == pytest.approx(list(theirs.predict(points)), abs=1e-9)


@pytest.mark.parametrize(("size", "seed"), [(30, 1), (3_000, 2)])
def test_platt_calibration_is_that_of_scikit_learn(size: int, seed: int) -> None:
    draw = random.Random(seed)
    sure = [draw.random() for _ in range(size)]
    right = [draw.random() < p for p in sure]
    fit = sk_calibration._sigmoid_calibration  # noqa: SLF001  # the only door to it
    slope, intercept = fit(numpy.array(sure), numpy.array(right))
    theirs = [1 / (1 + numpy.exp(slope * p + intercept)) for p in sure[:50]]
    ours = platt(right, sure)
    assert [ours(p) for p in sure[:50]] == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("alpha", [0.06, 0.1, 0.3])
@pytest.mark.parametrize("size", [20, 300])
def test_the_threshold_of_a_promise_is_that_of_mapie(size: int, alpha: float) -> None:
    """Where every value is wrong, the share accepted is MAPIE's recall loss of being withheld."""
    draw = random.Random(size)
    levels = [[draw.randrange(20) / 20 + 0.013 for _ in range(5)] for _ in range(size)]
    values = tuple(
        Observation(f"d{n}", "f", sure, ValueKind.WRONG)
        for n, row in enumerate(levels)
        for sure in row
    )
    observed = Observations("votes", values, {}, {f"d{n}": 5 for n in range(size)})
    withheld = numpy.arange(101) / 100
    ours = controlled_threshold(observed, alpha, [1 - one for one in withheld])
    theirs = mapie.MultiLabelClassificationController(
        lambda scores: scores,
        risk="recall",
        method="crc",
        target_level=1 - alpha,
        predict_params=withheld,
    )
    theirs.calibrate(1 - numpy.array(levels), numpy.ones((size, 5), int))
    assert ours == pytest.approx(1 - float(theirs.best_predict_param[0]))


def labelled(documents: int, seed: int) -> Observations:
    """Return documents of twelve labels, each rarer and less surely told than the one before."""
    draw = random.Random(seed)
    values, missed = [], {}
    for number in range(documents):
        for label in range(12):
            is_true = draw.random() < 0.4 / (1 + label)
            sure = sigmoid(draw.gauss(0.5 - label / 4 if is_true else -2.5 - label / 4, 1.0))
            kind = ValueKind.RIGHT if is_true else ValueKind.EXTRA
            if sure >= 0.02:
                values.append(Observation(f"d{number}", f"labels[]=l{label}", sure, kind))
            elif is_true:
                missed[f"d{number}", f"labels[]=l{label}"] = 1
    return Observations("extractor", tuple(values), missed, {f"d{n}": 12 for n in range(documents)})


def macro(observed: Observations, tuned: Thresholds) -> float:
    def least(entry: str) -> float | None:
        field, _, label = entry.partition("=")
        return tuned.of(field, label or None)

    found = figures_of(accepted_by(observed, least).values()).macro_f1
    assert found is not None
    return found


def test_steady_thresholds_of_labels_do_better_on_fresh_rows_than_the_grid() -> None:
    """The mean of five draws: thresholds of one are a matter of luck."""
    fresh = labelled(2000, 100)
    by_strategy: dict[Strategy, list[float]] = {"grid": [], "quantiles": []}
    told = []
    for seed in range(5):
        known = labelled(300, seed)
        for strategy, found in by_strategy.items():
            tuned = tune(known, Tuning(Goal(), "label", strategy), "")
            found.append(macro(fresh, tuned))
            told.append((tuned.out_of_fold.macro_f1 or 0.0) - found[-1])
    means = {name: fsum(found) / 5 for name, found in by_strategy.items()}
    at_half = figures_of(accepted_by(fresh, lambda _: 0.5).values()).macro_f1
    assert at_half is not None
    assert means["quantiles"] > means["grid"] + 0.01
    assert means["quantiles"] > at_half + 0.1
    assert -0.04 < fsum(told) / len(told) < 0.01  # fewer documents choose: it never flatters


@given(observations)
def test_a_steady_threshold_lies_between_the_confidences(values: list[Observation]) -> None:
    found = steady(values, {}, 0)
    if any(one.kind is ValueKind.RIGHT for one in values):
        assert found is None or 0 < found < 1
    else:
        assert found is None


def test_a_goal_that_cannot_be_had_is_never_met_by_accepting_everything() -> None:
    """Values that all are sure of and that are wrong: no threshold below 1 keeps them out."""
    values = [
        Observation(f"d{n}", "f", 1.0, ValueKind.WRONG if n % 3 else ValueKind.RIGHT)
        for n in range(60)
    ]
    values += [
        Observation(f"d{n}", "f", 0.2 + n % 7 / 10, ValueKind.WRONG if n % 2 else ValueKind.RIGHT)
        for n in range(60)
    ]
    observed = Observations("votes", tuple(values), {}, {f"d{n}": 2 for n in range(60)})
    with pytest.raises(HarnessError, match="withholding everything"):
        tune(observed, Tuning(Goal("risk", 0.05)), "")
    with pytest.raises(HarnessError):
        tune(observed, Tuning(Goal("precision", 0.99)), "")


def test_folds_too_small_for_a_promise_accept_nothing_and_are_counted() -> None:
    """A risk of 3 % needs 33 documents: 38 have them, and four fifths of 38 have not."""
    observed = drawn(38, 0, fields=20)
    kinds = tuple(replace(one, kind=ValueKind.RIGHT) for one in observed.values)
    tuned = tune(replace(observed, values=kinds), Tuning(Goal("risk", 0.03)), "")
    assert tuned.unreached == 5
    assert (tuned.out_of_fold.accepted, tuned.in_sample.accepted) == (0, len(kinds))


def test_a_field_that_cannot_reach_a_precision_is_withheld_wholly() -> None:
    draw = random.Random(0)
    good = drawn(60, 0, fields=3)
    bad = tuple(
        Observation(f"d{n}", "bad", draw.random(), ValueKind.WRONG if n % 2 else ValueKind.RIGHT)
        for n in range(60)
    )
    values = tuple(
        replace(one, kind=ValueKind.RIGHT if one.confidence > 0.4 else ValueKind.WRONG)
        for one in good.values
    )
    observed = Observations("votes", values + bad, {}, good.fields)
    tuned = tune(observed, Tuning(Goal("precision", 0.97)), "")
    assert tuned.of("bad") == NEVER
    assert tuned.of("f") is not None
    assert tuned.in_sample.precision is not None
    assert tuned.in_sample.precision >= 0.97


@pytest.mark.parametrize("size", [3, 3000])
def test_a_precision_that_only_the_surest_have_is_found(size: int) -> None:
    """One value in a hundred is right, and says so: far above the highest of forty quantiles."""
    values = [
        Observation(f"d{n}", "f", n / (100 * size), ValueKind.WRONG) for n in range(99 * size)
    ]
    values += [
        Observation(f"d{n}", "f", 0.99 + n / (1000 * size), ValueKind.RIGHT) for n in range(size)
    ]
    found = choose(values, 0, Goal("precision", 0.9), "quantiles")
    assert (found is not None) == (size > 30)


@pytest.mark.parametrize("documents", [30, 300])
def test_results_of_fields_out_of_the_folds_add_up_to_the_result(documents: int) -> None:
    observed = drawn(documents, 6)
    values = tuple(replace(v, entry=f"f{n % 3}") for n, v in enumerate(observed.values))
    tuned = tune(replace(observed, values=values), Tuning(Goal.parse("precision=0.8")), "x")
    each = [one.out_of_fold for one in tuned.fields.values() if one.out_of_fold is not None]
    assert len(each) == 3
    whole = tuned.out_of_fold
    assert sum(one.accepted for one in each) == whole.accepted
    assert sum(one.wrong for one in each) == whole.wrong
    f1s = [one.f1 for one in each if one.f1 is not None]
    assert fsum(f1s) / len(f1s) == pytest.approx(whole.macro_f1)
