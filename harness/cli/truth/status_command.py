"""`harness truth status`: how far the review of a suite's truths is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.diagnostics import window_width
from harness.cli.next_commands import tell_next
from harness.cli.options import form_option
from harness.cli.truth.truth_options import suite_argument

if TYPE_CHECKING:
    from harness.review.truth_status import TruthStatus

_LEFT_OUT: Final = {"absent": 3, "stated": 2, "fields": 1}
"""Columns that give way in a narrow window, those of the highest number first."""


@click.command("status", short_help="Show how far the review is, by field and person.")
@suite_argument
@form_option("text", "json")
def status(suite: Path, form: str) -> None:
    """Show how many fields of SUITE are reviewed, approved or disputed, by field and by person."""
    from harness.core.inert_text import inert
    from harness.report.tables.fit_columns import wrapped
    from harness.review.reviewed_suite import ReviewedSuite
    from harness.review.truth_status import status_document, truth_status

    status_of_truth = truth_status(ReviewedSuite.open(suite))
    if form == "json":
        click.echo(json.dumps(status_document(status_of_truth), indent=1))
        return
    for line in _lines(status_of_truth):
        click.echo("\n".join(wrapped(inert(line), window_width())))
    reviewed, of = status_of_truth.reviewed
    done = reviewed == of and not status_of_truth.unsettled
    tell_next(["harness", "run" if done else "review", str(suite)])


def _lines(status_of_truth: TruthStatus) -> Iterator[str]:
    from harness.core.number_text import count, counted
    from harness.report.tables.table import Table, TableColumn, table_text

    reviewed, of = status_of_truth.reviewed
    approved = sum(field.states["approved"] for field in status_of_truth.fields)
    yield (
        f"{status_of_truth.suite}: {count(approved)} of {count(of)} fields approved by a person; "
        f"{count(reviewed)} of {count(of)} are scored"
    )
    if status_of_truth.without_truth:
        yield f"{counted(len(status_of_truth.without_truth), 'case')} without a truth or a draft"
    for case in status_of_truth.unsettled:
        yield f"{case}: its file was edited by hand; harness truth settle --as NAME takes that in"
    if status_of_truth.fields:
        yield ""
    keys = ("fields", "reviewed", "approved", "stated", "absent", "unlabelled", "disputed")
    columns = [TableColumn("field", "field")]
    columns += [
        TableColumn(key, key, right=True, rank=_LEFT_OUT.get(key, 0)) for key in (*keys, "conflict")
    ]
    rows: list[dict[str, object]] = [
        {"field": f.name, "fields": f.fields, "reviewed": f.reviewed}
        | {key: f.states[key] for key in (*keys[2:], "conflict")}
        for f in status_of_truth.fields
    ]
    yield from table_text(Table(tuple(columns), tuple(rows)), window_width())
    yield from _people(status_of_truth)


def _people(status_of_truth: TruthStatus) -> Iterator[str]:
    from harness.core.number_text import counted, moment

    if status_of_truth.people:
        yield ""
    for person in status_of_truth.people:
        work = f"{counted(person.decisions, 'decision')} in {counted(person.cases, 'case')}"
        holds = f"{counted(person.approvals, 'approved field')}, {counted(person.edits, 'edit')}"
        yield f"{person.name}: {work}, {holds}, last {moment(person.last)}"
