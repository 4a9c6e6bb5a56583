"""Asking by batches: stored answers are read, the rest is submitted, and collected now or later."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from harness.core.records import Answer, Failure, FailureKind, Prediction
from harness.extract.batches.batch_calls import BatchCalls
from harness.extract.batches.batch_desk import BatchDesk
from harness.extract.batches.batch_log import BATCHES, BatchLog, Name
from harness.extract.batches.batch_service import BatchExtractor, BatchService
from harness.run.asking.answer_sources import CallerSource, NotKeptError
from harness.run.asking.orders import BatchOrders, RunWatch
from harness.run.asking.questions import CaseQuestion
from harness.run.asking.runner import RunLimits, stop_signals, stop_timer
from harness.run.store import PREDICTIONS

_STOPPED = "the run was stopped before it was asked"


def has_batches(folder: Path) -> bool:
    """Tell whether a run has submitted a batch, or was about to."""
    return (folder / BATCHES).is_file()


def takes_batches(extractor: object) -> bool:
    """Tell whether an extractor asks an endpoint that takes batches."""
    return isinstance(extractor, BatchExtractor) and extractor.batches is not None


@dataclass(frozen=True, slots=True)
class BatchWork:
    """A run whose questions are asked by batches."""

    source: CallerSource
    folder: Path
    orders: BatchOrders
    watch: RunWatch

    def run(
        self, questions: Sequence[CaseQuestion], bounds: RunLimits
    ) -> tuple[bool, tuple[str, ...]]:
        """Ask every question by batches; return whether it was not stopped, and warnings.

        What is not answered when it ends is told as missing: a later session collects it.
        """
        return asyncio.run(self._complete(questions, bounds))

    async def _complete(
        self, questions: Sequence[CaseQuestion], bounds: RunLimits
    ) -> tuple[bool, tuple[str, ...]]:
        desk = open_desk(self.source, self.folder, self.orders.poll, self.watch.noted)
        afters = _last_offsets(desk.predictions) if any(each.afresh for each in questions) else {}
        left = {each.name: each for each in questions}
        turn = _BatchRound(self.source, desk, self.orders, self.watch, left, afters)
        try:
            with stop_signals(turn.signal), stop_timer(bounds.seconds, turn.time_is_up):
                await turn.complete(bounds.concurrency)
        finally:
            await desk.close()
            await self.source.close()
        return not turn.stopped, desk.troubles()


def open_desk(
    source: CallerSource, folder: Path, poll: float, noted: Callable[[str], None]
) -> BatchDesk:
    """Return the desk of a run's batches. Raises HarnessError where its log cannot be read."""
    service = source.extractor.batches if isinstance(source.extractor, BatchExtractor) else None
    assert service is not None, "it was looked at before"  # noqa: S101
    paced = BatchService(service.api, service.http.paced(poll))
    usage, file = source.extractor.usage, folder / PREDICTIONS
    return BatchDesk(paced, BatchLog(folder), source.caller, usage, file, poll, noted)


@dataclass(slots=True)
class _BatchRound:
    source: CallerSource
    desk: BatchDesk
    orders: BatchOrders
    watch: RunWatch
    left: dict[tuple[str, int], CaseQuestion]
    """Questions that nobody has answered yet."""
    afters: Mapping[tuple[str, int], int]
    """Offset of the last prediction of each question that is asked again."""
    stopped: bool = False
    waiting: dict[tuple[str, int], tuple[frozenset[Name], Failure]] = field(default_factory=dict)
    """Batch lines that cases wait for, and the prediction stored for them meanwhile."""
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    async def complete(self, concurrency: int) -> None:
        """Collect, read, submit; once, or until nothing is left to wait for."""
        self._task = asyncio.current_task()
        try:
            await self._go_on(concurrency)
        except asyncio.CancelledError:
            if not self.stopped:
                raise
        for question in list(self.left.values()):
            verdict = self.waiting.get(question.name)
            failure = verdict[1] if verdict else Failure(FailureKind.INTERRUPTED, _STOPPED)
            self._tell(question, failure, None)

    async def _go_on(self, concurrency: int) -> None:
        news = 1
        while True:
            if not self.stopped:
                news += await self.desk.collect()
            if news:
                await self._settle(concurrency)
                if self.orders.submits and not self.stopped:
                    await self.desk.submit()
                    await self._settle(concurrency)
            if not self.left or self.stopped or not (self.orders.wait and self.desk.is_awaited):
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(self.orders.poll):
                    await self._over.wait()
            news = 0

    def signal(self) -> None:
        """Stop waiting; batches go on at the vendor. A second time what is at work is given up."""
        if self.stopped and self._task is not None:
            self._task.cancel()
        self._stop()

    def time_is_up(self) -> None:
        """Stop waiting."""
        self._stop()

    def _stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            self._over.set()
            self.source.stop()
            self.watch.noted("stopping: batches go on at the vendor, and --resume collects them")

    async def _settle(self, concurrency: int) -> None:
        """Read what came: cases with refused lines last, when it is known what others were told."""
        due = [question for name, question in self.left.items() if self._is_due(name)]
        due.sort(key=lambda question: self._has_refusal(question.name))
        many = 1 if self.orders.submits else concurrency
        turn = asyncio.Semaphore(many)

        async def one(question: CaseQuestion) -> None:
            async with turn:
                if not self.stopped:
                    await self._ask(question)

        if many == 1:
            for question in due:
                await one(question)
        else:
            await asyncio.gather(*map(one, due))

    def _is_due(self, name: tuple[str, int]) -> bool:
        """Tell whether anything a case waits for is not on its way any more."""
        failure = self.waiting.get(name)
        return failure is None or any(not self._is_on_its_way(each) for each in failure[0])

    def _is_on_its_way(self, name: Name) -> bool:
        line = self.desk.log.line(name)
        is_open = line is not None and line[0].is_open and name not in self.desk.failures
        return is_open or self.desk.is_planned(name)

    def _has_refusal(self, case: tuple[str, int]) -> bool:
        failure = self.waiting.get(case)
        lines = [self.desk.log.line(name) for name in failure[0]] if failure else []
        return any(line[1].custom_id in line[0].missed for line in lines if line)

    async def _ask(self, question: CaseQuestion) -> None:
        started = time.monotonic()
        caller = self.source.caller
        calls = caller.calls(question.case.id, question.replicate, afresh=question.afresh)
        after = self.afters.get(question.name, -1) if question.afresh else -1
        batch = BatchCalls(self.desk, calls, self.orders.submits, after)
        try:
            answer = await self.source.extractor.extract_with(question.case, batch)
        except Exception as error:  # noqa: BLE001  # ours to mend, and nothing the model said
            what = f"asking failed within harness: {type(error).__name__}: {error}"
            answer = Failure(FailureKind.INTERRUPTED, what)
        finally:
            calls.close()
        if caller.sender.broken is not None:
            raise NotKeptError from caller.sender.broken
        if batch.waiting and isinstance(answer, Failure):
            self.waiting[question.name] = frozenset(batch.waiting), answer
            return
        batch.seconds = batch.seconds or round(time.monotonic() - started, 6)
        self._tell(question, answer, batch)

    def _tell(
        self, question: CaseQuestion, answer: Answer | Failure, batch: BatchCalls | None
    ) -> None:
        self.left.pop(question.name, None)
        seconds, calls, cached = 0.0, 0, False
        if batch is not None:
            seconds, calls, cached = batch.seconds, batch.calls.calls, batch.calls.cached
        case_id, replicate = question.name
        digest = question.input_sha256
        self.watch.notify(Prediction(case_id, answer, seconds, replicate, calls, cached, digest))


def _last_offsets(predictions: Path) -> dict[tuple[str, int], int]:
    """Return where the last prediction of each question begins in its file."""
    offsets: dict[tuple[str, int], int] = {}
    offset = 0
    if predictions.is_file():
        with predictions.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    record = json.loads(line)
                    offsets[record["case_id"], record["replicate"]] = offset
                offset += len(line)
    return offsets
