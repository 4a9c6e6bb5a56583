"""One run shared by several processes, on any machines: each question is leased by one of them.

A lease lasts while its process renews it; that of a dead process runs out and another takes the
question. Answers are on the board before their lease ends, so every process ends with all of them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import ValidationError

from harness.core.number_text import counted
from harness.core.records import Failure, FailureKind, Prediction
from harness.errors import HarnessError, Problem
from harness.run import store
from harness.run.asking.answer_sources import AnswerSource, Heard
from harness.run.asking.questions import CaseQuestion
from harness.run.asking.sharing.lease_board import QUESTION_LEASE, LeaseBoard

_PARTS: Final = 4
"""Renewals of a lease within its duration."""
_POLL: Final = 0.5
"""Seconds between two looks at a question that another process has."""


@dataclass(slots=True)
class SharedSource:
    """A source whose questions are asked by whichever process has the lease."""

    inner: AnswerSource
    board: LeaseBoard
    run: str
    """What names the questions beside their own digests: suite and extractor."""
    seconds: float = QUESTION_LEASE
    stopped: bool = False
    leases: set[str] = field(default_factory=set)
    renewing: asyncio.Task[None] | None = None
    failure: str | None = None
    """Error that ended the use of the board; None while it works."""
    late: int = 0
    """Answers given here after another process had answered: our lease had run out meanwhile."""

    async def ask(self, question: CaseQuestion) -> Heard:
        """Return what was said here or elsewhere; one process asks, the others wait for it."""
        if question.input_sha256 is None or question.afresh:
            return await self.inner.ask(question)  # costs nothing, or is not to be known already
        if self.renewing is None:
            self.renewing = asyncio.create_task(self._renew())
        key = self._key(question)
        while not self.stopped:
            try:
                if (known := await asyncio.to_thread(self._known, key)) is not None:
                    return known
                is_ours = await asyncio.to_thread(self.board.take, key)
            except (HarnessError, OSError) as error:
                self._give_up(error)
                break
            if is_ours:
                return await self._asked(question, key)
            await asyncio.sleep(_POLL)
        return Heard(Failure(FailureKind.INTERRUPTED, self.failure or "the run was stopped"))

    async def _asked(self, question: CaseQuestion, key: str) -> Heard:
        self.leases.add(key)
        try:
            started = time.monotonic()
            heard = await self.inner.ask(question)
        except BaseException:
            self._release(key)
            raise
        finally:
            self.leases.discard(key)
        heard = replace(heard, seconds=round(time.monotonic() - started, 6))
        if isinstance(heard.output, Failure) and heard.output.kind.is_missing:
            await asyncio.to_thread(self._release, key)
            return heard
        try:
            text = _as_text(question, heard)
            first = await asyncio.to_thread(self.board.put, key, text)
            if first == text:
                return heard
            self.late += 1
            return _heard(key, first)
        except (HarnessError, OSError) as error:  # the answer is paid for: this process keeps it
            self._give_up(error)
        return heard

    def _release(self, key: str) -> None:
        try:
            self.board.release(key)
        except (HarnessError, OSError) as error:
            self._give_up(error)

    def _give_up(self, error: HarnessError | OSError) -> None:
        """Stop asking: what other processes ask or have received is not known any longer."""
        if self.failure is None:
            self.failure = f"the shared run's board failed, so nothing more is asked: {error}"
            self.stop()

    def _known(self, key: str) -> Heard | None:
        text = self.board.answer(key)
        return None if text is None else _heard(key, text)

    def _key(self, question: CaseQuestion) -> str:
        named = [self.run, question.case.id, question.replicate, question.input_sha256]
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.seconds / _PARTS)
            try:
                await asyncio.to_thread(self.board.renew, tuple(self.leases))
            except (HarnessError, OSError) as error:
                self._give_up(error)

    def stop(self) -> None:
        """Take nothing more."""
        self.stopped = True
        self.inner.stop()

    async def close(self) -> None:
        """End the renewals, and close the source beneath."""
        if self.renewing is not None:
            self.renewing.cancel()
        await self.inner.close()
        self.board.close()

    @property
    def warnings(self) -> Sequence[str]:
        """Warnings of the source beneath, late answers, and why the board was given up."""
        warnings = [*self.inner.warnings]
        if self.late:
            many = counted(self.late, "question")
            warnings.append(
                f"{many} answered here after another process had: this one stood still for longer "
                f"than its leases last ({self.seconds:g} s), and the first answers count"
            )
        return (*warnings, *([] if self.failure is None else [self.failure]))


def _heard(key: str, text: str) -> Heard:
    """Return what a board's answer says. Raises HarnessError where it is none."""
    try:
        prediction = store.parse_prediction(text)
    except ValueError as error:
        why = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        what = f"the board's answer {key} is not a stored prediction: {why}"
        raise HarnessError(Problem(what, "bad-run")) from None
    return Heard(prediction.output, prediction.calls, prediction.cached, prediction.seconds)


def _as_text(question: CaseQuestion, heard: Heard) -> str:
    name, number = question.name
    stored = Prediction(
        name,
        heard.output,
        heard.seconds or 0.0,
        number,
        heard.calls,
        heard.cached,
        question.input_sha256,
    )
    return json.dumps(store.prediction_record(stored))
