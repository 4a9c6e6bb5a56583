"""Label scores: how each model does on the test documents, label by label, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.number_text import money, percent, seconds
from harness.core.scores.confusion import ClassScore
from harness.core.scores.multilabel import multilabel
from harness.core.values import Json
from harness.train.label_examples import LabelData, LabelExample, LabelTruth

_NAME: Final = 28
_CELL: Final = 14


@dataclass(frozen=True, slots=True)
class ModelScore:
    """One model on the test documents."""

    name: str
    classes: tuple[ClassScore, ...]
    """In the order of the labels; a label nobody was trained on comes after them."""
    train_seconds: float | None
    """None where it was trained elsewhere."""
    test_seconds: float | None
    """For all test documents; None where nobody measured it."""
    usd: float | None
    """For all test documents; None where nobody knows."""
    unanswered: int = 0
    """Test documents without an answer: their labels count as missed."""

    def of(self, label: str) -> ClassScore:
        """Return the score of a label."""
        return next(one for one in self.classes if one.label == label)

    def mean_f1(self, labels: Sequence[str]) -> float | None:
        """Return the mean F1 of labels; one that nobody used counts as 0 unless none was used."""
        known = [self.of(label).f1 for label in labels]
        return sum(float(one) if one.of else 0.0 for one in known) / len(known) if known else None

    def as_json(self) -> dict[str, Json]:
        """Return what `scores.json` holds of it."""
        return {
            "name": self.name,
            "labels": {
                str(one.label): {
                    "true_positives": one.true_positives,
                    "false_positives": one.false_positives,
                    "false_negatives": one.false_negatives,
                }
                for one in self.classes
            },
            "train_seconds": self.train_seconds,
            "test_seconds": self.test_seconds,
            "usd": self.usd,
            "unanswered": self.unanswered,
        }


def label_classes(
    data: LabelData, answers: Mapping[str, Sequence[frozenset[str]]]
) -> tuple[ClassScore, ...]:
    """Return the score of every label; positions that nobody labelled are in none.

    A case without an answer, or a position past its end, was given no label.
    """
    truths: list[frozenset[str]] = []
    given: list[frozenset[str]] = []
    for one in data.test:
        labels = answers.get(one.case_id, ())
        for at, truth in enumerate(one.truths):
            if truth is not None:
                truths.append(truth)
                given.append(labels[at] if at < len(labels) else frozenset())
    names = dict.fromkeys([*data.labels, *sorted({x for some in (*truths, *given) for x in some})])
    classes_by_label = {
        one.label: one for one in multilabel(truths, given, labels=[*names]).classes
    }
    return tuple(classes_by_label[name] for name in names)


def label_score_lines(
    data: LabelData,
    scores: Sequence[ModelScore],
    optimised: Mapping[str, str],
    focus: Sequence[str],
) -> Iterator[str]:
    """Yield the test of a model, the last of the scores, label by label; then all side by side."""
    own = scores[-1]
    width = max(_NAME, *(len(label) for label in data.labels))
    unit = "lines" if data.field.form == "lines" else "texts"
    head = ("support", "precision", "recall", "F1")
    yield f"{own.name}: {_amount(data.test)} {unit} of {len(data.test)} documents tested"
    yield f"{'':{width}}{head[0]:>9}" + "".join(f"{name:>11}" for name in head[1:]) + "  optimised"
    for one in own.classes:
        label = str(one.label)
        ratios = (one.precision, one.recall, one.f1)
        cells = "".join(f"{percent(float(r) if r.of else None):>11}" for r in ratios)
        what = optimised.get(label, "never seen in training")
        yield f"{label:{width}}{one.support:>9}{cells}  {what}"
    yield ""
    yield from _side_by_side(data, scores, focus)


def _side_by_side(
    data: LabelData, scores: Sequence[ModelScore], focus: Sequence[str]
) -> Iterator[str]:
    shown = focus or data.labels
    what = f"mean F1 of {', '.join(focus)}" if focus else f"mean F1 of {len(shown)} labels"
    width = max(_NAME, *(len(one.name) + 2 for one in scores))
    yield f"{what}"
    titles = ("mean F1", "all labels", "train", "test", "USD")
    yield f"{'':{width}}" + "".join(f"{title:>{_CELL}}" for title in titles)
    for one in scores:
        spent = [
            seconds(t) if t is not None else "-" for t in (one.train_seconds, one.test_seconds)
        ]
        usd = money(one.usd) if one.usd else ("0" if one.usd == 0 else "-")
        cells = percent(one.mean_f1(shown)), percent(one.mean_f1(data.labels)), *spent, usd
        tail = f"  {one.unanswered} documents not answered" if one.unanswered else ""
        yield f"{one.name:{width}}" + "".join(f"{cell:>{_CELL}}" for cell in cells) + tail


def _amount(examples: Sequence[LabelExample]) -> int:
    truths: Iterator[LabelTruth] = (truth for one in examples for truth in one.truths)
    return sum(truth is not None for truth in truths)
