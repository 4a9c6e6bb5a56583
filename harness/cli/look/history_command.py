"""`harness history`: how F1 went from run to run."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from harness.cli.next_commands import name_of_run, tell_next
from harness.cli.options import TABLES, database_option, form_option
from harness.cli.run_argument import reports_in, reports_option

if TYPE_CHECKING:
    from harness.report.history.history_table import Run
    from harness.run.history.run_index import RunHistory


@click.command("history")
@click.option("--suite", metavar="NAME", help="Only runs of this suite.")
@click.option("--field", metavar="FIELD", help="Follow this field's F1 instead of the macro F1.")
@reports_option
@database_option("Show the runs of a team's database, and add those found here.")
@form_option(*TABLES)
def command(
    suite: str | None, field: str | None, reports: Path | None, db: str | None, form: str
) -> None:
    """Show past runs, newest first, and where scores stop being comparable.

    Also writes `history.html` beside the run folders. An index of them is kept in
    `index.sqlite`; it may be deleted at any time and is made anew.
    """
    from harness.cases.files.places import reports_here
    from harness.cli.diagnostics import warn, window_width
    from harness.report.history.history_table import history_table, notes, runs_of
    from harness.report.tables.fit_columns import wrapped
    from harness.report.tables.table import WRITERS

    place = (reports or reports_here()) if db else reports_in(reports)
    history = _read(place, suite, db)
    for problem in history.problems:
        warn(problem)
    if not history.runs:
        _refuse(place, suite, db)
    _check_field(history, field)
    runs = runs_of(history, field)
    page = None
    if form == "text" and suite is None and field is None and os.access(place, os.W_OK):
        page = _write_page(place, runs)  # before anything is printed: a pipe may close
    width = window_width()
    for line in WRITERS[form](history_table(runs, field), width):
        click.echo(line)
    if form != "text":
        return
    for note in notes(runs):
        click.echo("\n" + "\n".join(wrapped(f"note: {note}", width, 6)))
    if page is not None:
        click.echo(f"\nas a page   {page}")
    newest = runs[-1].past
    earlier = [
        r.past for r in runs[:-1] if (r.past.suite, r.past.era) == (newest.suite, newest.era)
    ]
    if earlier and not db:
        tell_next(
            ["harness", "compare", *(name_of_run(place / p.run_id) for p in (earlier[-1], newest))]
        )


def _read(reports: Path, suite: str | None, db: str | None) -> RunHistory:
    from harness.run.history.database import server
    from harness.run.history.run_index import HistoryFilter, read_history

    return read_history(reports, HistoryFilter(suite), partial(server, db) if db else None)


def _refuse(reports: Path, suite: str | None, db: str | None) -> NoReturn:
    """Say where no run was found, and of which suites there are some."""
    from harness.errors import Problem, UsageError, did_you_mean

    others = {run.suite for run in _read(reports, None, db).runs} if suite else ()
    what = f"no run in {reports}" + (" or the database" if db else "")
    what += f" is of a suite {suite!r}" if suite else ""
    hint = did_you_mean(suite or "", others) or "make one: harness run"
    raise UsageError(Problem(what, "no-run", hint=hint))


def _check_field(history: RunHistory, field: str | None) -> None:
    from harness.errors import Problem, UsageError, did_you_mean

    known = {one.field for some in history.fields.values() for one in some}
    if field is not None and field not in known:
        what, hint = f"no run has a field {field!r}", did_you_mean(field, known)
        raise UsageError(Problem(what, "unknown-field", hint=hint))


def _write_page(reports: Path, runs: tuple[Run, ...]) -> Path:
    from harness.report.folder import field_courses, index_entries
    from harness.report.history.trend_page import render_trends
    from harness.run.store import write_atomically

    page = reports / "history.html"
    write_atomically(page, render_trends(runs, field_courses(index_entries(reports)[0])))
    return page
