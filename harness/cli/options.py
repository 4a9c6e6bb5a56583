"""How a command is told things: as one mapping by name, out of which each concern reads its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., object])
Option = Callable[[Decorated], Decorated]


class OptionsCommand(click.Command):
    """Hands over what it was told as one mapping, so that options can come in groups."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        """Call the command with what it was told."""
        assert self.callback is not None  # noqa: S101  # a command without one does nothing
        return ctx.invoke(self.callback, ctx.params)


def group(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return options as one decorator; they are listed in this order."""

    def decorate(command: Any) -> Any:  # noqa: ANN401  # whatever click decorates
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def form_option(*forms: str, about: str | None = None) -> Callable[[Any], Any]:
    """Return `--format`, told as `form`; the first form is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help=about,
    )


def out_option(about: str, *, folder: bool = False) -> Callable[[Any], Any]:
    """Return `--out`: a file to write to, or a folder."""
    path = click.Path(path_type=Path, file_okay=folder is False, dir_okay=folder)
    return click.option("-o", "--out", type=path, metavar="PATH", help=about)


TABLES: Final = ("text", "markdown", "csv", "json")
SUITES: Final = click.Path(path_type=Path)
evals_argument: Final = click.argument("path", type=SUITES, default="evals")
"""`PATH`: a folder of suites, a suite, or one case."""
suite_option: Final = click.option(
    "--suite",
    type=SUITES,
    metavar="PATH",
    help="The run's suite, or a folder that holds it.  [default: evals]",
)
