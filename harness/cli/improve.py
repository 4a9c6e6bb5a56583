"""`harness improve`: a better prompt, within a budget, with every step written down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from harness.cli.model import model_options, said_model

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.improve.improvement import Wish
    from harness.improve.ledger import Entry
    from harness.improve.search import Found

_WISH: Final = "harness.improve"


def _wish(ctx: click.Context, param: click.Parameter, value: object) -> None:
    ctx.meta[f"{_WISH}.{param.name}"] = value


@click.command("improve")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--target",
    type=click.FloatRange(0, 1),
    expose_value=False,
    callback=_wish,
    help="Macro F1 to be reached.  [default: the suite's target_f1]",
)
@click.option(
    "--target-mode",
    type=click.Choice(["point", "lower"]),
    default="point",
    show_default=True,
    expose_value=False,
    callback=_wish,
    help="What must reach it: the mean, or the lower end of its interval.",
)
@click.option(
    "--max-calls",
    type=click.IntRange(min=1),
    expose_value=False,
    callback=_wish,
    help="The most questions to ask, of extractor and writer together.",
)
@click.option(
    "--max-usd",
    type=click.FloatRange(min=0, min_open=True),
    expose_value=False,
    callback=_wish,
    help="The most to spend; refused where a price is not known.",
)
@click.option(
    "--patience",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    expose_value=False,
    callback=_wish,
    help="Proposals in a row that come to nothing, after which it is over.",
)
@click.option(
    "-e",
    "--extractor",
    metavar="NAME",
    expose_value=False,
    callback=_wish,
    help="Whose prompt it is.  [default: the suite's first]",
)
@click.option(
    "--writer",
    metavar="NAME",
    expose_value=False,
    callback=_wish,
    help="The extractor that is asked for better texts.  [default: the same]",
)
@click.option(
    "--engine",
    default="builtin",
    show_default=True,
    metavar="ENGINE",
    expose_value=False,
    callback=_wish,
    help='Who edits: builtin, or command:"program and arguments".',
)
@click.option(
    "--max-prompt-tokens",
    type=click.IntRange(min=1),
    expose_value=False,
    callback=_wish,
    help="The most the prompt's own texts may come to.  [default: twice what they are, and 1,000]",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="TEXT",
    expose_value=False,
    callback=_wish,
    help="A value of truths that may be written into the prompt; may be repeated.",
)
@click.option(
    "--no-promote",
    is_flag=True,
    expose_value=False,
    callback=_wish,
    help="Leave the prompt as it is, whatever is found.",
)
@click.option(
    "--fresh",
    is_flag=True,
    expose_value=False,
    callback=_wish,
    help="Begin anew even if an improvement was stopped half-way.",
)
@click.option(
    "-j",
    "--concurrency",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    help="How many cases are in flight at once.",
)
@model_options
@click.option("--dry-run", is_flag=True, help="Say what the budget buys, and ask nothing.")
@click.pass_context
def command(ctx: click.Context, path: Path, concurrency: int, *, dry_run: bool) -> None:
    """Improve the prompt of the suite at PATH: propose, try, keep or reject, and make sure.

    Every step goes to the prompt's ledger as it is made. Stopped at any moment, the same command
    goes on where it was; nothing is asked twice. The prompt is changed on disk only by a claim that
    holds on fresh answers. Documents of the holdout are not looked at.

    Exit codes: 0 a claim holds, 1 none does, 2 usage, 3 your files are wrong, 4 stopped half-way.
    """
    from harness.improve.improvement import check

    said = {key: ctx.meta[f"{_WISH}.{key}"] for key in _KEYS}
    suite, said["extractor"] = asked_suite(path, said["extractor"])
    wish = _made(suite, said)
    check(suite, wish)
    if dry_run:
        _foretell(suite, wish)
        return
    _improve(suite, wish, concurrency)


_KEYS: Final = (
    "target",
    "target_mode",
    "max_calls",
    "max_usd",
    "patience",
    "extractor",
    "writer",
    "engine",
    "max_prompt_tokens",
    "allow",
    "no_promote",
    "fresh",
)


def suite_at(path: Path) -> Suite:
    """Return the only suite at a path."""
    from harness.cases.load import load_suites
    from harness.errors import Problem, UsageError

    suites = load_suites(path)
    if len(suites) > 1:
        hint = f"name one of them: {', '.join(str(suite.folder.name) for suite in suites)}"
        raise UsageError(Problem("there are several suites", "many-suites", hint=hint))
    return suites[0]


def asked_suite(path: Path, extractor: str | None) -> tuple[Suite, str | None]:
    """Return the suite at a path and the extractor to ask: one of its own, or the model named."""
    from dataclasses import replace

    from harness.cases.options import with_model

    suite, said = suite_at(path), said_model()
    if not said:
        return suite, extractor
    (with_it,), _ = with_model([suite], (extractor,) if extractor else (), said)
    name = next(iter(with_it.extractors))
    return replace(suite, extractors={**with_it.extractors, **suite.extractors}), name


def _made(suite: Suite, said: dict[str, Any]) -> Wish:
    from harness.errors import HarnessError, Problem, Where
    from harness.improve.aims import Aims
    from harness.improve.improvement import Wish

    if not suite.extractors:
        hint = "name one under `extractor:` in suite.yaml"
        what = "the suite has no extractor"
        raise HarnessError(Problem(what, "no-extractor", Where(suite.folder), hint))
    extractor = said["extractor"] or next(iter(suite.extractors))
    aims = Aims(
        suite.target_f1 if said["target"] is None else said["target"],
        said["target_mode"],
        said["max_calls"],
        said["max_usd"],
        said["patience"],
        not said["no_promote"],
    )
    return Wish(
        extractor,
        said["writer"] or extractor,
        said["engine"],
        aims,
        said["max_prompt_tokens"],
        frozenset(said["allow"]),
        said["fresh"],
    )


def _foretell(suite: Suite, wish: Wish) -> None:
    from harness.core.paired import smallest_detectable
    from harness.improve.acceptance import FEW, Noise, replicates_needed
    from harness.improve.aims import FEWEST_EDITS, plan
    from harness.improve.improvement import visible

    size = len(visible(suite).cases)
    bought = plan(wish.aims, size, replicates_needed(size, Noise(floor=1.0)))
    edits = "any number of edits" if bought.candidates is None else f"{bought.candidates} edits"
    click.echo(f"documents  {size} to look at, {len(suite.cases) - size} held out")
    click.echo(f"start      {bought.start} calls: the prompt as it is, twice, to know its noise")
    click.echo(f"each edit  at most {bought.candidate} calls")
    click.echo(f"claim      at most {bought.claim} calls: fresh answers of both sides")
    click.echo(f"budget     buys {edits}")
    found = smallest_detectable(size, 0.1, "greater")
    if found is not None and size >= FEW:
        click.echo(
            f"finds      true gains of {found:.3f} macro F1 and more, four times out of five"
        )
    elif size < FEW:
        click.echo("finds      what these documents show; fewer than 12 say nothing of others")
    if bought.candidates is not None and bought.candidates < FEWEST_EDITS:
        click.echo("warning: so few edits hardly find anything; raise --max-calls", err=True)


def _improve(suite: Suite, wish: Wish, concurrency: int) -> None:
    import sys

    from harness.core.unseen import inert
    from harness.extract.pace import Ceilings
    from harness.improve.improvement import improve
    from harness.improve.story import line_of
    from harness.run.orders import Orders, Watch

    def told(entry: Entry) -> None:
        click.echo(inert(line_of(entry)))

    def stopping(waiting: int, why: str) -> None:
        del why
        click.echo(f"stopping: waiting for {waiting} in flight; again gives up on them", err=True)

    orders = Orders(Ceilings(concurrency))
    found, folder = improve(suite, wish, orders, Watch(lambda _: None, stopping), told)
    _conclude(suite, found, folder)
    click.echo(f"report   {_shown(write_page(suite, folder))}")
    if found.claim is None or not found.claim.holds:
        sys.exit(1)


def _conclude(suite: Suite, found: Found, folder: Path) -> None:
    from harness.improve.improvement import prompt_path
    from harness.improve.story import short

    name = prompt_path(suite)
    usd = "" if not found.spent.usd else f", ${found.spent.usd:.2f}"
    click.echo(f"spent    {found.spent.calls} calls{usd}; answers in {_shown(folder)}")
    if found.best == found.start:
        click.echo("result   no edit was kept")
        return
    if found.claim is not None and found.claim.holds:
        click.echo(
            f"result   {short(found.best.sha256)} is in place; take it back: "
            f"harness prompt rollback {_shown(name)}"
        )
        return
    click.echo(
        f"result   {short(found.best.sha256)} is provisional; put it in place all the same: "
        f"harness prompt promote {_shown(name)} {found.best.sha256[:12]}"
    )


def write_page(suite: Suite, folder: Path) -> Path:
    """Write the page of the last improvement of a suite's prompt, and return where it is."""
    from harness.improve.improvement import prompt_path
    from harness.improve.pages import last_session, texts_by_version
    from harness.improve.versions import History
    from harness.report.improvement import render_improvement
    from harness.run.store import write_atomically

    history = History(prompt_path(suite))
    entries = last_session(history.ledger.entries())
    page = folder / "improvement.html"
    folder.mkdir(parents=True, exist_ok=True)
    html = render_improvement(history.name, entries, texts_by_version(history, entries))
    write_atomically(page, html)
    return page


def _shown(path: Path) -> str:
    from harness.cases.places import shown

    return str(shown(path))
