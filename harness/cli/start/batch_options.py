"""`harness run --batch`: its options, and lines about submitted batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.next_commands import tell_next, typed_again
from harness.cli.options import group

if TYPE_CHECKING:
    from harness.extract.batches.batch_log import LoggedBatch
    from harness.run.asking.orders import BatchOrders, RunJob
    from harness.run.asking.resume import Earlier
    from harness.run.stored.stored_run import PriceRecord

_POLL: Final = 30.0
_HALF: Final = 0.5
_MILLION: Final = 1_000_000
_FILE: Final = click.Path(path_type=Path, dir_okay=False)

batch_options = group(
    click.option(
        "--batch/--no-batch",
        default=None,
        help="Submit what is asked in batches, at the vendor's lower price, and exit with 4; "
        "--resume collects the answers. A run that is resumed goes on as it began.",
    ),
    click.option("--wait", is_flag=True, help="With batches: wait until all have ended."),
    click.option(
        "--poll",
        type=click.FloatRange(min=0, min_open=True),
        default=_POLL,
        show_default=True,
        metavar="SECONDS",
        help="Between two looks at a batch.",
    ),
    click.option(
        "--batch-file",
        type=_FILE,
        metavar="OUT",
        help="Ask nothing; write the requests as JSON lines in OpenAI's batch format, which "
        "vLLM and others run.",
    ),
    click.option(
        "--answers",
        type=click.Path(path_type=Path, dir_okay=False, exists=True),
        metavar="IN",
        help="Ask nothing; read the answers to a batch file from the file its runner wrote.",
    ),
)


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """Options of batches: by batch endpoints, or by files of requests written and read."""

    batch: bool | None
    """None where a run goes on as it began."""
    wait: bool
    poll: float
    batch_file: Path | None
    answers: Path | None


def batch_orders(options: BatchOptions, earlier: Earlier | None) -> BatchOrders | None:
    """Return how batches are gone about; None where there are none.

    Raises UsageError for options that do not go together.
    """
    from harness.errors import Problem, UsageError
    from harness.run.asking.batches.batch_round import has_batches
    from harness.run.asking.orders import BatchOrders

    wishes = options.batch
    ways = {
        "--batch": wishes,
        "--batch-file": options.batch_file is not None,
        "--answers": options.answers is not None,
    }
    given = [name for name, is_given in ways.items() if is_given]
    if len(given) > 1:
        raise UsageError(Problem(f"{' and '.join(given)} do not go together", "usage"))
    if options.batch_file is not None and earlier is not None:
        raise UsageError(Problem("--batch-file begins no run that could be resumed", "usage"))
    is_begun = earlier is not None and has_batches(earlier.folder)
    if not wishes and not is_begun:
        if options.wait:
            hint = "add --batch, or --resume RUN of a run that has batches"
            raise UsageError(Problem("--wait has no batches to wait for", "usage", hint=hint))
        return None
    return BatchOrders(wishes is not False, options.wait, options.poll)


def check_batches(jobs: Sequence[RunJob], options: BatchOptions) -> None:
    """Refuse batches where nobody takes them. Raises UsageError with all problems."""
    from harness.errors import Problem, UsageError
    from harness.extract.batches.batch_service import BatchExtractor
    from harness.extract.batches.openai_batches import OpenAiBatches

    is_file = options.batch_file is not None or options.answers is not None
    problems = []
    for job in jobs:
        service = job.extractor.batches if isinstance(job.extractor, BatchExtractor) else None
        who = f"extractor {job.name!r} of {job.suite.name!r}"
        if service is None:
            problems.append(Problem(f"{who} asks no endpoint that takes batches", "no-batch"))
        elif is_file and not isinstance(service.api, OpenAiBatches):
            hint = "use --extractor openai"
            what = f"{who}: batch files are in the dialect of OpenAI"
            problems.append(Problem(what, "no-batch", hint=hint))
    if is_file and len(jobs) > 1:
        hint = "name one suite, and one extractor with --extractor"
        problems.append(
            Problem(f"one file is for one run, not for {len(jobs)}", "usage", hint=hint)
        )
    if problems:
        raise UsageError(*problems)


def write_batch_file(job: RunJob, out: Path) -> None:
    """Write what a job asks as a batch file, and say so."""
    from harness.cli.diagnostics import warn
    from harness.core.number_text import count, counted
    from harness.run.asking.batches.batch_files import written

    done = written(job, out)
    for case_id, why in done.left:
        warn(f"{case_id} is not in the file: {why}")
    size = count(out.stat().st_size)
    click.echo(f"{counted(done.lines, 'request')} in {out}, {size} bytes")
    click.echo("its runner writes the answers to a file of its own; to read them back, name it:")
    answers = str(out.with_suffix(".answers.jsonl"))
    tell_next(typed_again("--answers", answers, without="--batch-file", value=str(out)))


def tell_open(folder: Path, *, quiet: bool) -> bool:
    """Say which batches of a run are still to be collected; return whether there are any."""
    from harness.core.inert_text import inert
    from harness.core.number_text import counted, moment
    from harness.extract.batches.batch_log import read_batches
    from harness.run.store import read_run

    open_batches = [batch for batch in read_batches(folder) if batch.is_open]
    price = read_run(folder).get("price") if open_batches else None
    for batch in open_batches if not quiet else ():
        where = inert(batch.batch_id) if batch.batch_id else "not known yet to the vendor"
        until = f", until {inert(moment(batch.expires))}" if batch.expires else ""
        many = counted(len(batch.lines), "request")
        click.echo(f"submitted   {batch.name} {where}: {many}{until}{_most(batch, price)}")
    return bool(open_batches)


def _most(batch: LoggedBatch, price: PriceRecord | None) -> str:
    """Say what a batch costs at most, and at which part of the price, if that is known."""
    from harness.core.number_text import money

    if price is None:
        return ""
    part = price.get("batch", 1.0)
    lines = batch.lines.values()
    dollars = sum(
        line.input_tokens * price["input"] + line.output_tokens * price["output"] for line in lines
    )
    share = "half the price" if part == _HALF else f"{part:g} of the price"
    return f", at most {money(part * dollars / _MILLION)} at {share}"
