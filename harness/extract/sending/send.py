"""Send a question to the endpoint, with retries, budget and rate limits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Final, Literal

from harness.core.records import Failure, FailureKind, Usage
from harness.extract.dialects.responses import refused, words
from harness.extract.dialects.vendor_errors import Hopeless, as_reported, hopeless, told_in_body
from harness.extract.sending.admission import AdmissionGate
from harness.extract.sending.budget import Budget, Cost
from harness.extract.sending.calls import Question, Reply
from harness.extract.sending.exchanges import Exchanges
from harness.extract.sending.pace import Pass
from harness.extract.sending.rate_limit_headers import told_to_wait, used_up
from harness.extract.transport import Response, Transport, TransportError

_TOO_MANY: Final = 429
_BUSY: Final = frozenset({503, 529})
"""Statuses by which an endpoint may tell everybody to wait, as it does by 429."""
_AGAIN: Final = frozenset({408, 409, 423, 424, 425, 460, 499, *range(500, 600)}) - frozenset(
    {501, 505, 506, 508, 510, 511, 526}
)
"""Statuses that may be another one the next time, those of proxies and clouds among them."""
_FOR_ALL: Final = frozenset({Hopeless.BILLING, Hopeless.DAILY})
"""What is true of every question of the run, however many were answered before."""
_FIRST_WAIT: Final = 0.5
_LONGEST_WAIT: Final = 30.0
_NOTHING: Final = Usage(0, 0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits on retrying one question."""

    attempts: int = 6
    """Requests that may fail for reasons of the network or the server."""
    refusals: int = 50
    """Requests that may be turned away for asking too much: a pause of all follows each."""
    seconds: float = 900.0
    """From the first request to the last; also the longest we let an endpoint tell us to wait."""


@dataclass(slots=True)
class Sender:
    """Sender of all requests of a run: its limits, budget and log."""

    transport: Transport
    gate: AdmissionGate
    budget: Budget
    exchanges: Exchanges
    now: Callable[[], str]
    """Reads the clock: UTC, ISO 8601."""
    random: Random
    patience: Patience
    broken: OSError | None = None
    """Why what was received could not be kept; nothing is sent any more then."""

    def announced(self, case_id: str, question: Question) -> Failure | None:
        """Write down that a request goes out, or return why it may not: that cannot be written."""
        try:
            self.exchanges.announce(case_id, question)
        except OSError as error:
            return self._stop(error)
        return None

    def write(self, case_id: str, question: Question, came: Response | TransportError) -> None:
        """Write down what came. If that is impossible, nothing more is sent."""
        try:
            self.exchanges.add(case_id, question, came, self.now())
        except OSError as error:
            self._stop(error)

    def _stop(self, error: OSError) -> Failure:
        """Send nothing more, since what comes could not be kept."""
        self.broken = self.broken or error
        message = (error.strerror or str(error)).lower()
        why = Failure(FailureKind.INTERRUPTED, f"answers cannot be kept: {message}")
        self.gate.close(why)
        return self.gate.closed or why


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request whose reply is not charged for yet."""

    cost: Cost
    leave: Pass


@dataclass(slots=True)
class Asking:
    """Sends a question until there is an answer, or no sense in asking again."""

    sender: Sender
    case_id: str
    question: Question
    sent: int = 0
    uncharged: OpenRequest | None = None
    _failed: int = 0
    _refused: int = 0
    _last: str = ""
    """What the endpoint said when it was asked and did not answer."""
    _began: float = field(default_factory=time.monotonic)

    async def answer(self) -> Reply | Failure:
        """Return the response, or why there is none."""
        while True:
            leave = await self._leave()
            if isinstance(leave, Failure):
                return self._given_up(leave)
            came = await self._send(leave)
            failure = (
                self._unreached(came)
                if isinstance(came, TransportError)
                else self._said(came, leave)
            )
            if not isinstance(failure, float):
                return failure
            await self.sender.gate.rest(failure)

    def _given_up(self, why: Failure) -> Failure:
        """Return why it is not asked again, with what the endpoint said when it was."""
        if not self._last:
            return why
        times = f"asked {self.sent} times, at last {self._last}"
        return Failure(why.kind, f"{why.message.removesuffix(' before it was sent')}; {times}")

    async def _leave(self) -> OpenRequest | Failure:
        """Wait until the request may be sent: the caps allow it, and the gate."""
        question, budget = self.question, self.sender.budget
        cost = await budget.reserve(question.input_tokens, question.output_tokens)
        if isinstance(cost, str):
            again = f"not asked again after {self.sent} tries" if self.sent else "never asked"
            return Failure(FailureKind.BUDGET, f"{again}: it could have passed {cost}")
        leave: Pass | Failure | None = None
        try:
            leave = await self.sender.gate.enter(question.input_tokens + question.output_tokens)
        finally:
            if not isinstance(leave, Pass):
                budget.release(cost)
        if isinstance(leave, Failure):
            return leave
        closed = self.sender.announced(self.case_id, question)
        if closed is not None:
            self.sender.gate.back()
            budget.release(cost)
            return closed
        return OpenRequest(cost, leave)

    async def _send(self, leave: OpenRequest) -> Response | TransportError:
        """Send it once, and write down what came before anything is made of it."""
        came: Response | TransportError | None = None
        self.sent += 1
        try:
            came = await self.sender.transport.send(self.question.request)
        except TransportError as error:
            came = error
        except asyncio.CancelledError:  # it may be paid for all the same
            self.sender.write(self.case_id, self.question, TransportError("cut", "given up"))
            raise
        finally:
            self.sender.gate.back()
            reported = as_reported(came) if isinstance(came, Response) else came
            self._book(leave, reported)
        self.sender.write(self.case_id, self.question, came)
        assert reported is not None, "it came or it is an error"  # noqa: S101
        return reported

    def _book(self, sent: OpenRequest, came: Response | TransportError | None) -> None:
        """Settle what the request took, but for a reply that has yet to be read."""
        if isinstance(came, Response) and came.is_success:
            self.uncharged = sent
            return
        free = came.is_unsent if isinstance(came, TransportError) else came is not None
        self.sender.budget.settle(sent.cost, _NOTHING if free else None)

    def _unreached(self, came: TransportError) -> Failure | float:
        is_final = came.kind == "tls"
        if is_final or (came.kind == "connect" and self._is_last()):
            why = f"the endpoint cannot be reached: {came.message}"
            self.sender.gate.close(Failure(FailureKind.TRANSPORT, f"never asked: {why}"))
        if is_final:
            return Failure(FailureKind.TRANSPORT, came.message)
        return self._again(came.message, None)

    def _said(self, came: Response, sent: OpenRequest) -> Reply | Failure | float:
        gate, now = self.sender.gate, datetime.fromisoformat(self.sender.now())
        self._last = "" if came.is_success else _status(came)
        why = hopeless(came)
        if why in _FOR_ALL:
            failure = refused(came, None)
            gate.close(Failure(failure.kind, f"never asked: {failure.message}"))
        verdict, seconds = judged(came, now, probing=self.question.probing)
        if self.sender.broken is not None and gate.closed is not None:
            return gate.closed
        if verdict == "refused":
            return self._turned_away(came, sent, seconds)
        gate.admitted()
        gate.hold(min(used_up(came.headers, now), self.sender.patience.seconds))
        if verdict == "done":
            return Reply(came, cached=False, calls=self.sent)
        return self._again(_status(came), seconds)

    def _again(self, what: str, seconds: float | None) -> Failure | float:
        """Return how long to wait before asking again, or that it has been often enough."""
        if self._is_last():
            times = f" (asked {self.sent} times)" if self.sent > 1 else ""
            return Failure(FailureKind.TRANSPORT, what + times)
        self._failed += 1
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (self._failed - 1))
        if seconds is not None:
            return min(seconds, self.sender.patience.seconds)
        return longest * self.sender.random.uniform(0.5, 1)

    def _is_last(self) -> bool:
        return self._failed + 1 >= self.sender.patience.attempts or self._is_late()

    def _turned_away(
        self, came: Response, sent: OpenRequest, seconds: float | None
    ) -> Failure | float:
        patience, gate = self.sender.patience, self.sender.gate
        if seconds is not None and seconds > patience.seconds:
            what = f"the endpoint says to come back in {seconds:.0f} s: {_excerpt(came)}"
            gate.close(Failure(FailureKind.RATE_LIMIT, f"never asked: {what}"))
            return Failure(FailureKind.RATE_LIMIT, what)
        gate.refused(sent.leave, seconds)
        self._refused += 1
        if self._refused >= patience.refusals or self._is_late():
            what = f"turned away {self._refused} times, at last with {_status(came)}"
            return Failure(FailureKind.RATE_LIMIT, what)
        return seconds or 0.0

    def _is_late(self) -> bool:
        return time.monotonic() - self._began > self.sender.patience.seconds


def judged(
    came: Response, now: datetime, *, probing: bool
) -> tuple[Literal["done", "refused", "again"], float | None]:
    """Return what to do about a response, and after how many seconds, if it says so.

    >>> judged(
    ...     Response(503, {"retry-after": "3"}, b"", 0.1),
    ...     datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
    ...     probing=False,
    ... )
    ('refused', 3.0)
    """
    should_retry = came.headers.get("x-should-retry")
    if came.is_success or should_retry == "false" or hopeless(came) is not None:
        return "done", None
    wait_seconds = told_to_wait(came.headers, now)
    seconds = (told_in_body(came.body) if wait_seconds is None else wait_seconds) or None
    if came.status == _TOO_MANY or (came.status in _BUSY and seconds is not None):
        return "refused", seconds
    if came.status in _AGAIN and not probing:
        return "again", seconds
    return "done", None


def _status(came: Response) -> str:
    """Return a status and the endpoint's words; an error may stand in a response of status 200."""
    where = " in a response of status 200" if came.is_in_body else ""
    return f"HTTP {came.status}{where}: {_excerpt(came)}"


def _excerpt(came: Response) -> str:
    return words(came).strip() or "no text"
