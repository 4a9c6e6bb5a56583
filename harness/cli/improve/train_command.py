"""`harness train`: train a small model that labels lines or documents, and test it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from harness.cli.next_commands import name_of_run, suite_words, tell_next, typed_again
from harness.cli.options import OptionsCommand, evals_argument, takes_options
from harness.cli.run_argument import RUN_ARGUMENT

if TYPE_CHECKING:
    from harness.cases.suite import Suite


@dataclass(frozen=True, slots=True)
class TrainCommandOptions:
    """Options of `harness train`; None for the default of the model."""

    path: Path
    field: str | None
    model: Literal["perceptron", "crf", "linear", "bilstm"]
    loss: Literal["ce", "weighted", "focal", "soft-f1"] | None
    weights: Literal["balanced", "root", "effective"] | None
    focus: str | None
    test_tag: str | None
    beside: tuple[Path, ...]
    epochs: int | None
    seed: int
    out: Path


@click.command("train", cls=OptionsCommand)
@evals_argument
@click.option(
    "--field",
    metavar="FIELD",
    help="Where the labels are: lines[].label, labels[] or category.  [default: the only one]",
)
@click.option(
    "--model",
    type=click.Choice(["perceptron", "crf", "linear", "bilstm"]),
    default="perceptron",
    show_default=True,
    help="crf needs the extra train; linear and bilstm need PyTorch.",
)
@click.option(
    "--loss",
    type=click.Choice(["ce", "weighted", "focal", "soft-f1"]),
    help="Of linear and bilstm.  [default: ce]",
)
@click.option(
    "--weights",
    type=click.Choice(["balanced", "root", "effective"]),
    help="How --loss weighted weighs labels.  [default: balanced]",
)
@click.option("--focus", metavar="LABELS", help="Labels that count, as in A,B; for the mean F1.")
@click.option("--test", "test_tag", metavar="TAG", help="Test on these cases.  [default: a fifth]")
@click.option("--beside", type=RUN_ARGUMENT, multiple=True, help="A run to show beside it.")
@click.option("--epochs", type=click.IntRange(1, 1000), help="At most so many.")
@click.option("--seed", type=int, default=7, show_default=True)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="FOLDER",
    help="The model's folder, for an extractor of kind tagger.",
)
@takes_options(TrainCommandOptions)
def command(options: TrainCommandOptions) -> None:
    """Train a small model on the ground truths of the suite at PATH (default: evals), and test it.

    It labels each line of a document, or documents as a whole. The test shows it beside the
    majority label, a perceptron and any run, with seconds and cost. Held-out cases are not used.
    """
    from harness.core.inert_text import inert
    from harness.train.label_examples import label_data
    from harness.train.label_scores import label_score_lines
    from harness.train.run_labels import run_score
    from harness.train.train_model import train_model, write_scores
    from harness.train.training_options import TrainingOptions

    suite = _only_suite(options.path)
    focus = tuple(one.strip() for one in (options.focus or "").split(",") if one.strip())
    training = TrainingOptions(
        options.model, options.loss, options.weights, focus, options.epochs, options.seed
    )
    data = label_data(suite, options.field, options.test_tag)
    runs = tuple(run_score(folder, data) for folder in options.beside)
    for note in data.notes:
        click.echo(inert(note), err=True)
    *plain, own = train_model(data, training, suite.name, options.out, _told)
    optimised = {label: training.optimised(label) for label in data.labels}
    scores = (*plain, *runs, own)
    write_scores(options.out, scores, optimised, data)
    for line in label_score_lines(data, scores, optimised, focus):
        click.echo(inert(line))
    click.echo("")
    click.echo(inert(str(options.out)))
    if not options.beside:
        tell_next(_beside(options.path, suite))


def _beside(path: Path, suite: Suite) -> list[str]:
    """Return this command with the suite's last run beside it, or the run that is missing."""
    from harness.cases.files.places import reports_of
    from harness.run.history.find_run import last_run_of

    folder = last_run_of(suite.name, reports_of(suite.folder))
    if folder is not None:
        return typed_again("--beside", name_of_run(folder))
    return [
        "harness",
        "run",
        *suite_words(path),
        *(() if suite.extractors else ("--model", "NAME")),
    ]


def _told(line: str) -> None:
    click.echo(line, err=True)


def _only_suite(path: Path) -> Suite:
    from harness.cases.load import load_suites
    from harness.errors import Problem, UsageError

    suites = load_suites(path, keep_unreadable=True)
    if len(suites) != 1:
        names = ", ".join(suite.name for suite in suites)
        what = f"a model is trained on one suite, and there are {len(suites)}: {names}"
        raise UsageError(Problem(what, "many-suites", hint="name one"))
    return suites[0]
