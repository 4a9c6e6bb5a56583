"""Caller of a run: sends its requests through cache, budget and rate limits."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from weakref import WeakValueDictionary

from harness.core.records import Failure, FailureKind, Usage
from harness.errors import HarnessError
from harness.extract.sending.cache import LEASE_SECONDS, Cache, is_locked, owner_name
from harness.extract.sending.calls import Question, Reply
from harness.extract.sending.send import Asking, OpenRequest, Sender
from harness.extract.transport import Response

_LOOK_SECONDS: Final = 0.2
"""How often it is looked whether another process has its answer."""


@dataclass(slots=True)
class Caller:
    """Sends the requests of one run, and remembers what others have paid for."""

    sender: Sender
    cache: Cache | None
    warnings: list[str] = field(default_factory=list)
    _owner: str = field(default_factory=owner_name)
    """By what this run's claims on questions are known."""
    _unwritten: list[Callable[[Cache], object]] = field(default_factory=list)
    """What the cache could not take, since another process was writing it."""
    _writing: asyncio.Task[None] | None = None
    _asked: WeakValueDictionary[tuple[str, int], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )

    def __post_init__(self) -> None:
        """Let no write of another process hold up what is in flight."""
        if self.cache is not None:
            self.cache.hurry()

    def calls(self, case_id: str, replicate: int, *, afresh: bool = False) -> CaseCalls:
        """Return the calls of one case; `afresh`, what an earlier session received is left."""
        return CaseCalls(self, case_id, replicate, afresh)

    def stop(self) -> None:
        """Send nothing more; what is in flight goes on."""
        self.sender.gate.close(
            Failure(FailureKind.INTERRUPTED, "the run was stopped before it was sent")
        )

    def turn(self, question: Question) -> asyncio.Lock:
        """Return what lets one of several equal questions be asked at a time."""
        name = question.key, question.replicate
        return self._asked.setdefault(name, asyncio.Lock())

    def close(self) -> None:
        """Let go of the record of exchanges and of the cache. Raises OSError if the disk fails."""
        if self._writing is not None:
            self._writing.cancel()
        if self.cache is not None and self._unwritten:
            self.cache.hurry(on=False)
            self._write_waiting()
        if self.cache is not None:
            self.cache.close()
        self.sender.exchanges.close()

    def known(self, case_id: str, question: Question, since: int = 0) -> Reply | None:
        """Return what was received earlier: in this run, or in any run that kept it.

        Of this run's exchanges, what stands from the byte `since` on counts.
        """
        exchange = self.sender.exchanges.find(case_id, question, since)
        if exchange is not None:
            received, calls = exchange
            return Reply(received, cached=not calls, calls=calls)
        cached = self._kept(question)
        return Reply(cached, cached=True, calls=0) if cached else None

    def _kept(self, question: Question) -> Response | None:
        """Return what another run kept. That it was refused a form counts while forms are tried."""
        if self.cache is None:
            return None
        try:
            cached = self.cache.find(question.key, question.replicate)
        except HarnessError as error:
            self._leave_cache(error.problems[0].what)
            return None
        is_answer = cached is not None and cached.is_success
        return cached if is_answer or question.probing else None

    def claim(self, question: Question) -> bool:
        """Claim a question for this run; False while another process asks it, or writes."""
        if self.cache is None:
            return True
        try:
            now = datetime.fromisoformat(self.sender.now()).timestamp()
            return self.cache.claim((question.key, question.replicate), self._owner, now)
        except sqlite3.Error as error:
            if is_locked(error):
                return False
            self._leave_cache(str(error))
            return True

    def release(self, question: Question) -> None:
        """Let other processes ask a question, or find its answer."""
        name, owner = (question.key, question.replicate), self._owner
        self._write(lambda cache: cache.release(name, owner))

    @asynccontextmanager
    async def renewed(self, question: Question) -> AsyncIterator[None]:
        """Renew a claim for as long as its question is being asked."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE_SECONDS / 3)
                self.claim(question)

        renewing = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewing.cancel()

    def keep(self, question: Question, received: Response) -> None:
        """Keep a reply for other runs; a cache that fails is left, for the run has it anyway."""
        name, url, now = (question.key, question.replicate), question.request.url, self.sender.now()
        self._write(lambda cache: cache.keep(name, url, received, now))

    def _write(self, write: Callable[[Cache], object]) -> None:
        """Write to the cache now, or in a moment where another process is writing it."""
        self._unwritten.append(write)
        if self._writing is None or self._writing.done():
            self._write_waiting()
        if self._unwritten and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_later())

    async def _write_later(self) -> None:
        while self._unwritten:
            await asyncio.sleep(_LOOK_SECONDS)
            self._write_waiting()

    def _write_waiting(self) -> None:
        """Write what waits, in order, up to what has to wait longer."""
        while self._unwritten and self.cache is not None:
            try:
                self._unwritten[0](self.cache)
            except sqlite3.Error as error:
                if is_locked(error):
                    return
                self._leave_cache(str(error))
            self._unwritten.pop(0)
        if self.cache is None:
            self._unwritten.clear()

    def _leave_cache(self, why: str) -> None:
        """Go on without the cache: that it fails is no word of the model's."""
        if self.cache is not None:
            self.warnings.append(f"{self.cache.path}: no answer is kept any more: {why}")
            self.cache.close()
            self.cache = None


@dataclass(slots=True)
class CaseCalls:
    """The calls made for one case, one replicate of it."""

    caller: Caller
    case_id: str
    replicate: int
    afresh: bool
    calls: int = 0
    """Requests sent, in all sessions of the run."""
    hits: int = 0
    """Replies that were paid for elsewhere."""
    _claimed: dict[str, Question] = field(default_factory=dict)
    """Questions that no other process asks meanwhile."""
    _open: dict[str, OpenRequest] = field(default_factory=dict)
    """Replies that may yet be charged for, by question."""
    _batched: set[str] = field(default_factory=set)
    """Questions whose answer is a line of a batch."""

    @property
    def cached(self) -> bool:
        """True where nothing was sent because another had paid."""
        return self.hits > 0 and not self.calls

    async def ask(self, question: Question) -> Reply | Failure:
        """Return the response, from an earlier one or from the endpoint."""
        async with self.caller.turn(question):
            known = await self._known(question)
            if known is not None:
                self.met(question, known)
                return known
            asking = Asking(self.caller.sender, self.case_id, question)
            async with self.caller.renewed(question):
                answer = await asking.answer()
            self.calls += asking.sent
            if asking.uncharged is not None:
                self._open[question.key] = asking.uncharged
            return answer

    def met(self, question: Question, known: Reply) -> None:
        """Count a reply that was received earlier."""
        self.calls += known.calls
        self.hits += known.cached
        if known.received.is_of_batch:
            self._batched.add(question.key)

    async def _known(self, question: Question) -> Reply | None:
        """Return what was received earlier, or by a process that asks just now; else claim it.

        Without its answer after the longest patience, or once nothing may be sent, it is not waited
        for any more.
        """
        sender = self.caller.sender
        end = time.monotonic() + sender.patience.seconds
        since = sender.exchanges.begun_at if self.afresh else 0
        while True:
            known = self.caller.known(self.case_id, question, since)
            if known is not None:
                return known
            if self.caller.claim(question):
                self._claimed[question.key] = question
                # its answer may have been kept between the look and the claim
                return self.caller.known(self.case_id, question, since)
            if sender.gate.closed is not None or time.monotonic() > end:
                return None
            await asyncio.sleep(_LOOK_SECONDS)

    def _release(self, key: str) -> None:
        question = self._claimed.pop(key, None)
        if question is not None:
            self.caller.release(question)

    def charge(self, question: Question, usage: Usage) -> Usage:
        """Book what a reply took, once it is read, and return it with its price filled in.

        What an earlier session received was booked when this one began.
        """
        sender = self.caller.sender
        price = sender.budget.price
        if price is not None and question.key in self._batched:
            price = price.in_batch
        priced = price.of(usage) if price else usage
        sent = self._open.pop(question.key, None)
        if sent is not None:
            cost = sender.budget.settle(sent.cost, priced)
            sender.gate.pace.took(sent.leave, cost.tokens)
        return priced

    async def keep(self, question: Question, reply: Reply) -> None:
        """Put a reply that was read as usable where every later run finds it."""
        if not reply.cached:
            self.caller.keep(question, reply.received)
        self._release(question.key)

    def close(self) -> None:
        """Book what was never charged at the most it can have been."""
        for sent in self._open.values():
            self.caller.sender.budget.settle(sent.cost, None)
        self._open.clear()
        for key in list(self._claimed):
            self._release(key)
