"""Places in a document as JavaScript counts them: UTF-16 units, not characters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.core.records import Document
from harness.report.embedded.unit_offsets import UnitOffsets


class DocumentOffsets:
    """Places of all documents of a case."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._numbers = {document.name: number for number, document in enumerate(documents)}
        self._documents = documents
        self._offsets: dict[int, UnitOffsets] = {}

    def _of(self, number: int) -> UnitOffsets:
        if number not in self._offsets:
            self._offsets[number] = UnitOffsets(self._documents[number].text)
        return self._offsets[number]

    def flat(self, places: Iterable[tuple[str, int, int]]) -> list[int]:
        """Return document, start, end, document, start, end …, as the report's pages have them.

        A place is a document's name, start and end in characters.
        """
        offsets: list[int] = []
        for name, start, end in places:
            number = self._numbers.get(name)
            if number is not None:
                of = self._of(number)
                offsets += (number, of.units(start), of.units(end))
        return offsets

    def passage(self, number: int, start: int, end: int) -> tuple[str, int, int] | None:
        """Return name, start and end in characters; None where there is no such document."""
        if not 0 <= number < len(self._documents):
            return None
        of = self._of(number)
        return self._documents[number].name, of.characters(start), of.characters(end)
