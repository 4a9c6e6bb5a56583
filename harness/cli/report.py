"""`harness report`: the page again, from stored data alone."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.runs import RUN


@click.command("report")
@click.argument("run", type=RUN)
def command(run: Path) -> None:
    """Make the report of the run folder RUN again; needs neither documents nor a model."""
    from harness.report.folder import write_report

    click.echo(write_report(run).page)
