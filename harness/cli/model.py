"""Options that name a model, for every command that asks one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from harness.cases.options import ModelOptions

_Command = TypeVar("_Command", bound=Callable[..., Any])
_META: Final = "harness.cli.model"


def model_options(command: _Command) -> _Command:
    """Add the options to a command; `said_model` tells what was said."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def said_model() -> ModelOptions:
    """Return what the command that runs was told of a model."""
    from harness.cases.options import ModelOptions

    return ModelOptions(**click.get_current_context().meta.get(_META, {}))


def _note(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value:
        context.meta.setdefault(_META, {})[parameter.name] = value


_OPTIONS: Final = (
    click.option(
        "--model",
        metavar="NAME",
        expose_value=False,
        callback=_note,
        help="Ask this model instead of the suites' own extractors. --extractor says which "
        "dialect it speaks: openai (the default), anthropic or gemini.",
    ),
    click.option(
        "--base-url",
        metavar="URL",
        expose_value=False,
        callback=_note,
        help="Where the model is, as in http://localhost:8000/v1.  [default: its vendor]",
    ),
    click.option(
        "--model-path",
        metavar="FILE",
        expose_value=False,
        callback=_note,
        help="Serve this GGUF file on this machine while the run lasts, and ask it.",
    ),
    click.option(
        "--param",
        "params",
        multiple=True,
        metavar="NAME=VALUE",
        expose_value=False,
        callback=_note,
        help="A setting of the model as in a suite file: temperature=0, key_env=MY_KEY, "
        "max_tokens=8000; may be repeated.",
    ),
)
