"""`harness view`: reports in a browser, with what is at work right now."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from harness.cli.look.page_server import ServerOptions, serve_pages, server_options
from harness.cli.run_argument import reports_in, reports_option

_PORT: Final = 8765
_TOKEN_BYTES: Final = 24


@click.command("view")
@reports_option
@server_options(_PORT)
def command(reports: Path | None, port: int | None, *, browse: bool) -> None:
    """Show run folders on http://127.0.0.1, live, until Ctrl-C.

    The list of runs says how far those at work are, what they score so far and what goes wrong,
    and compares any number of runs. It can be started before the first run. Nothing can be changed
    through it, nobody outside this machine can reach it, and of its users only those who have the
    address that is printed.
    """
    import asyncio
    from contextlib import suppress
    from secrets import token_urlsafe

    from harness.cases.files.places import reports_here
    from harness.view.server import application

    token = token_urlsafe(_TOKEN_BYTES)
    place = (reports_in(reports) if reports else reports_here()).resolve()
    with suppress(KeyboardInterrupt):
        asyncio.run(
            serve_pages(
                application(place, token), f"?token={token}", _PORT, ServerOptions(port, browse)
            )
        )
