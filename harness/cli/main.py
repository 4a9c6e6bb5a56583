"""`harness`: the command group. Commands are imported when they run, so that `--help` is quick."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from harness.cli.diagnostics import fail
from harness.errors import HarnessError, Problem, did_you_mean

_INTERRUPTED: Final = 130
"""What shells say of a program that Ctrl-C has ended."""

_GROUPS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = MappingProxyType(
    {
        "start": (
            "Start",
            {
                "init": "Make a suite out of documents and ground truths.",
                "check": "Look for mistakes in suites without running them.",
                "run": "Run suites and write a report for each.",
                "score": "Score predictions against ground truth, without a suite.",
                "rules": "Show how every field of a suite is judged, and by whose rule.",
            },
        ),
        "look": (
            "Look at a run",
            {
                "view": "Show reports in a browser, and what is at work.",
                "show": "Print what a run found as tables.",
                "explain": "Say why a verdict of a run is what it is.",
                "history": "Show how F1 went from run to run.",
                "export": "Write a run as CSV, Parquet, JUnit, annotations or Markdown.",
            },
        ),
        "decide": (
            "Decide",
            {
                "compare": "Say what changed between runs, and whether it is more than chance.",
                "tune": "Choose how sure an answer must be for a value to be accepted.",
                "route": "Say which values a person should look at first.",
                "ensemble": "Merge several runs into one by their votes.",
                "gate": "Say whether a run is good enough, for pipelines.",
            },
        ),
        "improve": (
            "Improve the prompt",
            {
                "feedback": "Say what a run got wrong and what to change in the prompt.",
                "improve": "Improve a prompt within a budget, with every step written down.",
                "prompt": "Look at prompts: what is sent about a case, word for word.",
                "split": "Freeze which documents may be looked at and which are held out.",
                "holdout": "Look at held-out documents, sealed and counted.",
                "train": "Train a small model that labels lines or texts, to compare with.",
            },
        ),
        "truth": (
            "Make the ground truth",
            {
                "import": "Make a suite of what another tool has exported.",
                "review": "Make and check ground truth in a browser.",
                "truth": "Dispute ground truth, list the disputes, export truths with predictions.",
            },
        ),
        "maintain": (
            "Keep stored runs in order",
            {
                "report": "Make a run's report again from what its folder holds.",
                "rescore": "Score a run's stored predictions again.",
                "batch": "List, collect and cancel the batches of runs.",
                "cache": "Show and prune the answers that are kept for later runs.",
            },
        ),
    }
)
"""Folders of `harness.cli`: the heading of each in the help text, and its commands."""

_MODULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        name: f"harness.cli.{folder}.{name}_command"
        for folder, (_, commands) in _GROUPS.items()
        for name in commands
    }
)


class _Lazy(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(_MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in _MODULES:
            hint = did_you_mean(name, _MODULES) or ""
            raise click.UsageError(f"No such command {name!r}; {hint}")
        command = importlib.import_module(_MODULES[name]).command
        assert isinstance(command, click.Command)  # noqa: S101  # one in every module
        from harness.cli.options import with_help_all

        return with_help_all(command)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read `help COMMAND` as `COMMAND --help`."""
        _write_any_character()
        arguments = [*args[1:], "--help"] if args[:1] == ["help"] else args
        return super().parse_args(ctx, arguments)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        width = max(map(len, _MODULES))
        for heading, commands in _GROUPS.values():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:{width}}", text) for name, text in commands.items()])

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except HarnessError as error:
            fail(error)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            sys.exit(_INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # click knows what to do when nobody reads any more
                raise
            fail(HarnessError(_refused(error)))


def _write_any_character() -> None:
    """Let standard output and error take every character: what they cannot write is escaped.

    On Windows, what is written into a file or a pipe is UTF-8, as it is everywhere else.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() != "utf-8":
            if os.name == "nt":
                stream.reconfigure(encoding="utf-8")
            else:
                stream.reconfigure(errors="backslashreplace")


def _refused(error: OSError) -> Problem:
    """Return what the operating system would not do: no space left, no permission."""
    from harness.cases.files.places import at

    reason = (error.strerror or str(error)).lower()
    where = at(Path(error.filename)) if isinstance(error.filename, str) else None
    return Problem(f"the operating system says: {reason}", "os-error", where)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="extraction-harness", prog_name="harness")
def main() -> None:
    """Score JSON that models extract from documents: field by field, and why.

    Exit codes: 0 done, 1 a gate was not met, 2 usage, 3 your files are wrong, 4 run incomplete,
    5 undecided (compare). `harness COMMAND --help` shows what is needed most, `--help-all` all.
    """
