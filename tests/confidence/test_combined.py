"""One confidence out of several sources and what is around a value, weighed out of fold."""

from __future__ import annotations

import importlib
import math
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.confidence.choose_threshold import discrimination
from harness.confidence.combined import combined, combined_by
from harness.confidence.observations import COMBINED, Observation, Observations, ValueKind
from harness.confidence.routing import caught_by_effort, route
from harness.confidence.tuned_runs import require_gain
from harness.confidence.tuning import folds
from harness.core.statistics.logistic import fit_logistic, logit, sigmoid
from harness.errors import HarnessError

numpy: Any = importlib.import_module("numpy")
linear_model: Any = importlib.import_module("sklearn.linear_model")


def drawn(documents: int, seed: int = 0, *, signal: float = 1.0) -> Observations:
    """Return documents of ten values, some of them hard, with two sources that err apart."""
    draw = random.Random(seed)
    values = []
    for number in range(documents):
        hard = draw.random() < 0.2
        for place in range(10):
            is_right = draw.random() < (0.6 if hard else 0.98)
            told = signal if is_right else -signal
            sources = {n: sigmoid(draw.gauss(told, 1.0)) for n in ("stated", "votes")}
            kind = ValueKind.RIGHT if is_right else ValueKind.WRONG
            one = Observation(f"d{number}", f"f{place}", 0.5, kind, f"d{number}", f"f{place}")
            values.append(replace(one, sources=sources))
    fields = {f"d{n}": 10 for n in range(documents)}
    return Observations(COMBINED, tuple(values), {}, fields)


def area(observed: Observations) -> float:
    found = discrimination(observed.judged).auroc
    assert found is not None
    return found


def alone(observed: Observations, source: str) -> Observations:
    values = tuple(replace(one, confidence=one.sources[source]) for one in observed.values)
    return replace(observed, values=values)


@pytest.mark.parametrize("documents", [60, 600])
def test_two_sources_tell_more_than_each_of_them_on_documents_that_gave_no_weights(
    documents: int,
) -> None:
    observed = drawn(documents)
    made = combined(observed, folds(sorted(observed.fields), 5, 0))
    best = max(area(alone(observed, source)) for source in ("stated", "votes"))
    assert area(made.observed) > best + 0.02
    fresh = drawn(300, seed=1)
    assert area(combined_by(fresh, made.combination)) == pytest.approx(
        area(made.observed), abs=0.04
    )


@pytest.mark.parametrize("documents", [30, 300])
def test_a_combination_that_tells_no_more_than_one_source_is_refused(documents: int) -> None:
    draw = random.Random(documents)
    observed = drawn(documents, signal=1.5)
    made = combined(observed, folds(sorted(observed.fields), 5, 0)).observed
    require_gain(observed, made)
    perfect = tuple(
        replace(
            one,
            sources={
                "stated": draw.random(),
                "votes": draw.uniform(0.6, 1)
                if one.kind is ValueKind.RIGHT
                else draw.uniform(0, 0.5),
            },
        )
        for one in observed.values
    )
    clear = replace(observed, values=perfect)
    made = combined(clear, folds(sorted(clear.fields), 5, 0)).observed
    with pytest.raises(HarnessError, match="no better than votes alone") as refusal:
        require_gain(clear, made)
    assert "--source votes" in str(refusal.value.problems[0].hint)


@pytest.mark.parametrize("documents", [12, 120])
def test_no_document_has_a_say_in_how_its_own_values_are_weighed(documents: int) -> None:
    """Its labels turned round, the log-odds of its values keep their distances."""
    observed = drawn(documents)
    turned = tuple(
        replace(one, kind=ValueKind.WRONG if one.kind is ValueKind.RIGHT else ValueKind.RIGHT)
        if one.document == "d0"
        else one
        for one in observed.values
    )
    parts = folds(sorted(observed.fields), 5, 0)
    both = [combined(each, parts) for each in (observed, replace(observed, values=turned))]
    levels = [
        [logit(one.confidence, 1e-12) for one in made.observed.values if one.document == "d0"]
        for made in both
    ]
    shift = levels[0][0] - levels[1][0]
    assert levels[0] == pytest.approx([level + shift for level in levels[1]])


def test_shuffled_labels_leave_nothing_to_combine() -> None:
    areas = []
    for seed in range(10):
        observed = drawn(60, seed, signal=0.0)
        kinds = [one.kind for one in observed.values]
        random.Random(seed).shuffle(kinds)
        values = tuple(replace(v, kind=k) for v, k in zip(observed.values, kinds, strict=True))
        dealt = replace(observed, values=values)
        areas.append(area(combined(dealt, folds(sorted(dealt.fields), 5, 0)).observed))
    assert math.fsum(areas) / 10 == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("documents", [30, 300])
def test_most_errors_are_found_by_looking_at_a_fifth(documents: int) -> None:
    observed = drawn(documents, signal=1.5)
    (at_fifth,) = caught_by_effort(observed, [0.2])
    assert at_fifth.caught > 0.8
    listed = route(observed, 0.2)
    wrong = {(o.case, o.path) for o in observed.values if o.kind is not ValueKind.RIGHT}
    found = sum((one.case, one.path) in wrong for one in listed)
    assert found / len(wrong) == pytest.approx(at_fifth.caught, abs=0.02)


def test_errors_of_one_document_are_found_though_no_other_document_has_any() -> None:
    """Weights of other documents know no error: what is known beforehand ranks the values."""
    observed = drawn(40, signal=2.0)
    values = tuple(
        replace(one, kind=ValueKind.RIGHT, sources={"votes": 0.9, "stated": 0.9})
        if one.document != "d3"
        else replace(one, kind=ValueKind.WRONG, sources={"votes": 0.4, "stated": 0.8})
        for one in observed.values
    )
    (found,) = caught_by_effort(replace(observed, values=values), [0.05])
    assert found.caught == 1


@pytest.mark.parametrize("size", [60, 3000])
def test_the_curve_is_that_of_scikit_learn(size: int) -> None:
    draw = random.Random(size)
    rows = [(draw.gauss(0, 1), draw.gauss(0, 2), draw.random()) for _ in range(size)]
    labels = [draw.random() < sigmoid(row[0] - 0.5 * row[1] + 0.7) for row in rows]
    ours = fit_logistic(rows, labels, (0.0, 0.0, 0.0), size)
    theirs = linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(rows, labels)
    assert ours.weights == pytest.approx(theirs.coef_[0], abs=0.01)
    assert ours.intercept == pytest.approx(float(theirs.intercept_[0]), abs=0.01)


@given(st.lists(st.tuples(st.floats(-50, 50), st.booleans()), max_size=30))
def test_any_rows_have_a_finite_curve(rows: list[tuple[float, bool]]) -> None:
    found = fit_logistic([(x,) for x, _ in rows], [label for _, label in rows], (1.0,), 30)
    assert all(map(math.isfinite, (*found.weights, found.intercept)))
