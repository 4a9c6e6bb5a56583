"""`harness ensemble`: several runs merged into one by their votes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from harness.cli.options import OptionsCommand, takes_options
from harness.cli.run_argument import RUN_ARGUMENT, reports_here


@dataclass(frozen=True, slots=True)
class EnsembleOptions:
    """What `harness ensemble` was asked."""

    runs: tuple[Path, ...]
    name: str
    weights: Literal["equal", "f1-oof"]
    keep: float


@click.command("ensemble", cls=OptionsCommand)
@click.argument("runs", type=RUN_ARGUMENT, nargs=-1, required=True)
@click.option(
    "--name", default="ensemble", show_default=True, help="What the merged run is called."
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
    from rich.console import Console

    from harness.confidence.ensemble.ensemble_run import ensemble
    from harness.core.number_text import percent
    from harness.report.folder import write_report
    from harness.report.terminal import summary

    runs: tuple[Path, ...] = options.runs
    made = ensemble(runs, options.name, reports_here(), options.weights, options.keep)
    page = write_report(made.folder)
    summary(Console(), page.run, made.results, page.page)
    merged = made.results["aggregate"]["macro"]["f1"]
    best, single = made.best
    word = "above" if (merged or 0) > (single or 0) else "not above"
    click.echo(
        f"\nmembers     {len(made.members)}; the best alone, {best}: macro F1 {percent(single)}"
    )
    click.echo(f"ensemble    macro F1 {percent(merged)}, {word} the best member")
