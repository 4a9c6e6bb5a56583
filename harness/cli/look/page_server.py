"""Local web server of a command: its options, its port, and serving until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from harness.cli.options import group

if TYPE_CHECKING:
    from aiohttp import web


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Options of a command that serves pages to a browser of this machine."""

    port: int | None
    """None: the command's usual port, or any free one if that is taken."""
    browse: bool


def server_options(usual: int) -> Callable[[Any], Any]:
    """Return `--port` and `--open` of a command that usually listens on a port."""
    return group(
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            help=f"Listen on this port.  [default: {usual}, or any free one if that is taken]",
        ),
        click.option("--open", "browse", is_flag=True, help="Open the page in a browser, too."),
    )


async def serve_pages(
    application: web.Application,
    query: str,
    usual: int,
    options: ServerOptions,
    tell: Callable[[], None] = lambda: None,
) -> None:
    """Serve an application on 127.0.0.1 until the task is cancelled, its address printed.

    `query` is what the printed address ends with (`?token=…`), `tell` prints what follows it.
    Raises HarnessError where no port can be listened on.
    """
    import asyncio

    from aiohttp import web

    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        port = await _listen(runner, options.port, usual)
        address = f"http://127.0.0.1:{port}/{query}"
        click.echo(f"{address}   Ctrl-C ends it")
        tell()
        if options.browse:
            import webbrowser

            webbrowser.open(address)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int | None, usual: int) -> int:
    """Listen and return the port: the one asked for, the usual one, or any free one."""
    import errno

    from aiohttp import web

    from harness.errors import HarnessError, Problem

    for choice in (usual, 0) if port is None else (port,):
        try:
            await web.TCPSite(runner, "127.0.0.1", choice).start()
        except OSError as error:
            if port is None and choice and error.errno == errno.EADDRINUSE:
                continue
            message = f"cannot listen on port {choice}: {(error.strerror or str(error)).lower()}"
            hint = "choose another with --port"
            raise HarnessError(Problem(message, "port", hint=hint)) from None
        break
    return int(runner.addresses[0][1])
