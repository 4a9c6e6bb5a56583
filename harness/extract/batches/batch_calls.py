"""The calls of one case when its questions go into batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from harness.core.records import Failure, FailureKind, Usage
from harness.extract.batches.batch_desk import BatchDesk
from harness.extract.batches.batch_log import BatchLine, LoggedBatch, Name
from harness.extract.sending.caller import CaseCalls
from harness.extract.sending.calls import Question, Reply

_PLANNED: Final = "waits to be submitted in a batch"


@dataclass(slots=True)
class BatchCalls:
    """Answers what is known, and puts what is not into a batch; then the case is pending."""

    desk: BatchDesk
    calls: CaseCalls
    """What books replies, and asks at once where nothing is to be submitted."""
    submits: bool
    after: int = -1
    """Where the prediction begins after which alone anything counts; -1: all counts."""
    waiting: set[Name] = field(default_factory=set)
    """Questions whose answers are to come."""
    seconds: float = 0.0
    """How long what is known took, from submission to collection."""

    @property
    def replicate(self) -> int:
        """Number of the replicate, from 1."""
        return self.calls.replicate

    async def ask(self, question: Question) -> Reply | Failure:
        """Return the response that is known; else a failure, while its line is on its way."""
        desk, name = self.desk, (question.key, question.replicate)
        since = self._since()
        known = self.calls.caller.known(self.calls.case_id, question, since)
        if known is not None:
            self.calls.met(question, known)
            self.seconds = max(self.seconds, known.received.seconds)
            return known
        failure = desk.failures.get(name) or self._of_batches(question)
        if failure is not None:
            return failure
        if not self.submits:
            return await self.calls.ask(question)
        why = await desk.plan(self.calls.case_id, question)
        if why is None:
            return self._pending(name, _PLANNED)
        if why.message.startswith("waits"):
            self.waiting.add(name)
        return why

    def charge(self, question: Question, usage: Usage) -> Usage:
        """Return what a reply took with its price; lines of batches cost less."""
        return self.calls.charge(question, usage)

    async def keep(self, question: Question, reply: Reply) -> None:
        """Put a reply where later runs find it."""
        await self.calls.keep(question, reply)

    def _of_batches(self, question: Question) -> Reply | Failure | None:
        """Return what batches say of a question; None where it is to be asked."""
        name = question.key, question.replicate
        if self.desk.is_planned(name):
            return self._pending(name, _PLANNED)
        line = self.desk.log.line(name)
        if line is None or not (line[0].is_open or line[0].predictions > self.after):
            return None
        return self._of_line(question, *line)

    def _of_line(
        self, question: Question, batch: LoggedBatch, line: BatchLine
    ) -> Reply | Failure | None:
        """Return what the last batch says of a question; None where it is to be asked again."""
        verdict = self.desk.verdict(line.name, batch, line)
        if isinstance(verdict, Failure):
            return verdict
        if verdict == "pending":
            where = f" ({batch.batch_id})" if batch.batch_id else ""
            return self._pending(line.name, f"in batch {batch.name}{where} since {batch.at}")
        if verdict == "refused":
            received = self.desk.caller.sender.exchanges.refusal(line.name, batch.exchanges)
            if received is not None:
                reply = Reply(received, cached=False, calls=1)
                self.calls.met(question, reply)
                return reply
        return None

    def _pending(self, name: Name, what: str) -> Failure:
        self.waiting.add(name)
        return Failure(FailureKind.INTERRUPTED, f"{what}; --resume collects it")

    def _since(self) -> int:
        """Return the byte of the exchanges from which on they count."""
        if self.after < 0:
            return 0
        case = self.calls.case_id, self.calls.replicate
        since = self.desk.log.since(case, self.after)
        return self.desk.caller.sender.exchanges.begun_at if since is None else since
