"""`harness improve`: a better prompt, within a budget, with every step written down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.improve.improve_options import WishOptions, wish_at, wish_options
from harness.cli.next_commands import tell_next, typed_again
from harness.cli.options import (
    OptionsCommand,
    concurrency_option,
    evals_argument,
    shows,
    takes_options,
)
from harness.cli.start.endpoint_options import EndpointOptions, model_options

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.cases.suite_file.model_options import ModelOptions
    from harness.improve.search.improvement_session import Wish
    from harness.improve.search.search import ProgressCallback, SearchOutcome
    from harness.run.stored.stored_ledger import LedgerStep


@dataclass(frozen=True, slots=True)
class ImproveOptions:
    """Options of `harness improve`."""

    path: Path
    wish: WishOptions
    concurrency: int
    endpoint: EndpointOptions
    dry_run: bool


@shows(
    "--target",
    "--by",
    "--focus",
    "--max-calls",
    "--max-usd",
    "--extractor",
    "--writer",
    "--engine",
    "--model",
    "--base-url",
    "--review",
    "--dry-run",
)
@click.command("improve", cls=OptionsCommand)
@evals_argument
@wish_options
@concurrency_option
@model_options
@click.option("--dry-run", is_flag=True, help="Say what the budget buys, and ask nothing.")
@takes_options(ImproveOptions)
def command(options: ImproveOptions) -> None:
    """Improve the prompt of the suite at PATH (default: evals), and make sure that it helped.

    A change is proposed, tried, kept or rejected.

    Every step goes to the prompt's ledger as it is made. Stopped at any moment, the same command
    goes on where it was; nothing is asked twice. The prompt is changed on disk only by a claim that
    holds on fresh answers. Documents of the holdout are not looked at.

    Exit codes: 0 a claim holds, 1 none does, 2 usage, 3 your files are wrong, 4 stopped half-way.
    """
    from harness.improve.search.improvement_session import check_session

    suite, wish = wish_at(options.path, options.endpoint, options.wish)
    check_session(suite, wish)
    if options.dry_run:
        _print_plan(suite, wish)
        tell_next(typed_again(without="--dry-run"))
        return
    if options.wish.folds is not None:
        wish = _by_folds(suite, wish, options.wish.folds, options.concurrency)
    _improve(suite, wish, options.concurrency, options.endpoint.as_model())


def _print_plan(suite: Suite, wish: Wish) -> None:
    from harness.core.number_text import points
    from harness.core.statistics.paired_tests import smallest_detectable
    from harness.improve.editors.gepa import GEPA_ROUNDS
    from harness.improve.search.improvement_session import GEPA, visible_changes
    from harness.improve.trial.acceptance import FEW, Noise, replicates_needed
    from harness.improve.trial.limits import FEWEST_EDITS, plan

    size = len(visible_changes(suite).cases)
    bought = plan(wish.aims, size, replicates_needed(size, Noise(floor=1.0)))
    edits = "any number of edits" if bought.candidates is None else f"{bought.candidates} edits"
    click.echo(f"documents  {size} to look at, {len(suite.cases) - size} held out")
    click.echo(f"start      {bought.start} calls: the prompt as it is, twice, to know its noise")
    click.echo(f"each edit  at most {bought.candidate} calls")
    click.echo(f"claim      at most {bought.claim} calls: fresh answers of both sides")
    if wish.engine == GEPA:
        rest = GEPA_ROUNDS * size if bought.searched is None else bought.searched
        click.echo(f"gepa       at most {rest} calls before its winner is tried like any edit")
    click.echo(f"budget     buys {edits}")
    difference = smallest_detectable(size, 0.1, "greater")
    if difference is not None and size >= FEW:
        click.echo(
            f"finds      true gains of {points(difference)} points of macro F1 and more, "
            "four times out of five"
        )
    elif size < FEW:
        click.echo("finds      what asking again shows on so few documents")
    if bought.candidates is not None and bought.candidates < FEWEST_EDITS:
        click.echo("warning: so few edits hardly find anything; raise --max-calls", err=True)


def _by_folds(suite: Suite, wish: Wish, number: int, concurrency: int) -> Wish:
    """Search by folds, say what came of it, and return what is left to search all documents."""
    from harness.core.inert_text import inert
    from harness.errors import Problem, UsageError
    from harness.extract.sending.pace import Ceilings
    from harness.improve.search.fold_search import FoldPlan, improve_by_folds, share_of
    from harness.improve.search.improvement_session import visible_changes
    from harness.improve.versions.ledger_text import line_of_step
    from harness.run.asking.orders import Orders, RunWatch

    if wish.review is not None:
        what = "--review and --folds: nobody wants to review each edit of each fold"
        raise UsageError(Problem(what, "usage", hint="leave one of them out"))

    def told(place: int) -> ProgressCallback:
        return lambda step: click.echo(inert(f"fold {place}/{number} {line_of_step(step)}"))

    watch = RunWatch(lambda _: None, lambda _waiting, _why: None)
    plan = FoldPlan(number, told)
    step = improve_by_folds(suite, wish, Orders(Ceilings(concurrency)), watch, plan)
    click.echo(inert(line_of_step(step)))
    return share_of(wish, number, len(visible_changes(suite).cases))


def _improve(suite: Suite, wish: Wish, concurrency: int, model: ModelOptions) -> None:
    import sys

    from harness.core.inert_text import inert
    from harness.extract.sending.pace import Ceilings
    from harness.improve.editors.agent_isolation import isolation_words
    from harness.improve.search.improvement_session import COMMAND, improve
    from harness.improve.versions.ledger_text import line_of_step
    from harness.run.asking.orders import Orders, RunWatch

    def told(step: LedgerStep) -> None:
        click.echo(inert(line_of_step(step)))

    def stopping(waiting: int, why: str) -> None:
        del why
        click.echo(f"stopping: waiting for {waiting} in flight; again gives up on them", err=True)

    if wish.engine.startswith(COMMAND):
        click.echo(f"agent    {isolation_words(wish.sandbox)}")
    orders = Orders(Ceilings(concurrency))
    outcome, folder = improve(suite, wish, orders, RunWatch(lambda _: None, stopping), told)
    _conclude(suite, outcome, folder)
    click.echo(f"report   {_shown(write_page(suite, folder))}")
    tell_next(_after(suite, outcome, model))
    if outcome.claim is None or not outcome.claim.holds:
        sys.exit(1)


def _after(suite: Suite, outcome: SearchOutcome, model: ModelOptions) -> list[str]:
    """Return what comes after an improvement: proof on held-out documents, or its story."""
    from harness.cases.discovery.splits import HOLDOUT
    from harness.improve.search.improvement_session import prompt_path

    folder = _shown(suite.folder)
    if outcome.claim is not None and outcome.claim.holds:
        if any(case.split == HOLDOUT for case in suite.cases):
            return ["harness", "holdout", folder, *model.as_words()]
        return ["harness", "split", folder]
    return ["harness", "prompt", "log", _shown(prompt_path(suite))]


def _conclude(suite: Suite, outcome: SearchOutcome, folder: Path) -> None:
    from harness.cases.discovery.splits import HOLDOUT
    from harness.improve.search.improvement_session import prompt_path
    from harness.improve.versions.ledger_text import short

    name = prompt_path(suite)
    usd = "" if not outcome.spent.usd else f", ${outcome.spent.usd:.2f}"
    click.echo(f"spent    {outcome.spent.calls} calls{usd}; answers in {_shown(folder)}")
    if outcome.best == outcome.start:
        click.echo("result   no edit was kept")
        return
    if outcome.claim is not None and outcome.claim.holds:
        click.echo(
            f"result   {short(outcome.best.sha256)} is in place; take it back: "
            f"harness prompt rollback {_shown(name)}"
        )
        rung = outcome.claim.rung
        click.echo(f"evidence L{rung.value}: {rung.carries}")
        if not any(case.split == HOLDOUT for case in suite.cases):
            click.echo("others   nothing is held out: add documents")
        return
    click.echo(
        f"result   {short(outcome.best.sha256)} is provisional; put it in place all the same: "
        f"harness prompt promote {_shown(name)} {outcome.best.sha256[:12]}"
    )


def write_page(suite: Suite, folder: Path) -> Path:
    """Write the page of the last improvement of a suite's prompt, and return where it is."""
    from harness.improve.search.improvement_session import prompt_path
    from harness.improve.versions.ledger_text import last_session, texts_by_version
    from harness.improve.versions.versions import PromptHistory
    from harness.report.improvement.improvement_page import render_improvement
    from harness.run.store import write_atomically

    history = PromptHistory(prompt_path(suite))
    entries = last_session(history.ledger.entries())
    page = folder / "improvement.html"
    folder.mkdir(parents=True, exist_ok=True)
    html = render_improvement(history.name, entries, texts_by_version(history, entries))
    write_atomically(page, html)
    return page


def _shown(path: Path) -> str:
    from harness.cases.files.places import shown_path

    return str(shown_path(path))
