"""Asking an extractor about every case: bounded concurrency, nothing lost, time measured here."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from harness.core.records import Answer, Case, Failure, FailureKind, Prediction
from harness.extract.base import Extractor

Told = Callable[[Prediction], None]
"""Called with each prediction as it arrives, before the next one is waited for."""
Stopping = Callable[[int], None]
"""Called on the first Ctrl-C, with how many cases are still waited for."""


def now() -> str:
    """Return the time in UTC, ISO 8601 to the millisecond: the one place that reads the clock."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")  # noqa: TID251  # the runner's clock


def seconds_since(moment: float) -> float:
    """Return how long ago a moment was that is given in seconds since 1970; never below 0."""
    return max(0.0, time.time() - moment)  # noqa: TID251  # the runner's clock


def run(
    cases: Sequence[Case], extractor: Extractor, told: Told, stopping: Stopping, concurrency: int
) -> bool:
    """Ask about every case and tell of each prediction as it arrives; False if interrupted.

    Interrupted once (Ctrl-C), no further case is begun and those in flight are waited for;
    interrupted twice, those are given up. What was told before stays told either way.
    """
    return asyncio.run(_Round(extractor, told, stopping, list(cases)).complete(concurrency))


@dataclass
class _Round:
    """One pass over the cases that are left."""

    extractor: Extractor
    told: Told
    stopping: Stopping
    left: list[Case]
    waiting: int = 0
    """Cases in flight."""
    interrupted: bool = False
    workers: list[asyncio.Task[None]] = field(default_factory=list)

    async def complete(self, concurrency: int) -> bool:
        self.left.reverse()
        with _interrupts(self._interrupt):
            count = max(1, min(concurrency, len(self.left)))
            self.workers = [asyncio.create_task(self._work()) for _ in range(count)]
            outcomes = await asyncio.gather(*self.workers, return_exceptions=True)
        for outcome in outcomes:
            if outcome is not None and not isinstance(outcome, asyncio.CancelledError):
                raise outcome
        return not self.interrupted

    async def _work(self) -> None:
        while self.left and not self.interrupted:
            case = self.left.pop()
            self.waiting += 1
            prediction = await self._ask(case)
            self.waiting -= 1
            self.told(prediction)

    async def _ask(self, case: Case) -> Prediction:
        started = time.monotonic()
        said: Answer | Failure
        try:
            said = await self.extractor.extract(case)
        except (Exception, asyncio.CancelledError) as error:  # one bad case must not end the run
            if isinstance(error, asyncio.CancelledError) and self.interrupted:
                raise
            said = Failure(FailureKind.EXCEPTION, f"{type(error).__name__}: {error}")
        return Prediction(case.id, said, round(time.monotonic() - started, 6))

    def _interrupt(self) -> None:
        if self.interrupted:
            for worker in self.workers:
                worker.cancel()
        elif self.waiting:
            self.stopping(self.waiting)
        self.interrupted = True


@contextlib.contextmanager
def _interrupts(handler: Callable[[], None]) -> Iterator[None]:
    """Send Ctrl-C to a handler while it lasts, where the platform and thread allow."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, handler)
    except (NotImplementedError, RuntimeError, ValueError):
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
