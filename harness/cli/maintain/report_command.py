"""`harness report`: the page again, from stored data alone."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.run_argument import run_argument


@click.command("report")
@run_argument
def command(run: Path) -> None:
    """Make the report of RUN (default: last) again; needs neither documents nor a model."""
    from harness.cli.diagnostics import warn_of_old_truths
    from harness.report.folder import since_scored, write_report

    made = write_report(run, since_scored(run))
    warn_of_old_truths(run)
    click.echo(made.page)
