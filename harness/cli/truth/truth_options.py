"""Arguments and options that commands about the truth of a suite share."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Final

import click

from harness.cli.run_argument import RUN_ARGUMENT


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name in the environment, none for the user's id
        return "me"


suite_argument: Final = click.argument("suite", type=click.Path(path_type=Path))
"""`SUITE`: one suite's folder."""
runs_argument: Final = click.argument("runs", nargs=-1, type=RUN_ARGUMENT, metavar="[RUN]...")
"""`[RUN]...`: runs whose answers are looked at beside the truth."""
person_option: Final = click.option(
    "--as", "person", default=_me, metavar="NAME", help="Who you are.  [default: your login]"
)
"""`--as NAME`: who decides, where one person sits at their own desk."""
