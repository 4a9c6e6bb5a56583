"""PDF annotations: text typed over a page, and check boxes with the state that a reader sees."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from harness.cases.documents.paper.letters import Letter, LetterBands, Rectangle, letters_within

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

_FREE_TEXT, _LINK, _WIDGET = 3, 2, 20
_CHECK_BOX, _RADIO = 2, 3
_UNSEEN: Final = 0x02 | 0x20
"""Flags of annotations that are hidden or not shown on a screen."""
TICKED, UNTICKED = "☒", "☐"


@dataclass(frozen=True, slots=True)
class PageMark:
    """Text that stands in for an annotation, and its place on the page."""

    text: str
    place: Rectangle
    is_box: bool
    """A check box: letters within its rectangle are how its tick is drawn."""


def flatten_page(pdf: PdfDocument, page: PdfPage, number: int) -> tuple[PdfPage, list[PageMark]]:
    """Return a page whose annotations are part of it, and marks for those that have no letters.

    The page given is closed where another is returned.
    """
    shown, marks = False, []
    for kind, mark in _annotations(pdf, page):
        shown = shown or kind != _LINK
        marks += [mark] if mark is not None else []
    if shown and _flattens(page):
        page.close()
        page = pdf[number]
    return page, marks


def _flattens(page: PdfPage) -> bool:
    """Make annotations part of a page, those of filled-in forms too; False if there were none."""
    from pypdfium2 import raw  # noqa: PLC0415  # an extra, wanted by few suites

    return bool(raw.FPDFPage_Flatten(page.raw, raw.FLAT_NORMALDISPLAY) == raw.FLATTEN_SUCCESS)


def _annotations(pdf: PdfDocument, page: PdfPage) -> Iterator[tuple[int, PageMark | None]]:
    """Yield the kind of every annotation that is seen, and its mark if it has one."""
    from pypdfium2 import raw  # noqa: PLC0415  # as above

    for index in range(raw.FPDFPage_GetAnnotCount(page.raw)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            if not raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
                kind = raw.FPDFAnnot_GetSubtype(annotation)
                yield kind, _mark(pdf, annotation, kind)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _mark(pdf: PdfDocument, annotation: object, kind: int) -> PageMark | None:
    from pypdfium2 import raw  # noqa: PLC0415  # as above

    place = raw.FS_RECTF()
    if not raw.FPDFAnnot_GetRect(annotation, place):
        return None
    box = Rectangle(place.left, place.bottom, place.right, place.top)
    if kind == _WIDGET and pdf.formenv is not None:
        form = pdf.formenv.raw
        if raw.FPDFAnnot_GetFormFieldType(form, annotation) in (_CHECK_BOX, _RADIO):
            state = TICKED if raw.FPDFAnnot_IsChecked(form, annotation) else UNTICKED
            return PageMark(state, box, is_box=True)
    if kind == _FREE_TEXT and not raw.FPDFAnnot_HasKey(annotation, b"AP"):
        text = _string(annotation, b"Contents")
        return PageMark(" ".join(text.split()), box, is_box=False) if text.strip() else None
    return None


def _string(annotation: object, key: bytes) -> str:
    from pypdfium2 import raw  # noqa: PLC0415  # as above

    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = ctypes.create_string_buffer(size)
    pointer = ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR))
    raw.FPDFAnnot_GetStringValue(annotation, key, pointer, size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def marked_text(page: PdfTextPage, marks: Sequence[PageMark]) -> str:
    """Return a page's text with marks where they stand: beside the nearest letter of their line."""
    if not marks:
        return str(page.get_text_range())
    letters = _letters(page)
    dropped = letters_within(letters, (mark.place for mark in marks if mark.is_box))
    bands = LetterBands(letters, without=dropped)
    written: dict[int, list[str]] = {}
    alone: list[str] = []
    for mark in marks:
        nearest = bands.nearest(mark.place)
        if nearest is None:
            alone.append(mark.text)
        else:
            index, box = nearest
            is_before = box.left >= mark.place.left
            written.setdefault(index if is_before else index + 1, []).append(mark.text)
    cuts = sorted({*written, *dropped, *(i + 1 for i in dropped), 0, page.count_chars()})
    parts: list[str] = []
    for start, stop in pairwise([*cuts, cuts[-1]]):
        if start in written:
            is_apart = not parts or parts[-1][-1:].isspace()
            parts.append(f"{'' if is_apart else ' '}{' '.join(written[start])} ")
        if stop > start and start not in dropped:
            parts += filter(None, [page.get_text_range(start, stop - start)])
    lines = [line.rstrip() for line in "".join(parts).splitlines()]
    return "\n".join([*"\n".join(lines).rstrip("\n").split("\n"), *alone])


def _letters(page: PdfTextPage) -> list[Letter]:
    from pypdfium2 import raw  # noqa: PLC0415  # as above

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    letters: list[Letter] = []
    for index in range(page.count_chars()):
        if raw.FPDFText_GetCharBox(page.raw, index, left, right, bottom, top):
            box = Rectangle(left.value, bottom.value, right.value, top.value)
            if box.right > box.left and box.top > box.bottom:
                letters.append((index, box))
    return letters
