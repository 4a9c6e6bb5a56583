"""HTTP for batches: idempotent requests are retried, a request that makes a batch is sent once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import BinaryIO, Final
from urllib.parse import quote, urlsplit

from harness.core.values import Json
from harness.extract.dialects.responses import words
from harness.extract.sending.rate_limit_headers import told_to_wait
from harness.extract.transport import FileTransport, Request, Response, TransportError

_AGAIN: Final = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_REFUSED_ALL_THE_SAME: Final = frozenset({408, 409, 425})
"""Statuses below 500 after which a request may have had an effect all the same."""
_GONE: Final = frozenset({404, 410})
_SERVER: Final = 500
_ATTEMPTS: Final = 6
_LONGEST_WAIT: Final = 30.0
_JSON: Final = ("content-type", "application/json")


class BatchApiError(Exception):
    """The batch interface answered with something else than was asked for."""

    def __init__(self, received: Response) -> None:
        super().__init__(f"HTTP {received.status}: {words(received).strip() or 'no text'}")
        self.received = received

    @property
    def is_refusal(self) -> bool:
        """Tell whether the request is known to have had no effect."""
        status = self.received.status
        return not self.received.is_success and (
            status < _SERVER and status not in _REFUSED_ALL_THE_SAME
        )

    @property
    def is_gone(self) -> bool:
        """Tell whether what was asked for is not there."""
        return self.received.status in _GONE


@dataclass(frozen=True, slots=True)
class BatchHttp:
    """Asks one vendor's batch interface, whose address holds no key."""

    transport: FileTransport
    base_url: str
    headers: tuple[tuple[str, str], ...]
    query: str = ""
    """What is added to every address: Azure's version."""
    model: str = ""
    path: str = ""
    """Where one request would go, behind the base URL."""
    pause: float = 0.5
    """Seconds before the first new attempt; each further one waits twice as long."""

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        address = urlsplit(self.base_url)
        return f"{address.scheme}://{address.netloc}"

    async def get(self, path: str) -> Response:
        """Return what is at a path below the base URL. Raises BatchApiError, TransportError."""
        return await self._safely(Request(self.url(path), self.headers, b"", "GET"))

    async def get_json(self, path: str) -> Json:
        """Return the JSON at a path. Raises BatchApiError, TransportError."""
        return _json(await self.get(path))

    async def get_dated(self, path: str) -> tuple[Json, datetime | None]:
        """Return the JSON at a path, and when the server says that it sent it."""
        received = await self.get(path)
        return _json(received), _moment_of(received)

    async def post_once(self, path: str, body: bytes) -> Json:
        """Post JSON, once: who cannot know whether it had an effect must look before he repeats it.

        Raises BatchApiError, TransportError.
        """
        request = Request(self.url(path), (_JSON, *self.headers), body)
        received = await self.transport.send(request)
        for attempt in range(_ATTEMPTS):
            is_turned_away = received.status == 429  # noqa: PLR2004  # Too Many Requests
            if not is_turned_away or attempt == _ATTEMPTS - 1:
                break
            await asyncio.sleep(self._wait(received, attempt))
            received = await self.transport.send(request)
        return _json(_good(received))

    async def post(self, url: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Response:
        """Post what may be posted twice without harm. Raises BatchApiError, TransportError."""
        return await self._safely(Request(url, (*headers, *self.headers), body))

    async def download(self, url: str, out: BinaryIO) -> None:
        """Append what is at an address to a file of lines. Raises BatchApiError, TransportError."""
        request, start = Request(url, self.headers, b"", "GET"), out.tell()

        async def from_the_start() -> Response:
            out.seek(start)
            out.truncate()
            return await self.transport.download(request, out)

        await self._repeated(from_the_start)
        out.write(b"\n")

    async def _safely(self, request: Request) -> Response:
        """Return a good response to a request that may be sent again and again."""
        return await self._repeated(partial(self.transport.send, request))

    async def _repeated(self, send: Callable[[], Awaitable[Response]]) -> Response:
        for attempt in range(_ATTEMPTS - 1):
            received: Response | None = None
            with suppress(TransportError):
                received = await send()
            if received is not None and received.status not in _AGAIN:
                return _good(received)
            await asyncio.sleep(self._wait(received, attempt))
        return _good(await send())

    def url(self, path: str) -> str:
        """Return the address of a path below the base URL."""
        first, mark, rest = path.partition("?")
        if self.query:
            mark, rest = (
                "?",
                "&".join(part for part in (rest, self.query.removeprefix("?")) if part),
            )
        return f"{self.base_url}{first}{mark}{rest}"

    async def close(self) -> None:
        """Close its connections."""
        await self.transport.close()

    def _wait(self, received: Response | None, attempt: int) -> float:
        sent = _moment_of(received) if received else None
        now = sent or datetime.fromtimestamp(0, UTC)
        wait_seconds = told_to_wait(received.headers, now) if received else None
        return min(
            _LONGEST_WAIT, self.pause * 2.0**attempt if wait_seconds is None else wait_seconds
        )

    def paced(self, pause: float) -> BatchHttp:
        """Return the same with another pause before a new attempt."""
        return replace(self, pause=min(self.pause, pause))


def as_path(text: str) -> str:
    """Return what a vendor calls something as part of an address; it leads nowhere else.

    >>> as_path("batches/a b"), as_path("../files?x")
    ('batches/a%20b', '%2E%2E/files%3Fx')
    """
    return "/".join(quote(step, safe="").replace("..", "%2E%2E") for step in text.split("/"))


def _moment_of(received: Response) -> datetime | None:
    """Return when a response was sent; None where it does not say."""
    try:
        sent = parsedate_to_datetime(received.headers["date"])
    except (KeyError, ValueError, TypeError):
        return None
    return sent.replace(tzinfo=sent.tzinfo or UTC)


def _good(received: Response) -> Response:
    if not received.is_success or not received.is_whole:
        raise BatchApiError(received)
    return received


def _json(received: Response) -> Json:
    try:
        parsed: Json = json.loads(received.body)
    except (ValueError, RecursionError):
        raise BatchApiError(received) from None
    return parsed
