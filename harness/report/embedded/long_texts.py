"""Long texts of a page: documents and replies kept in it, written beside it, or cut.

Offsets count UTF-16 units, as JavaScript does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final, NotRequired, TypeAlias

from typing_extensions import TypedDict

from harness.cases.documents.pages import BREAK
from harness.core import number_text
from harness.report.embedded.excerpts import Excerpt, parts_around
from harness.report.embedded.utf16_offsets import UnitOffsets
from harness.report.words.visible import well_formed
from harness.run.stored.stored_results import SpanRecord

LONGEST_TEXT: Final = 100_000
"""Characters of one document or reply; a longer one goes to a file of its own, and the page says
so."""

MOST_TEXT: Final = 8_000_000
"""Characters of all documents together, and of all replies; what comes after goes to files."""

BESIDE: Final = "report-texts"
"""Name of the folder of these files, beside the page."""

_LAST_BMP: Final = "\uffff"

PackedRow: TypeAlias = list[Any]


class DocumentSource(TypedDict):
    """A document of a case as a page shows it."""

    name: str
    text: str | None
    note: NotRequired[str]
    """Why there is no text."""
    has_pages: NotRequired[bool]
    """Its pages can be shown as they look: it is a PDF or an image."""
    pictures: NotRequired[KeptPages]
    """Images of its pages that lie beside the report."""


class KeptPages(TypedDict):
    """Images of a document's pages beside a report, and where the values of its case stand on them.

    A page's image is `<stem>-<page>.<ending>`.
    """

    stem: str
    ending: str
    pages: list[int]
    boxes: dict[str, list[MarkedSpan]]
    """By page."""


MarkedSpan: TypeAlias = tuple[int, int, list[list[int]]]
"""Start and end in the page's text, in UTF-16 units, and its boxes: left, top, right, bottom, in
ten-thousandths of the page."""


class CaseSources(TypedDict, total=False):
    """Sources of a case: its documents, and the raw replies by replicate."""

    documents: list[DocumentSource]
    replies: dict[int, str | None]
    raw: str | None
    """The only reply, where there are no replicates."""


@dataclass(slots=True)
class PageRoom:
    """Room left in a page, and what found none."""

    documents: int = MOST_TEXT
    replies: int = MOST_TEXT
    beside: dict[str, str] = field(default_factory=dict)
    """Texts by the relative path of their file: named by their digest, never by a stranger."""

    def document(
        self, document: DocumentSource, evidence: Iterable[tuple[int, int]] = ()
    ) -> tuple[PackedRow, Excerpt | None]:
        """Return name, text or None, a note that says why there is none, and where it is.

        Of a text that is too long the parts around its evidence are kept, as the excerpt beside.
        What can be shown of its pages comes after, where there is any.
        """
        row, part = self._document(document, evidence)
        if document.get("has_pages"):
            row += _paged(document, row[1], part)
        return row, part

    def _document(
        self, document: DocumentSource, evidence: Iterable[tuple[int, int]]
    ) -> tuple[PackedRow, Excerpt | None]:
        text, note = document["text"], document.get("note") or ""
        if text is None:
            return [document["name"], None, note or "The text was not kept.", None], None
        why = _too_long(text, self.documents, "document")
        if why is None:
            self.documents -= len(text)
            return [document["name"], text, note, None], None
        place = self._aside(text)
        part = parts_around(text, evidence, min(LONGEST_TEXT, self.documents))
        if part is None:
            return [document["name"], None, why, place], None
        self.documents -= len(part.text)
        return [document["name"], part.text, _of_parts(text, part), place], part

    def reply(self, raw: str | None) -> PackedRow | None:
        """Return text or None, a note and a place; None where there was no reply."""
        if raw is None:
            return None
        why = _too_long(raw, self.replies, "reply")
        if why:
            return [None, why, self._aside(raw)]
        self.replies -= len(raw)
        return [raw, "", None]

    def _aside(self, text: str) -> str:
        text = well_formed(text)
        place = f"{BESIDE}/{hashlib.sha256(text.encode()).hexdigest()[:16]}.txt"
        self.beside[place] = text
        return place


def _of_parts(text: str, part: Excerpt) -> str:
    size = number_text.counted(len(text), "character")
    sentence = f"The document has {size}: here are the parts around the values."
    if part.unseen:
        sentence += f" {number_text.counted(part.unseen, 'place')} had no room."
    return sentence


def _paged(document: DocumentSource, shown: str | None, part: Excerpt | None) -> PackedRow:
    """Return that there are pages, how many, and those that are kept.

    Where they begin is said of a text that is not shown whole.
    """
    text = document["text"] or ""
    places: dict[str, list[Any]] | None = None
    if shown != document["text"]:
        whole, parts = UnitOffsets(text), part.parts if part is not None else ()
        inside = UnitOffsets(shown or "")
        starts = [0, *(at + 1 for at, letter in enumerate(text) if letter == BREAK)]
        places = {
            "starts": [whole.units(at) for at in starts],
            "parts": [[inside.units(each.at), whole.units(each.start)] for each in parts],
        }
    row: PackedRow = [1, text.count(BREAK) + 1, places, document.get("pictures")]
    while row[-1] is None:
        row.pop()
    return row


def _too_long(text: str, room: int, what: str) -> str | None:
    size = number_text.counted(len(text), "character")
    if len(text) > LONGEST_TEXT:
        limit = number_text.count(LONGEST_TEXT)
        return f"Left out of this page: the {what} has {size}, more than {limit}."
    if len(text) > room:
        limit = number_text.count(MOST_TEXT)
        return f"Left out of this page ({size}): with it, all texts exceed {limit}."
    return None


class Offsets:
    """Places in one document, from characters to UTF-16 units."""

    __slots__ = ("excerpt", "place", "units")

    def __init__(self, place: int, text: str | None, part: Excerpt | None = None) -> None:
        """Take a document's place among those of its case, and the text that is shown of it."""
        self.place, self.excerpt = place, part
        text = text or ""
        wide = not text.isascii() and max(text) > _LAST_BMP
        units = accumulate((1 + (c > _LAST_BMP) for c in text), initial=0) if wide else None
        self.units = None if units is None else list(units)
        """For each character; None where both count alike."""


def packed_spans(
    spans: Sequence[SpanRecord] | None, offsets: Mapping[str, Offsets]
) -> PackedRow | None:
    """Return document, start, end, document, start, end …; None if nobody looked.

    Where no text is shown there is nothing to mark: of a value that stands somewhere, nothing is
    said then, nor of one that stands in no part that is shown.
    """
    if spans is None or (spans and not offsets):
        return None
    flat: PackedRow = []
    for span in spans:
        at = offsets.get(span["document"])
        if at is None:
            continue
        start, end, units = span["start"], span["end"], at.units
        if at.excerpt is not None:
            moved = at.excerpt.moved(start, end)
            if moved is None:
                continue
            start, end = moved
        if units is not None:
            last = len(units) - 1
            start, end = units[min(start, last)], units[min(end, last)]
        flat += (at.place, start, end)
    return None if spans and not flat else flat
