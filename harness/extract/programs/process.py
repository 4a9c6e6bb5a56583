"""Run a program with limits of time and output, and kill what is left of it."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_STDERR_KEPT: Final = 2_000
"""Bytes: what a program complains of last is what matters, and more may hold secrets."""
_GRACE: Final = 0.25
"""Seconds for what an ended program left in its pipes; then whoever holds them is killed."""

_KEEPER_GRACE: Final = 5.0
"""Seconds that a keeper has to end what it keeps."""


@dataclass(frozen=True, slots=True)
class ProcessJob:
    """A program to run and what it gets."""

    arguments: tuple[str, ...]
    stdin: bytes | None
    """None: the program finds nothing there."""
    cwd: Path
    environment: Mapping[str, str]
    most_bytes: int
    """Standard output beyond which the program is killed."""
    is_keeper: bool = False
    """Told to end, it ends all that it started, in whatever session, before itself."""


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """Exit code and output of a program."""

    code: int
    """Exit code; negative for the signal that ended it."""
    stdout: bytes
    size: int
    """Bytes that came on standard output, kept or not."""
    stderr: bytes
    """The last 2,000 bytes."""
    is_late: bool
    is_flooded: bool


class _Watch(asyncio.SubprocessProtocol):
    """Collects what a program prints. Callbacks of one event loop: no locks."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.size = 0
        self.open = {1, 2}
        self.over = asyncio.Event()
        """The program has ended, or has printed too much."""
        self.exited = asyncio.Event()
        self.drained = asyncio.Event()
        self.closed = asyncio.Event()

    @property
    def is_flooded(self) -> bool:
        return self.size > self.most_bytes

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self.size += len(data)
            self.stdout += data[: max(0, self.most_bytes - len(self.stdout))]
            if self.is_flooded:
                self.over.set()
        else:
            self.stderr += data
            del self.stderr[:-_STDERR_KEPT]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        del exc
        self.open.discard(fd)
        if not self.open:
            self.drained.set()

    def process_exited(self) -> None:
        self.exited.set()
        self.over.set()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.closed.set()


async def run(job: ProcessJob, seconds: float) -> ProcessResult:
    """Run a program to its end, or kill it and all it started in its process group.

    Raises:
        OSError: it cannot be started.
    """
    loop = asyncio.get_running_loop()
    transport, watch = await loop.subprocess_exec(
        lambda: _Watch(job.most_bytes),
        *job.arguments,
        stdin=DEVNULL if job.stdin is None else PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=job.cwd,
        env=job.environment,
        start_new_session=True,
    )
    try:
        _feed(transport, job.stdin)
        in_time = await _within(watch.over, seconds)
        if not in_time or watch.is_flooded:
            await _end(transport, watch, job)
            await _within(watch.over, _GRACE)
        if not await _within(watch.drained, _GRACE):
            _kill(transport)
            await _within(watch.drained, _GRACE)
    finally:
        if transport.get_returncode() is None:
            await _end(transport, watch, job)
        # Closing asks the system how the program ended. Asked too early, it tells only us, and
        # asyncio says that it has never heard of the program.
        await _within(watch.exited, 4 * _GRACE)
        transport.close()
        await _within(watch.closed, 4 * _GRACE)
    return ProcessResult(
        code=transport.get_returncode() or 0,
        stdout=bytes(watch.stdout),
        size=watch.size,
        stderr=bytes(watch.stderr),
        is_late=not in_time,
        is_flooded=watch.is_flooded,
    )


def _feed(transport: asyncio.SubprocessTransport, text: bytes | None) -> None:
    pipe = transport.get_pipe_transport(0)
    if isinstance(pipe, asyncio.WriteTransport) and text is not None:
        pipe.write(text)  # a program that does not read it breaks the pipe, which is its right
        pipe.write_eof()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def _end(transport: asyncio.SubprocessTransport, watch: _Watch, job: ProcessJob) -> None:
    """Kill a program; a keeper is given the time to end what it keeps."""
    if job.is_keeper:
        with suppress(ProcessLookupError):
            transport.terminate()
        await _within(watch.exited, _KEEPER_GRACE)
    _kill(transport)


def _kill(transport: asyncio.SubprocessTransport) -> None:
    """Kill the program's process group: the program, and what it started and left running."""
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        else:  # Windows knows no process groups: what the program started is left running
            transport.kill()
