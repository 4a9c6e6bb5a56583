"""`harness export`: a run in the formats that other tools read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.options import out_option
from harness.cli.run_argument import run_argument

if TYPE_CHECKING:
    from harness.run.stored.stored_results import ResultsDocument
    from harness.run.stored.stored_run import RunDocument


@click.command("export")
@run_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet", "junit", "github", "markdown"]),
    required=True,
    help="csv, parquet: every verdict, a row each. junit: XML, a test for each case. github: "
    "annotations of a workflow. markdown: a comment for a pull request.",
)
@out_option("Write to this file.  [default: standard output; parquet: verdicts.parquet of the run]")
def command(run: Path, form: str, out: Path | None) -> None:
    """Write RUN for other tools: its folder, a part of its name, or `last`, the default.

    Values of documents are JSON in csv and parquet, and nothing in any format can act: no formula,
    no markup, no workflow command.
    """
    from harness.cli.diagnostics import warn_of_old_truths
    from harness.run.store import read_results, read_run, write_atomically

    warn_of_old_truths(run)
    record, results = read_run(run), read_results(run)
    if form == "parquet":
        from harness.report.exports.verdict_rows import write_parquet

        out = out or run / "verdicts.parquet"
        write_parquet(out, record, results)
        click.echo(out)
        return
    text = "".join(f"{line}\n" for line in _lines(form, record, results))
    if out is None:
        click.echo(text, nl=False)
        return
    write_atomically(out, text)
    click.echo(out)


def _lines(form: str, run: RunDocument, results: ResultsDocument) -> Iterable[str]:
    from harness.report.comparison.comparison_text import bounded
    from harness.report.exports.comment import comment_lines
    from harness.report.exports.github import github_lines
    from harness.report.exports.junit import junit_lines
    from harness.report.exports.verdict_rows import csv_lines

    if form == "markdown":
        return bounded(comment_lines(run, results))
    return {"csv": csv_lines, "junit": junit_lines, "github": github_lines}[form](run, results)
