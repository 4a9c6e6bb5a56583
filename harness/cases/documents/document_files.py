"""Document files: the text of a file of any format, and images of its pages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from harness.cases.documents.by_format import read_pages
from harness.cases.documents.kinds import kind_of, media_type
from harness.cases.documents.pages import PageBox, PageLimits, Pages, join_pages
from harness.cases.documents.reading_process import READING
from harness.cases.files.places import FilePlace, at
from harness.cases.files.reading import read_bytes
from harness.cases.suite import DocumentReading, Limits
from harness.core.records import Document
from harness.errors import HarnessError, Problem

_DOTS_PER_INCH: Final = 150
"""Of the images that models are sent: an A4 page has 1240 by 1754 pixels."""
_SECONDS: Final = 300.0
"""For drawing a document's pages, once reading it has passed the suite's limits."""
_SHOWN_SECONDS: Final = 30.0
"""For a page that a person waits for."""
_NOT_ITS_FAULT: Final = frozenset({"missing-package", "missing-program", "unreadable"})
"""Problems of this machine, such as a missing package: they are not the document's fault."""
_PAGED: Final = frozenset({"pdf", "image", "tiff"})
"""Kinds of files whose pages can be shown as they look."""
_RAISE: Final = "raise `limits: {document_bytes: ...}` in suite.yaml if it is meant to be read"


@dataclass(frozen=True, slots=True)
class Image:
    """A page as a model is sent it."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class DocumentReader:
    """Reads the documents of one suite."""

    place: FilePlace
    limits: Limits
    how: DocumentReading
    keeps_unreadable: bool = False
    """Return a document that cannot be read as one that says so, with a warning."""
    warnings: list[Problem] = field(default_factory=list)
    """What is odd about documents that were read."""
    unreadable: list[Problem] = field(default_factory=list)
    """Why documents could not be read that were kept all the same."""

    def read(self, path: Path) -> Document:
        """Return a document. Raises HarnessError if it is not one, or holds too much."""
        try:
            return self._read(path)
        except HarnessError as error:
            if not self.keeps_unreadable or any(p.code in _NOT_ITS_FAULT for p in error.problems):
                raise
            self.unreadable.extend(p for p in error.problems if p not in self.unreadable)
            why = "; ".join(problem.what for problem in error.problems)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            name = self.place.name_of(path)
            return Document(name, digest, "", str(path), unreadable=f"{name} {why}")

    def _read(self, path: Path) -> Document:
        data = self._bytes(path)
        pages = self._pages(data, path)
        # examples can be read twice
        self.warnings.extend(odd for odd in pages.warnings if odd not in self.warnings)
        return Document(
            name=self.place.name_of(path),
            sha256=hashlib.sha256(data).hexdigest(),
            text=pages.text,
            location=str(path),
            image_pages=pages.image_pages,
            kind=pages.kind,
        )

    def _bytes(self, path: Path) -> bytes:
        try:
            return read_bytes(path, self.limits.document_bytes)
        except HarnessError as error:
            raise HarnessError(
                *(
                    Problem(p.what, p.code, p.where, _RAISE) if p.code == "too-large" else p
                    for p in error.problems
                )
            ) from None

    def _pages(self, data: bytes, path: Path) -> Pages:
        kind = kind_of(data, path.name)
        if kind == "tiff" and self.how.scans != "ocr":
            raise _tiff(path)
        bounds = PageLimits(self.limits.document_bytes, self.limits.pages)
        if kind in {"text", "image"}:
            pages = read_pages(data, path, bounds)
        else:
            pages = READING.read(data, path, bounds, self.limits.document_seconds)
        return self._read_scans(pages, data, path)

    def _read_scans(self, pages: Pages, data: bytes, path: Path) -> Pages:
        """Return pages with the text of those that are images, where the suite wants it read."""
        if self.how.scans != "ocr" or not pages.image_pages:
            return pages
        from harness.cases.documents.paper import ocr  # noqa: PLC0415  # wanted by few suites

        seconds = self.limits.document_seconds
        images = _images(data, path, pages.image_pages, ocr.DOTS_PER_INCH, seconds)
        read = ocr.read_images([image.data for image in images], self.how.language, path)
        texts = pages.text.split("\f")
        for number, text in zip(pages.image_pages, read, strict=True):
            stamp = texts[number - 1]
            is_read = "".join(stamp.split()) in "".join(text.split())
            texts[number - 1] = text if is_read else f"{stamp}\n{text}"
        return replace(pages, text=join_pages(texts), image_pages=())


def page_images(document: Document) -> list[Image]:
    """Return the pages of a document that are sent as images.

    Raises HarnessError if the file is no longer the one that was read.
    """
    if not document.image_pages:
        return []
    data, path = _same_bytes(document), Path(document.location)
    return _images(data, path, document.image_pages, _DOTS_PER_INCH, _SECONDS)


def has_page_images(document: Document) -> bool:
    """Tell whether a document's pages can be shown as they look: PDFs and images."""
    if Path(document.location).suffix.lower() == ".pdf":
        return True
    return document.image_pages == (1,)


def shown_page(document: Document, number: int, dots_per_inch: int) -> Image:
    """Return a page, 1-based, as it looks. Raises HarnessError if the file has changed."""
    data = _same_bytes(document)
    return _images(data, Path(document.location), (number,), dots_per_inch, _SHOWN_SECONDS)[0]


def shown_boxes(
    document: Document, number: int, spans: Sequence[tuple[int, int]]
) -> list[list[PageBox]]:
    """Return where pieces of a page's text stand on the page, for each piece one box a line.

    Spans are offsets in the text of the page, 1-based. Text that was read off an image has the
    boxes of its words, on the machine that read it. Raises HarnessError if the file has changed.
    """
    data, path, pages = _same_bytes(document), Path(document.location), document.pages
    kind = kind_of(data, path.name)
    if kind not in _PAGED or not 1 <= number <= len(pages):
        return [[] for _ in spans]
    text, boxes = pages[number - 1], [list[PageBox]() for _ in spans]
    if kind == "pdf":
        boxes = READING.locate(data, path, (number, text), spans, _SHOWN_SECONDS)
    if 2 * sum(map(bool, boxes)) >= len(boxes) or not text:
        return boxes  # the page's own letters: it is no scan
    from harness.cases.documents.paper import ocr, word_boxes  # noqa: PLC0415  # as above

    (image,) = _images(data, path, (number,), ocr.DOTS_PER_INCH, _SHOWN_SECONDS)
    words = ocr.read_words(image.data)
    read_off = word_boxes.word_boxes(words, text, spans) if words else boxes
    return [one or other for one, other in zip(boxes, read_off, strict=True)]


def _same_bytes(document: Document) -> bytes:
    path = Path(document.location)
    data = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(data).hexdigest() != document.sha256:
        what = "has changed since it was read"
        raise HarnessError(Problem(what, "changed-document", at(path), "begin the run again"))
    return data


def _images(
    data: bytes, path: Path, pages: tuple[int, ...], dots_per_inch: int, seconds: float
) -> list[Image]:
    if kind_of(data, path.name) == "pdf":
        drawn = READING.draw(data, path, pages, dots_per_inch, seconds)
        return [Image("image/png", image) for image in drawn]
    return [Image(media_type(data) or "image/tiff", data)]


def _tiff(path: Path) -> HarnessError:
    hint = "convert it to PNG or PDF, or have its text read: `reading: {scans: ocr}`"
    what = "is a TIFF image, which models do not read"
    return HarnessError(Problem(what, "unknown-format", at(path), hint))
