"""Batch API protocol, the same for all vendors: submit, status, results and cancellation."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Final, Literal, Protocol

from harness.core.values import Json
from harness.extract.batches.batch_http import BatchHttp
from harness.extract.dialects.dialect import member
from harness.extract.transport import Response

OUR_BYTES: Final = 100_000_000
"""Of one batch's file, whatever more a vendor takes: it is held in memory while it is sent."""


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """The most that one batch may hold."""

    requests: int
    size: int
    """Bytes of all its lines, images included."""
    hours: int = 24
    """Time that a vendor gives itself for a batch."""


class Phase(StrEnum):
    """Phase of a batch at its vendor."""

    RUNNING = "running"
    ENDED = "ended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """It was refused as a whole after it was taken: no line was asked."""
    AWAITED = "awaited"
    """The vendor calls it over, and its results are not there yet."""


@dataclass(frozen=True, slots=True)
class BatchStatus:
    """Status of a batch, as its vendor reports it."""

    phase: Phase
    words: str = ""
    """Its own words, where it failed."""
    outputs: tuple[str, ...] = ()
    """Files that hold results, where results are files."""
    expires: str | None = None
    """When it is given up, as the vendor writes it."""
    moment: datetime | None = None
    """When this was said, by the vendor's own clock; None where no clock is shown."""
    is_unpaid: bool = False
    """The vendor says that no line was answered, so that it charges for none."""


Missed = Literal["expired", "cancelled"]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Result of one line: a response, or the reason why there is none."""

    custom_id: str
    received: Response | None
    missed: Missed | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """A batch that may or may not have been submitted: it is looked for at the vendor."""

    token: str
    custom_ids: frozenset[str]
    begun: datetime
    """It cannot have been made before."""
    known: frozenset[str]
    """Ids of the run's other batches."""


class UnsureError(Exception):
    """The vendor cannot tell at present whether it has a batch."""


class BatchApi(Protocol):
    """One vendor's batch interface."""

    @property
    def name(self) -> str:
        """The dialect's name."""
        ...

    @property
    def limits(self) -> BatchLimits:
        """The most that one batch may hold."""
        ...

    def line(self, custom_id: str, body: bytes) -> bytes:
        """Return a request's body as a line of a batch, without the line's end."""
        ...

    async def submit(self, http: BatchHttp, token: str, lines: bytes) -> str:
        """Make a batch of lines that can be found by a token; return its id."""
        ...

    async def look(self, http: BatchHttp, batch_id: str) -> BatchStatus:
        """Return where a batch stands."""
        ...

    async def download(
        self, http: BatchHttp, batch_id: str, status: BatchStatus, out: BinaryIO
    ) -> bool:
        """Write the results of a batch that has ended to a file of JSON lines, in any order.

        False: some of the results are not kept any more by the vendor.
        """
        ...

    def result(self, line: Json) -> BatchResult | None:
        """Return what a line of the results says; None where it is no result."""
        ...

    async def find(self, http: BatchHttp, sought: Sought) -> str | None:
        """Return the id of a batch by what it was submitted with; None where there is none.

        Raises UnsureError.
        """
        ...

    async def cancel(self, http: BatchHttp, batch_id: str) -> None:
        """Stop a batch; what is answered by then can still be collected."""
        ...


def id_in(made: Json, key: str) -> str:
    """Return the id of a batch that was made. Raises UnsureError where the answer names none.

    >>> id_in({"id": "batch_1"}, "id")
    'batch_1'
    """
    identifier = member(made, key)
    if not isinstance(identifier, str) or not identifier:
        raise UnsureError("the answer to the submission names no batch")
    return identifier


def response_of(status: int, body: Json) -> Response:
    """Return a response as it would have come alone."""
    return Response(status, {}, json.dumps(body, ensure_ascii=False).encode(errors="replace"), 0.0)
