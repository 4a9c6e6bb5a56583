"""HTTP over aiohttp: the one module that opens a connection."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from harness.core.values import Json
from harness.extract.dialects.event_stream import from_stream, is_stream, read_json
from harness.extract.endpoint.api_keys import Secret, sounds_secret
from harness.extract.transport import (
    BATCH_HEADER,
    Request,
    Response,
    TransportError,
    TransportKind,
    is_success,
)

_CONNECT_SECONDS: Final = 30.0
_AGENT: Final = "extraction-harness"
_LOOPBACK: Final = ("localhost", "127.", "::1")
_KEPT_BYTES: Final = 65_536
"""Of a response that is larger than is read: enough to see what it is."""
_FILE_BYTES: Final = 100_000_000_000
"""Body beyond which no more is written to a file."""
_NOT_KEPT: Final = frozenset({"set-cookie", "set-cookie2", BATCH_HEADER})
"""Headers of a response by which others could go on as us, and one that is ours alone."""


@dataclass(slots=True)
class Connection:
    """Sends requests to one server and adds the key, which goes to no other place.

    Redirects are not followed, so that a key is never carried elsewhere.
    """

    origin: str
    """Scheme, host and port, as in `https://api.example.com`."""
    secret: Secret | None
    seconds: float
    """Time limit for one request, connecting included."""
    most_bytes: int
    """Body beyond which no more is read."""
    private: tuple[Secret, ...] = ()
    """Headers of the user's own, which are stored nowhere: some hold a secret."""
    further: tuple[Secret, ...] = ()
    """Headers whose values were kept outside the suite, as the key is."""
    most_text: int | None = None
    """Characters of one text in a body that a reply may have; a body with more of them is cut."""
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)
    _proxy: str | None = field(default=None, repr=False)
    """Of the environment; it may hold a password."""

    async def send(self, request: Request) -> Response:
        """Return the response, whatever its status.

        Raises:
            TransportError: there is none, or not all of it.
        """
        came = await self._exchange(request, self._read)
        if not came.is_whole or not self._is_too_long(came.body):
            return came
        return replace(came, body=came.body[:_KEPT_BYTES], is_whole=False, size=len(came.body))

    async def download(self, request: Request, out: BinaryIO) -> Response:
        """Write the body of a success to a file, line by line; the response has none.

        Raises:
            TransportError: there is no response, or not all of it.
        """

        async def read(response: aiohttp.ClientResponse) -> tuple[bytes, int | None]:
            if not is_success(response.status):
                return await self._read(response)
            return b"", await self._copy(response, out)

        return await self._exchange(request, read)

    async def _exchange(
        self,
        request: Request,
        read: Callable[[aiohttp.ClientResponse], Awaitable[tuple[bytes, int | None]]],
    ) -> Response:
        started = time.monotonic()
        try:
            async with self._open().request(
                request.method,
                request.url,
                data=request.body or None,
                headers=self._headers(request),
                allow_redirects=False,
                proxy=self._proxy,
            ) as response:
                body, size = await read(response)
                headers_read = {name.lower(): text for name, text in response.headers.items()}
                headers = {
                    name: text for name, text in headers_read.items() if name not in _NOT_KEPT
                }
                status = response.status
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise self._transport_error(error) from None
        for secret in self._secrets():
            body = _blotted(body, secret)
            headers = {name: secret.blot(text) for name, text in headers.items()}
        seconds = time.monotonic() - started
        return Response(status, headers, body, seconds, is_whole=size is None, size=size)

    async def close(self) -> None:
        """Close all connections; a later request opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connect = min(self.seconds, _CONNECT_SECONDS)
            self._proxy = _proxy_for(self.origin)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ttl_dns_cache=300),
                timeout=aiohttp.ClientTimeout(total=self.seconds, sock_connect=connect),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": _AGENT},
                trust_env=False,  # it would send what .netrc holds, where our key belongs
            )
        return self._session

    def _headers(self, request: Request) -> dict[str, str]:
        headers = dict(request.headers)
        if request.url.startswith(self.origin + "/"):
            key = [self.secret] if self.secret is not None else []
            own = (*self.private, *self.further, *key)
            headers |= {secret.header: secret.value for secret in own}
        return headers

    def _secrets(self) -> Iterator[Secret]:
        """Yield what no server may tell anybody; other headers are words like any."""
        yield from (one for one in self.private if sounds_secret(one.header))
        yield from self.further
        if self.secret is not None:
            yield self.secret
        password = urlsplit(self._proxy).password if self._proxy else None
        if password:
            yield Secret("proxy-authorization", "", unquote(password))

    async def _read(self, response: aiohttp.ClientResponse) -> tuple[bytes, int | None]:
        """Return a body; of one that is larger than is read the beginning, and what came of it."""
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > self.most_bytes:
                response.close()
                return b"".join(chunks)[:_KEPT_BYTES], size
        return b"".join(chunks), None

    async def _copy(self, response: aiohttp.ClientResponse, out: BinaryIO) -> int | None:
        """Write a body to a file; return what came of one that is larger than is read.

        A key is blotted out in each line, since no line is divided.
        """
        waiting: list[bytes] = []
        size = length = 0
        async for chunk in response.content.iter_any():
            size += len(chunk)
            head, end, tail = chunk.rpartition(b"\n")
            if end:
                out.write(self._blotted_line(b"".join([*waiting, head, end])))
                waiting, length = [], 0
            waiting.append(tail)
            length += len(tail)
            if size > _FILE_BYTES or length > self.most_bytes:
                response.close()
                return size
        out.write(self._blotted_line(b"".join(waiting)))
        return None

    def _blotted_line(self, line: bytes) -> bytes:
        for secret in self._secrets():
            line = secret.blot_bytes(line)
        return line

    def _is_too_long(self, body: bytes) -> bool:
        """Tell whether a reply in a body is longer than is read, so that it need not be kept."""
        if self.most_text is None or len(body) <= self.most_text:
            return False
        try:
            return _longest_text(read_json(body)) > self.most_text
        except (ValueError, RecursionError):
            return False

    def _transport_error(self, error: aiohttp.ClientError | OSError | ValueError) -> TransportError:
        kind: TransportKind
        match error:
            case TimeoutError():
                kind, what = "timeout", f"no whole answer after {self.seconds:g} s"
            case aiohttp.ClientConnectorCertificateError():
                kind, what = "tls", _untrusted(error)
            case aiohttp.ClientConnectorSSLError() if _speaks_no_tls(error):
                what = f"no TLS is spoken at {error.host}:{error.port}: is its address http://?"
                kind = "tls"
            case aiohttp.ClientConnectorError():
                kind, what = "connect", self._said(error)
            case aiohttp.ServerDisconnectedError():
                kind, what = "cut", "the server closed the connection, unanswered"
            case aiohttp.ClientPayloadError():
                kind, what = "cut", "the connection broke in the middle of the answer"
            case aiohttp.ClientHttpProxyError():
                reason = f"the proxy answered {error.status}: {error.message}"
                kind, what = "connect", reason
            case aiohttp.ClientResponseError():
                reason = error.message.partition("\n")[0].rstrip(":")
                kind, what = "cut", f"what came is no whole HTTP response: {reason}"
            case _:
                kind, what = "cut", self._said(error)
        return TransportError(kind, what)

    def _said(self, error: Exception) -> str:
        message = f"{type(error).__name__}: {error}".removesuffix(": ")
        for secret in self._secrets():
            message = secret.blot(message)
        return message


def _untrusted(error: aiohttp.ClientConnectorCertificateError) -> str:
    """Return why a certificate is refused, and the way out where an own authority signed it."""
    why = getattr(error.certificate_error, "verify_message", "") or str(error.certificate_error)
    return (
        f"the certificate of {error.host}:{error.port} is not trusted: {why}; if your own authority"
        " signed it, name that in the environment: SSL_CERT_FILE=/path/to/ca.pem"
    )


def _speaks_no_tls(error: aiohttp.ClientConnectorSSLError) -> bool:
    return getattr(error.os_error, "reason", None) == "WRONG_VERSION_NUMBER"


def _longest_text(value: Json) -> int:
    """Return how many characters the longest text in a value has."""
    if isinstance(value, str):
        return len(value)
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(_longest_text, parts), default=0)


def _blotted(body: bytes, secret: Secret) -> bytes:
    """Return a body without a key, a stream's too in whose events it stands in pieces."""
    body = secret.blot_bytes(body)
    if not is_stream(body):
        return body
    try:
        whole = json.dumps(from_stream(body), ensure_ascii=False)
    except ValueError:  # no stream that anybody reads
        return body
    blotted = secret.blot(whole)
    return body if blotted == whole else blotted.encode("utf-8", "surrogatepass")


def _proxy_for(origin: str) -> str | None:
    """Return the proxy that the environment names for a server elsewhere; None where it is direct.

    It says so by HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
    """
    address = urlsplit(origin)
    host = address.hostname or ""
    if host.startswith(_LOOPBACK) or proxy_bypass(host):
        return None
    proxy = getproxies().get(address.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
