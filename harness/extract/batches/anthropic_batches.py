"""Message batches as Anthropic has them: requests in one body, results as JSON lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import BinaryIO, Final

from harness.core.values import Json
from harness.extract.batches.batch_api import (
    OUR_BYTES,
    BatchLimits,
    BatchResult,
    BatchStatus,
    Missed,
    Phase,
    Sought,
    UnsureError,
    id_in,
    response_of,
)
from harness.extract.batches.batch_http import BatchApiError, BatchHttp, as_path
from harness.extract.batches.result_file import ResultFile
from harness.extract.dialects.dialect import member

_PATH: Final = "/messages/batches"
_MISSED: Final[dict[Json, Missed]] = {"expired": "expired", "canceled": "cancelled"}
_STATUSES: Final = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_SERVER: Final = 500


@dataclass(frozen=True, slots=True)
class AnthropicBatches:
    """`/messages/batches`. A batch carries no name of ours: it is known by its lines' ids."""

    name: str = "anthropic"
    limits: BatchLimits = BatchLimits(100_000, OUR_BYTES)  # noqa: RUF009  # frozen

    def line(self, custom_id: str, body: bytes) -> bytes:
        """Return a request as an item of the list of requests."""
        return b'{"custom_id": "' + custom_id.encode() + b'", "params": ' + body + b"}"

    async def submit(self, http: BatchHttp, token: str, lines: bytes) -> str:
        """Make the batch."""
        del token
        listed = b",\n".join(lines.splitlines())
        made = await http.post_once(_PATH, b'{"requests": [' + listed + b"]}")
        return id_in(made, "id")

    async def look(self, http: BatchHttp, batch_id: str) -> BatchStatus:
        """Return where a batch stands; which lines expired or were cancelled its results say."""
        status, moment = await http.get_dated(f"{_PATH}/{as_path(batch_id)}")
        expires = member(status, "expires_at")
        is_over = member(status, "processing_status") == "ended"
        return BatchStatus(
            Phase.ENDED if is_over else Phase.RUNNING,
            expires=expires if isinstance(expires, str) else None,
            moment=moment,
        )

    async def download(
        self, http: BatchHttp, batch_id: str, status: BatchStatus, out: BinaryIO
    ) -> bool:
        """Write the results, from the batch's own address: no other one is given our key."""
        del status
        try:
            await http.download(http.url(f"{_PATH}/{as_path(batch_id)}/results"), out)
        except BatchApiError as error:
            if not error.is_gone:
                raise
            return False
        return True

    def result(self, line: Json) -> BatchResult | None:
        """Return what a line of the results says."""
        return _result(line)

    async def find(self, http: BatchHttp, sought: Sought) -> str | None:
        """Return the batch whose results have our lines' ids.

        Raises UnsureError while a batch of the same size is at work, or its results are not to be
        had: its ids nobody tells.
        """
        unsure: list[str] = []
        async for each in _listed(http, sought):
            batch_id = str(member(each, "id"))
            counts = member(each, "request_counts")
            known = counts.values() if isinstance(counts, dict) else ()
            size = sum(n for n in known if isinstance(n, int))
            if batch_id in sought.known or size != len(sought.custom_ids):
                continue
            if member(each, "processing_status") != "ended":
                unsure.append(batch_id)
                continue
            with TemporaryFile() as file:
                if not await self.download(http, batch_id, BatchStatus(Phase.ENDED), file):
                    unsure.append(batch_id)
                elif any(name in sought.custom_ids for name in ResultFile(file, self.result)):
                    return batch_id
        if unsure:
            raise UnsureError(f"{', '.join(unsure)} may be it, which shows by its results")
        return None

    async def cancel(self, http: BatchHttp, batch_id: str) -> None:
        """Stop a batch."""
        await http.post_once(f"{_PATH}/{as_path(batch_id)}/cancel", b"{}")


async def _listed(http: BatchHttp, sought: Sought) -> AsyncIterator[Json]:
    """Yield the batches that were made since the one that is sought was begun, newest first."""
    after = ""
    while True:
        page = await http.get_json(f"{_PATH}?limit=100{after}")
        batches = member(page, "data")
        for each in batches if isinstance(batches, list) else ():
            made = _moment(member(each, "created_at"))
            if made is not None and made < sought.begun:
                return
            yield each
        last = member(page, "last_id")
        if member(page, "has_more") is not True or not isinstance(last, str):
            return
        after = f"&after_id={as_path(last)}"


def _moment(value: Json) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC) if moment else None


def _result(line: Json) -> BatchResult | None:
    custom_id = member(line, "custom_id")
    if not isinstance(custom_id, str):
        return None
    kind, message = member(line, "result", "type"), member(line, "result", "message")
    missed = _MISSED.get(kind) if isinstance(kind, str) else None
    if missed is not None:
        return BatchResult(custom_id, None, missed)
    if kind == "succeeded" and isinstance(message, dict):
        return BatchResult(custom_id, response_of(200, message))
    error = member(line, "result", "error")
    within = member(error, "error") or error
    named = member(within, "type")
    status = _STATUSES.get(named, _SERVER) if isinstance(named, str) else _SERVER
    return BatchResult(custom_id, response_of(status, {"type": "error", "error": within}))
