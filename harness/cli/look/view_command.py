"""`harness view`: reports in a browser, with what is at work right now."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from harness.cli.run_argument import reports_here, reports_in, reports_option

_PORT: Final = 8765
_TOKEN_BYTES: Final = 24


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

    The list of runs says how far those at work are, what they score so far and what goes wrong,
    and compares any number of runs. It can be started before the first run. Nothing can be changed
    through it, nobody outside this machine can reach it, and of its users only those who have the
    address that is printed.
    """
    import asyncio
    from contextlib import suppress

    place = (reports_in(reports) if reports else reports_here()).resolve()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(place, port, browse=browse))


async def _serve(reports: Path, port: int | None, *, browse: bool) -> None:
    import asyncio
    from secrets import token_urlsafe

    from aiohttp import web

    from harness.cli.look.listen import listen
    from harness.view.server import application

    token = token_urlsafe(_TOKEN_BYTES)
    runner = web.AppRunner(application(reports, token), access_log=None)
    await runner.setup()
    try:
        bound = await listen(runner, port, _PORT)
        address = f"http://127.0.0.1:{bound}/?token={token}"
        click.echo(f"{address}   Ctrl-C ends it")
        if browse:
            import webbrowser

            webbrowser.open(address)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
