"""`harness ensemble`: several runs merged into one by their votes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from harness.cli.next_commands import name_of_run, tell_next
from harness.cli.options import OptionsCommand, takes_options
from harness.cli.run_argument import RUN_ARGUMENT

if TYPE_CHECKING:
    from harness.confidence.ensemble.ensemble_run import EnsembleRun


@dataclass(frozen=True, slots=True)
class EnsembleOptions:
    """Options of `harness ensemble`."""

    runs: tuple[Path, ...]
    name: str
    weights: Literal["equal", "f1-oof"]
    keep: float


@click.command("ensemble", cls=OptionsCommand)
@click.argument("runs", type=RUN_ARGUMENT, nargs=-1, required=True)
@click.option(
    "-o", "--name", default="ensemble", show_default=True, help="What the merged run is called."
)
@click.option(
    "--weights",
    type=click.Choice(["equal", "f1-oof"]),
    default="equal",
    show_default=True,
    help="What votes weigh: all the same, or each member's F1 on other documents.",
)
@click.option(
    "--keep",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Share of the votes that a list item needs.",
)
@takes_options(EnsembleOptions)
def command(options: EnsembleOptions) -> None:
    """Merge RUNS of the same cases into a run of its own, field by field, by their votes.

    A run asked with --repeat is several members. Votes are for values, not for how they are
    written. The share of votes becomes each value's confidence (harness tune).
    """
    from harness.cases.files.places import reports_here
    from harness.cli.diagnostics import warn_of_old_truths
    from harness.confidence.ensemble.ensemble_run import ensemble

    runs: tuple[Path, ...] = options.runs
    warn_of_old_truths(*runs)
    made = ensemble(runs, options.name, reports_here(), options.weights, options.keep)
    tell_ensemble(made)
    tell_next(["harness", "compare", name_of_run(runs[0]), name_of_run(made.folder)])


def tell_ensemble(made: EnsembleRun, *, quiet: bool = False) -> None:
    """Write a merged run's report and print it beside its best member."""
    from rich.console import Console

    from harness.cases.files.places import shown_path
    from harness.core.number_text import counted, percent
    from harness.report.folder import write_report
    from harness.report.terminal import summary

    page = write_report(made.folder)
    if quiet:
        click.echo(str(shown_path(page.page)))
        return
    summary(Console(), page.run, made.results, page.page)
    best, number = made.best, len(made.members)
    word = "above" if (best.merged_f1 or 0) > (best.f1 or 0) else "not above"
    of = "" if best.cases == made.cases else f" of its {counted(best.cases, 'case')}"
    if best.merged_f1 is None and best.f1 is None:
        click.echo(f"\nmembers     {number}; without a truth none of them is called the best")
    else:
        click.echo(
            f"\nmembers     {number}; the best alone, {best.name}: macro F1 {percent(best.f1)}{of}"
        )
        same = " of the same" if of else ""
        click.echo(f"ensemble    macro F1 {percent(best.merged_f1)}{same}, {word} the best member")
    for one in made.members:
        if one.cases < made.cases:
            click.echo(f"absent      {one.name} votes on {one.cases} of {made.cases} cases")
    if made.is_unanimous:
        click.echo(
            "votes       all members say the same throughout: their votes tell nothing; "
            "ask models again at a temperature above 0"
        )
