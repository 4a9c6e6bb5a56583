"""Call interface between an extractor that sends requests and what sends them.

The extractor writes requests and reads replies. Whether, when and how often a request is really
sent is its caller's business: cache, limits, caps, tries again, and the record of every byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from harness.core.records import Answer, Case, EndpointRecord, Failure, Usage
from harness.extract.transport import Request, Response, Transport


@dataclass(frozen=True, slots=True)
class Question:
    """One request, and what must be known to decide whether it may be sent."""

    key: str
    """sha256, in hex, of everything that can change the answer, but for the replicate."""
    request: Request
    input_tokens: int
    """What the request holds at most."""
    output_tokens: int
    """What the reply may hold at most: a cap is never passed, so this is no average."""
    replicate: int = 1
    probing: bool = False
    """A way of asking is being tried: a 5xx is the answer, and is not tried again."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that is worth reading, whatever its status."""

    received: Response
    cached: bool
    """It was paid for earlier."""
    calls: int
    """Requests that were sent for it now: 0 if cached, more than 1 if tried again."""


class Calls(Protocol):
    """The calls made for one case. Every received byte is on disk before it is handed on."""

    @property
    def replicate(self) -> int:
        """Number of the replicate, from 1: it belongs in every question."""
        ...

    async def ask(self, question: Question) -> Reply | Failure:
        """Return the response, from the cache or from the endpoint.

        What can succeed again was tried again. A 4xx that cannot is a Reply, for the extractor to
        read; a Failure says why there is none: `budget`, `rate_limit` or `transport`.
        """
        ...

    def charge(self, question: Question, usage: Usage) -> Usage:
        """Book what a reply took, once it is read, and return it with its price filled in.

        Until then the question's upper estimates count against the caps.
        """
        ...

    async def keep(self, question: Question, reply: Reply) -> None:
        """Put a reply that was read as usable where every later run finds it.

        Refusals and replies that are cut off or unreadable are not kept: they can be asked again.
        """
        ...


@runtime_checkable
class Calling(Protocol):
    """An extractor that sends requests: the runner hands it the calls of each case."""

    @property
    def model(self) -> str:
        """The name its price is found by."""
        ...

    @property
    def is_at_vendor(self) -> bool:
        """Tell whether it is asked at an address of a vendor, who charges what he lists."""
        ...

    @property
    def warnings(self) -> Sequence[str]:
        """Warnings for the user about how it was answered, beside the answers."""
        ...

    @property
    def transport(self) -> Transport:
        """Transport of its requests; closed by the runner when all is done."""
        ...

    def shown(self) -> EndpointRecord:
        """Return how it asked, for the record of a run: no secret."""
        ...

    def usage(self, received: Response) -> Usage | None:
        """Return what a response says that it took; None where it does not say."""
        ...

    async def extract_with(self, case: Case, calls: Calls) -> Answer | Failure:
        """Return what was said; a bad reply is a Failure, not an exception."""
        ...
