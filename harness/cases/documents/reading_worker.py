"""The process that reads documents for another: tasks on its standard input, results on its output.

A message is a JSON header and bytes, each behind its length. JSON, since whatever a document made
of this process can then run nothing in the other.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Literal, TypedDict

from harness.cases.documents.by_format import read_pages
from harness.cases.documents.pages import PageLimits
from harness.errors import HarnessError, Problem

_LENGTH: Final = 8
"""Bytes that say how long a header or its bytes are."""
_PATIENCE: Final = 2
"""Times the task's seconds: the CPU time after which a process nobody waits for ends itself."""


class ReadingTask(TypedDict):
    """What is to be done with a document, whose bytes follow."""

    do: Literal["read", "draw", "locate"]
    name: str
    """Of the file: its ending says what it is where its bytes do not."""
    seconds: float
    bounds: tuple[int, int]
    """Of `Bounds`, to read."""
    pages: list[int]
    """1-based, to draw; the one page to look for pieces of its text on."""
    dots_per_inch: int
    text: str
    """Of that page, as it was read."""
    spans: list[tuple[int, int]]
    """Offsets in it."""


class ProblemText(TypedDict):
    """A problem without its place, which the other process knows."""

    what: str
    code: str
    hint: str | None


class ReadingResult(TypedDict):
    """What came of a task. The images of pages follow, one behind the other."""

    text: str
    image_pages: list[int]
    warnings: list[ProblemText]
    kind: str
    """Of `Pages`."""
    problems: list[ProblemText]
    """Why it could not be read."""
    image_sizes: list[int]
    boxes: list[list[tuple[float, float, float, float]]]
    """For each span one a line: left, top, right and bottom in parts of the page."""
    is_out_of_memory: bool


def send(stream: IO[bytes], header: ReadingTask | ReadingResult, data: bytes) -> None:
    """Write a message."""
    text = json.dumps(header).encode()
    for part in (text, data):
        stream.write(len(part).to_bytes(_LENGTH, "big"))
        stream.write(part)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Return a message's header and bytes. Raises EOFError where the stream ends before it does."""
    header = _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH), "big"))
    return header, _exactly(stream, int.from_bytes(_exactly(stream, _LENGTH), "big"))


def serve(memory_bytes: int) -> None:
    """Do the tasks that come on standard input until it ends."""
    tasks, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is no result
    _limit_memory(memory_bytes)
    while True:
        try:
            header, data = receive(tasks)
        except EOFError:
            return
        task: ReadingTask = json.loads(header)
        _limit_time(task["seconds"])
        result, images = _done(task, data)
        send(results, result, images)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _done(task: ReadingTask, data: bytes) -> tuple[ReadingResult, bytes]:
    result = ReadingResult(
        text="",
        image_pages=[],
        warnings=[],
        kind="",
        problems=[],
        image_sizes=[],
        boxes=[],
        is_out_of_memory=False,
    )
    file = Path(task["name"])
    images: list[bytes] = []
    try:
        if task["do"] == "read":
            pages = read_pages(data, file, PageLimits(*task["bounds"]))
            result["text"], result["image_pages"] = pages.text, list(pages.image_pages)
            result["warnings"], result["kind"] = list(map(_text, pages.warnings)), pages.kind
        elif task["do"] == "locate":
            from harness.cases.documents.paper.page_boxes import page_boxes  # noqa: PLC0415  # as below

            number, spans = task["pages"][0], task["spans"]
            found = page_boxes(data, file, number, task["text"], spans)
            result["boxes"] = [[(*box,) for box in boxes] for boxes in found]
        else:
            from harness.cases.documents.paper import pdf  # noqa: PLC0415  # wanted by few suites

            images = pdf.images(data, file, task["pages"], task["dots_per_inch"])
    except HarnessError as error:
        result["problems"] = list(map(_text, error.problems))
    except MemoryError:
        result["is_out_of_memory"] = True
    result["image_sizes"] = list(map(len, images))
    return result, b"".join(images)


def _text(problem: Problem) -> ProblemText:
    return {"what": problem.what, "code": problem.code, "hint": problem.hint}


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
