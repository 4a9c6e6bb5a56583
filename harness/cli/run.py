"""`harness run`: ask, score, report."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.gating import NOT_MET, asked_gates, gate_options, hold
from harness.cli.model import model_options, said_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.core.records import Prediction
    from harness.report.verdicts import Record
    from harness.run.execute import Job


GARBAGE = 50_000
"""New objects between two searches for cycles: a run makes many values and hardly any cycle."""


@click.command("run")
@click.argument("path", type=click.Path(path_type=Path), default="evals")
@click.option(
    "-e",
    "--extractor",
    "extractors",
    multiple=True,
    metavar="NAME",
    help="Run only this extractor of the suite; may be repeated. Default: all it names.",
)
@model_options
@click.option(
    "-j",
    "--concurrency",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    help="How many cases are in flight at once.",
)
@click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where run folders go.  [default: reports/ of the project]",
)
@gate_options
@click.option("-q", "--quiet", is_flag=True, help="Print only the path of each report.")
def command(
    path: Path, extractors: tuple[str, ...], concurrency: int, reports: Path | None, *, quiet: bool
) -> None:
    """Run every suite under PATH (a folder of suites, a suite, or one case) and report on it.

    Exit codes: 0 done, 1 a gate was not met, 2 usage, 3 your files are wrong, 4 run incomplete.
    """
    from harness.cases.load import load_suites
    from harness.cases.options import with_model
    from harness.cli.messages import warn
    from harness.report.folder import write_report
    from harness.run.execute import execute, prepare

    asked, held = asked_gates(), list[Path]()
    gc.set_threshold(GARBAGE)
    suites, extractors = with_model(load_suites(path), extractors, said_model())
    for suite in suites:
        for warning in suite.warnings:
            warn(warning)
    runs: list[tuple[Record, Record]] = []
    folders: dict[Path, None] = {}
    jobs = prepare(suites, extractors)
    for job in jobs:
        target = reports or job.suite.project / "reports"
        with _Progress(job, quiet=quiet) as told:
            done = execute(job, target, concurrency, told, _stopping)
        made = write_report(done.folder)
        held.append(done.folder)
        folders[target] = None
        _summarise(made.run, made.results, made.page, quiet=quiet)
        runs.append((made.run, {**made.results, "cases": []}))
        if done.interrupted:
            break
    indexes = [index for target in folders if (index := _index(target))]
    if len(runs) > 1 and not quiet:
        _overview(runs, indexes)
    is_good = hold(held, asked, quiet=quiet)
    _finish([results for _, results in runs], len(jobs) - len(runs))
    if not is_good:
        sys.exit(NOT_MET)


def _stopping(waiting: int) -> None:
    from harness.report.numbers import counted

    said = f"stopping: waiting for {counted(waiting, 'case')}; Ctrl-C again gives up on them"
    click.echo(said, err=True)


def _index(reports: Path) -> Path | None:
    """Write the index; what is wrong with it is a warning, since the runs themselves are done."""
    from harness.cli.messages import warn
    from harness.errors import HarnessError
    from harness.report.folder import write_index

    try:
        return write_index(reports)
    except HarnessError as error:
        for problem in error.problems:
            warn(problem)
        warn("the index of all runs was not written")
        return None


def _finish(results: list[Record], not_begun: int) -> None:
    """Exit with 4 where something was left out."""
    from harness.cli.messages import INCOMPLETE, note_incomplete
    from harness.report.numbers import counted

    complete = all(each["complete"] for each in results)
    if not complete:
        note_incomplete()
    if not_begun:
        click.echo(f"interrupted: {counted(not_begun, 'more run')} not begun", err=True)
    if not_begun or not complete:
        sys.exit(INCOMPLETE)


def _summarise(run: Record, results: Record, page: Path, *, quiet: bool) -> None:
    if quiet:
        click.echo(_shown(page))
        return
    from rich.console import Console

    from harness.report.terminal import summary

    summary(Console(), run, results, _shown(page))
    click.echo()


def _overview(runs: list[tuple[Record, Record]], indexes: list[Path]) -> None:
    from rich.console import Console

    from harness.report.terminal import overview

    overview(Console(), runs)
    click.echo()
    for index in indexes:
        click.echo(f"all runs   {_shown(index)}")


def _shown(path: Path) -> str:
    """Return a path as short as it can be written from here."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


class _Progress:
    """Shows how far a job is: a bar on a terminal, nothing elsewhere."""

    def __init__(self, job: Job, *, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import Progress

        console = Console(stderr=True)
        self._bar = Progress(
            console=console, transient=True, disable=quiet or not console.is_terminal
        )
        self._job = job

    def __enter__(self) -> Callable[[Prediction], None]:
        from rich.markup import escape

        from harness.core.records import Failure
        from harness.core.unseen import inert

        job, bar = self._job, self._bar
        bar.start()
        title = escape(inert(f"{job.suite.name} · {job.name}"))
        task = bar.add_task(title, total=len(job.suite.cases))
        failed = 0

        def told(prediction: Prediction) -> None:
            nonlocal failed
            failed += isinstance(prediction.said, Failure)
            about = f"{title} · {failed} without an answer" if failed else title
            bar.update(task, advance=1, description=about)

        return told

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
