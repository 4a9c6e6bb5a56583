"""`harness truth publish`: decisions of reviewers in a team's database."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.options import database_option
from harness.cli.truth.truth_options import suite_argument


@click.command("publish", short_help="Write the decisions into a team's database.")
@suite_argument
@database_option("The team's database.", required=True)
@click.option("--rebuild", is_flag=True, help="Make all rows of the suite anew of the files.")
def publish(suite: Path, db: str, *, rebuild: bool) -> None:
    """Write what people decided about SUITE into a database, for queries and dashboards.

    The files stay the truth: what they have is added, nothing that others published is deleted.
    The rows of fields are written by whoever has every decision: merge the logs by git first.
    """
    from harness.cli.diagnostics import warn
    from harness.core.number_text import counted
    from harness.errors import Problem
    from harness.review.review_database import publish_reviews
    from harness.review.reviewed_suite import ReviewedSuite
    from harness.run.history.database import server

    opened = ReviewedSuite.open(suite)
    with server(db) as session:
        done = publish_reviews(opened, session, rebuild=rebuild)
    fields = "" if done.fields is None else f", {counted(done.fields, 'field')}"
    click.echo(f"{counted(done.events, 'decision')}, {done.new} of them new{fields}")
    if done.fields is None:
        what = f"the database has {counted(done.unknown, 'decision')} that these files do not have"
        hint = "pull and merge the logs, then publish again; --rebuild drops them"
        warn(Problem(f"{what}: fields are left as they were", "behind", hint=hint))
