"""Reading documents in a process of its own, with limits of time and memory that hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from harness.cases.documents.pages import PageBox, PageLimits, Pages
from harness.cases.documents.reading_worker import (
    ProblemText,
    ReadingResult,
    ReadingTask,
)
from harness.cases.files.limited_process import MEMORY_BYTES, LimitedProcess, OverspentError
from harness.cases.files.places import at
from harness.errors import HarnessError, Problem

_DOING: Final = MappingProxyType(
    {"read": "reading it", "draw": "drawing its pages", "locate": "looking for text on its pages"}
)
_HINT: Final = "save it anew, as by printing it to PDF; split it; or leave it out"


class ReadingProcess:
    """Reads documents; the process is begun with the first, and again after one that ended it."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        """Make a reader that may use so much memory."""
        self.process = LimitedProcess(ReadingTask.__module__, memory_bytes)

    def read(self, data: bytes, path: Path, bounds: PageLimits, seconds: float) -> Pages:
        """Return what a document says.

        Raises HarnessError if it cannot be read, holds too much, or takes too long or too much
        memory.
        """
        task = _task("read", path)
        task["bounds"] = (bounds.characters, bounds.pages)
        result, _ = self._ask(task, data, path, seconds)
        warnings = tuple(_placed(each, path) for each in result["warnings"])
        return Pages(result["text"], tuple(result["image_pages"]), warnings, result["kind"])

    def draw(
        self, data: bytes, path: Path, pages: Sequence[int], dots_per_inch: int, seconds: float
    ) -> list[bytes]:
        """Return pages of a PDF, 1-based, as PNG images. Raises HarnessError as `read` does."""
        task = _task("draw", path)
        task["pages"], task["dots_per_inch"] = list(pages), dots_per_inch
        result, drawn = self._ask(task, data, path, seconds)
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
        task = _task("locate", path)
        task["pages"], task["text"], task["spans"] = [page[0]], page[1], list(spans)
        result, _ = self._ask(task, data, path, seconds)
        return [[PageBox(*box) for box in boxes] for boxes in result["boxes"]]

    def end(self) -> None:
        """End the process; the next document begins another."""
        self.process.end()

    def _ask(
        self, task: ReadingTask, data: bytes, path: Path, seconds: float
    ) -> tuple[ReadingResult, bytes]:
        try:
            answer = self.process.ask(task, data, seconds)
        except OverspentError as error:
            raise self._spent(task, path, seconds if error.is_late else None) from None
        result: ReadingResult = answer[0]
        if result["problems"]:
            raise HarnessError(*(_placed(each, path) for each in result["problems"]))
        return result, answer[1]

    def _spent(self, task: ReadingTask, path: Path, seconds: float | None) -> HarnessError:
        doing = _DOING[task["do"]]
        if seconds is not None:
            hint = f"{_HINT}; or raise `limits: {{document_seconds: ...}}` in suite.yaml"
            what = f"{doing} takes more than {seconds:g} s"
            return HarnessError(Problem(what, "too-large", at(path), hint))
        size = f"{self.process.memory_bytes >> 20:,} MB of memory"
        what = f"{doing} takes more than {size}, or breaks the reader"
        return HarnessError(Problem(what, "too-large", at(path), _HINT))


def _task(do: Literal["read", "draw", "locate"], path: Path) -> ReadingTask:
    """Return a task that asks for nothing yet."""
    return ReadingTask(
        do=do,
        name=path.name,
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
