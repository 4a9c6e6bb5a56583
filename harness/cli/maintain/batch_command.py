"""`harness batch`: the batches of runs, collected or cancelled."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.next_commands import name_of_run, tell_next
from harness.cli.options import OptionsCommand, suite_option, takes_options
from harness.cli.run_argument import RUN_ARGUMENT, run_argument
from harness.cli.start.endpoint_options import EndpointOptions, model_options

if TYPE_CHECKING:
    from harness.run.asking.orders import RunJob


@click.group("batch")
def command() -> None:
    """List, collect and cancel the batches that runs have submitted (harness run --batch)."""


@command.command("list", short_help="List batches, and what came of them.")
@click.argument("run", type=RUN_ARGUMENT, required=False)
def print_batches(run: Path | None) -> None:
    """List the batches of RUN, or of all runs here. Nobody is asked: it says what the runs know."""
    from harness.cases.files.places import reports_here
    from harness.core.inert_text import inert
    from harness.core.number_text import count, counted, moment
    from harness.extract.batches.batch_log import read_batches
    from harness.run.store import run_folders

    folders = [run] if run is not None else run_folders(reports_here())
    batches = [(folder, batch) for folder in folders for batch in read_batches(folder)]
    if not batches:
        click.echo("no batches")
    for folder, batch in batches:
        many = counted(len(batch.lines), "request")
        head = f"{inert(folder.name)} {batch.name} {inert(batch.batch_id or '-')}: {many}"
        if batch.is_open:
            until = f", until {inert(moment(batch.expires))}" if batch.expires else ""
            state = f"to be collected{until}" if batch.batch_id else "submitted, or perhaps not"
        elif batch.over == "void":
            state = f"never submitted: {inert(batch.why)}"
        else:
            state = f"{batch.over}, {count(batch.answers)} answered"
        click.echo(f"{head}, {inert(moment(batch.at))}, {state}")
    waiting = [folder for folder, batch in batches if batch.is_open]
    if waiting:
        tell_next(["harness", "batch", "collect", name_of_run(waiting[0])])
    elif batches:
        tell_next(["harness", "show", name_of_run(batches[-1][0])])


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """Options of `harness batch collect`."""

    run: Path
    suite: Path | None
    endpoint: EndpointOptions
    wait: bool


@dataclass(frozen=True, slots=True)
class CancelOptions:
    """Options of `harness batch cancel`."""

    run: Path
    suite: Path | None
    endpoint: EndpointOptions


@command.command("collect", cls=OptionsCommand, short_help="Collect what batches have answered.")
@run_argument
@suite_option
@model_options
@click.option("--wait", is_flag=True, help="Wait until all have ended.")
@takes_options(CollectOptions)
def collect(options: CollectOptions) -> None:
    """Collect the answers of RUN's batches and report on it; the same as harness run --resume RUN.

    What expired or failed is asked again, in a new batch.
    """
    from harness.cli.start.run_command import command as run

    words = [str(options.suite or "evals"), "--resume", str(options.run)]
    words += ["--wait"] if options.wait else []
    endpoint = options.endpoint
    for option, value in (("--model", endpoint.model), ("--base-url", endpoint.base_url)):
        words += [option, value] if value else []
    for param in endpoint.params:
        words += ["--param", param]
    sys.exit(run.main(words, standalone_mode=False) or 0)


@command.command("cancel", cls=OptionsCommand, short_help="Cancel batches that are open.")
@run_argument
@suite_option
@model_options
@takes_options(CancelOptions)
def cancel(options: CancelOptions) -> None:
    """Cancel RUN's open batches; what was answered by then is still collected.

    One that the vendor does not know any more is given up: its requests may be asked again.
    """
    from harness.run.asking.batches.batch_round import has_batches
    from harness.run.asking.run_session import cancel_batches

    folder: Path = options.run
    if not has_batches(folder):
        click.echo("no batches")
        return
    cancel_batches(_job(options), folder, click.echo)
    tell_next(["harness", "batch", "list", name_of_run(folder)])


def _job(options: CancelOptions) -> RunJob:
    """Return the job of a run, whose extractor knows where its batches are."""
    from harness.cases.load import load_suites
    from harness.cases.suite_file.model_options import with_model
    from harness.cli.start.resuming import of_run, words_of
    from harness.run.asking.execute import prepare
    from harness.run.asking.resume import Earlier
    from harness.run.store import read_run

    earlier = Earlier(options.run, read_run(options.run))
    words = words_of(earlier, options.endpoint.as_model())
    path, drafts = options.suite or Path("evals"), words.drafts
    suites = of_run(load_suites(path, unlabelled=drafts), earlier)
    suites_with, names = with_model(suites, words.extractors, words.model)
    (job,) = prepare(suites_with, names)
    return job
