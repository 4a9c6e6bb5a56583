"""`harness cache`: what answers are kept for later runs, and which of them to drop."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

_AGE: Final = re.compile(r"(\d+)\s*([hdw])")
_HOURS: Final = {"h": 1, "d": 24, "w": 168}


@click.group("cache")
def command() -> None:
    """Show and prune the answers that are kept for later runs: none is paid for twice.

    They lie in .harness/cache.sqlite3 of the project, or where HARNESS_CACHE says.
    """


@command.command("show", short_help="List what is kept, by endpoint.")
@click.argument("path", type=click.Path(path_type=Path), default=".")
def show_cache(path: Path) -> None:
    """List what is kept for the project PATH is in, by endpoint."""
    from harness.core.inert_text import inert
    from harness.core.number_text import count, counted, moment
    from harness.extract.sending.cache import Cache

    file = _file(path)
    if not file.is_file():
        click.echo(f"nothing is kept: there is no {file}")
        return
    cache = Cache(file)
    for held in cache.held():
        between = f"{moment(held.first)} to {moment(held.last)}"
        click.echo(inert(held.url))
        click.echo(f"  {counted(held.answers, 'answer')}, {count(held.size)} bytes, {between}")
    cache.close()
    click.echo(f"in {file}, {count(file.stat().st_size)} bytes")


@command.command("prune", short_help="Drop kept answers.")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option(
    "--older-than", metavar="AGE", help="Only answers older than this: 12h, 30d, 8w.", default="0h"
)
@click.option("--endpoint", metavar="URL", help="Only answers of this endpoint, as `show` says it.")
def prune(path: Path, older_than: str, endpoint: str | None) -> None:
    """Drop kept answers; a run that needs them pays for them again."""
    from harness.core.number_text import counted
    from harness.extract.sending.cache import Cache
    from harness.run.clock import hours_ago

    age = _AGE.fullmatch(older_than.strip())
    if age is None:
        raise click.BadParameter("write a number and h, d or w, as in 30d", param_hint="AGE")
    file = _file(path)
    dropped = 0
    if file.is_file():
        cache = Cache(file)
        dropped = cache.prune(hours_ago(int(age[1]) * _HOURS[age[2]]), endpoint)
        cache.close()
    click.echo(f"dropped {counted(dropped, 'answer')}")


def _file(path: Path) -> Path:
    """Return where the answers of a project are kept: of a folder's suites where it has no mark."""
    from harness.cases.discovery.targets import find_targets
    from harness.cases.files.places import find_project, project_at
    from harness.errors import UsageError
    from harness.run.asking.run_session import cache_file

    here = path.resolve()
    file = cache_file(project_at(here if here.is_dir() else here.parent))
    for place in () if file.is_file() else (here, here / "evals"):
        with suppress(UsageError):
            for suite in find_targets(place):
                of_suite = cache_file(find_project(suite.folder))
                if of_suite.is_file():
                    return of_suite
    return file
