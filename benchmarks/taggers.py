"""Taggers side by side on a suite of yours: every model and loss, label by label, with seconds.

python benchmarks/taggers.py SUITE --test TAG --focus RARE,RARER [--without-networks] [--beside RUN]
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from harness.cases.load import load_suites
from harness.core.number_text import percent, seconds
from harness.extract.tagger.label_field import LabelForm
from harness.extract.tagger.tagger_model import ModelKind
from harness.train.label_examples import label_data
from harness.train.label_scores import ModelScore
from harness.train.run_labels import run_score
from harness.train.train_model import train_model
from harness.train.training_options import LOSSES, TrainingOptions


def ways(form: LabelForm, focus: tuple[str, ...], *, networks: bool) -> list[TrainingOptions]:
    """Return every model with every loss that fits what is labelled."""
    lines = form is LabelForm.LINES
    found = [TrainingOptions("perceptron"), *([TrainingOptions("crf")] if lines else [])]
    kinds: list[ModelKind] = ["linear", "bilstm"] if lines else ["linear"]
    for model in kinds if networks else []:
        for loss in LOSSES:
            chosen = focus if loss in ("focal", "soft-f1") else ()
            found.append(TrainingOptions(model, loss, focus=chosen))
    return found


def main() -> None:
    """Print a Markdown table, a line as soon as its model is tested."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", type=Path)
    parser.add_argument("--test")
    parser.add_argument("--focus", default="")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--beside", type=Path, action="append", default=[])
    parser.add_argument("--without-networks", action="store_true")
    told = parser.parse_args()
    (suite,) = load_suites(told.suite, keep_unreadable=True)
    data = label_data(suite, None, told.test)
    focus = tuple(filter(None, told.focus.split(",")))
    shown = focus or data.labels[:3]
    print(f"| model | {' | '.join(shown)} | mean of these | all labels | train | test | USD |")
    print("|---|" + "--:|" * (len(shown) + 5))

    def line(one: ModelScore) -> None:
        scores = [one.of(label).f1 for label in shown]
        cells = [f"{float(score) if score.of else 0.0:.2f}" for score in scores]
        spent = [seconds(t) if t is not None else "" for t in (one.train_seconds, one.test_seconds)]
        means = percent(one.mean_f1(shown)), percent(one.mean_f1(data.labels))
        paid = "" if one.usd is None else f"{one.usd:.4g}"
        print(f"| {one.name} | {' | '.join([*cells, *means, *spent, paid])} |", flush=True)

    for folder in told.beside:
        line(run_score(folder, data))
    for at, way in enumerate(ways(data.field.form, focus, networks=not told.without_networks)):
        if way.model in ("linear", "bilstm") and told.epochs:
            way = replace(way, epochs=told.epochs)  # noqa: PLW2901  # the same way, for less time
        with tempfile.TemporaryDirectory() as folder:
            first, *_, own = train_model(data, way, suite.name, Path(folder))
        if at == 0:
            line(first)
        line(own)


if __name__ == "__main__":
    main()
