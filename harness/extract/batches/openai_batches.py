"""Batches as OpenAI has them: a file of requests is uploaded, files of answers are downloaded."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
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
    id_in,
    response_of,
)
from harness.extract.batches.batch_http import BatchApiError, BatchHttp, as_path
from harness.extract.dialects.dialect import count_or_none, member
from harness.extract.transport import Response

_TOKEN: Final = "harness_batch"  # noqa: S105  # no secret: a name in metadata
_PHASES: Final = {
    "completed": Phase.ENDED,
    "expired": Phase.EXPIRED,
    "cancelled": Phase.CANCELLED,
    "failed": Phase.FAILED,
}
_MISSED: Final[dict[Json, Missed]] = {
    "batch_expired": "expired",
    "request_expired": "expired",
    "batch_cancelled": "cancelled",
}
_OK: Final = 200
_SERVER: Final = 500


@dataclass(frozen=True, slots=True)
class OpenAiBatches:
    """`/files` and `/batches`, as OpenAI and many others speak it."""

    path: str
    """Where one request would go: `/chat/completions`, `/responses`."""
    name: str = "openai"
    limits: BatchLimits = BatchLimits(50_000, OUR_BYTES)  # noqa: RUF009  # frozen

    def line(self, custom_id: str, body: bytes) -> bytes:
        """Return a request as a line of the file."""
        return common_line(custom_id, f"/v1{self.path}", body)

    async def submit(self, http: BatchHttp, token: str, lines: bytes) -> str:
        """Upload the file, which can be done twice, and make the batch, which cannot."""
        uploaded = await http.post(http.url("/files"), *_form(token, lines))
        file_id = member(_read(uploaded), "id")
        body: Json = {
            "input_file_id": file_id,
            "endpoint": f"/v1{self.path}",
            "completion_window": "24h",
            "metadata": {_TOKEN: token},
        }
        made = await http.post_once("/batches", json.dumps(body).encode())
        return id_in(made, "id")

    async def look(self, http: BatchHttp, batch_id: str) -> BatchStatus:
        """Return where a batch stands."""
        status, moment = await http.get_dated(f"/batches/{as_path(batch_id)}")
        answers, refusals = member(status, "output_file_id"), member(status, "error_file_id")
        outputs = tuple(file for file in (answers, refusals) if isinstance(file, str))
        errors = member(status, "errors", "data")
        words = "; ".join(
            f"{member(each, 'code')}: {member(each, 'message')}"
            for each in (errors if isinstance(errors, list) else ())
        )
        phase = _PHASES.get(str(member(status, "status")), Phase.RUNNING)
        completed, failed, total = (
            member(status, "request_counts", key) for key in ("completed", "failed", "total")
        )
        is_answered = isinstance(completed, int) and completed > 0
        lacks_answers = is_answered and not isinstance(answers, str)
        is_over = phase is not Phase.RUNNING
        if is_over and (lacks_answers or (phase is Phase.ENDED and not outputs)):
            phase = Phase.AWAITED
        is_unpaid = completed == 0 and isinstance(failed, int) and failed > 0 and failed == total
        return BatchStatus(phase, words, outputs, _at(status), moment, is_unpaid)

    async def download(
        self, http: BatchHttp, batch_id: str, status: BatchStatus, out: BinaryIO
    ) -> bool:
        """Write the file of answers and the file of errors to one."""
        del batch_id
        is_whole = True
        for file in status.outputs:
            try:
                await http.download(http.url(f"/files/{as_path(file)}/content"), out)
            except BatchApiError as error:
                if not error.is_gone:
                    raise
                is_whole = False
        return is_whole

    def result(self, line: Json) -> BatchResult | None:
        """Return what a line of the results says."""
        return common_result(line)

    async def find(self, http: BatchHttp, sought: Sought) -> str | None:
        """Return the id of the batch with this token in its metadata."""
        after = ""
        while True:
            page = await http.get_json(f"/batches?limit=100{after}")
            listed = member(page, "data")
            batches = listed if isinstance(listed, list) else []
            for each in batches:
                if member(each, "metadata", _TOKEN) == sought.token:
                    return str(member(each, "id"))
            made = member(batches, len(batches) - 1, "created_at") if batches else None
            is_old = isinstance(made, int) and made < sought.begun.timestamp()
            if not batches or member(page, "has_more") is not True or is_old:
                return None
            after = f"&after={as_path(str(member(batches, len(batches) - 1, 'id')))}"

    async def cancel(self, http: BatchHttp, batch_id: str) -> None:
        """Stop a batch."""
        await http.post_once(f"/batches/{as_path(batch_id)}/cancel", b"{}")


def common_line(custom_id: str, url: str, body: bytes) -> bytes:
    """Return a request as a line of the file format that OpenAI began and others read.

    >>> common_line("a", "/v1/chat/completions", b'{"model": "m"}').decode()
    '{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "m"}}'
    """
    head = json.dumps({"custom_id": custom_id, "method": "POST", "url": url})
    return head[:-1].encode() + b', "body": ' + body + b"}"


def common_result(line: Json) -> BatchResult | None:
    """Return what a line of a result file says; None where it is none.

    >>> common_result({"custom_id": "a", "error": {"code": "batch_expired"}}).missed
    'expired'
    """
    custom_id = member(line, "custom_id")
    if not isinstance(custom_id, str):
        return None
    error = member(line, "error")
    status, body = _answered(line)
    missed = _MISSED.get(code) if isinstance(code := member(error, "code"), str) else None
    if missed is not None:
        return BatchResult(custom_id, None, missed)
    if status == _OK and isinstance(body, dict):
        return BatchResult(custom_id, response_of(_OK, body))
    answer: Json = body or {"error": error or "no answer and no error"}
    refused = status if isinstance(status, int) and status > _OK else _status_in(error)
    return BatchResult(custom_id, response_of(refused, answer))


def _answered(line: Json) -> tuple[int | None, Json]:
    """Return the status and the body of a line, whichever of them its writer leaves out.

    Some write a body as text, some a completion in its place, without a status.
    """
    response = member(line, "response") or line
    body = member(response, "body")
    if isinstance(body, str):
        with suppress(ValueError, RecursionError):
            body = json.loads(body)
    if body is None and _is_answer(response):
        body = response
    status = count_or_none(response, "status_code")
    return (_OK if status is None and _is_answer(body) else status), body


def _is_answer(body: Json) -> bool:
    return any(isinstance(member(body, key), list) for key in ("choices", "output"))


def _status_in(error: Json) -> int:
    """Return the status an error stands for, where it names one; else that of a server's fault."""
    code = member(error, "code")
    is_status = isinstance(code, int) and 400 <= code < 600  # noqa: PLR2004  # RFC 9110
    return code if is_status and isinstance(code, int) else _SERVER


def _form(token: str, lines: bytes) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Return the headers and the body of an upload (RFC 7578)."""
    part = f"--{token}\r\nContent-Disposition: form-data; name="
    head = (
        f'{part}"purpose"\r\n\r\nbatch\r\n'
        f'{part}"file"; filename="{token}.jsonl"\r\nContent-Type: application/jsonl\r\n\r\n'
    )
    kind = ("content-type", f"multipart/form-data; boundary={token}")
    return (kind,), head.encode() + lines + f"\r\n--{token}--\r\n".encode()


def _read(received: Response) -> Json:
    try:
        parsed: Json = json.loads(received.body)
    except ValueError:
        parsed = None
    if not isinstance(member(parsed, "id"), str):
        raise BatchApiError(received)
    return parsed


def _at(status: Json) -> str | None:
    """Return when a batch expires; some who speak the dialect write it as a date."""
    expires = member(status, "expires_at")
    if isinstance(expires, str):
        return expires or None
    if isinstance(expires, bool) or not isinstance(expires, int) or not 0 < expires < 10**11:
        return None
    return datetime.fromtimestamp(expires, UTC).isoformat()
