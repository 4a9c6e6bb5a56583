"""Request guard of a local server: pages of this server, and people who type its address.

A page elsewhere can point a name of its own at 127.0.0.1 (DNS rebinding), or request our pages from
a visitor's browser. The first is told by the Host header, the second by Origin and Sec-Fetch-Site.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection, Mapping
from secrets import token_urlsafe
from types import MappingProxyType
from typing import Final, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refusal: TypeAlias = Callable[[web.Request], web.Response | None]
"""Returns the answer to who may not ask; None to who may."""

_SESSION_BYTES: Final = 24
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


def guard_with(refusal: Refusal, headers: Mapping[str, str]) -> Middleware:
    """Return a guard that asks `refusal` first, and puts `headers` on every answer, too."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            answer = refusal(request) or await handler(request)
        except web.HTTPException as error:
            answer = web.Response(status=error.status, text=f"{error.status} {error.reason}\n")
            if isinstance(error, web.HTTPRedirection):
                answer.headers["Location"] = error.headers["Location"]
        for name, value in {**_HEADERS, **headers}.items():
            answer.headers.setdefault(name, value)
        return answer

    return guarded


def refusal_of_strangers(request: web.Request, names: Collection[str] = ()) -> web.Response | None:
    """Return the answer to requests that come from elsewhere.

    `names` are hosts, with their ports, that a proxy in front of the server is called by.
    """
    host = request.headers.get("Host", "")
    if not is_ours(host, _port(request)) and host not in names:
        return web.Response(status=403, text="403 this server answers to 127.0.0.1 only\n")
    origin = request.headers.get("Origin")
    ours = {f"http://{host}"} | ({f"https://{host}"} if host in names else set())
    elsewhere = origin is not None and origin not in ours
    fetched = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
    if elsewhere or (fetched and request.headers.get("Sec-Fetch-Mode") != "navigate"):
        return web.Response(status=403, text="403 another page may not read this one\n")
    return None


def _refusal_to_write(request: web.Request) -> web.Response | None:
    if request.method not in ("GET", "HEAD"):
        return web.Response(status=405, text="405 nothing can be changed here\n")
    return None


def reading_guard(token: str | None) -> Middleware:
    """Return a guard that lets those who may ask read, and nobody change anything.

    With a token, only a browser that once brought it in the address, `?token=`, is answered: other
    users of the machine reach 127.0.0.1, too.
    """
    session = token_urlsafe(_SESSION_BYTES)

    def refusal(request: web.Request) -> web.Response | None:
        answer = refusal_of_strangers(request) or _refusal_to_write(request)
        if answer is not None or token is None:
            return answer
        name = f"harness-view-{_port(request)}"
        if (given := request.query.get("token")) is not None and _is_same(given, token):
            answer = web.Response(status=303, headers={"Location": request.path})
            answer.set_cookie(name, session, httponly=True, samesite="Strict", path="/")
            return answer
        if _is_same(request.cookies.get(name, ""), session):
            return None
        return web.Response(status=401, text="401 open the address that `harness view` printed\n")

    return guard_with(refusal, {})


def _is_same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())


def _port(request: web.Request) -> int | None:
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return int(name[1]) if name else None


def is_ours(host: str, port: int | None) -> bool:
    """Tell whether a Host header names this machine and our port.

    >>> is_ours("127.0.0.1:8765", 8765), is_ours("evil.example:8765", 8765), is_ours("localhost", 1)
    (True, False, False)
    """
    return host in {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
