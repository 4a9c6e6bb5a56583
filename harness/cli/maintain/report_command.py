"""`harness report`: make the report of a run again, from stored data alone."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.next_commands import tell_next
from harness.cli.options import pages_option
from harness.cli.run_argument import run_argument


@click.command("report")
@run_argument
@pages_option
def command(run: Path, *, pages: bool) -> None:
    """Make the report of RUN (default: last) again; needs no model, and documents for --pages only.

    A page that `harness view` serves shows the pages of documents without --pages.
    """
    from harness.cli.diagnostics import warn_of_old_truths, write_with_pages
    from harness.report.folder import since_scored, write_report

    made = (write_with_pages if pages else write_report)(run, since_scored(run))
    warn_of_old_truths(run)
    click.echo(made.page)
    tell_next(["harness", "view"])
