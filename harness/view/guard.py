"""Who may ask: pages of this server, and people who type its address. Nobody may change anything.

A page elsewhere can point a name of its own at 127.0.0.1 (DNS rebinding), or request our pages from
a visitor's browser. The first is told by the Host header, the second by Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Server": "harness",
    }
)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse who may not ask; put on every answer what keeps others from using it."""
    try:
        refused = _refusal(request)
        answer = refused or await handler(request)
    except web.HTTPException as error:
        answer = web.Response(status=error.status, text=f"{error.status} {error.reason}\n")
        if isinstance(error, web.HTTPRedirection):
            answer.headers["Location"] = error.headers["Location"]
    answer.headers.update(_HEADERS)
    return answer


def _refusal(request: web.Request) -> web.Response | None:
    host = request.headers.get("Host", "")
    if not is_ours(host, _port(request)):
        return web.Response(status=403, text="403 this server answers to 127.0.0.1 only\n")
    origin = request.headers.get("Origin")
    elsewhere = origin is not None and origin != f"http://{host}"
    fetched = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
    if elsewhere or (fetched and request.headers.get("Sec-Fetch-Mode") != "navigate"):
        return web.Response(status=403, text="403 another page may not read this one\n")
    if request.method not in ("GET", "HEAD"):
        return web.Response(status=405, text="405 nothing can be changed here\n")
    return None


def _port(request: web.Request) -> int | None:
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return int(name[1]) if name else None


def is_ours(host: str, port: int | None) -> bool:
    """Tell whether a Host header names this machine and our port.

    >>> is_ours("127.0.0.1:8765", 8765), is_ours("evil.example:8765", 8765), is_ours("localhost", 1)
    (True, False, False)
    """
    return host in {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
