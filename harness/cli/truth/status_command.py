"""`harness truth status`: how far the review of a suite's truths is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import tell_next
from harness.cli.options import form_option

if TYPE_CHECKING:
    from harness.review.truth_status import TruthStatus


@click.command("status", short_help="Show how far the review is, by field and person.")
@click.argument("suite", type=click.Path(path_type=Path))
@form_option("text", "json")
def status(suite: Path, form: str) -> None:
    """Show how many fields of SUITE are reviewed, approved or disputed, by field and by person."""
    from harness.core.inert_text import inert
    from harness.review.reviewed_suite import ReviewedSuite
    from harness.review.truth_status import status_document, truth_status

    found = truth_status(ReviewedSuite.open(suite))
    if form == "json":
        click.echo(json.dumps(status_document(found), indent=1))
        return
    for line in _lines(found):
        click.echo(inert(line))
    reviewed, of = found.reviewed
    done = reviewed == of and not found.unsettled
    tell_next(["harness", "run" if done else "review", str(suite)])


def _lines(found: TruthStatus) -> Iterator[str]:
    from harness.core.number_text import count, counted
    from harness.report.tables import Table, TableColumn, table_text

    reviewed, of = found.reviewed
    approved = sum(field.states["approved"] for field in found.fields)
    yield (
        f"{found.suite}: {count(approved)} of {count(of)} fields approved by a person; "
        f"{count(reviewed)} of {count(of)} are scored"
    )
    if found.without_truth:
        yield f"{counted(len(found.without_truth), 'case')} without a truth or a draft"
    for case in found.unsettled:
        yield f"{case}: its file was edited by hand; harness truth settle --as NAME takes that in"
    if found.fields:
        yield ""
    keys = ("fields", "reviewed", "approved", "stated", "absent", "unlabelled", "disputed")
    columns = [TableColumn("field", "field")]
    columns += [TableColumn(key, key, right=True) for key in (*keys, "conflict")]
    rows: list[dict[str, object]] = [
        {"field": f.name, "fields": f.fields, "reviewed": f.reviewed}
        | {key: f.states[key] for key in (*keys[2:], "conflict")}
        for f in found.fields
    ]
    yield from table_text(Table(tuple(columns), tuple(rows)), None)
    yield from _people(found)


def _people(found: TruthStatus) -> Iterator[str]:
    from harness.core.number_text import counted, moment

    if found.people:
        yield ""
    for person in found.people:
        work = f"{counted(person.decisions, 'decision')} in {counted(person.cases, 'case')}"
        holds = f"{counted(person.approvals, 'approved field')}, {counted(person.edits, 'edit')}"
        yield f"{person.name}: {work}, {holds}, last {moment(person.last)}"
