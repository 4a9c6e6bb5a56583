"""`harness truth agreement`: how far reviewers agree."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.diagnostics import window_width
from harness.cli.next_commands import tell_next
from harness.cli.options import form_option
from harness.cli.truth.truth_options import suite_argument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.review.reviewer_agreement import Figure, ReviewerAgreement
    from harness.review.weekly_agreement import WeekOfWork


@click.command("agreement", short_help="Show how far reviewers agree.")
@suite_argument
@click.option(
    "--by",
    type=click.Choice(["pair", "person", "field", "week"]),
    default="pair",
    show_default=True,
    help="A row for each two people, each person against the settled truth, each field, or each"
    " week and person.",
)
@form_option("text", "json")
def agreement(suite: Path, by: str, form: str) -> None:
    """Show how far the reviewers of SUITE agree on the fields that two or more spoke of.

    F1 is that of `harness score`, one person's values taken for the truth of the other's. Cohen's
    and Fleiss' kappa and Krippendorff's alpha take every value for a class of its own. Intervals
    are drawn over documents. Where people saw what the others had said, all of it flatters: the
    column `unseen` counts the fields that both gave by themselves.
    """
    from harness.core.inert_text import inert
    from harness.review.reviewed_suite import ReviewedSuite
    from harness.review.reviewer_agreement import agreement_document, reviewer_agreement
    from harness.review.weekly_agreement import weekly_agreement, weeks_document

    opened = ReviewedSuite.open(suite)
    agreed, weeks = reviewer_agreement(opened), weekly_agreement(opened)
    if form == "json":
        document = {**agreement_document(agreed), "weeks": weeks_document(weeks)}
        click.echo(json.dumps(document, indent=1))
        return
    if by == "week":
        for line in _table(_week_rows(weeks)):
            click.echo(inert(line))
        return
    if not agreed.pairs:
        click.echo("nobody reviewed a field that another one reviewed, too", err=True)
        return
    for line in _lines(agreed, by):
        click.echo(inert(line))
    tell_next(["harness", "truth", "status", str(suite)])


def _lines(agreed: ReviewerAgreement, by: str) -> Iterator[str]:
    yield from _table(
        _field_rows(agreed) if by == "field" else _pair_rows(agreed, is_person=by == "person")
    )


def _table(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    from harness.report.tables.table import Table, TableColumn, table_text

    if rows:
        columns = [
            TableColumn(key, key, right=not isinstance(rows[0][key], str)) for key in rows[0]
        ]
        yield from table_text(Table(tuple(columns), tuple(rows)), window_width())


def _pair_rows(agreed: ReviewerAgreement, *, is_person: bool) -> list[Mapping[str, Any]]:
    from harness.review.reviewer_agreement import SETTLED

    return [
        {
            "person": pair.first,
            "against": pair.second,
            "cases": pair.cases,
            "fields": pair.fields,
            "unseen": pair.unseen,
            "F1": _share(pair.f1),
            "Cohen's kappa": _coefficient(pair.kappa),
        }
        for pair in agreed.pairs
        if (pair.second == SETTLED) == is_person
    ]


def _field_rows(agreed: ReviewerAgreement) -> list[Mapping[str, Any]]:
    return [
        {
            "field": each.name or "all fields",
            "fields": each.fields,
            "agree": each.agree,
            "alpha": _coefficient(each.alpha),
            "Fleiss' kappa": _coefficient(each.fleiss),
            "alpha, present or not": _coefficient(each.presence),
        }
        for each in (*agreed.fields, agreed.whole)
    ]


def _week_rows(weeks: Sequence[WeekOfWork]) -> list[Mapping[str, Any]]:
    return [
        {
            "week": each.week,
            "person": each.person or "all together",
            "cases": each.cases,
            "fields": each.fields,
            "F1": _share(each.f1) if each.person else "",
            "alpha": "" if each.person else _coefficient(each.alpha),
        }
        for each in weeks
    ]


def _share(figure: Figure) -> str:
    from harness.core.number_text import share_within

    return share_within(figure.value, figure.interval)


def _coefficient(figure: Figure) -> str:
    from harness.core.number_text import coefficient

    return coefficient(figure.value, figure.interval)
