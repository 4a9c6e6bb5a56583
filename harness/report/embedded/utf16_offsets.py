"""UTF-16 offsets: places in a text as JavaScript counts them, in units and not in characters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from harness.core.records import Document

_LAST_BMP: Final = "\uffff"


class UnitOffsets:
    r"""UTF-16 offsets of one text, from characters to units and back.

    >>> some = UnitOffsets("a\U0001f600b")
    >>> some.units(2), some.characters(3), UnitOffsets("abc").units(2)
    (3, 2, 2)
    """

    __slots__ = ("_size", "_units")

    def __init__(self, text: str) -> None:
        wide = not text.isascii() and max(text, default="") > _LAST_BMP
        counted = accumulate((1 + (c > _LAST_BMP) for c in text), initial=0)
        self._units = list(counted) if wide else None
        self._size = len(text)

    def units(self, character: int) -> int:
        """Return the UTF-16 offset of a character."""
        at = min(max(character, 0), self._size)
        return at if self._units is None else self._units[at]

    def characters(self, unit: int) -> int:
        """Return the character at a UTF-16 offset."""
        if self._units is None:
            return min(max(unit, 0), self._size)
        return min(bisect_left(self._units, unit), self._size)


class DocumentOffsets:
    """UTF-16 offsets of places in all documents of a case, and back."""

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
