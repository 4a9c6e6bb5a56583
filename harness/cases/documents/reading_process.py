"""Documents read in a process of their own, with limits that hold: a hostile one costs only itself.

Whatever a PDF or an Office file makes its reader do, the process that passes its limits of time or
memory is ended, and the next document begins another. It gets nothing of our environment but what
Python needs, so no key is in its reach.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from harness.cases.documents.pages import PageBox, PageLimits, Pages
from harness.cases.documents.reading_worker import (
    ProblemText,
    ReadingResult,
    ReadingTask,
    receive,
    send,
)
from harness.cases.files.places import at
from harness.errors import HarnessError, Problem

MEMORY_BYTES: Final = 2 << 30
"""Address space of the process that reads: a page that can be printed needs far less."""
_KEPT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE")
"""Variables of the environment that it gets."""
_BEGIN: Final = "import sys; sys.path[:] = {}; from {} import serve; serve({})"
_DOING: Final = MappingProxyType(
    {"read": "reading it", "draw": "drawing its pages", "locate": "looking for text on its pages"}
)
_HINT: Final = "save it anew, as by printing it to PDF; split it; or leave it out"


@dataclass(slots=True)
class ReadingProcess:
    """The process that reads documents, begun with the first and again after one that ended it."""

    memory_bytes: int = MEMORY_BYTES
    _process: subprocess.Popen[bytes] | None = None
    _owner: int = 0
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def read(self, data: bytes, path: Path, bounds: PageLimits, seconds: float) -> Pages:
        """Return what a document says.

        Raises HarnessError if it cannot be read, holds too much, or takes too long or too much
        memory.
        """
        task = _task("read", path, seconds)
        task["bounds"] = (bounds.characters, bounds.pages)
        result, _ = self._ask(task, data, path)
        warnings = tuple(_placed(each, path) for each in result["warnings"])
        return Pages(result["text"], tuple(result["image_pages"]), warnings, result["kind"])

    def draw(
        self, data: bytes, path: Path, pages: Sequence[int], dots_per_inch: int, seconds: float
    ) -> list[bytes]:
        """Return pages of a PDF, 1-based, as PNG images. Raises HarnessError as `read` does."""
        task = _task("draw", path, seconds)
        task["pages"], task["dots_per_inch"] = list(pages), dots_per_inch
        result, drawn = self._ask(task, data, path)
        images, start = [], 0
        for size in result["image_sizes"]:
            images.append(drawn[start : start + size])
            start += size
        return images

    def locate(
        self,
        data: bytes,
        path: Path,
        page: tuple[int, str],
        spans: Sequence[tuple[int, int]],
        seconds: float,
    ) -> list[list[PageBox]]:
        """Return where pieces of a page's text stand on it, for each piece one box a line.

        `page` is its number, from 1, and its text as it was read; spans are offsets in it. Raises
        HarnessError as `read` does.
        """
        task = _task("locate", path, seconds)
        task["pages"], task["text"], task["spans"] = [page[0]], page[1], list(spans)
        result, _ = self._ask(task, data, path)
        return [[PageBox(*box) for box in boxes] for boxes in result["boxes"]]

    def end(self) -> None:
        """End the process; the next document begins another."""
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        for pipe in filter(None, (process.stdin, process.stdout)):
            with suppress(OSError):
                pipe.close()
        process.wait()

    def _ask(self, task: ReadingTask, data: bytes, path: Path) -> tuple[ReadingResult, bytes]:
        with self._turn:
            process, is_late = self.begun(), threading.Event()

            def end() -> None:
                is_late.set()
                process.kill()

            timer = threading.Timer(task["seconds"], end)
            timer.daemon = True
            timer.start()
            try:
                header, images = _exchange(process, task, data)
            except (OSError, EOFError):
                self.end()
                raise self._spent(task, path, is_late=is_late.is_set()) from None
            finally:
                timer.cancel()
            result: ReadingResult = json.loads(header)
            if result["is_out_of_memory"]:
                self.end()
                raise self._spent(task, path, is_late=False)
        if result["problems"]:
            raise HarnessError(*(_placed(each, path) for each in result["problems"]))
        return result, images

    def begun(self) -> subprocess.Popen[bytes]:
        """Return the process, which is begun if it does not run."""
        process = self._process
        if process is not None and self._owner == os.getpid() and process.poll() is None:
            return process
        self.end()
        paths = [str(Path(each).absolute()) for each in sys.path]
        begin = _BEGIN.format(paths, receive.__module__, self.memory_bytes)
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

    def _spent(self, task: ReadingTask, path: Path, *, is_late: bool) -> HarnessError:
        doing = _DOING[task["do"]]
        if is_late:
            hint = f"{_HINT}; or raise `limits: {{document_seconds: ...}}` in suite.yaml"
            what = f"{doing} takes more than {task['seconds']:g} s"
            return HarnessError(Problem(what, "too-large", at(path), hint))
        size = f"{self.memory_bytes >> 20:,} MB of memory"
        what = f"{doing} takes more than {size}, or breaks the reader"
        return HarnessError(Problem(what, "too-large", at(path), _HINT))


def _exchange(
    process: subprocess.Popen[bytes], task: ReadingTask, data: bytes
) -> tuple[bytes, bytes]:
    if process.stdin is None or process.stdout is None:
        raise EOFError
    send(process.stdin, task, data)
    return receive(process.stdout)


def _task(do: Literal["read", "draw", "locate"], path: Path, seconds: float) -> ReadingTask:
    """Return a task that asks for nothing yet."""
    return ReadingTask(
        do=do,
        name=path.name,
        seconds=seconds,
        bounds=(0, 0),
        pages=[],
        dots_per_inch=0,
        text="",
        spans=[],
    )


def _placed(problem: ProblemText, path: Path) -> Problem:
    return Problem(problem["what"], problem["code"], at(path), problem["hint"])


READING: Final = ReadingProcess()
"""The one process of this program."""
atexit.register(READING.end)
