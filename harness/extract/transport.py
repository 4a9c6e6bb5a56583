"""HTTP requests and responses as bytes, before anybody reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, Literal, Protocol

BATCH_HEADER: Final = "x-harness-batch"
"""Where a response has the name of its batch line, as it is stored; no server can send it."""

TransportKind = Literal["tls", "connect", "timeout", "cut"]
"""How a request failed: no trust, no connection, no answer in time, an answer broken off."""


def is_success(status: int) -> bool:
    """Tell whether a status says that there is an answer, which has to be paid for.

    >>> [is_success(status) for status in (200, 201, 299, 302, 429)]
    [True, True, True, False, False]
    """
    return status // 100 == 2  # noqa: PLR2004  # RFC 9110, section 15.3


@dataclass(frozen=True, slots=True)
class Request:
    """One request. It holds no secret: whoever sends it adds the key, so this can be stored."""

    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    method: Literal["GET", "POST"] = "POST"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response, whatever its status. A key that the server echoed is blotted out."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    """Byte for byte as it came, once decompressed."""
    seconds: float
    """Wall time from sending the request to the body's last byte."""
    is_whole: bool = True
    """False where the body was larger than is read: `body` is its beginning."""
    is_in_body: bool = False
    """The status is that of an error in the body of a response of status 2xx."""
    size: int | None = None
    """Bytes that came of a body that was cut; None of one that was not."""

    @property
    def is_success(self) -> bool:
        """There is an answer, which has to be paid for."""
        return is_success(self.status)

    @property
    def is_of_batch(self) -> bool:
        """It was a line of a batch, which costs what batches cost."""
        return BATCH_HEADER in self.headers


class TransportError(Exception):
    """No whole response came: nothing can be said of the answer."""

    def __init__(self, kind: TransportKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message

    @property
    def is_unsent(self) -> bool:
        """There was no connection to send the request over, so that nobody charges for it."""
        return self.kind in {"tls", "connect"}


class Transport(Protocol):
    """Sends requests, any number at once; who asks bounds how many."""

    async def send(self, request: Request) -> Response:
        """Return the response, whatever its status.

        Raises:
            TransportError: there is none, or not all of it.
        """
        ...

    async def close(self) -> None:
        """Close its connections; a later request opens new ones."""
        ...


class FileTransport(Transport, Protocol):
    """A transport that writes large bodies to a file."""

    async def download(self, request: Request, out: BinaryIO) -> Response:
        """Write the body of a success to a file; the response has none. Others are as of `send`.

        Raises:
            TransportError: there is no response, or not all of it.
        """
        ...
