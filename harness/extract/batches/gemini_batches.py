"""Batches as Gemini has them: a file of requests with keys, and a file of answers with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import BinaryIO, Final
from urllib.parse import urlsplit

from harness.core.values import Json
from harness.extract.batches.batch_api import (
    OUR_BYTES,
    BatchLimits,
    BatchResult,
    BatchStatus,
    Phase,
    Sought,
    id_in,
    response_of,
)
from harness.extract.batches.batch_http import BatchApiError, BatchHttp, as_path
from harness.extract.dialects.dialect import count_or_none, member

_PHASES: Final = {
    "SUCCEEDED": Phase.ENDED,
    "PARTIALLY_SUCCEEDED": Phase.ENDED,
    "EXPIRED": Phase.EXPIRED,
    "CANCELLED": Phase.CANCELLED,
    "FAILED": Phase.FAILED,
}
_KIND: Final = "application/jsonl"
_STATUSES: Final = {
    1: 499,
    3: 400,
    4: 504,
    5: 404,
    7: 403,
    8: 429,
    9: 400,
    11: 400,
    13: 500,
    14: 503,
    16: 401,
}
"""HTTP statuses of the codes of gRPC (google.rpc.Code)."""
_CANCELLED: Final = 499
_FIRST: Final = 400


@dataclass(frozen=True, slots=True)
class GeminiBatches:
    """`batchGenerateContent` with a file: unlike inline answers, its lines carry our keys."""

    name: str = "gemini"
    limits: BatchLimits = BatchLimits(100_000, OUR_BYTES, 48)  # noqa: RUF009  # frozen

    def line(self, custom_id: str, body: bytes) -> bytes:
        """Return a request as a line of the file."""
        return b'{"key": "' + custom_id.encode() + b'", "request": ' + body + b"}"

    async def submit(self, http: BatchHttp, token: str, lines: bytes) -> str:
        """Upload the file, which can be done twice, and make the batch, which cannot."""
        file = await _uploaded(http, token, lines)
        body: Json = {"batch": {"displayName": token, "inputConfig": {"fileName": file}}}
        path = http.path.rpartition(":")[0]
        made = await http.post_once(f"{path}:batchGenerateContent", json.dumps(body).encode())
        return id_in(made, "name")

    async def look(self, http: BatchHttp, batch_id: str) -> BatchStatus:
        """Return where a batch stands."""
        status, moment = await http.get_dated(f"/{as_path(batch_id)}")
        state = str(member(status, "metadata", "state")).rpartition("STATE_")[2]
        phase = _PHASES.get(state, Phase.RUNNING)
        error = member(status, "error")
        if phase is Phase.RUNNING and error:
            phase = Phase.FAILED
        file = member(status, "response", "responsesFile") or member(
            status, "metadata", "output", "responsesFile"
        )
        outputs = (file,) if isinstance(file, str) else ()
        if phase is Phase.ENDED and not outputs:
            phase = Phase.AWAITED
        return BatchStatus(phase, str(member(error, "message") or ""), outputs, moment=moment)

    async def download(
        self, http: BatchHttp, batch_id: str, status: BatchStatus, out: BinaryIO
    ) -> bool:
        """Write the file of answers."""
        del batch_id
        for file in status.outputs:
            where = urlsplit(http.base_url).path
            url = f"{http.origin}/download{where}/{as_path(file)}:download?alt=media"
            try:
                await http.download(url, out)
            except BatchApiError as error:
                if not error.is_gone:
                    raise
                return False
        return True

    def result(self, line: Json) -> BatchResult | None:
        """Return what a line of the results says."""
        return _result(line)

    async def find(self, http: BatchHttp, sought: Sought) -> str | None:
        """Return the batch that is displayed under our token."""
        page = ""
        while True:
            body = await http.get_json(f"/batches?pageSize=100{page}")
            listed = member(body, "operations") or member(body, "batches")
            for each in listed if isinstance(listed, list) else ():
                shown = member(each, "metadata", "displayName") or member(each, "displayName")
                if shown == sought.token:
                    return str(member(each, "name"))
            following = member(body, "nextPageToken")
            if not isinstance(following, str) or not following:
                return None
            page = f"&pageToken={as_path(following)}"

    async def cancel(self, http: BatchHttp, batch_id: str) -> None:
        """Stop a batch."""
        await http.post_once(f"/{as_path(batch_id)}:cancel", b"{}")


async def _uploaded(http: BatchHttp, token: str, lines: bytes) -> str:
    """Upload a file in the two steps of a resumable upload; return its name."""
    start = (
        ("content-type", "application/json"),
        ("x-goog-upload-protocol", "resumable"),
        ("x-goog-upload-command", "start"),
        ("x-goog-upload-header-content-length", str(len(lines))),
        ("x-goog-upload-header-content-type", _KIND),
    )
    body: Json = {"file": {"displayName": token, "mimeType": _KIND}}
    url = f"{http.origin}/upload{urlsplit(http.base_url).path}/files"
    begun = await http.post(url, start, json.dumps(body).encode())
    place = begun.headers.get("x-goog-upload-url", "")
    if not place.startswith(http.origin + "/"):
        raise BatchApiError(begun)
    go_on = (("x-goog-upload-offset", "0"), ("x-goog-upload-command", "upload, finalize"))
    received = await http.post(place, go_on, lines)
    try:
        name = member(json.loads(received.body), "file", "name")
    except ValueError:
        name = None
    if not isinstance(name, str):
        raise BatchApiError(received)
    return name


def _result(line: Json) -> BatchResult | None:
    custom_id = member(line, "key") or member(line, "metadata", "key")
    if not isinstance(custom_id, str):
        return None
    response = member(line, "response")
    if isinstance(response, dict):
        return BatchResult(custom_id, response_of(200, response))
    error = member(line, "error") or member(line, "status")
    code, status = count_or_none(error, "code"), 500
    if code is not None:
        status = code if code >= _FIRST else _STATUSES.get(code, 500)
    if status == _CANCELLED:
        return BatchResult(custom_id, None, "cancelled")
    return BatchResult(custom_id, response_of(status, {"error": error}))
