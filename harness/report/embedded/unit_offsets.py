"""Places in a text as JavaScript counts them: UTF-16 units, not characters."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import Final

_LAST_BMP: Final = "\uffff"


class UnitOffsets:
    r"""Places of one text, from characters to UTF-16 units and back.

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
