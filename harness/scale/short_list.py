"""A list that stays short: the first few of something, and how many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

MOST: Final = 50
"""How many are kept."""

Entry = TypeVar("Entry", bound="tuple[str | int, ...]")


@dataclass(frozen=True, slots=True)
class Listed(Generic[Entry]):
    """The smallest entries in their order, and the number of all. A commutative monoid under `+`.

    >>> Listed.of([(3, "c"), (1, "a")]) + Listed.of([(2, "b")])
    Listed(first=((1, 'a'), (2, 'b'), (3, 'c')), count=3)
    """

    first: tuple[Entry, ...] = ()
    count: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Listed[Entry]:
        """Return the list of some entries."""
        every = sorted(entries)
        return Listed(tuple(every[:MOST]), len(every))

    def __add__(self, other: Listed[Entry]) -> Listed[Entry]:
        if not other.count:
            return self
        both = sorted((*self.first, *other.first))
        return Listed(tuple(both[:MOST]), self.count + other.count)

    @property
    def left_out(self) -> int:
        """How many are counted but not listed."""
        return self.count - len(self.first)
