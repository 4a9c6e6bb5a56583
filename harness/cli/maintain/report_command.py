"""`harness report`: the page again, from stored data alone."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.run_argument import run_argument


@click.command("report")
@run_argument
def command(run: Path) -> None:
    """Make the report of RUN (default: last) again; needs neither documents nor a model."""
    from harness.report.folder import write_report

    click.echo(write_report(run).page)
