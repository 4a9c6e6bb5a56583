"""Taggers side by side, label by label: every model and loss, with its seconds of processor time.

    python benchmarks/taggers.py SUITE --test TAG --focus RARE,RARER [--beside RUN]
    python benchmarks/taggers.py --data DIR [--page docs/tagger.md]    # the public sets in DIR

The second trains on each of two volumes of journal articles and tests on the other, shows a
language model's reading of six articles beside all, and does the same with sets of labels.
`--keep FILE` keeps each line the moment it is measured, and goes on with what is missing.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import process_time, strftime
from typing import Final, TypeAlias

from measure import table
from measured_page import replace_measured
from tagger_sets import RARE, READ, READ_TAG, READ_VOLUME, READER, lines_suite, texts_suite

from harness.cases.load import load_suites
from harness.core.number_text import percent
from harness.extract.tagger.label_field import LabelForm
from harness.extract.tagger.tagger_model import ModelKind
from harness.train.label_examples import LabelData, label_data
from harness.train.label_scores import ModelScore
from harness.train.run_labels import run_score
from harness.train.train_model import fit_model, majority, score_model
from harness.train.training_options import LOSSES, NETWORKS, TrainingOptions

TEXTS: Final = 12_000
"""Texts with sets of labels to learn from, at most, and as many to test on."""
RAREST: Final = 5
"""Labels of a set that are shown one by one."""

Line: TypeAlias = dict[str, list[str]]
"""The cells of one model by the name of the table they stand in."""


@dataclass
class Kept:
    """Lines by name, in a file that grows by each; None keeps them in memory."""

    file: Path | None
    by_name: dict[str, Line] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what an earlier call has measured."""
        if self.file is not None and self.file.exists():
            for line in self.file.read_text("utf-8").splitlines():
                self.by_name.update(json.loads(line))

    def add(self, name: str, line: Line) -> None:
        """Keep a line."""
        self.by_name[name] = line
        print(json.dumps({name: line}), file=sys.stderr, flush=True)
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps({name: line}) + "\n")


@dataclass(frozen=True)
class Comparison:
    """Models that are trained on one part of a suite and tested on others."""

    title: str
    suite: Path
    test: str | None
    focus: tuple[str, ...]
    """Labels that losses with a focus look at; empty: all."""
    beside: tuple[Path, ...] = ()
    """Runs that stand beside the models on the whole test."""
    reader: Path | None = None
    """A run that answered some of the test documents: all stand beside it on these alone."""

    def show(self, kept: Kept, ways: Sequence[TrainingOptions] | None = None) -> None:
        """Print a table of all models, and one of the documents that the reader answered."""
        (suite,) = load_suites(self.suite, keep_unreadable=True)
        data = label_data(suite, None, self.test)
        parts = {self.title: data}
        if self.reader is not None:
            known = replace(data, test=tuple(one for one in data.test if one.case_id in READ))
            parts[f"{self.title}, the {len(known.test)} documents that were read"] = known
        shown = self.focus or data.labels[:RAREST]
        names = []
        for way in ways or every_way(data.field.form, self.focus):
            name = f"{self.title}: {way.name}"
            names.append(name)
            if name not in kept.by_name:
                kept.add(name, trained(way, parts, shown, suite.name))
        first = score_model("majority label", data, majority(data), 0.0)
        for title, part in parts.items():
            rows = [kept.by_name[name][title] for name in names]
            beside = [self.reader] if title != self.title and self.reader else self.beside
            scores = [run_score(folder, part) for folder in beside]
            if title == self.title:
                scores.insert(0, first)
            rows = [cells(one, shown, part) for one in scores] + rows
            head = ("model", *shown, "mean of these", "all labels", "train", "test", "USD")
            print(f"### {title}\n")
            print(f"{len(data.train)} documents to learn from, {len(part.test)} to test on.\n")
            table(head, rows)


def every_way(form: LabelForm, focus: tuple[str, ...]) -> list[TrainingOptions]:
    """Return every model with every loss that fits what is labelled."""
    lines = form is LabelForm.LINES
    ways = [TrainingOptions("perceptron"), *([TrainingOptions("crf")] if lines else [])]
    kinds: list[ModelKind] = ["linear", "bilstm"] if lines else ["linear"]
    for model in kinds:
        for loss in LOSSES:
            chosen = focus if loss in ("focal", "soft-f1") else ()
            ways.append(TrainingOptions(model, loss, focus=chosen))
    return ways


def trained(
    way: TrainingOptions, parts: dict[str, LabelData], shown: Sequence[str], suite: str
) -> Line:
    """Train a model and return its cells on each part of the test."""
    first, *_ = parts.values()
    began = process_time()
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit_model(first, way, suite, Path(folder))
        spent = process_time() - began
        line: Line = {}
        for title, part in parts.items():
            began = process_time()
            score = score_model(way.name, part, fitted, spent)
            line[title] = cells(replace(score, test_seconds=process_time() - began), shown, part)
    return line


def cells(one: ModelScore, shown: Sequence[str], data: LabelData) -> list[str]:
    """Return a model's line; seconds and dollars that nobody knows stay empty."""
    scores = [one.of(label).f1 for label in shown]
    texts = [f"{float(score) if score.of else 0.0:.2f}" for score in scores]
    spent = ["" if t is None else f"{t:.1f} s" for t in (one.train_seconds, one.test_seconds)]
    means = percent(one.mean_f1(shown)), percent(one.mean_f1(data.labels))
    return [one.name, *texts, *means, *spent, "" if one.usd is None else f"{one.usd:.4g}"]


def public_sets(data: Path, project: Path, only: str) -> Iterator[Comparison]:
    """Yield what is compared of a folder of public sets, where its title has certain words."""
    lines = lines_suite(data, project)
    command = [sys.executable, "-m", "harness", "run", str(lines), "-q", "--extractor", READER]
    folder = project / "reports" / "read"
    command += ["--tag", READ_TAG, "--reports", str(folder)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)  # noqa: S603  # our own
    (reader,) = (found.parent for found in folder.glob("*/run.json"))
    for volume, other in (("118", "119"), ("119", "118")):
        title = f"Trained on volume {volume}, tested on {other}"
        if only in title:
            known = reader if other == READ_VOLUME else None
            yield Comparison(title, lines, f"v{other}", RARE, reader=known)
    title = "Texts with sets of labels"
    if only in title:
        yield Comparison(title, texts_suite(data, project, TEXTS), "dev", ())


ABOUT: Final = """Lines of a mycology journal, labelled by the project `skol`; figures of labels
are F1. A language model (Claude) read six articles drawn by lot, after it had seen one
labelled article of the other volume; lines were cut at 64 characters. Its answers are recorded
in `benchmarks/tagger_sets.py`; what they cost is not known.
"""


def head() -> str:
    """Return when and where this is measured."""
    cores = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    python = f"Python {platform.python_version()}"
    return f"On {strftime('%Y-%m-%d')}, {cores}, {python}; seconds are processor time."


def parsed_options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("suite", type=Path, nargs="?")
    parser.add_argument("--test")
    parser.add_argument("--focus", default="")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--beside", type=Path, action="append", default=[])
    parser.add_argument("--without-networks", action="store_true")
    parser.add_argument("--data", type=Path, help="folder of public sets")
    parser.add_argument("--only", default="", help="words in the title of what is compared")
    parser.add_argument("--page", type=Path, help="replace what this page says was measured")
    parser.add_argument("--keep", type=Path, help="keep lines here, and go on with them")
    return parser.parse_args()


def main() -> None:
    """Print Markdown tables; write them into the page where it is asked for."""
    options = parsed_options()
    kept = Kept(options.keep)
    text = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(text):
        print(f"{head()}\n")
        if options.suite is not None:
            focus = tuple(filter(None, options.focus.split(",")))
            name = options.suite.resolve().name
            one = Comparison(name, options.suite, options.test, focus, tuple(options.beside))
            one.show(kept, chosen_ways(options, one))
        if options.data is not None:
            print(ABOUT)
        sets = public_sets(options.data, Path(folder), options.only) if options.data else ()
        for each in sets:
            each.show(kept)
    print(text.getvalue())
    if options.page is not None:
        only = f' --only "{options.only}"' if options.only else ""
        command = f"`python benchmarks/taggers.py --data DIR{only}` has printed this."
        replace_measured(options.page, f"{command}\n{text.getvalue()}")


def chosen_ways(options: argparse.Namespace, one: Comparison) -> list[TrainingOptions]:
    """Return the models that the command line leaves, with its epochs."""
    (suite,) = load_suites(one.suite, keep_unreadable=True)
    ways = every_way(label_data(suite, None, one.test).field.form, one.focus)
    if options.without_networks:
        return [way for way in ways if way.model not in NETWORKS]
    epochs = options.epochs
    return [replace(way, epochs=epochs) if way.model in NETWORKS else way for way in ways]


if __name__ == "__main__":
    main()
