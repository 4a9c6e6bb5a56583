"""Listening on a port of this machine: the one asked for, the usual one, or any free one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web


async def listen(runner: web.AppRunner, port: int | None, usual: int) -> int:
    """Listen on 127.0.0.1 and return the port. Raises HarnessError where that cannot be.

    Where `port` is None the usual one is taken, or any that is free where somebody else has it.
    """
    import errno

    from aiohttp import web as server

    from harness.errors import HarnessError, Problem

    for choice in (usual, 0) if port is None else (port,):
        try:
            await server.TCPSite(runner, "127.0.0.1", choice).start()
        except OSError as error:
            if port is None and choice and error.errno == errno.EADDRINUSE:
                continue
            message = f"cannot listen on port {choice}: {(error.strerror or str(error)).lower()}"
            hint = "choose another with --port"
            raise HarnessError(Problem(message, "port", hint=hint)) from None
        break
    return int(runner.addresses[0][1])
