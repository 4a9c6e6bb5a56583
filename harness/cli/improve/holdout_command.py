"""`harness holdout`: compare two prompt versions on the held-out documents."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import tell_next
from harness.cli.options import OptionsCommand, evals_argument, takes_options
from harness.cli.start.endpoint_options import EndpointOptions, model_options

if TYPE_CHECKING:
    from harness.improve.search.sealed_look import LookResult
    from harness.improve.versions.versions import PromptHistory, Version


@dataclass(frozen=True, slots=True)
class HoldoutOptions:
    """Options of `harness holdout`."""

    path: Path
    base: str | None
    new: str | None
    extractor: str | None
    repeat: int
    endpoint: EndpointOptions


@click.command("holdout", cls=OptionsCommand)
@evals_argument
@click.option("--base", metavar="VERSION", help="[default: where the last improvement began]")
@click.option("--new", metavar="VERSION", help="[default: what lies on disk]")
@click.option("-e", "--extractor", metavar="NAME", help="[default: the suite's first]")
@click.option(
    "--repeat",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Ask each side about every case N times.",
)
@model_options
@takes_options(HoldoutOptions)
def command(options: HoldoutOptions) -> None:
    """Look at the held-out documents of the suite at PATH with two versions of its prompt.

    The look is written to the prompt's ledger before it is taken, counted, and printed with every
    claim: the second look at a holdout proves less than the first. Exit codes: 0 better there, too;
    1 not shown; 4 stopped, and gone on with by the same command.
    """
    from harness.cases.files.places import shown_path
    from harness.cli.improve.improve_command import write_page
    from harness.cli.improve.improve_options import asked_suite
    from harness.extract.sending.pace import Ceilings
    from harness.improve.search.improvement_session import check_names, prompt_path
    from harness.improve.search.sealed_look import LookSides, look
    from harness.improve.versions.versions import PromptHistory
    from harness.run.asking.orders import Orders, RunWatch

    suite, name = asked_suite(options.path, options.extractor, options.endpoint.as_model())
    check_names(suite, (name,))
    history = PromptHistory(prompt_path(suite))
    now = history.current()
    one = history.find(options.base) if options.base else _began(history)
    two = history.find(options.new) if options.new else now
    watch = RunWatch(lambda _: None, lambda _waiting, _why: None)
    result = look(suite, LookSides(one, two, name, options.repeat), Orders(Ceilings(8)), watch)
    _tell(result)
    if any(entry["step"] == "start" for entry in history.ledger.entries()):
        click.echo(f"report   {shown_path(write_page(suite, result.folder))}")
    tell_next(["harness", "prompt", "log", str(shown_path(history.path))])
    if not result.claim.holds:
        sys.exit(1)


def _tell(result: LookResult) -> None:
    from harness.core.number_text import few_documents_note, gains, percent, plain_count, points
    from harness.core.statistics.paired_tests import smallest_detectable

    times = "the first look" if result.look == 1 else f"look {result.look}"
    some = f" at {result.repeats} of them, the first at the rest"
    known = " at them" if result.repeats in (0, result.documents) else some
    click.echo(f"holdout  {plain_count(result.documents, 'document')}, {times}{known}")
    if result.look > 1:
        click.echo(
            "         what was looked at before is no proof: treat it as documents to work on"
        )
    for side, f1 in (("before", result.base_f1), ("after", result.new_f1)):
        click.echo(f"{side:<8} {result.figure} {percent(f1)}")
    made = result.claim
    spread = f" ({gains(made.interval)} points)" if made.interval else ""
    click.echo(f"change   {made.reason}{spread}")
    click.echo(f"evidence L{made.rung.value}: {made.rung.carries}")
    if few := few_documents_note(result.documents):
        click.echo(f"         only {few}")
    least = smallest_detectable(result.documents, 0.1, "greater")
    if not made.holds and least is not None:
        click.echo(
            f"         so few documents only show changes of about {points(least)} points and more"
        )


def _began(history: PromptHistory) -> Version:
    """Return the version that the last improvement began with."""
    from harness.errors import HarnessError, Problem, Where

    for entry in reversed(history.ledger.entries()):
        if entry["step"] == "start":
            return history.version(str(entry["version"]))
    hint = "name the version to compare with: --base"
    what = "no improvement of this prompt was recorded"
    raise HarnessError(Problem(what, "no-base", Where(history.path), hint))
