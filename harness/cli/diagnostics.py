"""What goes to standard error: problems and warnings, with nothing in them that could act."""

from __future__ import annotations

import sys
from typing import Final, NoReturn

import click

from harness.errors import HarnessError

INCOMPLETE: Final = 4
"""Exit code of a score that covers only a part of the cases."""


def warn(about: object) -> None:
    """Print a warning: the command goes on."""
    click.echo(f"warning: {_inert(about)}", err=True)


def fail(error: HarnessError) -> NoReturn:
    """Print every problem and exit with the code that says whose they are."""
    for problem in error.problems:
        click.echo(_inert(problem), err=True)
    if len(error.problems) > 1:
        click.echo(f"{len(error.problems)} problems", err=True)
    sys.exit(error.exit_code)


def note_incomplete() -> None:
    """Say that a score covers only a part of the cases."""
    click.echo("incomplete: some cases were never answered; see the report", err=True)


def _inert(said: object) -> str:
    """Return a message as it may reach a terminal: names of files and keys come from strangers."""
    from harness.core.inert_text import inert

    return "\n".join(map(inert, str(said).split("\n")))
