"""`harness check`: what is wrong with suites, without running them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.options import evals_argument

if TYPE_CHECKING:
    from harness.errors import Problem
    from harness.run.asking.run_session import RunJob

_NAMED: Final = 5
"""Ids a warning names before it says how many more there are."""


@click.command("check")
@evals_argument
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of suite.yaml, for editors, and no more."
)
def command(path: Path, *, schema: bool) -> None:
    """Look for mistakes in every suite under PATH (default: evals); nothing is run or written.

    Warnings do not keep a suite from running; errors exit with 3.
    """
    if schema:
        from harness.cases.suite_file.suite_schema import suite_schema_text

        click.echo(suite_schema_text(), nl=False)
        return
    from harness.cases.load import load_suites
    from harness.cli.diagnostics import warn
    from harness.core.number_text import counted
    from harness.extract.endpoint.api_keys import no_secret
    from harness.run.asking.execute import prepare

    suites = load_suites(path)
    jobs = prepare([suite for suite in suites if suite.extractors], (), no_secret)
    warnings = [warning for suite in suites for warning in suite.warnings]
    warnings += [warning for job in jobs for warning in _about_recordings(job, path)]
    for warning in warnings:
        warn(warning)
    for suite in suites:
        names = ", ".join(job.name for job in jobs if job.suite is suite) or "no extractor"
        click.echo(f"{suite.name}: {counted(len(suite.cases), 'case')}; {names}")
    if warnings:
        click.echo(counted(len(warnings), "warning"))


def _about_recordings(job: RunJob, path: Path) -> Iterator[Problem]:
    """Yield what does not fit between the cases of a suite and its recorded answers."""
    from harness.cases.files.places import at
    from harness.errors import Problem
    from harness.extract.recorded.recorded import Recordings

    if not isinstance(job.extractor, Recordings):
        return
    ids = [case.id for case in job.suite.cases]
    where = at(job.suite.folder / "suite.yaml")
    missing = job.extractor.missing(ids)
    if missing:
        what = f"{job.name!r} has no recorded answer for {_listed(missing)}"
        yield Problem(what, "no-recording", where)
    is_whole = path.is_dir() or path.suffix in (".yaml", ".yml")
    unused = job.extractor.unused([*ids, *job.suite.unscored]) if is_whole else ()
    if unused:
        what = f"no case asks for the recorded answers {_listed(unused)} of {job.name!r}"
        yield Problem(what, "unused-recording", where)


def _listed(ids: tuple[str, ...]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more} more" if more > 0 else "")
