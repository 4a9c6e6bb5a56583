"""What a command that improves a prompt is told: which suite, how, and up to where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from harness.cli.model import said_model
from harness.cli.run_options import Dollars

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.improve.improvement import Wish

_Command = TypeVar("_Command", bound=Callable[..., Any])
_WISH: Final = "harness.improve"


def _wish(ctx: click.Context, param: click.Parameter, value: object) -> None:
    ctx.meta[f"{_WISH}.{param.name}"] = value


def wish_options(command: _Command) -> _Command:
    """Add the options to a command; `said_wish` tells what was said."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def said_wish(path: Path) -> tuple[Suite, Wish]:
    """Return the suite at a path, and what is to be done with its prompt."""
    meta = click.get_current_context().meta
    said = {key: meta[f"{_WISH}.{key}"] for key in _KEYS}
    suite, said["extractor"] = asked_suite(path, said["extractor"])
    return suite, _made(suite, said)


_OPTIONS: Final = (
    click.option(
        "--target",
        type=click.FloatRange(0, 1),
        expose_value=False,
        callback=_wish,
        help="Macro F1 to be reached.  [default: the suite's target_f1]",
    ),
    click.option(
        "--target-mode",
        type=click.Choice(["point", "lower"]),
        default="point",
        show_default=True,
        expose_value=False,
        callback=_wish,
        help="What must reach it: the mean, or the lower end of its interval.",
    ),
    click.option(
        "--max-calls",
        type=click.IntRange(min=1),
        expose_value=False,
        callback=_wish,
        help="The most questions to ask, of extractor and writer together.",
    ),
    click.option(
        "--max-usd",
        type=Dollars(min=0, min_open=True),
        expose_value=False,
        callback=_wish,
        help="The most to spend; refused where a price is not known.",
    ),
    click.option(
        "--patience",
        type=click.IntRange(min=1),
        default=3,
        show_default=True,
        expose_value=False,
        callback=_wish,
        help="Proposals in a row that come to nothing, after which it is over.",
    ),
    click.option(
        "-e",
        "--extractor",
        metavar="NAME",
        expose_value=False,
        callback=_wish,
        help="Whose prompt it is.  [default: the suite's first]",
    ),
    click.option(
        "--writer",
        metavar="NAME",
        expose_value=False,
        callback=_wish,
        help="The extractor that is asked for better texts.  [default: the same]",
    ),
    click.option(
        "--engine",
        default="builtin",
        show_default=True,
        metavar="ENGINE",
        expose_value=False,
        callback=_wish,
        help='Who edits: builtin, or command:"program and arguments".',
    ),
    click.option(
        "--max-prompt-tokens",
        type=click.IntRange(min=1),
        expose_value=False,
        callback=_wish,
        help="The most the prompt's texts may come to.  [default: twice what they are, and 1,000]",
    ),
    click.option(
        "--allow",
        multiple=True,
        metavar="TEXT",
        expose_value=False,
        callback=_wish,
        help="A value of truths that may be written into the prompt; may be repeated.",
    ),
    click.option(
        "--examples",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        expose_value=False,
        callback=_wish,
        help="Documents that may be shown as examples, once descriptions do no more.",
    ),
    click.option(
        "--no-promote",
        is_flag=True,
        expose_value=False,
        callback=_wish,
        help="Leave the prompt as it is, whatever is found.",
    ),
    click.option(
        "--fresh",
        is_flag=True,
        expose_value=False,
        callback=_wish,
        help="Begin anew even if an improvement was stopped half-way.",
    ),
)

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
    "examples",
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
    return replace(suite, extractors={**suite.extractors, **with_it.extractors}), name


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
        said["examples"],
        said["fresh"],
    )
