"""Diagnostics on the terminal: problems and warnings, made inert; and the terminal's width."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final, NoReturn

import click

from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.report.folder import WrittenReport
    from harness.run.history.truth_changes import TruthChanges
    from harness.run.stored.stored_results import ResultsDocument
    from harness.run.stored.stored_run import RunDocument

INCOMPLETE: Final = 4
"""Exit code of a score that covers only a part of the cases."""


def window_width() -> int | None:
    """Return the columns of the terminal that standard output is; None where it is none."""
    return get_terminal_size().columns if sys.stdout.isatty() else None


def warn(about: object) -> None:
    """Print a warning: the command goes on."""
    click.echo(f"warning: {_inert(about)}", err=True)


def fail(error: HarnessError) -> NoReturn:
    """Print every problem and exit with the code of their kind."""
    for problem in error.problems:
        click.echo(_inert(problem), err=True)
    if len(error.problems) > 1:
        click.echo(f"{len(error.problems)} problems", err=True)
    sys.exit(error.exit_code)


def note_incomplete() -> None:
    """Say that a score covers only a part of the cases."""
    click.echo("incomplete: some cases were never answered; see the report", err=True)


def warn_of_old_truths(*runs: Path) -> None:
    """Warn of every run whose truths, rules or documents have changed, or where nobody can tell."""
    from harness.report.words.stale_truths import unchecked
    from harness.run.history.truth_changes import truth_changes
    from harness.run.store import read_run

    for run in runs:
        record = read_run(run)
        warn_of_old_documents(run, record)
        changes = truth_changes(run, record)
        if changes is not None and (why := unchecked(changes)):
            warn(why)
        elif changes is not None:
            warn_of_changes(changes)


def warn_of_old_documents(run: Path, record: RunDocument) -> None:
    """Warn of documents that hold something else now than when a run asked about them."""
    from harness.errors import Problem
    from harness.report.words.stale_truths import old_documents
    from harness.run.history.document_changes import document_changes

    if words := old_documents(document_changes(run, record)):
        warn(Problem(words, "old-documents", hint="ask again: harness run"))


def warn_of_changes(changes: TruthChanges) -> None:
    """Warn of truths and rules that have changed since a run was scored; nothing where none."""
    from harness.errors import Problem
    from harness.report.words.stale_truths import rescore_hint, stale

    if words := stale(changes):
        warn(Problem(words.removesuffix("."), "old-truths", hint=rescore_hint(changes)))


def note_reviewed(results: ResultsDocument) -> None:
    """Say that a score covers only the part of the truths that people vouch for."""
    from harness.report.words.lead_sentences import reviewed

    if words := reviewed(results):
        click.echo(words, err=True)


def note_reviewed_runs(folders: Iterable[Path]) -> None:
    """Say of runs' scores, each once, that they cover only what people vouch for."""
    from harness.report.words.lead_sentences import reviewed
    from harness.run.store import read_results

    words = dict.fromkeys(reviewed(read_results(folder)) for folder in folders)
    for line in filter(None, words):
        click.echo(line, err=True)


def note_broken(results: ResultsDocument) -> None:
    """Say which of the suite's checks answers break."""
    from harness.report.words.lead_sentences import check_sentences

    for words in check_sentences(results):
        click.echo(f"broken: {words}", err=True)


def _inert(message: object) -> str:
    """Return a message as it may reach a terminal: names of files and keys come from strangers."""
    from harness.core.inert_text import inert

    return "\n".join(map(inert, str(message).split("\n")))


def write_with_pages(
    run: Path, since: str = "", results: ResultsDocument | None = None
) -> WrittenReport:
    """Write the report of a run with images of its documents' pages beside it, and say how many."""
    from harness.core.number_text import plain_count
    from harness.report.folder import write_report
    from harness.run.store import read_run
    from harness.view.kept_pages import PAGES_BESIDE, PageKeeper

    keeper = PageKeeper(run, read_run(run))
    made = write_report(run, since, keeper, results)
    for problem in keeper.problems:
        warn(problem)
    size = f"{keeper.size / 1_000_000:.1f} MB"
    click.echo(f"{plain_count(keeper.count, 'page')}, {size}, in {run / PAGES_BESIDE}", err=True)
    if left := sum(keeper.left_out.values()):
        of = plain_count(len(keeper.left_out), "long document")
        without = f"{plain_count(left, 'page')} of {of} without values left out"
        click.echo(f"{without}: harness view shows them", err=True)
    return made
