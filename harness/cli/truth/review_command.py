"""`harness review`: ground truth made and checked in a browser, beside the documents."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from harness.cli.look.page_server import ServerOptions, serve_pages, server_options
from harness.cli.next_commands import tell_next
from harness.cli.options import OptionsCommand, group, takes_options
from harness.cli.truth.truth_options import runs_argument, suite_argument

if TYPE_CHECKING:
    from harness.cases.suite import Suite
    from harness.review.web.application import Entrance
    from harness.review.web.desk_service import DeskService
    from harness.review.web.entrance.people import Door

_PORT: Final = 8766

_options = group(
    click.option(
        "--as",
        "name",
        metavar="NAME",
        help="Your name in the log of decisions.  [default: git's user.email, or the login name]",
    ),
    server_options(_PORT),
    click.option(
        "--blind",
        is_flag=True,
        help="Show no answer, and nobody else's decision, before you have decided.",
    ),
    click.option(
        "--queue",
        metavar="NAME",
        default="worst",
        show_default=True,
        help="Begin with worst, routed, unreviewed, disagree, disputed, later, audit, held-out or "
        "field:NAME.",
    ),
    click.option(
        "--auth",
        metavar="HOW",
        help="For a team: header:NAME takes the reviewer's name from a proxy's header, "
        "tokens:FILE from a named token.",
    ),
    click.option(
        "--trust",
        multiple=True,
        metavar="ADDRESS",
        help="With header: believe it from this address only; may be repeated.",
    ),
    click.option(
        "--people",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="With header: who is auditor or admin. All others are annotators.",
    ),
    click.option(
        "--host",
        "hosts",
        multiple=True,
        metavar="NAME",
        help="What a proxy in front is called by browsers (review.example.org); may be repeated.",
    ),
    click.option(
        "--invite",
        metavar="PERSON",
        help="Add a person to the file of tokens, print their token once, and end.",
    ),
    click.option(
        "--role",
        type=click.Choice(["annotator", "auditor", "admin"]),
        default="annotator",
        show_default=True,
        help="With --invite.",
    ),
)


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """Options of `harness review`."""

    suite: Path
    runs: tuple[Path, ...]
    name: str | None
    server: ServerOptions
    blind: bool
    queue: str
    auth: str | None
    trust: tuple[str, ...]
    people: Path | None
    hosts: tuple[str, ...]
    invite: str | None
    role: Literal["annotator", "auditor", "admin"]


@click.command("review", cls=OptionsCommand)
@suite_argument
@runs_argument
@_options
@takes_options(ReviewOptions)
def command(options: ReviewOptions) -> None:
    """Review the ground truth of SUITE on http://127.0.0.1, until Ctrl-C.

    Each field stands beside its document with what every RUN says of it (default: the last run of
    each extractor). What you decide is appended to ground_truth/<suite>/review/<you>.jsonl before
    it is acknowledged, and the truth files are written from it. A suite without truths begins with
    the answers of the first RUN.
    """
    import asyncio
    from contextlib import suppress

    if options.invite is not None:
        _invite(options.invite, options)
        return
    service, entrance = _service(options), _entrance(options)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(service, entrance, options))


def _invite(person: str, options: ReviewOptions) -> None:
    from harness.review.web.entrance.people import Role, invite

    kind, _, file = (options.auth or "").partition(":")
    if kind != "tokens" or not file:
        raise click.UsageError("--invite needs the file: --auth tokens:FILE")
    click.echo(invite(Path(file), person, Role(options.role)))
    click.echo("the token is kept nowhere: hand it over now", err=True)


def _service(options: ReviewOptions) -> DeskService:
    import time

    from harness.confidence.tuned_runs import routed_cases
    from harness.review.reviewed_suite import ReviewedSuite, review_run
    from harness.review.web.desk_service import DeskService
    from harness.review.web.entrance.leases import Leases
    from harness.review.web.screens.queue_screen import queue_of

    suite = ReviewedSuite.open(options.suite).suite
    runs = options.runs or last_runs(suite)
    reviewed = ReviewedSuite(suite, [review_run(folder, suite) for folder in runs])
    queue_of((), options.queue)
    kind, _, rest = (options.auth or "").partition(":")
    people = Path(rest) if kind == "tokens" else None
    expected = routed_cases(runs)
    leases = Leases(time.monotonic)
    return DeskService(reviewed, leases, options.blind, options.queue, people, expected)


def last_runs(suite: Suite) -> list[Path]:
    """Return the last run of each extractor of a suite, newest first."""
    from harness.cases.files.places import reports_of
    from harness.run.store import read_run, run_folders

    runs: dict[str, Path] = {}
    for folder in run_folders(reports_of(suite.folder)):
        record = read_run(folder)
        if record["suite"] == suite.name:
            runs.setdefault(str(record["extractor"]), folder)
    return list(runs.values())


def _entrance(options: ReviewOptions) -> Entrance:
    import time

    from harness.review.web.application import Entrance
    from harness.review.web.entrance.sessions import Sessions

    hosts = options.hosts
    return Entrance(Sessions(_door(options), time.monotonic, is_secure=bool(hosts)), hosts)


def _door(options: ReviewOptions) -> Door:
    from secrets import token_urlsafe

    from harness.review.web.entrance.people import Desk, NamedTokens, Person, Role, read_people
    from harness.review.web.entrance.people import trusted_header as by_header

    kind, _, rest = (options.auth or "").partition(":")
    if not options.auth:
        name = options.name or _own_name()
        from harness.review.reviewed_suite import check_person

        check_person(name)
        return Desk(Person(name, Role.ADMIN), token_urlsafe(24))
    if options.name:
        raise click.UsageError("--as is for one person alone: --auth says who people are")
    if kind == "tokens" and rest:
        read_people(Path(rest))
        return NamedTokens(Path(rest))
    if kind == "header" and rest:
        if not options.trust:
            raise click.UsageError("say whom to believe: --trust 127.0.0.1")
        return by_header(rest, options.trust, options.people)
    raise click.UsageError("--auth is header:NAME or tokens:FILE")


def _own_name() -> str:
    """Return what git calls the person here, or the name they logged in by."""
    import getpass
    import shutil
    import subprocess

    git = shutil.which("git")
    if git is not None:
        answered = subprocess.run(  # noqa: S603  # git itself, nothing of the user's
            [git, "config", "user.email"], capture_output=True, text=True, check=False
        )
        if answered.returncode == 0 and answered.stdout.strip():
            return answered.stdout.strip()
    return getpass.getuser()


async def _serve(service: DeskService, entrance: Entrance, options: ReviewOptions) -> None:
    from harness.review.web.application import review_application
    from harness.review.web.entrance.people import Desk

    door = entrance.sessions.door
    query = f"?token={door.token}" if isinstance(door, Desk) else ""
    commands = [["harness", "truth", "status", str(options.suite)]]
    if os.environ.get("HARNESS_DB"):  # decisions wait for no network: the server writes files
        commands.append(["harness", "truth", "publish", str(options.suite)])
    application = review_application(service, entrance)
    await serve_pages(application, query, _PORT, options.server, partial(tell_next, *commands))
