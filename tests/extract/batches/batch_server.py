"""Batch interfaces of three vendors on 127.0.0.1, with their faults.

A batch is answered when it is looked at for the second time; what it is asked is answered as the
server of single requests would. `counts.asked` says how often each question was put into a batch
that was made: more than once is paid for more than once.
"""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from harness.run.clock import now
from tests.extract.server.app import Message, Receive, Send, content_of, respond
from tests.extract.server.behaviour import Behaviour
from tests.extract.server.envelopes import enveloped, understood
from tests.extract.server.responses import Response
from tests.extract.server.serving import in_thread
from tests.patience import PATIENCE

DAY = timedelta(days=1)
PATHS = {
    "openai": "/v1/chat/completions",
    "anthropic": "/v1/messages",
    "gemini": "/v1/models/m-1:generateContent",
}


@dataclass
class Faults:
    """What goes wrong."""

    line_errors: dict[str, int] = field(default_factory=dict)
    """Status by a text in the question: that line is not answered, once."""
    lasting: bool = False
    """Every time."""
    expire: int = 0
    """So many lines of the first batch expire."""
    cancelled: bool = False
    """The first batch is cancelled by somebody when half of it is answered."""
    shuffle: bool = False
    """Results come in another order."""
    duplicates: bool = False
    """Every result comes twice."""
    strangers: int = 0
    """So many results of others' questions are among them."""
    absent: int = 0
    """So many lines of the first batch have no result at all."""
    failed: str = ""
    """The first batch fails as a whole, with these words."""
    cut_submit: int = 0
    """So many batches are made whose submission is not answered: the connection breaks."""
    cut_before: int = 0
    """So many submissions break before anything is made of them."""
    refuse: int = 0
    """Status of every submission; 0: they are taken."""
    polls: list[int] = field(default_factory=list)
    """Statuses of the first looks: 429, 500."""
    behind: int = 0
    """Seconds that the vendor's clock is behind."""
    ahead: int = 0
    """Hours that the vendor's clock has gone on by the second look; 0: it shows no clock."""
    barren: bool = False
    """No line of the first batch is answered, and there are no files (OpenAI)."""
    no_files: int = 0
    """So many looks say that it is completed before its files are there (OpenAI, Gemini)."""
    away: int = 0
    """So many downloads find nothing, although the batch has ended."""
    torn: int = 0
    """So many downloads lack the end of the last line."""
    shape: str = ""
    """How results are written (OpenAI): `text`, `bare` or `flat`; empty as the vendor does."""
    refused_first: bool = False
    """Before each answer stands an error with its id."""
    gone: bool = False
    """The results are not kept any more."""
    slow: int = 1
    """Looks that find the first batch still at work."""
    kill: tuple[str, str, Future[int]] | None = None
    """Kill this process `before` or `after` a step is done: `upload`, `submit`, `look`, `results`,
    `list`."""


@dataclass
class Made:
    """A batch that was made."""

    id: str
    dialect: str
    shown: str
    """What it can be found by: a token; Anthropic has none."""
    lines: list[tuple[str, Any]]
    looks: int = 0
    cancelled: bool = False
    results: list[dict[str, Any]] | None = None


@dataclass
class BatchApp:
    """An ASGI application. One event loop: no locks."""

    faults: Faults = field(default_factory=Faults)
    asked: Counter[str] = field(default_factory=Counter)
    """How often each question was put into a batch that was made."""
    answered: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, Made] = field(default_factory=dict)
    single: Counter[str] = field(default_factory=Counter)
    """Questions that were asked alone."""
    headers: list[dict[str, str]] = field(default_factory=list)
    cut: Callable[[object], None] = field(default=lambda _client: None)

    def cuts_by(self, cut: Callable[[object], None]) -> None:
        """Break connections so from now on."""
        self.cut = cut

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        content = await content_of(receive)
        path, method = str(scope["path"]), str(scope["method"])
        headers = {k.decode(): v.decode("latin-1") for k, v in scope["headers"]}
        self.headers.append(headers)
        query = scope["query_string"].decode()
        if not any(word in path for word in ("batch", "/files", "/upload", "/download")):
            await respond(send, self._alone(path, headers, content))
            return
        step = _step(path, method)
        self.steps[step] += 1
        if self.faults.kill is not None and self.faults.kill[:2] == ("before", step):
            self._kill()
        if step == "submit" and self.faults.cut_before:
            self.faults.cut_before -= 1
            self.cut(scope["client"])
            return
        said = self._do(step, path, headers, content, query)
        if self.faults.kill is not None and self.faults.kill[:2] == ("after", step):
            self._kill()
        if step == "submit" and self.faults.cut_submit and isinstance(said, Response):
            self.faults.cut_submit -= 1
            self.cut(scope["client"])
            return
        await respond(send, said)

    def _kill(self) -> None:
        assert self.faults.kill is not None
        os.kill(self.faults.kill[2].result(PATIENCE), signal.SIGKILL)
        self.faults.kill = None

    def _alone(self, path: str, headers: dict[str, str], content: bytes) -> Response:
        asked = understood(path, headers, content)
        self.single[asked.text] += 1
        self.answered[asked.text] += 1
        return Response(200, json.dumps(enveloped(asked, Behaviour().answer(asked))).encode())

    def _do(  # noqa: PLR0911  # a step each
        self, step: str, path: str, headers: dict[str, str], content: bytes, query: str
    ) -> Response:
        faults = self.faults
        if step == "submit" and faults.refuse:
            return _json({"error": {"message": "no"}}, faults.refuse)
        if step == "look" and faults.polls:
            return _json({"error": {"message": "later"}}, faults.polls.pop(0), ("retry-after", "0"))
        match step:
            case "upload":
                return self._upload(headers, content)
            case "submit":
                return self._submit(json.loads(content))
            case "list":
                return self._list(path, query)
            case "look" | "cancel":
                made = self.batches.get(_id(path))
                if made is None:
                    return _json({"error": {"message": "no such batch"}}, 404)
                if step == "cancel" and self.faults.refuse:
                    return _json({"error": {"message": "no"}}, self.faults.refuse)
                made.cancelled |= step == "cancel"
                shown = self._shown(made, look=step == "look")
                return _json(shown, 200, *self._clock(made))
            case _:
                return self._results(path)

    def _upload(self, headers: dict[str, str], content: bytes) -> Response:
        if headers.get("x-goog-upload-command") == "start":
            place = f"http://{headers['host']}/upload/v1/files?upload_id=u{len(self.files)}"
            return Response(200, b"{}", headers=(("x-goog-upload-url", place),))
        name = f"files/f{len(self.files)}"
        if headers.get("content-type", "").startswith("multipart"):
            boundary = headers["content-type"].rpartition("=")[2].encode()
            part = content.split(b"--" + boundary)[2]
            content = part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")
            name = name.removeprefix("files/")
            self.files[name] = content
            return _json({"id": name, "object": "file"})
        self.files[name] = content
        return _json({"file": {"name": name}})

    def _submit(self, body: dict[str, Any]) -> Response:
        if "requests" in body:
            dialect, shown = "anthropic", ""
            lines = [(each["custom_id"], each["params"]) for each in body["requests"]]
            for name, _ in lines:
                assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name), name
        elif "batch" in body:
            dialect, shown = "gemini", body["batch"]["displayName"]
            lines = [
                (each["key"], each["request"])
                for each in self._file(body["batch"]["inputConfig"]["fileName"])
            ]
        else:
            dialect, shown = "openai", body["metadata"]["harness_batch"]
            lines = [
                (each["custom_id"], each["body"]) for each in self._file(body["input_file_id"])
            ]
        assert len({name for name, _ in lines}) == len(lines), "an id came twice"
        number = len(self.batches) + 1
        made = Made(
            f"batches/b{number}" if dialect == "gemini" else f"batch_{number}",
            dialect,
            shown,
            lines,
        )
        self.batches[made.id] = made
        for _, request in lines:
            self.asked[_question(dialect, request)] += 1
        return _json(self._shown(made))

    def _file(self, name: str) -> Iterator[Any]:
        return (json.loads(line) for line in self.files[name].splitlines())

    def _list(self, path: str, query: str) -> Response:
        page = 2
        newest = list(reversed(self.batches.values()))
        after = re.search(r"(?:after|after_id|pageToken)=([^&]+)", query)
        ids = [each.id for each in newest]
        start = ids.index(after[1].replace("%2F", "/")) + 1 if after else 0
        some, more = newest[start : start + page], start + page < len(newest)
        shown = [self._shown(each, look=True) for each in some]
        if not path.endswith("messages/batches") and some and some[0].dialect == "gemini":
            token = {"nextPageToken": some[-1].id} if more else {}
            return _json({"operations": shown, **token})
        last = some[-1].id if some else None
        return _json({"data": shown, "has_more": more, "last_id": last})

    def _shown(self, made: Made, *, look: bool = False) -> dict[str, Any]:
        made.looks += look
        is_first = made is next(iter(self.batches.values()))
        over = made.cancelled or made.looks > (self.faults.slow if is_first else 0)
        if over and made.results is None:
            made.results = list(self._answers(made, is_first=is_first))
        return {"openai": _openai, "anthropic": _anthropic, "gemini": _gemini}[made.dialect](
            made, self.faults, is_first=is_first
        )

    def _clock(self, made: Made) -> tuple[tuple[str, str], ...]:
        if not self.faults.ahead:
            return ()
        hours = self.faults.ahead if made.looks > 1 else 0
        moment = datetime.fromisoformat(now()) + timedelta(hours=hours)
        return (("date", format_datetime(moment, usegmt=True)),)

    def finish(self, made: Made) -> None:
        """End a batch at once."""
        if made.results is None:
            made.results = list(self._answers(made, is_first=False))

    def _answers(self, made: Made, *, is_first: bool) -> Iterator[dict[str, Any]]:
        faults = self.faults
        if is_first and (faults.failed or faults.barren):
            return
        lines = made.lines[faults.absent :] if is_first else made.lines
        found = []
        for at, (name, request) in enumerate(lines):
            expired = is_first and at < faults.expire
            cancelled = made.cancelled or (is_first and faults.cancelled and at % 2 == 1)
            status = self._status(request)
            if expired or cancelled:
                found.append(_missed(made.dialect, name, "expired" if expired else "cancelled"))
            elif status:
                found.append(_refused(made.dialect, name, status))
            else:
                found.append(self._good(made.dialect, name, request))
        if faults.shuffle:
            found = found[1::2] + found[::2][::-1]
        if faults.duplicates:
            found += found
        if faults.refused_first:
            found = [_refused(made.dialect, name, 500) for name, _ in lines] + found
        for number in range(faults.strangers):
            name = f"somebody-else-r1-{number:02}"
            found.insert(0, self._good(made.dialect, name, made.lines[0][1], count=False))
        yield from found

    def _status(self, request: object) -> int:
        text = json.dumps(request)
        for part, status in list(self.faults.line_errors.items()):
            if part in text:
                if not self.faults.lasting:
                    del self.faults.line_errors[part]
                return status
        return 0

    def _good(
        self, dialect: str, name: str, request: object, *, count: bool = True
    ) -> dict[str, Any]:
        asked = understood(PATHS[dialect], {}, json.dumps(request).encode())
        body = enveloped(asked, Behaviour().answer(asked))
        if count:
            self.answered[asked.text] += 1
        if dialect == "openai":
            return _written(name, body, self.faults.shape)
        if dialect == "anthropic":
            return {"custom_id": name, "result": {"type": "succeeded", "message": body}}
        return {"key": name, "response": body}

    def _results(self, path: str) -> Response:
        made = self.batches.get(_batch_of(path))
        if made is None or made.results is None or self.faults.gone:
            return _json({"error": {"message": "no such file"}}, 404)
        if self.faults.away:
            self.faults.away -= 1
            return _json({"error": {"message": "not yet"}}, 404)
        lines = made.results
        if made.dialect == "openai":
            is_bad = "/files/err_" in path
            lines = [line for line in lines if _is_bad(line) == is_bad]
        content = "".join(json.dumps(line) + "\n" for line in lines).encode()
        if self.faults.torn and content:
            self.faults.torn -= 1
            content = content[:-20]
        return Response(200, content)


def _is_bad(line: dict[str, Any]) -> bool:
    status = (line.get("response") or {}).get("status_code", 200)
    return line.get("error") is not None or int(status) != 200


def _step(path: str, method: str) -> str:
    if "/upload" in path or (path.endswith("/files") and method == "POST"):
        return "upload"
    if path.endswith((":cancel", "/cancel")):
        return "cancel"
    if method == "POST":
        return "submit"
    if path.endswith("/batches"):
        return "list"
    return "results" if path.endswith(("/results", "/content", ":download")) else "look"


def _id(path: str) -> str:
    path = path.removesuffix("/cancel").removesuffix(":cancel")
    last = path.rpartition("/")[2]
    return f"batches/{last}" if last.startswith("b") and not last.startswith("batch_") else last


def _batch_of(path: str) -> str:
    found = re.search(r"(?:out|err)_(batch_\d+)|batches/(batch_\d+)/results|files/r(b\d+):", path)
    assert found is not None, path
    return found[1] or found[2] or f"batches/{found[3]}"


def _question(dialect: str, request: object) -> str:
    return understood(PATHS[dialect], {}, json.dumps(request).encode()).text


def _json(value: object, status: int = 200, *headers: tuple[str, str]) -> Response:
    return Response(status, json.dumps(value).encode(), headers=tuple(headers))


def _missed(dialect: str, name: str, how: str) -> dict[str, Any]:
    if dialect == "openai":
        error = {"code": f"batch_{how}", "message": how}
        return {"id": "l", "custom_id": name, "response": None, "error": error}
    if dialect == "anthropic":
        return {"custom_id": name, "result": {"type": how.replace("cancelled", "canceled")}}
    # Gemini's file simply ends where a batch was given up, or has the code of a cancelled call.
    code = 4 if how == "expired" else 1
    return {"key": name, "error": {"code": code, "message": how}}


def _written(name: str, body: dict[str, Any], shape: str) -> dict[str, Any]:
    """Return a line of results as OpenAI writes it, or as others who speak its dialect do."""
    response: dict[str, Any] = {"status_code": 200, "request_id": "r", "body": body}
    if shape == "text":
        response = {"status_code": "200", "body": json.dumps(body)}
    if shape == "bare":
        response = body
    if shape == "flat":
        return {"custom_id": name, "body": body}
    return {"id": "l", "custom_id": name, "response": response, "error": None}


def _refused(dialect: str, name: str, status: int) -> dict[str, Any]:
    words = "the line is refused"
    if dialect == "openai":
        body = {"error": {"message": words}}
        response = {"status_code": status, "request_id": "r", "body": body}
        return {"id": "l", "custom_id": name, "response": response, "error": None}
    if dialect == "anthropic":
        kinds = {400: "invalid_request_error", 429: "rate_limit_error", 500: "api_error"}
        error = {"type": "error", "error": {"type": kinds[status], "message": words}}
        return {"custom_id": name, "result": {"type": "errored", "error": error}}
    codes = {400: 3, 429: 8, 500: 13}
    return {"key": name, "error": {"code": codes[status], "message": words}}


def _made_at(faults: Faults) -> datetime:
    return datetime.fromisoformat(now()) - timedelta(seconds=faults.behind)


def _openai(made: Made, faults: Faults, *, is_first: bool) -> dict[str, Any]:
    is_over = made.results is not None
    status = "completed" if is_over else "in_progress"
    shown: dict[str, Any] = {}
    if is_over and is_first and faults.failed:
        status = "failed"
        code, _, message = faults.failed.partition(": ")
        shown["errors"] = {"data": [{"code": code, "message": message}]}
    elif is_over:
        if is_first and faults.expire:
            status = "expired"
        if made.cancelled or (is_first and faults.cancelled):
            status = "cancelled"
        shown |= {"output_file_id": f"out_{made.id}", "error_file_id": f"err_{made.id}"}
        shown["request_counts"] = {"completed": len(made.lines)}
        if is_first and faults.barren:
            counts = {"total": len(made.lines), "completed": 0, "failed": len(made.lines)}
            shown = {"request_counts": counts}
        elif faults.no_files:
            faults.no_files -= 1
            shown |= {
                "output_file_id": None,
                "error_file_id": [None, shown["error_file_id"]][faults.no_files % 2],
            }
    return {
        "id": made.id,
        "status": status,
        "created_at": int(_made_at(faults).timestamp()),
        "expires_at": int((_made_at(faults) + DAY).timestamp()),
        "metadata": {"harness_batch": made.shown},
        **shown,
    }


def _anthropic(made: Made, faults: Faults, *, is_first: bool) -> dict[str, Any]:
    del is_first
    counts = {"processing": len(made.lines), "succeeded": 0, "errored": 0}
    if made.results is not None:
        counts = {"processing": 0, "succeeded": len(made.lines), "errored": 0}
    return {
        "id": made.id,
        "processing_status": "in_progress" if made.results is None else "ended",
        "request_counts": counts,
        "created_at": _made_at(faults).isoformat(),
        "expires_at": (_made_at(faults) + DAY).isoformat(),
        "results_url": "https://elsewhere.example/results",
    }


def _gemini(made: Made, faults: Faults, *, is_first: bool) -> dict[str, Any]:
    is_over = made.results is not None
    state = "SUCCEEDED" if is_over else "RUNNING"
    shown: dict[str, Any] = {}
    if is_over and is_first and faults.failed:
        state = "FAILED"
        shown["error"] = {"code": 8, "message": faults.failed}
    elif is_over:
        if is_first and faults.expire:
            state = "EXPIRED"
        if made.cancelled or (is_first and faults.cancelled):
            state = "CANCELLED"
        if faults.no_files:
            faults.no_files -= 1
        else:
            shown["response"] = {"responsesFile": f"files/r{made.id.removeprefix('batches/')}"}
    metadata = {"state": f"BATCH_STATE_{state}", "displayName": made.shown}
    return {"name": made.id, "metadata": metadata, "done": is_over, **shown}


@dataclass(frozen=True)
class BatchServed:
    """A batch server that is up."""

    url: str
    app: BatchApp

    def twice(self) -> list[str]:
        """Return the questions that were answered, and so paid for, more than once."""
        return [text for text, times in self.app.answered.items() if times > 1]


@contextmanager
def serving_batches(faults: Faults | None = None) -> Iterator[BatchServed]:
    """Serve batches on a free port of 127.0.0.1 while it lasts."""
    app = BatchApp(faults or Faults())
    with in_thread(app) as origin:
        yield BatchServed(f"{origin}/v1", app)
