"""Admission gate: all requests of a run leave through it, in order, as the pace allows."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

from harness.core.records import Failure
from harness.extract.sending.pace import Pace, Pass


@dataclass(slots=True)
class AdmissionGate:
    """Makes requests wait as long as the pace says. One event loop: no locks but the queue."""

    pace: Pace
    closed: Failure | None = None
    """Why nothing is sent any more; None while the gate is open."""
    _queue: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _shut: asyncio.Event = field(default_factory=asyncio.Event)

    async def enter(self, tokens: int) -> Pass | Failure:
        """Wait for leave to send a request, or for the gate to be closed."""
        async with self._queue:
            while self.closed is None:
                seconds = self.pace.wait(time.monotonic())
                if seconds == 0:
                    return self.pace.send(time.monotonic(), tokens)
                self._stirred.clear()
                await _within(self._stirred, seconds)
            return self.closed

    async def rest(self, seconds: float) -> None:
        """Wait before asking again, but not once the gate is closed."""
        if self.closed is None:
            await _within(self._shut, seconds)

    def close(self, why: Failure) -> None:
        """Send nothing more: whoever waits is told why, what has left is not touched."""
        self.closed = self.closed or why
        self._shut.set()
        self._stirred.set()

    def back(self) -> None:
        """Record that a request has returned, with whatever result."""
        self.pace.back()
        self._stirred.set()

    def admitted(self) -> None:
        """Record that a request was admitted by the endpoint."""
        self.pace.admitted()
        self._stirred.set()

    def refused(self, sent: Pass, seconds: float | None) -> None:
        """Record a refusal for too many requests: all wait, for as long as the endpoint says."""
        self.pace.refused(sent, time.monotonic(), seconds)

    def hold(self, seconds: float) -> None:
        """Send nothing for a while."""
        self.pace.hold(time.monotonic(), seconds)


async def _within(event: asyncio.Event, seconds: float | None) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
