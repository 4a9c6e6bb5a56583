"""Worker process that reads documents: its tasks and results."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict

from harness.cases.documents.by_format import read_pages
from harness.cases.documents.pages import PageLimits
from harness.cases.files.limited_process import serve_tasks
from harness.errors import HarnessError, Problem


class ReadingTask(TypedDict):
    """Task of the reading process: a document, whose bytes follow."""

    do: Literal["read", "draw", "locate"]
    name: str
    """Of the file: its ending says what it is where its bytes do not."""
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
    """Result of a reading task. The images of pages follow, one behind the other."""

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


def serve(memory_bytes: int) -> None:
    """Do the tasks that come on standard input until it ends."""
    serve_tasks(memory_bytes, _done)


def _done(task: ReadingTask, data: bytes) -> tuple[ReadingResult, bytes]:
    result = ReadingResult(
        text="",
        image_pages=[],
        warnings=[],
        kind="",
        problems=[],
        image_sizes=[],
        boxes=[],
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
            places = page_boxes(data, file, number, task["text"], spans)
            result["boxes"] = [[(*box,) for box in boxes] for boxes in places]
        else:
            from harness.cases.documents.paper import pdf  # noqa: PLC0415  # wanted by few suites

            images = pdf.images(data, file, task["pages"], task["dots_per_inch"])
    except HarnessError as error:
        result["problems"] = list(map(_text, error.problems))
    result["image_sizes"] = list(map(len, images))
    return result, b"".join(images)


def _text(problem: Problem) -> ProblemText:
    return {"what": problem.what, "code": problem.code, "hint": problem.hint}
