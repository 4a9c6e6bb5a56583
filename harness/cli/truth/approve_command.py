"""`harness truth approve`: approve many fields at once, and take that back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from harness.cli.next_commands import tell_next, typed_again
from harness.cli.options import OptionsCommand, takes_options
from harness.cli.run_argument import RUN_ARGUMENT
from harness.cli.truth.truth_options import person_option, suite_argument


@dataclass(frozen=True, slots=True)
class ApproveOptions:
    """Options of `harness truth approve`."""

    suite: Path
    cases: tuple[str, ...]
    runs: tuple[Path, ...]
    everything: bool
    yes: bool
    undo: bool
    person: str


@click.command("approve", cls=OptionsCommand, short_help="Approve many fields at once.")
@suite_argument
@click.argument("cases", nargs=-1)
@click.option(
    "--unanimous",
    "runs",
    multiple=True,
    type=RUN_ARGUMENT,
    help="A run; approve what this run, and every other one given, says like the truth.",
)
@click.option("--all", "everything", is_flag=True, help="All cases of the suite.")
@click.option("--yes", is_flag=True, help="Write it down; without, it is only shown.")
@click.option("--undo", is_flag=True, help="Take your last bulk approval back.")
@person_option
@takes_options(ApproveOptions)
def approve(options: ApproveOptions) -> None:
    """Approve every field of CASES of SUITE as it is, lists and what is absent included.

    With --unanimous only fields of which all RUNs say what the truth says. Fields that are
    disputed or in conflict are never approved in bulk. Shows what would be approved, and writes
    it down with --yes.
    """
    from harness.core.number_text import counted
    from harness.review.bulk_approval import bulk_approvals, carry_out, last_bulk, take_back
    from harness.review.reviewed_suite import ReviewedSuite

    runs, cases, person = options.runs, options.cases, options.person
    opened = ReviewedSuite.open(options.suite, runs)
    if options.undo:
        number = take_back(opened, person, last_bulk(opened, person))
        click.echo(f"taken back: the approval of {counted(number, 'field')} by {person}")
        return
    if not cases and not options.everything and not runs:
        raise click.UsageError("say which cases: CASE..., --all, or --unanimous RUN")
    chosen = cases or opened.case_ids
    bulk = list(bulk_approvals(opened, person, chosen, unanimous=bool(runs)))
    for line in _lines([(one.case, len(one.fields), one.left) for one in bulk]):
        click.echo(line)
    number = sum(len(one.fields) for one in bulk)
    if options.yes:
        carry_out(opened, person, bulk)
        opened.settle(one.case for one in bulk if one.fields)
        click.echo(f"approved by {person}: {counted(number, 'field')}; to take it back: --undo")
        tell_next(["harness", "truth", "status", str(options.suite)])
    else:
        click.echo(f"{counted(number, 'field')} to approve by {person}; to write it down: --yes")
        tell_next(typed_again("--yes"))


_SHOWN = 30


def _lines(bulk: list[tuple[str, int, int]]) -> list[str]:
    """Return a line for each case in which there is something to approve, or in doubt."""
    from harness.core.inert_text import inert
    from harness.core.number_text import counted

    case_lines = [
        inert(f"{case}: {counted(fields, 'field')}")
        + (f", {left} in doubt left out" if left else "")
        for case, fields, left in bulk
        if fields or left
    ]
    more = len(case_lines) - _SHOWN
    return case_lines[:_SHOWN] + ([f"and {counted(more, 'more case')}"] if more > 0 else [])
