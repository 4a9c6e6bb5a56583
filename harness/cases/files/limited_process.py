"""Limited process: work done in a process of its own, with limits of time and memory.

What a stranger's document or template makes of its reader ends that process, and no more: the next
task begins another. It gets nothing of our environment but what Python needs, so no key is in its
reach. A message between the two is a JSON header and bytes, each behind its length: JSON, since
whatever a file made of the process can then run nothing in the other.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

MEMORY_BYTES: Final = 2 << 30
"""Address space of such a process: a page that can be printed needs far less."""
_KEPT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE")
"""Variables of the environment that it gets."""
_BEGIN: Final = "import sys; sys.path[:] = {}; from {} import serve; serve({})"
_LENGTH: Final = 8
"""Bytes that say how long a header or its bytes are."""
_PATIENCE: Final = 2
"""Times the task's seconds: the CPU time after which a process nobody waits for ends itself."""

Header: TypeAlias = Any
"""JSON whose shape both sides declare as one `TypedDict`."""


class OverspentError(Exception):
    """A task took more time or memory than it may, or broke its process."""

    def __init__(self, *, is_late: bool) -> None:
        super().__init__(is_late)
        self.is_late = is_late


@dataclass(slots=True)
class LimitedProcess:
    """A process that does one task after the other, begun again after one that ended it."""

    worker: str
    """The module whose `serve` it runs."""
    memory_bytes: int = MEMORY_BYTES
    _process: subprocess.Popen[bytes] | None = None
    _owner: int = 0
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """See to it that the process ends with us."""
        atexit.register(self.end)

    def ask(self, task: Header, data: bytes, seconds: float) -> tuple[Header, bytes]:
        """Return what comes of a task. Raises OverspentError where its limits end it."""
        with self._turn:
            process, is_late = self.begun(), threading.Event()

            def end() -> None:
                is_late.set()
                process.kill()

            timer = threading.Timer(seconds, end)
            timer.daemon = True
            timer.start()
            try:
                header, made = _exchange(process, {"seconds": seconds, "task": task}, data)
            except (OSError, EOFError):
                self.end()
                raise OverspentError(is_late=is_late.is_set()) from None
            finally:
                timer.cancel()
            answer: Header = json.loads(header)
            if answer["is_out_of_memory"]:
                self.end()
                raise OverspentError(is_late=False)
        return answer["result"], made

    def begun(self) -> subprocess.Popen[bytes]:
        """Return the process, which is begun if it does not run."""
        process = self._process
        if process is not None and self._owner == os.getpid() and process.poll() is None:
            return process
        self.end()
        paths = [str(Path(each).absolute()) for each in sys.path]
        begin = _BEGIN.format(paths, self.worker, self.memory_bytes)
        self._owner = os.getpid()
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own words
            [sys.executable, "-c", begin],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            start_new_session=True,  # Ctrl-C is ours, and we end it
        )
        return self._process

    def end(self) -> None:
        """End the process; the next task begins another."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in filter(None, (process.stdin, process.stdout)):
            with suppress(OSError):
                pipe.close()
        process.wait()


def serve_tasks(memory_bytes: int, answer: Callable[[Header, bytes], tuple[Header, bytes]]) -> None:
    """Do the tasks that a `LimitedProcess` writes to standard input, until it ends."""
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no result
    _limit_memory(memory_bytes)
    while True:
        try:
            header, data = _receive(tasks)
        except EOFError:
            return
        task_header: Header = json.loads(header)
        _limit_time(task_header["seconds"])
        try:
            result, made = answer(task_header["task"], data)
        except MemoryError:
            _send(results, {"is_out_of_memory": True}, b"")
        else:
            _send(results, {"is_out_of_memory": False, "result": result}, made)


def _exchange(process: subprocess.Popen[bytes], header: Header, data: bytes) -> tuple[bytes, bytes]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    _send(process.stdin, header, data)
    return _receive(process.stdout)


def _send(stream: IO[bytes], header: Header, data: bytes) -> None:
    text = json.dumps(header).encode()
    for part in (text, data):
        stream.write(len(part).to_bytes(_LENGTH, "big"))
        stream.write(part)
    stream.flush()


def _receive(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Return a message's header and bytes. Raises EOFError where the stream ends before it does."""
    header = _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH), "big"))
    return header, _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH), "big"))


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _limit_memory(size: int) -> None:
    """Limit the address space, where the system can."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _limit_time(seconds: float) -> None:
    """End this process some time after the one that waits for it should have."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  # as above

        usage = resource.getrusage(resource.RUSAGE_SELF)
        most = int(usage.ru_utime + usage.ru_stime + _PATIENCE * seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
