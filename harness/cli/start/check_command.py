"""`harness check`: what is wrong with suites, without running them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.next_commands import suite_words, tell_next
from harness.cli.options import evals_argument

if TYPE_CHECKING:
    from harness.cases.documents.text_amounts import TextAmount
    from harness.cases.suite import Suite
    from harness.errors import Problem
    from harness.report.tables.table import Table
    from harness.run.asking.orders import RunJob

_NAMED: Final = 5
"""Ids a warning names before it says how many more there are."""


@click.command("check")
@evals_argument
@click.option(
    "--documents",
    is_flag=True,
    help="List every document: its format, pages, characters, and the pages that are images.",
)
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of suite.yaml, for editors, and no more."
)
def command(path: Path, *, documents: bool, schema: bool) -> None:
    """Look for mistakes in every suite under PATH (default: evals); nothing is run or written.

    Warnings do not keep a suite from running; errors exit with 3.
    """
    if schema:
        from harness.cases.suite_file.suite_schema import suite_schema_text

        click.echo(suite_schema_text(), nl=False)
        return
    from harness.cases.load import load_suites
    from harness.cli.diagnostics import warn, window_width
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
    width = window_width()
    for line in document_lines(suites, width, each=documents):
        click.echo(line)
    for suite in suites:
        for line in proposed_rules(suite):
            click.echo(line)
    if warnings:
        click.echo(counted(len(warnings), "warning"))
    has_extractors = all(suite.extractors for suite in suites)
    model = () if has_extractors else ("--model", "NAME")
    tell_next(["harness", "run", *suite_words(path), *model])


def proposed_rules(suite: Suite) -> Iterator[str]:
    """Yield the rules that would take near misses of a suite's last run for the same.

    Texts of lists that differ in letter case, accents, separators or legal form only.
    """
    from harness.cases.files.places import reports_of
    from harness.core.inert_text import inert
    from harness.core.number_text import counted
    from harness.core.scores.causes import CauseKind
    from harness.errors import HarnessError
    from harness.run.history.find_run import last_run_of
    from harness.run.store import read_results

    folder = last_run_of(suite.name, reports_of(suite.folder))
    try:
        causes = None if folder is None else read_results(folder).get("causes")
    except HarnessError:
        return  # whoever opens that run is told what is wrong with it
    for cause in causes or ():
        is_near = cause["kind"] == CauseKind.NEAR_MISSES and cause["detail"]
        if is_near and cause["subject"] not in suite.rules:
            misses = counted(cause["items"], "near miss", "near misses")
            rule = f"{cause['subject']}: {{{cause['detail']}}}"
            yield inert(f"{suite.name}: the rule {rule} would accept {misses} of the last run")


def document_lines(suites: Iterable[Suite], width: int | None, *, each: bool) -> Iterator[str]:
    """Yield a table of what each format gave, or `each` document, and what is said of scans.

    Nothing where no suite has documents. Characters are counted without blanks.
    """
    from harness.cases.documents.text_amounts import about_scans
    from harness.core.inert_text import inert
    from harness.report.tables.table import table_text

    known = {suite.name: amounts for suite in suites if (amounts := _amounts(suite))}
    if not known:
        return
    yield from table_text(_by_document(known) if each else _by_format(known), width)
    for amounts in known.values():
        yield from map(inert, about_scans(amounts))


def _amounts(suite: Suite) -> tuple[TextAmount, ...]:
    """Return what each document of a suite gave; those that several cases share once."""
    from harness.cases.documents.text_amounts import text_amount

    documents = {d.location: d for case in suite.cases for d in case.documents if d.kind}
    return tuple(text_amount(d) for d in documents.values() if d.unreadable is None)


def _by_format(known: Mapping[str, tuple[TextAmount, ...]]) -> Table:
    from harness.cases.documents.text_amounts import format_amounts
    from harness.core.number_text import count
    from harness.report.tables.table import Table, TableColumn, as_cell

    columns = (
        TableColumn("suite", "suite", as_cell),
        TableColumn("format", "format", as_cell),
        TableColumn("documents", "documents", count, right=True),
        TableColumn("characters", "characters", count, right=True),
        TableColumn("median", "median", lambda value: count(round(value)), right=True, rank=1),
        TableColumn("least", "least", count, right=True),
        TableColumn("least_in", "least in", as_cell, rank=2, tail=True),
        TableColumn("scans", "scans", count, right=True),
        TableColumn("empty", "empty", count, right=True),
    )
    rows = [
        {"suite": name, **asdict(each)}
        for name, amounts in known.items()
        for each in format_amounts(amounts)
    ]
    return Table(columns, tuple(rows))


def _by_document(known: Mapping[str, tuple[TextAmount, ...]]) -> Table:
    from harness.core.number_text import count
    from harness.report.tables.table import Table, TableColumn, as_cell

    columns = (
        TableColumn("suite", "suite", as_cell),
        TableColumn("name", "document", as_cell, tail=True),
        TableColumn("format", "format", as_cell),
        TableColumn("pages", "pages", count, right=True),
        TableColumn("characters", "characters", count, right=True),
        TableColumn("images", "pages as images", count, right=True),
    )
    rows = [
        {"suite": name, **asdict(each), "images": len(each.image_pages)}
        for name, amounts in known.items()
        for each in amounts
    ]
    return Table(columns, tuple(rows))


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
