"""Exchange log of a run: every request and response, byte for byte, one a line.

The file only grows. What it holds is never asked for again by the run it belongs to, even if the
run was killed before anything was made of it. A second file says what was about to be sent, so that
caps count what was in flight.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from harness.cases.files.append_only import AppendOnlyFile
from harness.extract.dialects.vendor_errors import as_reported
from harness.extract.sending.calls import Question
from harness.extract.transport import Response, TransportError, is_success

EXCHANGES: Final = "exchanges.jsonl"
_SENT: Final = "sent.jsonl"
"""A line for each request, written before it is sent: it tells what was in flight in a kill."""
_HEAD: Final = re.compile(
    rb'\{"key":("[0-9a-f]{64}"),"replicate":(\d+),"status":(\d+|null),"case_id":("(?:[^"\\]|\\.)*")'
)
_MOST: Final = re.compile(rb',"(?:most|lost)":\[(\d+),(\d+)\]')
_AT: Final = b',"at":'
_RESPONSE: Final = b',"response":'
"""Within a text their quotes would be escaped."""


@dataclass(slots=True)
class _Known:
    """Stored exchanges of one question."""

    calls: Counter[str] = field(default_factory=Counter)
    """Requests by case: two cases may ask the same."""
    offset: int | None = None
    """Of the last line with an answer; None while there is none."""
    refused: int | None = None
    """Of the last line with a status that is no success."""


@dataclass(slots=True)
class Exchanges:
    """The exchanges of one run: appended to, and looked up by question."""

    path: Path
    calls: int = 0
    """Requests sent so far."""
    _file: AppendOnlyFile = field(init=False)
    _known: dict[tuple[str, int], _Known] = field(default_factory=dict)
    cut_off: list[tuple[int, int]] = field(default_factory=list)
    """Tokens in and out at most of each request that was in flight when an earlier session ended
    without a word: it may have been paid for."""
    _sent: AppendOnlyFile = field(init=False)
    begun_at: int = field(init=False)
    """Size of the file when it was opened: what is after it, this session received."""

    def __post_init__(self) -> None:
        self._file = AppendOnlyFile(self.path)
        self.begun_at = self._file.size
        self._sent = AppendOnlyFile(self.path.with_name(_SENT))
        if self.begun_at:
            self._scan()
        if self._sent.size:
            self._scan_sent()

    def announce(self, case_id: str, question: Question) -> None:
        """Write down that a request is about to be sent. Raises OSError if it cannot be written."""
        line = {
            "key": question.key,
            "replicate": question.replicate,
            "case_id": case_id,
            "most": [question.input_tokens, question.output_tokens],
        }
        self._sent.append(_dumps(line) + "\n")

    def add(
        self, case_id: str, question: Question, came: Response | TransportError, at: str
    ) -> None:
        """Write one exchange. It is with the operating system before this returns.

        Raises OSError if it cannot be written whole; then nothing of it is.
        """
        status = as_reported(came).status if isinstance(came, Response) else None
        line = {
            "key": question.key,
            "replicate": question.replicate,
            "status": status,
            "case_id": case_id,
            **_most(question, came),
            "at": at,
            "request": {
                "url": question.request.url,
                "headers": [list(header) for header in question.request.headers],
                **_body(question.request.body),
            },
            "response": _response(came),
        }
        offset = self._file.size
        self._file.append(_dumps(line) + "\n")
        self._note((question.key, question.replicate), case_id, status, offset)

    @property
    def size(self) -> int:
        """Bytes of the file so far."""
        return self._file.size

    def find(self, case_id: str, question: Question, since: int = 0) -> tuple[Response, int] | None:
        """Return what was received for a question, and how many requests it took this case.

        Only what stands in the file from the byte `since` on counts.
        """
        known = self._known.get((question.key, question.replicate))
        if known is None or known.offset is None or known.offset < since:
            return None
        return self._at(known.offset), known.calls[case_id]

    def refusal(self, name: tuple[str, int], since: int) -> Response | None:
        """Return the last response to a question that is no success, from a byte on."""
        known = self._known.get(name)
        if known is None or known.refused is None or known.refused < since:
            return None
        return self._at(known.refused)

    def has(self, name: tuple[str, int], since: int) -> bool:
        """Tell whether there is any response to a question, from a byte on."""
        known = self._known.get(name)
        offsets = () if known is None else (known.offset, known.refused)
        return any(offset is not None and offset >= since for offset in offsets)

    def sync(self) -> None:
        """Return once the disk has all of it. Raises OSError if it does not take it."""
        self._file.sync()

    def _at(self, offset: int) -> Response:
        with self.path.open("rb") as file:
            file.seek(offset)
            return _received(json.loads(file.readline())["response"])

    def paid(self) -> Iterator[tuple[tuple[int, int], Response | None]]:
        """Yield what was sent and not refused: tokens in and out at most, and what came."""
        yield from ((most, None) for most in self.cut_off)
        with self.path.open("rb") as file:
            for line in file:
                most = _MOST.search(line.partition(_AT)[0])
                if most is not None:
                    yield (int(most[1]), int(most[2])), _came(line.partition(_RESPONSE)[2])

    def close(self) -> None:
        """Make sure of the disk, and let go of the files."""
        self._sent.close()
        self._file.close()

    def _scan(self) -> None:
        offset = 0
        with self.path.open("rb") as file:
            for line in file:
                head = _HEAD.match(line)
                if head is not None:
                    key, replicate, status, case_id = (json.loads(part) for part in head.groups())
                    self._note((key, replicate), case_id, status, offset)
                offset += len(line)

    def _scan_sent(self) -> None:
        """Find what was sent and of which nothing was written: neither an answer nor a failure."""
        answered: Counter[tuple[str, int, str]] = Counter()
        for (key, replicate), known in self._known.items():
            answered.update({(key, replicate, case): n for case, n in known.calls.items()})
        for line in self.path.with_name(_SENT).read_bytes().splitlines():
            try:
                sent = json.loads(line)
                name, case = (str(sent["key"]), int(sent["replicate"])), str(sent["case_id"])
                most_in, most_out = map(int, sent["most"])
            except (ValueError, KeyError, TypeError):
                continue  # not ours: what a person has put there costs nothing
            answered[(*name, case)] -= 1
            if answered[(*name, case)] < 0:
                self.cut_off.append((most_in, most_out))
                self._known.setdefault(name, _Known()).calls[case] += 1
                self.calls += 1

    def _note(self, name: tuple[str, int], case_id: str, status: int | None, offset: int) -> None:
        known = self._known.setdefault(name, _Known())
        known.calls[case_id] += 1
        self.calls += 1
        if status is not None and is_success(status):
            known.offset = offset
        elif status is not None:
            known.refused = offset


def _most(question: Question, came: Response | TransportError) -> dict[str, list[int]]:
    """Return the most tokens a request can have cost that was not refused."""
    is_free = not as_reported(came).is_success if isinstance(came, Response) else came.is_unsent
    return {} if is_free else {"most": [question.input_tokens, question.output_tokens]}


def _dumps(line: dict[str, Any]) -> str:
    """Write JSON that can be encoded as UTF-8: headers may hold bytes that are no text."""
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(line, separators=(",", ":"))
    return text


def _response(came: Response | TransportError) -> dict[str, Any]:
    if isinstance(came, TransportError):
        return {"unreached": came.kind, "message": came.message}
    return {
        "status": came.status,
        "headers": dict(came.headers),
        **_body(came.body),
        "is_whole": came.is_whole,
        **({} if came.size is None else {"size": came.size}),
        "seconds": round(came.seconds, 6),
    }


def _came(written: bytes) -> Response | None:
    """Return the response a line ends with; None where none came, or nobody can read it any more.

    What cannot be read is counted at the most it can have cost.
    """
    try:
        response = json.loads(written.rstrip().removesuffix(b"}"))
        return None if "unreached" in response else _received(response)
    except (ValueError, KeyError, TypeError):
        return None


def _received(response: dict[str, Any]) -> Response:
    body = (
        base64.b64decode(response["base64"]) if "base64" in response else response["body"].encode()
    )
    return Response(
        response["status"],
        response["headers"],
        body,
        response["seconds"],
        is_whole=response["is_whole"],
        size=response.get("size"),
    )


def _body(body: bytes) -> dict[str, str]:
    """Return bytes as JSON can hold them: as text where they are UTF-8."""
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}
