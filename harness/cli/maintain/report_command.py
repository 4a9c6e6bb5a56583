"""`harness report`: the page again, from stored data alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import tell_next
from harness.cli.run_argument import run_argument

if TYPE_CHECKING:
    from harness.view.kept_pages import PageKeeper


@click.command("report")
@run_argument
@click.option(
    "--pages",
    is_flag=True,
    help="Draw the pages of PDFs and images beside it, too, with boxes around values. The files"
    " must be where they were read.",
)
def command(run: Path, *, pages: bool) -> None:
    """Make the report of RUN (default: last) again; needs no model, and documents for --pages only.

    A page that `harness view` serves shows the pages of documents without --pages.
    """
    from harness.cli.diagnostics import warn_of_old_truths
    from harness.report.folder import since_scored, write_report

    keeper = _keeper(run) if pages else None
    made = write_report(run, since_scored(run), keeper)
    warn_of_old_truths(run)
    if keeper is not None:
        _say_pages(keeper, run)
    click.echo(made.page)
    tell_next(["harness", "view"])


def _keeper(run: Path) -> PageKeeper:
    from harness.run.store import read_run
    from harness.view.kept_pages import PageKeeper

    return PageKeeper(run, read_run(run))


def _say_pages(keeper: PageKeeper, run: Path) -> None:
    from harness.cli.diagnostics import warn
    from harness.core.number_text import plain_count
    from harness.view.kept_pages import PAGES_BESIDE

    for problem in keeper.problems:
        warn(problem)
    size = f"{keeper.size / 1_000_000:.1f} MB"
    click.echo(f"{plain_count(keeper.count, 'page')}, {size}, in {run / PAGES_BESIDE}", err=True)
