"""The common batch file: requests as JSON lines for any runner, and its answers read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.core.records import Failure, FailureKind, Usage
from harness.errors import HarnessError, Problem, Where
from harness.extract.batches.batch_log import custom_id
from harness.extract.batches.openai_batches import common_line, common_result
from harness.extract.dialects.dialect import member
from harness.extract.dialects.responses import words
from harness.extract.dialects.vendor_errors import as_reported
from harness.extract.sending.caller import CaseCalls
from harness.extract.sending.calls import Question, Reply
from harness.extract.transport import BATCH_HEADER

_MOST_PROBLEMS: Final = 20
_WRITTEN: Final = Failure(FailureKind.INTERRUPTED, "it is written into the batch file")
_SAID: Final = 300


def file_id(case_id: str, question: Question) -> str:
    """Return the id of a question's line: the same whenever the same is asked."""
    known = f"{case_id}\0{question.replicate}\0{question.key}".encode(errors="surrogatepass")
    return custom_id(case_id, question.replicate, hashlib.sha256(known).hexdigest())


@dataclass(frozen=True, slots=True)
class FileCalls:
    """The calls of one case when its questions are written into a file."""

    case_id: str
    replicate: int
    path: str
    """Where one request would go, behind the base URL."""
    write: Callable[[bytes], object]

    async def ask(self, question: Question) -> Reply | Failure:
        """Write the question; there is no reply."""
        name, body = file_id(self.case_id, question), question.request.body
        self.write(common_line(name, f"/v1{self.path}", body) + b"\n")
        return _WRITTEN

    def charge(self, question: Question, usage: Usage) -> Usage:
        """Nothing is charged."""
        del question
        return usage

    async def keep(self, question: Question, reply: Reply) -> None:
        """Nothing came that could be kept."""


@dataclass(slots=True)
class AnswerFile:
    """A result file, by the ids of its lines; only where each one lies is kept in memory."""

    path: Path
    lines: dict[str, tuple[int, int]]
    used: set[str] = field(default_factory=set)
    """Ids that a question was answered by."""

    def read(self, name: str) -> bytes | None:
        """Return a line; None where there is none with this id."""
        place = self.lines.get(name)
        if place is None:
            return None
        self.used.add(name)
        with self.path.open("rb") as file:
            file.seek(place[0])
            return file.read(place[1])


def open_answers(path: Path) -> AnswerFile:
    """Return a result file.

    Raises HarnessError for lines that are no results, and for a second one that says otherwise.
    """
    lines: dict[str, tuple[int, int]] = {}
    numbers: dict[str, int] = {}
    digests: dict[str, bytes] = {}
    problems: list[Problem] = []
    offset = 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            place, offset = (offset, len(raw)), offset + len(raw)
            if not raw.strip():
                continue
            name: object = None
            with suppress(ValueError, RecursionError):
                name = member(json.loads(raw), "custom_id")
            where = Where(path, number)
            if not isinstance(name, str):
                hint = 'a line is {"custom_id": ..., "response": {...}}'
                problems.append(Problem("not a result line", "bad-line", where, hint))
                continue
            digest = hashlib.sha256(raw.strip()).digest()
            if digests.setdefault(name, digest) != digest:
                what = f"a second answer to {name!r}, unlike the first"
                hint = f"the first is on line {numbers[name]}: keep one of them"
                problems.append(Problem(what, "duplicate-answer", where, hint))
            numbers.setdefault(name, number)
            lines.setdefault(name, place)
    if problems:
        raise HarnessError(*problems[:_MOST_PROBLEMS])
    return AnswerFile(path, lines)


@dataclass(slots=True)
class AnswerFileCalls:
    """The calls of one case when its answers stand in a file."""

    calls: CaseCalls
    answers: AnswerFile

    @property
    def replicate(self) -> int:
        """Number of the replicate, from 1."""
        return self.calls.replicate

    async def ask(self, question: Question) -> Reply | Failure:
        """Return the response in the file; a line that is an error is a failure, and missing."""
        case_id, exchanges = self.calls.case_id, self.calls.caller.sender.exchanges
        exchange = exchanges.find(case_id, question, exchanges.begun_at if self.calls.afresh else 0)
        if exchange is None:
            name = file_id(case_id, question)
            line = self.answers.read(name)
            if line is None:
                what = f"{self.answers.path.name} has no line {name}: was it made by --batch-file "
                what += "with the same suite, model and settings?"
                return Failure(FailureKind.NO_RECORDING, what)
            result = common_result(json.loads(line))
            received = result.received if result is not None else None
            if received is None:
                return Failure(FailureKind.TRANSPORT, f"{name} was not answered in time")
            if not as_reported(received).is_success:
                what = f"the answer to {name} is an error: {words(received)[:_SAID]}"
                return Failure(FailureKind.TRANSPORT, what)
            received = replace(received, headers={BATCH_HEADER: f"file {name}"})
            self.calls.caller.sender.write(case_id, question, received)
            exchange = received, 1
        reply = Reply(exchange[0], cached=False, calls=exchange[1])
        self.calls.met(question, reply)
        return reply

    def charge(self, question: Question, usage: Usage) -> Usage:
        """Return what a reply took with its price."""
        return self.calls.charge(question, usage)

    async def keep(self, question: Question, reply: Reply) -> None:
        """Keep nothing: nobody knows which endpoint wrote the file."""
