"""`harness truth settle`: write the truths that decisions add up to."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.next_commands import tell_next
from harness.cli.truth.truth_options import suite_argument


@click.command("settle", short_help="Write decisions into the truth files.")
@suite_argument
@click.option("--as", "person", metavar="NAME", help="Take edits made by hand into your log.")
def settle(suite: Path, person: str | None) -> None:
    """Write the truths of SUITE that all decisions add up to; a second time changes nothing.

    To be called after git merged logs. A truth file that was edited by hand since is left alone,
    unless --as says who takes the edits in. A draft gets its file once every field is decided.
    """
    from harness.core.inert_text import inert
    from harness.core.number_text import counted
    from harness.review.reviewed_suite import ReviewedSuite

    done = ReviewedSuite.open(suite).settle(person=person)
    written = [each for each in done if each.is_written]
    left = [each for each in done if each.hand_edits and person is None]
    for each in written:
        click.echo(inert(f"wrote {each.file}"))
    for each in left:
        edits = counted(each.hand_edits, "edit")
        click.echo(inert(f"left {each.file}: {edits} by hand; --as NAME takes them in"), err=True)
    click.echo(f"{counted(len(written), 'truth')} written, {len(done) - len(written)} as they were")
    tell_next(["harness", "truth", "status", str(suite)])
