"""Every score against scikit-learn's, to 1e-12."""

from __future__ import annotations

import importlib
import random
from collections.abc import Callable
from typing import Any

import pytest

from harness.core.scores.calibration import (
    brier,
    calibration_bins,
    expected_calibration_error,
    log_loss,
)
from harness.core.scores.classification import (
    accuracy,
    classify,
    confusion_matrix,
    macro_f1,
    micro_f1,
    per_class,
    weighted_f1,
)
from harness.core.scores.multilabel import multilabel
from harness.core.scores.ranking import (
    average_precision,
    hit_rate_at_k,
    macro_roc_auc,
    recall_at_k,
    roc_auc,
)

numpy: Any = importlib.import_module("numpy")
metrics: Any = importlib.import_module("sklearn.metrics")
calibration: Any = importlib.import_module("sklearn.calibration")

Rows = tuple[list[bool], list[float]]
SEEDS = range(8)


def near(value: object) -> Any:  # noqa: ANN401  # pytest.approx has no public type
    return pytest.approx(value, rel=0, abs=1e-12, nan_ok=True)


def labels_of(classes: int, seed: int) -> tuple[list[int], list[int]]:
    """Truth and guesses, the guesses right half the time; low labels are frequent."""
    draw = random.Random(seed)
    truth = [int(classes * draw.random() ** 3) for _ in range(400)]
    return truth, [t if draw.random() < 0.5 else draw.randrange(classes + 2) for t in truth]


def rows_of(levels: int, seed: int) -> Rows:
    """Labels and probabilities that know something of them; few levels mean many ties."""
    draw = random.Random(seed)
    labels = [draw.random() < 0.3 for _ in range(400)]
    labels[:2] = [True, False]
    raw = [min(1.0, max(0.0, draw.gauss(0.6 if label else 0.4, 0.3))) for label in labels]
    return labels, [round(p * levels) / levels for p in raw]


def sets_of(labels: int, seed: int) -> tuple[Any, Any]:
    """Two indicator matrices; some rows are empty, some columns may be."""
    draw = random.Random(seed)
    rates = [draw.random() ** 3 for _ in range(labels)]
    truth = [[draw.random() < rate for rate in rates] for _ in range(150)]
    guess = [[t if draw.random() < 0.8 else draw.random() < 0.3 for t in row] for row in truth]
    guess[0] = truth[0] = [False] * labels
    return numpy.array(truth), numpy.array(guess)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("classes", [1, 2, 5, 120])
def test_single_label_scores_agree(classes: int, seed: int) -> None:
    truth, guess = labels_of(classes, seed)

    def theirs(average: str) -> float:
        value: float = metrics.f1_score(truth, guess, average=average, zero_division=0)
        return value

    found = classify(zip(truth, guess, strict=True))
    assert micro_f1(truth, guess) == found.micro.value == near(theirs("micro"))
    assert macro_f1(truth, guess) == found.macro == near(theirs("macro"))
    assert weighted_f1(truth, guess) == found.weighted == near(theirs("weighted"))
    assert accuracy(truth, guess) == found.accuracy.value
    assert accuracy(truth, guess) == near(metrics.accuracy_score(truth, guess))


@pytest.mark.parametrize("classes", [1, 2, 5, 120])
def test_classes_and_confusion_agree(classes: int) -> None:
    truth, guess = labels_of(classes, 3)
    matrix = confusion_matrix(truth, guess)
    theirs = metrics.confusion_matrix(truth, guess, labels=matrix.labels)
    assert matrix.rows == tuple(map(tuple, theirs.tolist()))
    found = per_class(truth, guess)
    names = [one.label for one in found]
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, guess, labels=names, zero_division=numpy.nan
    )
    nan = float("nan")
    ours = [[one.precision, one.recall, one.f1] for one in found]
    values = [[nan if r.value is None else r.value for r in row] for row in ours]
    assert [row[0] for row in values] == near(precision.tolist())
    assert [row[1] for row in values] == near(recall.tolist())
    assert [row[2] for row in values] == near(f1.tolist())
    assert [one.support for one in found] == support.tolist()


def test_numpy_arrays_give_the_numbers_of_lists_as_python_floats() -> None:
    truth, guess = labels_of(5, 0)
    scorers: list[Callable[[Any, Any], float]] = [micro_f1, macro_f1, weighted_f1, accuracy]
    for scorer in scorers:
        found = scorer(numpy.array(truth), numpy.array(guess))
        assert found == scorer(truth, guess)
        assert type(found) is float
        with pytest.raises(ValueError, match="nothing to score"):
            scorer(numpy.array([]), numpy.array([]))
    labels, scores = map(numpy.array, rows_of(20, 0))
    probable: list[Callable[[Any, Any], float | None]] = [
        roc_auc,
        average_precision,
        log_loss,
        brier,
        lambda one, other: expected_calibration_error(one, other, 7),
    ]
    for rank in probable:
        assert type(rank(labels, scores)) is float
        assert rank(labels, scores) == rank(labels.tolist(), scores.tolist())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("labels", [2, 6, 40])
def test_multi_label_scores_agree(labels: int, seed: int) -> None:
    truth, guess = sets_of(labels, seed)
    found = multilabel(
        [set(numpy.flatnonzero(row).tolist()) for row in truth],
        [set(numpy.flatnonzero(row).tolist()) for row in guess],
        labels=range(labels),
    )

    def theirs(average: str | None) -> Any:  # noqa: ANN401  # an array or a number
        return metrics.f1_score(truth, guess, average=average, zero_division=numpy.nan)

    assert found.micro.value == near(theirs("micro"))
    assert found.macro == near(numpy.nanmean(theirs(None)))
    assert found.weighted == near(theirs("weighted"))
    assert found.samples == near(theirs("samples"))
    assert found.exact_match.value == near(metrics.accuracy_score(truth, guess))
    assert found.hamming_loss.value == near(metrics.hamming_loss(truth, guess))
    by_label = {one.label: one.f1.value for one in found.classes}
    for label, value in enumerate(theirs(None)):
        ours = by_label[label]
        assert (float("nan") if ours is None else ours) == near(value)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("levels", [1, 4, 20, 10**9])
def test_rankings_and_probabilities_agree(levels: int, seed: int) -> None:
    labels, scores = rows_of(levels, seed)
    assert roc_auc(labels, scores) == near(metrics.roc_auc_score(labels, scores))
    assert average_precision(labels, scores) == near(
        metrics.average_precision_score(labels, scores)
    )
    assert log_loss(labels, scores) == near(metrics.log_loss(labels, scores))
    assert brier(labels, scores) == near(metrics.brier_score_loss(labels, scores))


def test_one_class_alone_agrees_where_they_have_a_number() -> None:
    scores = [0.1, 0.5, 0.5, 1.0]
    assert average_precision([True] * 4, scores) == metrics.average_precision_score([1] * 4, scores)
    assert log_loss([True] * 4, scores) == near(
        metrics.log_loss([True] * 4, scores, labels=[False, True])
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_macro_auroc_agrees(seed: int) -> None:
    draw = random.Random(seed)
    truth, _ = sets_of(9, seed)
    scores = numpy.array([[round(draw.random(), 2) + cell / 3 for cell in row] for row in truth])
    found = macro_roc_auc(truth.tolist(), scores.tolist())
    kept = [column for column, one in enumerate(found.per_label) if one is not None]
    assert kept == [column for column in range(9) if len(set(truth[:, column].tolist())) == 2]
    theirs = metrics.roc_auc_score(truth[:, kept], scores[:, kept], average=None)
    assert [found.per_label[column] for column in kept] == near(numpy.atleast_1d(theirs).tolist())
    assert found.value == near(float(numpy.mean(theirs)))


@pytest.mark.parametrize("k", [1, 2, 4])
def test_recall_at_k_is_top_k_accuracy_with_one_label_an_item(k: int) -> None:
    draw = random.Random(k)
    truth = [draw.randrange(5) for _ in range(300)]
    scores = [[draw.random() + (label == one) / 3 for label in range(5)] for one in truth]
    ranked = [sorted(range(5), key=lambda label: -row[label]) for row in scores]
    theirs = metrics.top_k_accuracy_score(truth, scores, k=k)
    assert recall_at_k([{one} for one in truth], ranked, k) == near(theirs)
    assert hit_rate_at_k([{one} for one in truth], ranked, k) == near(theirs)


@pytest.mark.parametrize("bins", [1, 5, 10, 40])
def test_bins_of_equal_mass_agree_with_their_quantiles(bins: int) -> None:
    labels, scores = rows_of(10**12, bins)
    draw = random.Random(bins)
    scores = [0.05 + 0.9 * p + draw.random() / 1000 for p in scores]  # no two are equal
    shares, means = calibration.calibration_curve(labels, scores, n_bins=bins, strategy="quantile")
    found = calibration_bins(labels, scores, bins)
    assert [one.share for one in found] == near(shares.tolist())
    assert [one.mean for one in found] == near(means.tolist())
    expected = float(numpy.mean(numpy.abs(shares - means)))
    assert expected_calibration_error(labels, scores, bins) == near(expected)
