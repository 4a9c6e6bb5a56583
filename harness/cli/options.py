"""Options of commands: click's parameters as one frozen record per command, groups in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

import click

Decorated = TypeVar("Decorated", bound=Callable[..., object])
Option = Callable[[Decorated], Decorated]
OptionsRecord = TypeVar("OptionsRecord")


def options_of(record: type[OptionsRecord], params: Mapping[str, Any]) -> OptionsRecord:
    """Return click's parameters as a record of options.

    Each field is the parameter of its name; a field that is a record itself is a group of options,
    made of the same parameters.
    """
    assert is_dataclass(record)  # noqa: S101  # a command's record of options
    types = get_type_hints(record)
    return record(
        **{
            field.name: options_of(types[field.name], params)
            if is_dataclass(types[field.name])
            else params[field.name]
            for field in fields(record)
        }
    )


def takes_options(
    record: type[OptionsRecord],
) -> Callable[[Callable[[OptionsRecord], None]], Callable[[Mapping[str, Any]], None]]:
    """Return a decorator: the command is called with its record of options."""

    def decorate(command: Callable[[OptionsRecord], None]) -> Callable[[Mapping[str, Any]], None]:
        @wraps(command)
        def with_params(params: Mapping[str, Any]) -> None:
            command(options_of(record, params))

        return with_params

    return decorate


class OptionsCommand(click.Command):
    """Hands click's parameters over as one mapping, for `takes_options` to make a record of.

    Its `--help` shows the common options alone where any are named, `--help-all` all of them.
    """

    common: frozenset[str] = frozenset()
    """The options that `--help` shows; empty for all of them."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters, `--help-all` the last but one."""
        *own, last = super().get_params(ctx)
        number = sum(isinstance(each, click.Option) for each in self.params)
        return [*own, help_all_option(number, is_hidden=not self.common), last]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options that are asked for: the common ones, or all."""
        if not self.common or ctx.meta.get(_EVERY_OPTION):
            super().format_options(ctx, formatter)
            return
        shown = self.common | {"--help", _HELP_ALL}
        rows = [
            row
            for each in self.get_params(ctx)
            if shown & {*each.opts} and (row := each.get_help_record(ctx)) is not None
        ]
        with formatter.section("Options"):
            formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the words as they were typed: what comes next often repeats them."""
        ctx.meta[TYPED_WORDS] = tuple(args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  # click's signature
        """Call the command with what it was told."""
        assert self.callback is not None  # noqa: S101  # a command without one does nothing
        return ctx.invoke(self.callback, ctx.params)


def shows(*names: str) -> Callable[[OptionsCommand], OptionsCommand]:
    """Return a decorator: of a command's options `--help` shows these, the others are folded."""

    def decorate(command: OptionsCommand) -> OptionsCommand:
        known = {flag for each in command.params for flag in each.opts}
        assert set(names) <= known, set(names) - known  # noqa: S101  # names of its own options
        command.common = frozenset(names)
        return command

    return decorate


def help_all_option(number: int, *, is_hidden: bool) -> click.Option:
    """Return `--help-all`, which prints the help of a command with every option it has."""

    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  # click's call
        if value and not ctx.resilient_parsing:
            ctx.meta[_EVERY_OPTION] = True
            click.echo(ctx.get_help(), color=ctx.color)
            ctx.exit()

    return click.Option(
        [_HELP_ALL],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        hidden=is_hidden,
        callback=show,
        help=f"Show all {number} options and exit.",
    )


def with_help_all(command: click.Command) -> click.Command:
    """Return a command that takes `--help-all`, as all below it do."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            with_help_all(below)
    elif not isinstance(command, OptionsCommand) and not any(
        _HELP_ALL in each.opts for each in command.params
    ):
        command.params.append(help_all_option(len(command.params), is_hidden=True))
    return command


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


def database_option(about: str, *, required: bool = False) -> Callable[[Any], Any]:
    """Return `--db`: the address of a team's database, which the environment may hold."""
    return click.option(
        "--db",
        metavar="URL",
        envvar="HARNESS_DB",
        required=required,
        help=f"{about} Its address is `postgresql://…`; HARNESS_DB sets it, too.",
    )


TYPED_WORDS: Final = "harness.words"
"""In click's `meta`: what the command was told, word for word."""
_EVERY_OPTION: Final = "harness.every-option"
"""In click's `meta`: the help is to show every option."""
_HELP_ALL: Final = "--help-all"
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


policy_options: Final = group(
    click.option(
        "--require",
        type=click.Choice(("none", "approved")),
        default="none",
        show_default=True,
        help="approved: score only fields that people approved in the review logs.",
    ),
    click.option(
        "--reviewers",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="How many people have to approve a field.",
    ),
    click.option(
        "--reviews",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        metavar="DIR",
        help="Folder of truths whose review logs count.  [default: that of EXPECTED]",
    ),
)
"""How far truths in files have to be reviewed."""


thresholds_option: Final = click.option(
    "--thresholds",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Withhold values whose confidence is under their threshold (harness tune).",
)
"""`--thresholds FILE`: the file that `harness tune --out` writes."""
concurrency_option: Final = click.option(
    "-j",
    "--concurrency",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    help="How many cases are in flight at once, at most.",
)


def pages_option(command: Decorated) -> Decorated:
    """Give a command the option `--pages`."""
    return click.option(
        "--pages",
        is_flag=True,
        help="Draw the pages of PDFs and images beside the report, too, with boxes around values."
        " The files must be where they were read.",
    )(command)
