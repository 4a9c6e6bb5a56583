"""Summary lines at the end of runs, and the exit code of the command."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from harness.core.records import Prediction
    from harness.run.stored.stored_results import ResultsDocument
    from harness.run.stored.stored_run import RunDocument


def summarise(run: RunDocument, results: ResultsDocument, page: Path, *, quiet: bool) -> None:
    """Print a run's figures, or just where its report is."""
    if quiet:
        from harness.cli.diagnostics import warn
        from harness.report.words.no_answers import failed_first

        if reason := failed_first(results):
            warn(reason)
        click.echo(shown(page))
        return
    from rich.console import Console

    from harness.report.terminal import summary

    summary(Console(), run, results, shown(page))


def costs(predictions: Iterable[Prediction]) -> None:
    """Print what the answers took, where anything was paid for or spared."""
    from harness.core.number_text import count, counted

    calls = cached = tokens = 0
    usd = 0.0
    for prediction in predictions:
        calls += prediction.calls
        cached += prediction.cached
        usage = prediction.said.usage
        if usage is not None and not prediction.cached:
            tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0)
            usd += usage.usd or 0.0
    if not calls and not cached:
        return
    parts = [counted(calls, "call"), f"{count(tokens)} tokens"]
    parts += [f"${usd:.4f}"] if usd else []
    parts += [f"{count(cached)} from the cache"] if cached else []
    click.echo(f"{'paid':<12}{', '.join(parts)}")


def overview(runs: list[tuple[RunDocument, ResultsDocument]], indexes: list[Path]) -> None:
    """Print a line a run, and where all runs are listed."""
    from rich.console import Console

    from harness.report.terminal import runs_overview

    runs_overview(Console(), runs)
    click.echo()
    for index in indexes:
        click.echo(f"all runs   {shown(index)}")


def finish(results: Sequence[ResultsDocument], not_begun: int) -> None:
    """Exit with 4 where something was left out, or a run has not one usable answer."""
    from harness.cli.diagnostics import INCOMPLETE, note_incomplete
    from harness.core.number_text import counted
    from harness.report.words.no_answers import all_unanswered

    complete = all(each["complete"] for each in results)
    if not complete:
        note_incomplete()
    if not_begun:
        click.echo(f"interrupted: {counted(not_begun, 'more run')} not begun", err=True)
    if not_begun or not complete or any(map(all_unanswered, results)):
        sys.exit(INCOMPLETE)


def shown(path: Path) -> str:
    """Return a path as short as it can be written from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
