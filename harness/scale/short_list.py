"""A list that stays short: the first few of something, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

MOST_LISTED: Final = 50
"""How many are kept."""

ListEntry = TypeVar("ListEntry", bound="tuple[str | int, ...]")


@dataclass(frozen=True, slots=True)
class ShortList(Generic[ListEntry]):
    """The smallest entries in their order, and the number of all. A commutative monoid under `+`.

    >>> ShortList.of([(3, "c"), (1, "a")]) + ShortList.of([(2, "b")])
    ShortList(first=((1, 'a'), (2, 'b'), (3, 'c')), count=3)
    """

    first: tuple[ListEntry, ...] = ()
    count: int = 0

    @classmethod
    def of(cls, entries: Iterable[ListEntry]) -> ShortList[ListEntry]:
        """Return the list of some entries."""
        every = sorted(entries)
        return ShortList(tuple(every[:MOST_LISTED]), len(every))

    def __add__(self, other: ShortList[ListEntry]) -> ShortList[ListEntry]:
        if not other.count:
            return self
        both = sorted((*self.first, *other.first))
        return ShortList(tuple(both[:MOST_LISTED]), self.count + other.count)

    @property
    def left_out(self) -> int:
        """Number that is counted but not listed."""
        return self.count - len(self.first)
