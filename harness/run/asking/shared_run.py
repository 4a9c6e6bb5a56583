"""One run shared by several processes, on any machines: each question is leased by one of them.

A lease lasts while its process renews it; that of a dead process runs out and another takes the
question. Answers are on the board before their lease ends, so every process ends with all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, Protocol

from pydantic import TypeAdapter, ValidationError

from harness.core.records import Failure, Prediction
from harness.errors import HarnessError, Problem, Where
from harness.run.asking.answer_sources import AnswerSource, Heard
from harness.run.asking.questions import CaseQuestion
from harness.run.store import write_atomically

QUESTION_LEASE: Final = 60.0
"""How long a lease outlives the last sign of its process."""
_PARTS: Final = 4
"""Signs of life in that time."""
_POLL: Final = 0.5
"""Seconds between two looks at a question that another process has."""
_PREDICTION: Final = TypeAdapter(Prediction)


class LeaseBoard(Protocol):
    """Where processes see who asks what, and what was answered."""

    def take(self, key: str) -> bool:
        """Return True if the question is ours now; False where it is leased or answered."""
        ...

    def answer(self, key: str) -> str | None:
        """Return what was answered, as it was put; None where nothing was yet."""
        ...

    def put(self, key: str, answer: str) -> None:
        """Keep an answer for all; the lease has ended."""
        ...

    def release(self, key: str) -> None:
        """Give up a lease without an answer."""
        ...

    def renew(self, keys: Sequence[str]) -> None:
        """Tell that we are still at work on questions."""
        ...


class FolderBoard:
    """A folder that all machines see. Its file system's clock is the only one that is asked."""

    def __init__(self, folder: Path, seconds: float = QUESTION_LEASE) -> None:
        """Use a folder, made where there is none. Raises HarnessError where it cannot be."""
        self._folder, self._seconds = folder, seconds
        self.owner = uuid.uuid4().hex
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._now()
        except OSError as error:
            what = f"cannot be shared: {(error.strerror or str(error)).lower()}"
            raise HarnessError(Problem(what, "unwritable", Where(folder))) from None

    def _file(self, key: str, ending: str) -> Path:
        return self._folder / key[:2] / f"{key}.{ending}"

    def _now(self) -> float:
        clock = self._folder / f"clock-{self.owner}"
        clock.touch()
        return clock.stat().st_mtime

    def take(self, key: str) -> bool:
        """Make the lease's file, which only one process can; one that ran out is moved away."""
        lease = self._file(key, "lease")
        lease.parent.mkdir(exist_ok=True)
        if self._file(key, "json").exists():
            return False
        if self._made(lease):
            return self._is_open(key)
        try:
            if self._now() - lease.stat().st_mtime <= self._seconds:
                return False
            old = lease.with_name(f"{lease.name}.{self.owner}")
            lease.rename(old)  # of several processes one succeeds
            old.unlink()
        except FileNotFoundError:
            return False
        return self._made(lease) and self._is_open(key)

    def _made(self, lease: Path) -> bool:
        try:
            with lease.open("x", encoding="utf-8") as file:
                file.write(self.owner)
        except FileExistsError:
            return False
        return True

    def _is_open(self, key: str) -> bool:
        """Tell whether a question we have just leased is still without an answer."""
        if not self._file(key, "json").exists():
            return True
        self.release(key)
        return False

    def answer(self, key: str) -> str | None:
        """Return the answer's file."""
        try:
            return self._file(key, "json").read_text("utf-8")
        except FileNotFoundError:
            return None

    def put(self, key: str, answer: str) -> None:
        """Write the answer's file, then give up the lease."""
        write_atomically(self._file(key, "json"), answer)
        self.release(key)

    def release(self, key: str) -> None:
        """Delete the lease's file if it is ours."""
        lease = self._file(key, "lease")
        with contextlib.suppress(FileNotFoundError):
            if lease.read_text("utf-8") == self.owner:
                lease.unlink()

    def renew(self, keys: Sequence[str]) -> None:
        """Touch the leases' files that are still ours."""
        for key in keys:
            lease = self._file(key, "lease")
            with contextlib.suppress(FileNotFoundError):
                if lease.read_text("utf-8") == self.owner:
                    os.utime(lease)


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

    async def ask(self, asked: CaseQuestion) -> Heard:
        """Return what was said here or elsewhere; one process asks, the others wait for it."""
        if asked.input_sha256 is None or asked.afresh:
            return await self.inner.ask(asked)  # costs nothing, or is not to be known already
        if self.renewing is None:
            self.renewing = asyncio.create_task(self._renew())
        key = self._key(asked)
        while not self.stopped:
            if (known := await asyncio.to_thread(self._known, key)) is not None:
                return known
            if await asyncio.to_thread(self.board.take, key):
                return await self._asked(asked, key)
            await asyncio.sleep(_POLL)
        return await self.inner.ask(asked)  # says that it was stopped

    async def _asked(self, asked: CaseQuestion, key: str) -> Heard:
        self.leases.add(key)
        try:
            started = time.monotonic()
            heard = await self.inner.ask(asked)
            heard = replace(heard, seconds=round(time.monotonic() - started, 6))
            if isinstance(heard.said, Failure) and heard.said.kind.is_missing:
                await asyncio.to_thread(self.board.release, key)
            else:
                await asyncio.to_thread(self.board.put, key, _as_text(asked, heard))
        except BaseException:
            self.board.release(key)
            raise
        finally:
            self.leases.discard(key)
        return heard

    def _known(self, key: str) -> Heard | None:
        text = self.board.answer(key)
        if text is None:
            return None
        try:
            found = _PREDICTION.validate_json(text)
        except ValidationError as error:
            what = f"not a stored prediction: {error.errors()[0]['msg']}"
            raise HarnessError(Problem(what, "bad-run")) from None
        return Heard(found.said, found.calls, found.cached, found.seconds)

    def _key(self, asked: CaseQuestion) -> str:
        named = [self.run, asked.case.id, asked.replicate, asked.input_sha256]
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self.seconds / _PARTS)
            await asyncio.to_thread(self.board.renew, tuple(self.leases))

    def stop(self) -> None:
        """Take nothing more."""
        self.stopped = True
        self.inner.stop()

    async def close(self) -> None:
        """End the signs of life, and close what asks."""
        if self.renewing is not None:
            self.renewing.cancel()
        await self.inner.close()

    @property
    def warnings(self) -> Sequence[str]:
        """What the source beneath warns of."""
        return self.inner.warnings


def _as_text(asked: CaseQuestion, heard: Heard) -> str:
    name, number = asked.name
    kept = Prediction(
        name,
        heard.said,
        heard.seconds or 0.0,
        number,
        heard.calls,
        heard.cached,
        asked.input_sha256,
    )
    return json.dumps(asdict(kept))
