"""PDF: the text layer page by page, forms and typed-over text included, and pages as images."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from harness.cases.documents.pages import (
    PageLimits,
    Pages,
    broken,
    join_pages,
    lacking,
    locked,
    too_much,
    warning,
)
from harness.cases.documents.paper.annotations import flatten_page, marked_text
from harness.cases.documents.paper.png import Pixels, png
from harness.core.number_text import counted
from harness.errors import Problem

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfObject, PdfPage

_PDFIUM: Final = threading.Lock()
"""PDFium does one thing at a time."""
_HARDLY: Final = 16
"""A page with an image and fewer letters is a scan: a page number is no text."""
_LITTLE: Final = 300
"""A page that an image covers and that has fewer letters is a scan with a stamp on it."""
_COVERS: Final = 0.5
"""Part of a page's area."""
_SHAPES: Final = 16
"""A page with hardly a letter and more shapes is one whose letters are drawn."""
_DOTS_PER_POINT: Final = 1 / 72
_LONGEST_SIDE: Final = 8_000
"""Pixels; posters and damaged pages would fill the memory."""
_LINE_HYPHEN: Final = "\ufffe"
"""What PDFium writes for a hyphen at the end of a line."""


_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f]")


def read(data: bytes, file: Path, bounds: PageLimits) -> Pages:
    """Return the text of a PDF. Raises HarnessError if it cannot be read or holds too much."""
    texts: list[str] = []
    scans: list[int] = []
    left = bounds.characters
    with opened(data, file) as pdf:
        if len(pdf) > bounds.pages:
            what = f"has {len(pdf):,} pages, the limit is {bounds.pages:,}"
            raise too_much(file, what, "pages")
        for number in range(len(pdf)):
            text, is_scan = _page(pdf, number)
            left -= len(text)
            if left < 0:
                what = f"holds more than {bounds.characters:,} characters"
                raise too_much(file, what, "document_bytes")
            texts.append(text)
            if is_scan:
                scans.append(number + 1)
        odd = tuple(_left_out(pdf, sum(map(len, texts)), file))
    return Pages(join_pages(texts), tuple(scans), odd)


def _left_out(pdf: PdfDocument, letters: int, file: Path) -> Iterator[Problem]:
    """Yield a warning about what some programs show of a PDF and that is none of its pages."""
    from pypdfium2.raw import FORMTYPE_XFA_FULL  # noqa: PLC0415  # as in `opened`

    if pdf.get_formtype() == FORMTYPE_XFA_FULL:
        what = "is an XFA form: what is filled in is not read"
        yield warning(file, what, "left-out", "print it to PDF in the program that shows it")
    if letters < _LITTLE and (count := pdf.count_attachments()):
        what = f"holds {counted(count, 'attached file')}, which we do not read"
        yield warning(file, what, "left-out", "save what is attached beside it, as documents")


def images(data: bytes, file: Path, pages: Sequence[int], dots_per_inch: int) -> list[bytes]:
    """Return pages, 1-based, as PNG images."""
    with opened(data, file) as pdf:
        return [_image(pdf, number, dots_per_inch) for number in pages]


@contextmanager
def opened(data: bytes, file: Path) -> Iterator[PdfDocument]:
    """Open a PDF for as long as nobody else does. Raises HarnessError if it cannot be read."""
    try:
        import pypdfium2  # noqa: PLC0415  # an extra, wanted by few suites
    except ImportError:
        raise lacking(file, "PDF", "pypdfium2") from None
    with _PDFIUM:
        try:
            pdf = pypdfium2.PdfDocument(data)
            try:
                if pdf.get_formtype():
                    pdf.init_forms()
                yield pdf
            finally:
                pdf.close()
        except pypdfium2.PdfiumError as error:
            if "assword" in str(error):
                raise locked(file, "a PDF") from None
            raise broken(file, "a PDF", error) from None


def _page(pdf: PdfDocument, number: int) -> tuple[str, bool]:
    """Return a page's text, and whether it is the scan of one."""
    page, marks = flatten_page(pdf, pdf[number], number)
    try:
        written = page.get_textpage()
        text = tidy(marked_text(written, marks))
        written.close()
        letters = len("".join(text.split()))
        is_scan = letters < _LITTLE and _covered(page) >= (_COVERS if letters >= _HARDLY else 0)
        is_scan = is_scan or (letters < _HARDLY and _is_drawn(page))
    finally:
        page.close()
    return text, is_scan


def _covered(page: PdfPage) -> float:
    """Return how much of a page images cover, at least; -1 if it has none.

    Of an image within a form the form's rectangle is taken.
    """
    from pypdfium2.raw import FPDF_PAGEOBJ_FORM, FPDF_PAGEOBJ_IMAGE  # noqa: PLC0415  # as above

    west, south, east, north = page.get_cropbox()
    area, has_image = 0.0, False
    for each in page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE, FPDF_PAGEOBJ_FORM], max_depth=1):
        if each.type == FPDF_PAGEOBJ_FORM and not _holds_image(page, each):
            continue
        has_image = True
        left, bottom, right, top = each.get_bounds()
        across = min(right, east) - max(left, west)
        area += max(across, 0) * max(min(top, north) - max(bottom, south), 0)
    whole = (east - west) * (north - south)
    return area / whole if has_image and whole > 0 else float(has_image) - 1


def _is_drawn(page: PdfPage) -> bool:
    """Tell whether a page has so many shapes that they may be letters: text saved as outlines."""
    from pypdfium2.raw import FPDF_PAGEOBJ_PATH  # noqa: PLC0415  # as above

    shapes = page.get_objects(filter=[FPDF_PAGEOBJ_PATH], max_depth=3)
    return next(islice(shapes, _SHAPES, None), None) is not None


def _holds_image(page: PdfPage, form: PdfObject) -> bool:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE  # noqa: PLC0415  # as above

    within = page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE], max_depth=2, form=form)
    return next(iter(within), None) is not None


def tidy(text: str) -> str:
    r"""Return text with plain line ends, and none of the characters that nobody sees.

    >>> tidy("co\ufffe\r\nordinate\x00")
    'co-\nordinate'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace(_LINE_HYPHEN, "-")
    return _UNSEEN.sub("", text)


def _image(pdf: PdfDocument, number: int, dots_per_inch: int) -> bytes:
    page = pdf[number - 1]
    try:
        scale = dots_per_inch * _DOTS_PER_POINT
        scale = min(scale, _LONGEST_SIDE / max(page.get_size()))
        bitmap = page.render(scale=scale, rev_byteorder=True, prefer_bgrx=False)
        try:
            pixels = Pixels(bitmap.width, bitmap.height, bitmap.n_channels, bitmap.stride)
            return png(pixels, bytes(bitmap.buffer))
        finally:
            bitmap.close()
    finally:
        page.close()
