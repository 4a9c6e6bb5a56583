"""`harness rescore`: score the stored answers of a run again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.next_commands import after_run, tell_next
from harness.cli.options import thresholds_option
from harness.cli.run_argument import run_argument


@click.command("rescore")
@run_argument
@click.option(
    "--suite",
    type=click.Path(path_type=Path),
    help="The run's suite, or a folder that holds it: use its truths, schemas and rules of today.",
)
@thresholds_option
@click.option("--accept-all", is_flag=True, help="Withhold nothing any more.")
def command(run: Path, suite: Path | None, thresholds: Path | None, *, accept_all: bool) -> None:
    """Score the stored predictions of RUN again, and make its report again.

    RUN is a folder, a part of a name, `last` (the default), `last~1` before it, or `last:NAME`.

    Without --suite the truths and rules that the run itself stored are used. Thresholds are
    remembered: a later rescore applies them, too, until --accept-all.
    """
    from rich.console import Console

    from harness.cases.documents.document_files import shown_boxes
    from harness.cli.diagnostics import (
        INCOMPLETE,
        note_incomplete,
        warn_of_changes,
        warn_of_old_documents,
    )
    from harness.cli.runs_suite import suite_of
    from harness.report.folder import since_scored, write_report
    from harness.report.terminal import summary
    from harness.report.words.no_answers import all_unanswered
    from harness.run.history.truth_changes import truth_changes
    from harness.run.results.rescore import accept_everything, rescore, thresholds_for
    from harness.run.store import read_run

    if thresholds is not None and accept_all:
        raise click.UsageError("--thresholds and --accept-all exclude each other")
    if accept_all:
        accept_everything(run)
    results = rescore(
        run,
        suite_of(run, suite) if suite else None,
        thresholds_for(run, thresholds) if thresholds else None,
        shown_boxes,
    )
    made = write_report(run, since_scored(run))
    warn_of_old_documents(run, read_run(run))
    if changes := truth_changes(run, read_run(run)):
        warn_of_changes(changes)
        if changes.is_stale and suite is None:
            click.echo("scored by the truths and rules that the run stored, not by those of today")
    summary(Console(), made.run, results, made.page)
    tell_next(*after_run(run, made.run, results))
    if not results["complete"]:
        note_incomplete()
    if not results["complete"] or all_unanswered(results):
        sys.exit(INCOMPLETE)
