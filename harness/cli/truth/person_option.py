"""`--as NAME`: who decides, where one person sits at their own desk."""

from __future__ import annotations

import getpass
from typing import Final

import click


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name in the environment, none for the user's id
        return "me"


person_option: Final = click.option(
    "--as", "person", default=_me, metavar="NAME", help="Who you are.  [default: your login]"
)
