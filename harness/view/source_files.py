"""The files that a run's documents were read from, where they are today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Final

from harness.cases.documents.document_files import Image, shown_boxes, shown_page
from harness.cases.documents.pages import PageBox
from harness.cases.files.places import at
from harness.core.records import Document
from harness.errors import HarnessError, Problem
from harness.report.embedded.utf16_offsets import UnitOffsets
from harness.run import store
from harness.run.results.places.document_homes import with_file

_DOTS_PER_INCH: Final = 110
_FINE: Final = 220
"""Of pages that are looked at closely."""
_KEPT_RUNS: Final = 2


@dataclass(frozen=True, slots=True)
class PageOfDocument:
    """One page of a document of a case."""

    case: str
    document: int
    """Its number in the case, from 0."""
    page: int
    """From 1."""


@dataclass(slots=True)
class PageSources:
    """Draws pages of documents of runs, which it finds by their cases."""

    _known: dict[Path, tuple[float, Mapping[str, Sequence[Document]]]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def image(self, folder: Path, where: PageOfDocument, *, is_fine: bool = False) -> Image:
        """Return a page as it looks. Raises HarnessError if its file is gone or cannot be drawn."""
        document = self._document(folder, where)
        return shown_page(document, where.page, _FINE if is_fine else _DOTS_PER_INCH)

    def boxes(
        self, folder: Path, where: PageOfDocument, spans: Sequence[tuple[int, int]]
    ) -> list[list[PageBox]]:
        """Return where pieces of a page's text stand on it; spans are UTF-16 units in that text."""
        document = self._document(folder, where)
        offsets = UnitOffsets(document.pages[where.page - 1])
        wanted = [(offsets.characters(a), offsets.characters(b)) for a, b in spans]
        return shown_boxes(document, where.page, wanted)

    def _document(self, folder: Path, where: PageOfDocument) -> Document:
        documents = self._cases(folder).get(where.case, ())
        if not 0 <= where.document < len(documents):
            what = f"the run has no document {where.document + 1} of a case {where.case!r}"
            raise HarnessError(Problem(what, "no-documents", at(folder)))
        document = documents[where.document]
        if not 1 <= where.page <= len(document.pages):
            what = f"{document.name} has no page {where.page}"
            raise HarnessError(Problem(what, "no-documents", at(folder)))
        return with_file(document, folder, store.read_run(folder))

    def _cases(self, folder: Path) -> Mapping[str, Sequence[Document]]:
        """Return the documents of a run's cases, which are read again once they have changed."""
        file = folder / store.CASES
        changed = file.stat().st_mtime if file.is_file() else 0.0
        with self._lock:
            known = self._known.pop(folder, None)
            if known is None or known[0] != changed:
                cases = store.read_cases(folder, store.read_run(folder)["schemas"])
                known = changed, {case.id: case.documents for case in cases}
            self._known[folder] = known
            while len(self._known) > _KEPT_RUNS:
                self._known.pop(next(iter(self._known)))
            return known[1]
