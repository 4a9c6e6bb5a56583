"""The server itself: plain ASGI, and a count of everything that happened."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.extract.server.behaviour import Asked, Behaviour, Fault
from tests.extract.server.envelopes import enveloped, understood
from tests.extract.server.responses import (
    Response,
    faulty,
    keys,
    ok,
    rate_limited,
    refused,
    unauthorised,
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_DRIPS = 20


@dataclass
class Counts:
    """What happened so far. Reading it changes nothing."""

    calls: Counter[str] = field(default_factory=Counter)
    """Requests by content, refused ones included."""
    answered: Counter[str] = field(default_factory=Counter)
    """Good answers by content, counted as they begin to be sent: the second was paid for again."""
    faults: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    peak: int = 0
    """Most requests in flight at once."""

    def shown(self) -> dict[str, Any]:
        """Return the counts as JSON."""
        return {
            "calls": dict(self.calls),
            "answered": dict(self.answered),
            "faults": dict(self.faults),
            "modes": dict(self.modes),
            "total": self.calls.total(),
            "peak": self.peak,
        }


@dataclass
class App:
    """An ASGI application. One event loop: no locks."""

    behaviour: Behaviour
    counts: Counts = field(default_factory=Counts)
    last: Asked | None = None
    """The request that came last."""
    cut: Callable[[object], None] = field(default=lambda _client: None)
    """Breaks the connection of a client; set by who knows the connections."""
    admitted: deque[float] = field(default_factory=deque)

    def cuts_by(self, cut: Callable[[object], None]) -> None:
        """Break connections so from now on."""
        self.cut = cut

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"] == "/counts":
            await respond(send, Response(200, json.dumps(self.counts.shown()).encode()))
            return
        content = await content_of(receive)
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        if scope["query_string"]:
            path, headers["query"] = scope["path"], scope["query_string"].decode()
        try:
            asked = understood(path, headers, content)
        except (KeyError, ValueError):
            await respond(send, refused(404, f"no such path: {path}"))
            return
        self.last = asked
        self.counts.in_flight += 1
        self.counts.peak = max(self.counts.peak, self.counts.in_flight)
        try:
            await self._answer(asked, scope, receive, send)
        finally:
            self.counts.in_flight -= 1

    async def _answer(self, asked: Asked, scope: Message, receive: Receive, send: Send) -> None:
        count = self.counts.calls[asked.digest]
        self.counts.calls[asked.digest] += 1
        self.counts.modes[asked.mode] += 1
        turned_away = self._turned_away(asked)
        if turned_away is not None:
            self.counts.faults[str(turned_away.status)] += 1
            await respond(send, turned_away)
            return
        fault = self.behaviour.fault(asked, count)
        if fault is not None:
            self.counts.faults[fault] += 1
        if self.behaviour.latency:
            await asyncio.sleep(self.behaviour.latency)
        self.counts.answered[asked.digest] += fault in (None, Fault.DRIP)
        body = self._body(asked)
        good = replace(ok(body), status=self.behaviour.status)
        match fault:
            case None:
                await respond(send, good)
            case Fault.DRIP:
                await respond(send, good, self.behaviour.drip_seconds)
            case Fault.HANG:
                while (await receive())["type"] != "http.disconnect":
                    pass
            case Fault.CUT:
                self.cut(scope["client"])
            case Fault.CUT_BODY:
                await send(_start(good))
                await send({"type": "http.response.body", "body": good.body[:9], "more_body": True})
                self.cut(scope["client"])
            case _:
                await respond(send, faulty(fault, asked, self.behaviour))

    def _body(self, asked: Asked) -> dict[str, Any]:
        body = enveloped(asked, self.behaviour.answer(asked))
        if self.behaviour.counted is not None:
            body["usage"]["prompt_tokens"] = self.behaviour.counted
        return body

    def _turned_away(self, asked: Asked) -> Response | None:
        """Return what keeps a request from being answered at all: key, rate, mode."""
        behaviour = self.behaviour
        if behaviour.key is not None and behaviour.key not in keys(asked):
            return unauthorised(asked)
        if behaviour.per_second is not None and not self._admits(behaviour.per_second):
            return rate_limited(behaviour.retry_after)
        if asked.mode not in behaviour.modes:
            return refused(behaviour.refuses_modes_with, f"{asked.mode} is not supported")
        why = behaviour.refuses(asked)
        if why is not None:
            return refused(400, why)
        return None

    def _admits(self, per_second: int) -> bool:
        now = self.behaviour.clock()
        while self.admitted and self.admitted[0] <= now - 1:
            self.admitted.popleft()
        if len(self.admitted) >= per_second:
            return False
        self.admitted.append(now)
        return True


async def content_of(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _start(response: Response) -> Message:
    headers = [
        ("content-type", response.content_type),
        ("content-length", str(len(response.body))),
        *response.headers,
    ]
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    return {"type": "http.response.start", "status": response.status, "headers": encoded}


async def respond(send: Send, response: Response, seconds_between: float = 0.0) -> None:
    await send(_start(response))
    size = max(1, len(response.body) // _DRIPS) if seconds_between else len(response.body)
    for at in range(0, len(response.body) or 1, size or 1):
        more = at + size < len(response.body)
        piece = response.body[at : at + size]
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        if seconds_between:
            await asyncio.sleep(seconds_between)
