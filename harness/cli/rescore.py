"""`harness rescore`: yesterday's answers on today's ruler."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from harness.cli.runs import RUN


@click.command("rescore")
@click.argument("run", type=RUN)
@click.option(
    "--suite",
    type=click.Path(path_type=Path),
    help="Use this suite's truths, schemas and rules as they are today.",
)
def command(run: Path, suite: Path | None) -> None:
    """Score the stored predictions of the run folder RUN again, and make its report again.

    Without --suite the truths and rules that the run itself stored are used.
    """
    from rich.console import Console

    from harness.cases.load import load_suites
    from harness.cli.messages import INCOMPLETE, note_incomplete
    from harness.errors import Problem, UsageError
    from harness.report.folder import write_report
    from harness.report.terminal import summary
    from harness.run.rescore import rescore

    suites = load_suites(suite) if suite else ()
    if len(suites) > 1:
        raise UsageError(Problem("--suite names more than one suite", "many-suites"))
    results = rescore(run, suites[0] if suites else None)
    made = write_report(run)
    summary(Console(), made.run, results, made.page)
    if not results["complete"]:
        note_incomplete()
        sys.exit(INCOMPLETE)
