"""Images of documents' pages beside a report, with boxes around the values of its cases."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from harness.cases.documents.document_files import shown_boxes, shown_page
from harness.cases.documents.kinds import is_paged
from harness.cases.documents.pages import spans_by_page
from harness.cases.files.whole_file import whole_file
from harness.core.records import Case, Document
from harness.errors import HarnessError, Problem
from harness.report.embedded.long_texts import KeptPages, MarkedSpan
from harness.report.embedded.utf16_offsets import UnitOffsets
from harness.run.results.places.document_homes import with_file
from harness.run.stored.stored_figures import evidence_spans
from harness.run.stored.stored_results import CaseRecord
from harness.run.stored.stored_run import RunDocument

PAGES_BESIDE: Final = "report-pages"
"""Name of the folder of these files, beside the report."""
_DOTS_PER_INCH: Final = 130
_WHOLE: Final = 10
"""Documents of so many pages are kept whole; of longer ones the first page and those of values."""
_TEN_THOUSANDTHS: Final = 10_000


@dataclass(slots=True)
class PageKeeper:
    """Draws the pages of a run's documents into its folder, each once."""

    folder: Path
    """The run's."""
    run: RunDocument
    size: int = 0
    """Bytes of all images that were drawn."""
    left_out: dict[str, int] = field(default_factory=dict)
    """By document (sha256), pages of long ones on which no value stands: they are not drawn."""
    problems: list[Problem] = field(default_factory=list)
    """Why pages of some documents are not there."""
    _endings: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of pages drawn."""
        return len(self._endings)

    def keep(self, case: Case, judged: Iterable[CaseRecord]) -> dict[int, KeptPages]:
        """Return what is kept of a case's documents, by their number; draws what is missing."""
        judged = tuple(judged)
        pages_by_number: dict[int, KeptPages] = {}
        for number, document in enumerate(case.documents):
            if not is_paged(document.name):
                continue
            try:
                located = with_file(document, self.folder, self.run)
                pages_by_number[number] = self._kept(
                    located,
                    [span for case in judged for span in evidence_spans(case, document.name)],
                )
            except HarnessError as error:
                self.problems.extend(p for p in error.problems if p not in self.problems)
        return pages_by_number

    def _kept(self, document: Document, spans: Iterable[tuple[int, int]]) -> KeptPages:
        on_page = spans_by_page(document, spans)
        count = len(document.pages)
        wanted = range(1, count + 1) if count <= _WHOLE else sorted({1, *on_page})
        stem = f"{PAGES_BESIDE}/{document.sha256[:16]}"
        if len(wanted) < count:
            pages = {page for sha256, page in self._endings if sha256 == document.sha256}
            self.left_out[document.sha256] = count - len(pages.union(wanted))
        (ending,) = {self._draw(document, stem, page) for page in wanted}
        boxes = {
            str(page): _marks(document, page, list(some.values())) for page, some in on_page.items()
        }
        return {"stem": stem, "ending": ending, "pages": list(wanted), "boxes": boxes}

    def _draw(self, document: Document, stem: str, page: int) -> str:
        """Draw a page that is not there yet; return the ending of its file."""
        key = document.sha256, page
        if key not in self._endings:
            image = shown_page(document, page, _DOTS_PER_INCH)
            ending = image.media_type.removeprefix("image/")
            file = self.folder / f"{stem}-{page}.{ending}"
            file.parent.mkdir(exist_ok=True)
            with whole_file(file) as scratch:
                scratch.write_bytes(image.data)
            self.size += len(image.data)
            self._endings[key] = ending
        return self._endings[key]


def _marks(document: Document, page: int, spans: list[tuple[int, int]]) -> list[MarkedSpan]:
    units = UnitOffsets(document.pages[page - 1])
    boxes = shown_boxes(document, page, spans)
    return [
        (
            units.units(start),
            units.units(end),
            [[round(part * _TEN_THOUSANDTHS) for part in box] for box in lines],
        )
        for (start, end), lines in zip(spans, boxes, strict=True)
        if lines
    ]
