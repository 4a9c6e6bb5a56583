"""`harness run`: ask, score, report."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

import click

from harness.cli.decide.gate_options import NOT_MET, asked_gates, gate_options, hold_to
from harness.cli.next_commands import after_run, after_runs, tell_next
from harness.cli.options import (
    OptionsCommand,
    evals_argument,
    pages_option,
    shows,
    takes_options,
    thresholds_option,
)
from harness.cli.start.batch_options import (
    batch_options,
    batch_orders,
    check_batches,
    tell_open,
    write_batch_file,
)
from harness.cli.start.endpoint_options import model_options
from harness.cli.start.run_options import (
    RunOptions,
    SelectionOptions,
    cost_options,
    pace_options,
    resume_options,
    run_orders,
    selection_options,
)

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.report.folder import WrittenReport
    from harness.run.asking.execute import RunOutcome
    from harness.run.asking.orders import Orders, RunJob
    from harness.run.asking.resume import Earlier
    from harness.run.selection import Selection
    from harness.run.stored.stored_results import ResultsDocument
    from harness.run.stored.stored_run import RunDocument


GARBAGE: Final = 50_000
"""New objects between two searches for cycles: a run makes many values and hardly any cycle."""


@shows(
    "--extractor",
    "--model",
    "--base-url",
    "--filter",
    "--filter-failing",
    "--limit",
    "--repeat",
    "--concurrency",
    "--max-usd",
    "--dry-run",
    "--resume",
    "--fail-under",
    "--quiet",
)
@click.command("run", cls=OptionsCommand)
@evals_argument
@click.option(
    "-e",
    "--extractor",
    "extractors",
    multiple=True,
    metavar="NAME",
    help="Run only this extractor of the suite; may be repeated. Default: all it names.",
)
@model_options
@selection_options
@pace_options
@cost_options
@batch_options
@resume_options
@click.option(
    "--reports",
    type=click.Path(path_type=Path, file_okay=False),
    is_eager=True,  # `--resume last` is looked for there
    help="Where run folders go.  [default: reports/ of the project]",
)
@thresholds_option
@click.option(
    "--ensemble",
    is_flag=True,
    help="With --repeat N: merge the N answers to each case by their votes, into a run of its own. "
    "Gates and thresholds are for that one.",
)
@pages_option
@gate_options
@click.option("-q", "--quiet", is_flag=True, help="Print only the path of each report.")
@takes_options(RunOptions)
def command(options: RunOptions) -> None:
    """Run every suite under PATH and report on it.

    PATH is a folder of suites, a suite, or one case; by default evals.

    Ctrl-C once lets what is in flight finish and reports on what there is; twice gives it up.
    What was answered is never lost, nor paid for again: see --resume.

    Exit codes: 0 done, 1 a gate was not met, 2 usage, 3 your files are wrong, 4 run incomplete.
    """
    from harness.cli.start.resuming import earlier_run
    from harness.cli.start.run_summary import dry_run
    from harness.errors import Problem, UsageError
    from harness.run.asking.run_session import check_caps
    from harness.run.results.threshold_file import read_thresholds

    asked_gates(options.gates)  # refused before anything is asked
    if options.thresholds is not None:
        read_thresholds(options.thresholds)
    gc.set_threshold(GARBAGE)
    earlier = earlier_run(options)
    orders = replace(
        run_orders(options.pace, options.cost),
        batch=batch_orders(options.batches, earlier),
        answers=options.batches.answers,
        share=options.resumption.share,
    )
    jobs = _jobs(options, earlier)
    if options.ensemble:
        _check_ensemble(jobs, options)
    is_batch = bool(orders.batch or orders.answers or options.batches.batch_file)
    if orders.share is not None and is_batch:
        what = "--share is for questions that are asked one by one, not for batches"
        raise UsageError(Problem(what, "usage", hint="leave it out"))
    if is_batch:
        check_batches(jobs, options.batches)
    check_caps(jobs, orders)
    if options.cost.dry_run:
        dry_run(jobs, orders, earlier)
    elif options.batches.batch_file:
        write_batch_file(jobs[0], options.batches.batch_file)
    else:
        _run_all(jobs, orders, earlier, options)


def _jobs(options: RunOptions, earlier: Earlier | None) -> list[RunJob]:
    """Return what is to be run: of the suites on disk, what was selected now or by the run."""
    from harness.cases.load import load_suites
    from harness.cases.suite_file.model_options import with_model
    from harness.cli.diagnostics import warn
    from harness.cli.start.resuming import of_run, words_of
    from harness.core.number_text import counted
    from harness.errors import Problem
    from harness.extract.endpoint.api_keys import find_secret, no_secret
    from harness.run.asking.execute import prepare
    from harness.run.selection import RunRequest, select, timed

    drafts = options.selection.drafts
    if earlier is not None:
        drafts = bool(earlier.record.get("asked", {}).get("drafts"))
    suites: Sequence[Suite] = load_suites(options.path, keep_unreadable=True, unlabelled=drafts)
    suites, selection = _narrowed(suites, options.selection)
    words = RunRequest(
        selection,
        options.selection.repeat or 1,
        options.extractors,
        options.endpoint.as_model(),
        drafts,
    )
    if earlier is not None:
        suites, words = of_run(suites, earlier), words_of(earlier, words.model)
    for suite in suites:
        for warning in suite.warnings:
            warn(warning)
    suites, names = with_model(select(suites, words.selection), words.extractors, words.model)
    asks_nothing = options.cost.dry_run or options.batches.batch_file or options.batches.answers
    find = no_secret if asks_nothing else find_secret
    jobs = prepare(timed(suites, options.pace.timeout), names, find)
    for job in jobs:
        if job.learnt:
            of = f"{job.learnt} of {counted(job.learnt + len(job.suite.cases), 'case')}"
            warn(Problem(f"{job.name}: {of} left out: the model was trained on them", "learnt"))
    return [replace(job, words=words) for job in jobs]


def _check_ensemble(jobs: Sequence[RunJob], options: RunOptions) -> None:
    """Refuse to merge what is asked once only, or by several processes."""
    from harness.errors import Problem, UsageError

    if any(job.words.replicates == 1 for job in jobs):
        what = "--ensemble merges several answers to a case, and each is asked once"
        raise UsageError(Problem(what, "one-member", hint="ask several times: --repeat 5"))
    if options.resumption.share is not None:
        what = "--ensemble cannot tell when the other processes of --share are done"
        hint = "leave it out, and merge the finished run: harness ensemble last"
        raise UsageError(Problem(what, "usage", hint=hint))


def _narrowed(
    suites: Sequence[Suite], options: SelectionOptions
) -> tuple[Sequence[Suite], Selection]:
    """Return the suites and cases that earlier runs leave: --filter-failing, --since."""
    failing, since, selection = options.filter_failing, options.since, options.as_selection()
    if failing is None and since is None:
        return suites, selection
    from harness.run.comparison.earlier_cases import changed_since, of_earlier_run, wrong_in

    for folder, wanted in ((failing, wrong_in), (since, changed_since)):
        if folder is not None:
            suite, selection = of_earlier_run(suites, selection, folder, wanted(folder))
            suites = [suite]
    return suites, selection


def _run_all(
    jobs: Sequence[RunJob], orders: Orders, earlier: Earlier | None, options: RunOptions
) -> None:
    from harness.cli.diagnostics import warn, write_with_pages
    from harness.cli.start.run_summary import exit_code, overview
    from harness.report.folder import write_report
    from harness.run.asking.run_session import answers_safe

    gates, quiet = asked_gates(options.gates), options.quiet
    held: list[Path] = []
    runs: list[tuple[RunDocument, ResultsDocument]] = []
    after: list[list[str]] = []
    places, orders = _places(jobs, orders, earlier, options)
    for job, place in places:
        if options.cost.max_usd is not None and not quiet:
            _say_price(job, orders)
        done = _carried_out(job, place, orders, quiet=quiet)
        for warning in done.warnings:
            warn(warning)
        with answers_safe(done.folder):
            results = _withhold(done, None if options.ensemble else options.thresholds)
            write = write_with_pages if options.pages else write_report
            made = write(done.folder, results=results)
        _tell_run(done, made, quiet=quiet)
        held.append(_merged(done, options) if options.ensemble else done.folder)
        after = after_run(done.folder, made.run, made.results)
        runs.append((made.run, {**made.results, "cases": []}))
        if done.interrupted:
            break
    folders = dict.fromkeys(folder.parent for folder in held)
    indexes = [index for target in folders if (index := _index(target))]
    if len(runs) > 1 and not quiet:
        overview(runs, indexes)
    is_good = hold_to(held, gates, quiet=quiet)
    code = exit_code([results for _, results in runs], len(jobs) - len(runs))
    if not quiet:
        tell_next(*(after if len(runs) == 1 else after_runs(held, runs)))
    sys.exit(code or (0 if is_good else NOT_MET))


def _merged(done: RunOutcome, options: RunOptions) -> Path:
    """Merge the answers of a run, and return the folder of the merged one.

    A run that was stopped stays as it is: what is left of its votes would pass for all of them.
    """
    from harness.cli.decide.ensemble_command import tell_ensemble
    from harness.cli.diagnostics import warn
    from harness.confidence.ensemble.ensemble_run import ensemble
    from harness.run.store import read_run

    if done.interrupted or not read_run(done.folder)["complete"]:
        name = done.folder.name
        warn(f"not merged, since answers are missing: harness ensemble {name} merges what there is")
        return done.folder
    name = f"{read_run(done.folder)['extractor']}-ensemble"
    made = ensemble([done.folder], name, done.folder.parent, "equal", 0.5)
    if options.thresholds is not None:
        made = replace(made, results=_withheld(made.folder, options.thresholds))
    tell_ensemble(made, quiet=options.quiet)
    return made.folder


def _places(
    jobs: Sequence[RunJob], orders: Orders, earlier: Earlier | None, options: RunOptions
) -> tuple[list[tuple[RunJob, Earlier | Path]], Orders]:
    """Return where each job is carried out, and how.

    Runs whose batches are to be waited for are begun first, so that none waits for another's to be
    submitted; stopped while it does so, nothing is waited for.
    """
    from harness.cases.files.places import reports_of
    from harness.run.asking.resume import Earlier
    from harness.run.store import read_run

    targets = [options.reports or reports_of(job.suite.folder) for job in jobs]
    batch = orders.batch
    if earlier is not None or batch is None or not batch.wait or len(jobs) == 1:
        return [(j, earlier or target) for j, target in zip(jobs, targets, strict=True)], orders
    at_once = replace(orders, batch=replace(batch, wait=False))
    places: list[tuple[RunJob, Earlier | Path]] = []
    for job, target in zip(jobs, targets, strict=True):
        done = _carried_out(job, target, at_once, quiet=options.quiet)
        places.append((job, Earlier(done.folder, read_run(done.folder))))
        if done.interrupted:
            return places, at_once
    return places, orders


def _tell_run(done: RunOutcome, made: WrittenReport, *, quiet: bool) -> None:
    """Print what came of a run; its figures, unless all answers are still to be collected."""
    from harness.cli.start.run_summary import costs, summarise

    if not (tell_open(done.folder, quiet=quiet) and _is_unanswered(done)) or quiet:
        summarise(made.run, made.results, made.page, quiet=quiet)
    if not quiet:
        costs(done.predictions)
        click.echo()


def _is_unanswered(done: RunOutcome) -> bool:
    """Tell whether nothing has come yet that figures could be made of."""
    from harness.core.records import Failure

    outcomes = (each.output for each in done.predictions)
    return all(isinstance(each, Failure) and each.kind.is_missing for each in outcomes)


def _withhold(done: RunOutcome, thresholds: Path | None) -> ResultsDocument:
    """Return the results of a run, scored again if values under thresholds are withheld."""
    return done.results if thresholds is None else _withheld(done.folder, thresholds)


def _withheld(folder: Path, thresholds: Path) -> ResultsDocument:
    """Score a run again without the values that are under their thresholds."""
    from harness.cases.documents.document_files import shown_boxes
    from harness.run.results.rescore import rescore, thresholds_for

    return rescore(folder, None, thresholds_for(folder, thresholds), shown_boxes)


def _say_price(job: RunJob, orders: Orders) -> None:
    """Say what dollars are counted by, before any is spent."""
    from harness.core.inert_text import inert
    from harness.run.asking.run_session import asking_price

    price = asking_price(job, orders)
    if price is not None:
        click.echo(f"dollars are counted by {inert(price.told())}", err=True)


def _carried_out(job: RunJob, place: Earlier | Path, orders: Orders, *, quiet: bool) -> RunOutcome:
    """Run a job into a new folder below a place, or go on with an earlier run."""
    from harness.cli.start.progress_display import ProgressView
    from harness.cli.start.resuming import to_ask
    from harness.extract.sending.calls import Calling
    from harness.run.asking.execute import execute, resume
    from harness.run.asking.orders import RunWatch

    earlier = None if isinstance(place, Path) else place
    total = (
        len(to_ask(job, earlier, quiet=quiet))
        if earlier
        else len(job.suite.cases) * job.words.replicates
    )
    with ProgressView(job, total, quiet=quiet) as progress:
        watch = RunWatch(progress.told, progress.stopping, progress.noted)
        if isinstance(job.extractor, Calling):
            Thread(target=_get_ready, daemon=True).start()
        if isinstance(place, Path):
            return execute(job, place, orders, watch)
        return resume(job, place, orders, watch)


def _get_ready() -> None:
    from harness.report.folder import get_ready

    get_ready()


def _index(reports: Path) -> Path | None:
    """Write the index; what is wrong with it is a warning, since the runs themselves are done."""
    from harness.cli.diagnostics import warn
    from harness.errors import HarnessError
    from harness.report.folder import write_index

    try:
        return write_index(reports)
    except HarnessError as error:
        for problem in error.problems:
            warn(problem)
        warn("the index of all runs was not written")
        return None
