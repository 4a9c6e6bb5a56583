"""`harness view`: reports in a browser, with what is at work right now."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from harness.cli.run_argument import reports_in, reports_option

if TYPE_CHECKING:
    from aiohttp import web

_PORT: Final = 8765


@click.command("view")
@reports_option
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help=f"Listen on this port.  [default: {_PORT}, or any free one if that is taken]",
)
@click.option("--open", "browse", is_flag=True, help="Open the page in a browser, too.")
def command(reports: Path | None, port: int | None, *, browse: bool) -> None:
    """Show run folders on http://127.0.0.1, live, until Ctrl-C.

    The list of runs says how far those at work are, and compares any two. Nothing can be changed
    through it, and nobody outside this machine can reach it.
    """
    import asyncio
    from contextlib import suppress

    place = reports_in(reports).resolve()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(place, port, browse=browse))


async def _serve(reports: Path, port: int | None, *, browse: bool) -> None:
    import asyncio

    from aiohttp import web

    from harness.view.server import application

    runner = web.AppRunner(application(reports), access_log=None)
    await runner.setup()
    try:
        bound = await _listen(runner, port)
        address = f"http://127.0.0.1:{bound}/"
        click.echo(f"{address}   Ctrl-C ends it")
        if browse:
            import webbrowser

            webbrowser.open(address)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int | None) -> int:
    """Return the port we listen on now."""
    from aiohttp import web as server

    from harness.errors import HarnessError, Problem

    for choice in (_PORT, 0) if port is None else (port,):
        try:
            await server.TCPSite(runner, "127.0.0.1", choice).start()
        except OSError as error:
            if port is None and choice and error.errno == errno.EADDRINUSE:
                continue
            said = f"cannot listen on port {choice}: {(error.strerror or str(error)).lower()}"
            raise HarnessError(Problem(said, "port", hint="choose another with --port")) from None
        break
    return int(runner.addresses[0][1])
