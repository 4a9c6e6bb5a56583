"""Asking all questions of a run with bounded concurrency, and measuring how long each takes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.core.records import Failure, FailureKind, Prediction
from harness.extract.endpoint.api_keys import without_keys
from harness.run.asking.answer_sources import AnswerSource, Heard, NotKeptError
from harness.run.asking.orders import RunWatch, Why
from harness.run.asking.questions import CaseQuestion


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Number of questions in flight at once, and seconds in which new ones are begun."""

    concurrency: int
    seconds: float | None = None


def ask_all(
    questions: Sequence[CaseQuestion], source: AnswerSource, watch: RunWatch, bounds: RunLimits
) -> bool:
    """Ask every question and tell of each prediction as it arrives; False if it was stopped.

    Stopped once (Ctrl-C, SIGTERM, SIGHUP, the time is up), nothing new is begun and what is in
    flight is waited for; stopped by a signal again, that is given up. What was told before stays
    told. Raises what telling raises, once what is in flight has come back.
    """
    whole = _Round(source, watch, list(reversed(questions)))

    async def held() -> bool:
        with stop_signals(whole.interrupt):
            return await whole.complete(bounds)

    return asyncio.run(held())


async def ask_in_loop(
    questions: Sequence[CaseQuestion], source: AnswerSource, watch: RunWatch, bounds: RunLimits
) -> bool:
    """Ask every question, as `ask_all` does, in an event loop and under signals of the caller's.

    Cancelled, it gives up what is in flight. What was told before stays told.
    """
    return await _Round(source, watch, list(reversed(questions))).complete(bounds)


@dataclass
class _Round:
    """One pass over the questions that are left."""

    source: AnswerSource
    watch: RunWatch
    left: list[CaseQuestion]
    """The next one last."""
    waiting: int = 0
    """Questions in flight."""
    stopped: bool = False
    workers: list[asyncio.Task[None]] = field(default_factory=list)

    async def complete(self, bounds: RunLimits) -> bool:
        with stop_timer(bounds.seconds, self._time_is_up):
            count = max(1, min(bounds.concurrency, len(self.left)))
            self.workers = [asyncio.create_task(self._work()) for _ in range(count)]
            try:
                await asyncio.wait(self.workers)
            finally:  # cancelled, or all are done
                if not all(worker.done() for worker in self.workers):
                    self.stopped = True
                    self._give_up()
                outcomes = await asyncio.gather(*self.workers, return_exceptions=True)
                await self.source.close()
        for outcome in outcomes:
            if outcome is not None and not isinstance(outcome, asyncio.CancelledError):
                raise outcome
        return not self.stopped

    async def _work(self) -> None:
        try:
            while self.left and not self.stopped:
                question = self.left.pop()
                self.waiting += 1
                prediction = await self._ask(question)
                self.waiting -= 1
                self.watch.notify(prediction)
        except BaseException:
            self.left.clear()  # what cannot be kept must not be asked for
            self.source.stop()
            raise

    async def _ask(self, question: CaseQuestion) -> Prediction:
        started = time.monotonic()
        try:
            heard = await self.source.ask(question)
        except NotKeptError:
            raise
        except (Exception, asyncio.CancelledError) as error:  # one bad case must not end the run
            if isinstance(error, asyncio.CancelledError) and self.stopped:
                raise
            heard = Heard(
                Failure(FailureKind.EXCEPTION, without_keys(f"{type(error).__name__}: {error}"))
            )
        seconds = round(time.monotonic() - started, 6)
        seconds = seconds if heard.seconds is None else heard.seconds
        answer, calls, cached = heard.output, heard.calls, heard.cached
        case_id, replicate = question.name
        return Prediction(case_id, answer, seconds, replicate, calls, cached, question.input_sha256)

    def interrupt(self) -> None:
        """Begin nothing new; interrupted again, give up what is in flight."""
        if self.stopped:
            self._give_up()
        self._stop("interrupted")

    def _give_up(self) -> None:
        for worker in self.workers:
            worker.cancel()

    def _time_is_up(self) -> None:
        self._stop("time")

    def _stop(self, why: Why) -> None:
        if not self.stopped:
            self.stopped = True
            self.source.stop()
            if self.waiting:
                self.watch.stopping(self.waiting, why)


@contextlib.contextmanager
def stop_signals(handler: Callable[[], None]) -> Iterator[None]:
    """Send Ctrl-C, SIGTERM and a closed terminal to a handler, where platform and thread allow."""
    loop = asyncio.get_running_loop()
    signals = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)  # `nohup` has it ignored
    try:
        for each in signals:
            loop.add_signal_handler(each, handler)
    except (NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
        yield
        return
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)


@contextlib.contextmanager
def stop_timer(seconds: float | None, handler: Callable[[], None]) -> Iterator[None]:
    """Call a handler once the time is up."""
    if seconds is None:
        yield
        return
    handle = asyncio.get_running_loop().call_later(seconds, handler)
    try:
        yield
    finally:
        handle.cancel()
