"""`harness batch`: the batches of runs, collected or cancelled."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import OptionsCommand, suite_option
from harness.cli.run_argument import RUN_ARGUMENT, reports_here, run_argument
from harness.cli.start.endpoint_options import model_options, said_model

if TYPE_CHECKING:
    from harness.run.asking.run_session import RunJob


@click.group("batch")
def command() -> None:
    """List, collect and cancel the batches that runs have submitted (harness run --batch)."""


@command.command("list", short_help="List batches, and what came of them.")
@click.argument("run", type=RUN_ARGUMENT, required=False)
def show(run: Path | None) -> None:
    """List the batches of RUN, or of all runs here. Nobody is asked: it says what the runs know."""
    from harness.core.inert_text import inert
    from harness.core.number_text import counted, moment
    from harness.extract.batches.batch_log import read_batches
    from harness.run.store import run_folders

    folders = [run] if run is not None else run_folders(reports_here())
    found = [(folder, batch) for folder in folders for batch in read_batches(folder)]
    if not found:
        click.echo("no batches")
    for folder, batch in found:
        many = counted(len(batch.lines), "request")
        head = f"{inert(folder.name)} {batch.name} {inert(batch.batch_id or '-')}: {many}"
        if batch.is_open:
            until = f", until {inert(moment(batch.expires))}" if batch.expires else ""
            said = f"to be collected{until}" if batch.batch_id else "submitted, or perhaps not"
        elif batch.over == "void":
            said = f"never submitted: {inert(batch.why)}"
        else:
            said = f"{batch.over}, {batch.answers} answered"
        click.echo(f"{head}, {inert(moment(batch.at))}, {said}")


@command.command("collect", cls=OptionsCommand, short_help="Collect what batches have answered.")
@run_argument
@suite_option
@model_options
@click.option("--wait", is_flag=True, help="Wait until all have ended.")
def collect(said: Mapping[str, Any]) -> None:
    """Collect the answers of RUN's batches and report on it; the same as harness run --resume RUN.

    What expired or failed is asked again, in a new batch.
    """
    from harness.cli.start.run_command import command as run

    words = [str(said["suite"] or "evals"), "--resume", str(said["run"])]
    words += ["--wait"] if said["wait"] else []
    for option, name in (("--model", "model"), ("--base-url", "base_url")):
        words += [option, said[name]] if said[name] else []
    for param in said["params"]:
        words += ["--param", param]
    sys.exit(run.main(words, standalone_mode=False) or 0)


@command.command("cancel", cls=OptionsCommand, short_help="Cancel batches that are open.")
@run_argument
@suite_option
@model_options
def cancel(said: Mapping[str, Any]) -> None:
    """Cancel RUN's open batches; what was answered by then is still collected.

    One that the vendor does not know any more is given up: its requests may be asked again.
    """
    from harness.run.asking.batch_round import has_batches
    from harness.run.asking.run_session import cancel_batches

    folder: Path = said["run"]
    if not has_batches(folder):
        click.echo("no batches")
        return
    cancel_batches(_job(said), folder, click.echo)


def _job(said: Mapping[str, Any]) -> RunJob:
    """Return the job of a run, whose extractor knows where its batches are."""
    from harness.cases.load import load_suites
    from harness.cases.suite_file.model_options import with_model
    from harness.cli.start.resuming import of_run, words_of
    from harness.run.asking.execute import prepare
    from harness.run.asking.resume import Earlier
    from harness.run.store import read_run

    earlier = Earlier(said["run"], read_run(said["run"]))
    words = words_of(earlier, said_model(said))
    suites = of_run(load_suites(said["suite"] or Path("evals")), earlier)
    suites_with, names = with_model(suites, words.extractors, words.model)
    (job,) = prepare(suites_with, names)
    return job
