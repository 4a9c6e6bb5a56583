"""Bounding boxes of text on a PDF page, for marks on its image."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rapidfuzz.distance import Indel

from harness.cases.documents.pages import PageBox
from harness.cases.documents.paper.annotations import flatten_page
from harness.cases.documents.paper.pdf import opened

if TYPE_CHECKING:
    from pypdfium2 import PdfPage, PdfTextPage

_SCALE: Final = 1_000_000
"""Units a page is measured in, each way: PDFium gives whole ones."""
_LINE_HYPHEN: Final = "\ufffe"


def page_boxes(
    data: bytes, file: Path, number: int, text: str, spans: Iterable[tuple[int, int]]
) -> list[list[PageBox]]:
    """Return the boxes of pieces of a page's text, for each piece one a line.

    `number` is 1-based, `text` is the page's as it was read, spans are offsets in it. A piece that
    was typed over the page, and has no letters there, has no box.
    """
    with opened(data, file) as pdf:
        if not 1 <= number <= len(pdf):
            return [[] for _ in spans]
        page, _ = flatten_page(pdf, pdf[number - 1], number - 1)
        try:
            written = page.get_textpage()
            try:
                place = _places(written, text)
                return [
                    list(
                        line_boxes(_letter_boxes(page, written, _written_places(text, place, span)))
                    )
                    for span in spans
                ]
            finally:
                written.close()
        finally:
            page.close()


def _written_places(text: str, place: Sequence[int], span: tuple[int, int]) -> list[int]:
    """Return which characters of the page a piece is; none where most of it was read off an image.

    The few letters of a scan's stamp meet some of any text.
    """
    start, end = span
    indexes = [index for index in place[start:end] if index >= 0]
    return indexes if 2 * len(indexes) >= len("".join(text[start:end].split())) else []


def _places(written: PdfTextPage, text: str) -> list[int]:
    """Return for every character of a text the page's character it is; -1 for none."""
    from pypdfium2 import raw  # noqa: PLC0415  # an extra, wanted by few suites

    size = written.count_chars()
    letters = [chr(raw.FPDFText_GetUnicode(written.raw, index)) for index in range(size)]
    visible = [index for index in range(size) if letters[index] >= " " or letters[index] in "\t\n"]
    plain = "".join(letters[index] for index in visible).replace(_LINE_HYPHEN, "-")
    if plain == text:
        return visible
    places = [-1] * len(text)
    for step in Indel.opcodes(plain, text):
        if step.tag == "equal":
            places[step.dest_start : step.dest_end] = visible[step.src_start : step.src_end]
    return places


def _letter_boxes(
    page: PdfPage, written: PdfTextPage, places: Iterable[int]
) -> Iterator[tuple[float, float, float, float]]:
    from pypdfium2 import raw  # noqa: PLC0415  # as above

    west, east, south, north = (ctypes.c_double() for _ in range(4))
    for index in places:
        if not raw.FPDFText_GetCharBox(written.raw, index, west, east, south, north):
            continue
        corners = _seen(page, west.value, north.value), _seen(page, east.value, south.value)
        (a, b), (c, d) = corners
        left, right, top, bottom = min(a, c), max(a, c), min(b, d), max(b, d)
        if right > left and bottom > top:
            yield left, top, right, bottom


def _seen(page: PdfPage, across: float, up: float) -> tuple[float, float]:
    """Return a point of a page as it is shown, cut and turned, in parts of its size."""
    from pypdfium2 import raw  # noqa: PLC0415  # as above

    x, y = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page.raw, 0, 0, _SCALE, _SCALE, 0, across, up, x, y)
    return x.value / _SCALE, y.value / _SCALE


def line_boxes(boxes: Iterable[Sequence[float]]) -> Iterator[PageBox]:
    """Yield one box for the letters that stand beside each other."""
    open_box: list[float] | None = None
    for left, top, right, bottom in boxes:
        if open_box is not None and _is_level(open_box, top, bottom):
            open_box = [
                min(open_box[0], left),
                min(open_box[1], top),
                max(open_box[2], right),
                max(open_box[3], bottom),
            ]
            continue
        if open_box is not None:
            yield PageBox(*open_box)
        open_box = [left, top, right, bottom]
    if open_box is not None:
        yield PageBox(*open_box)


def _is_level(box: Sequence[float], top: float, bottom: float) -> bool:
    middle = (top + bottom) / 2
    return box[1] <= middle <= box[3] or top <= (box[1] + box[3]) / 2 <= bottom
