"""Agreements of list items: cells with equal values, counted in full unless they are too common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from harness.core.alignment.columns import LOOSE, STRICT, UPGRADE, ColumnRows, ScalarColumn

PAIR_BUDGET: Final = 400_000
"""How many agreeing pairs of cells are counted in full; more common values are consulted only."""

COMPARISONS: Final = 1_000_000
"""How many pairs of different keys are compared one by one where a tolerance is declared."""

FEW_PAIRS: Final = 8
"""How many agreeing pairs of cells are counted for each item to begin with: rare values settle most
pairs, and the common ones are counted among the items that are left."""

NEAREST: Final = 8
"""How many keys a key is compared with, on either side in each order, where that is too many."""

WINDOW: Final = 4
"""How many neighbours in order an item may be paired with by values too common to be counted."""

ORDERS: Final = 3
"""By how many columns items are put in order."""

AgreementCounts: TypeAlias = dict[int, dict[int, int]]


class Agreement(NamedTuple):
    """Expected items and predicted items that all agree in one column."""

    some: ColumnRows
    others: ColumnRows
    worth: int
    is_bag: bool
    """True where an item may have several cells in the column."""
    is_bound: bool
    """True where agreeing cells are no more than what two nested lists may have right."""

    def size(self) -> int:
        """Return how many pairs agree."""
        return len(self.some) * len(self.others)


@dataclass(slots=True)
class Agreements:
    """All agreements of two lists' items."""

    counted: list[Agreement] = field(default_factory=list)
    common: list[Agreement] = field(default_factory=list)
    """Values that too many items share: they are counted for pairs that others have found."""
    complete: bool = True
    """False where not all keys were compared with each other."""

    def bounds(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return, by side and item, the most that a pair found by nothing else can be worth."""
        bounds: tuple[dict[int, int], dict[int, int]] = {}, {}
        for one in self.common:
            for side, rows in zip(bounds, (one.some, one.others), strict=True):
                for index in rows:
                    side[index] = side.get(index, 0) + one.worth
        return bounds

    def shared_by_all(self, rows: int, columns: int) -> int:
        """Return what every pair of items is worth, whoever is paired with whom."""
        return sum(
            worth
            for known in (self.counted, self.common)
            for some, others, worth, is_bag, _ in known
            if len(some) == rows and len(others) == columns and not is_bag
        )


def agreements(
    columns: tuple[Sequence[ScalarColumn], Sequence[ScalarColumn]],
    bags: set[object],
    unit: int,
    budget: int = PAIR_BUDGET,
) -> Agreements:
    """Return which items agree in which values, the commonest set apart past the budget of pairs.

    `columns` are those in no nested list, and those in one. `unit` is what a correct leaf is worth;
    one that is right only once read leniently is worth 1.
    """
    plain, nested = columns
    worth = {STRICT: unit, LOOSE: 1, UPGRADE: unit - 1}
    result = Agreements()
    left = COMPARISONS
    groups: list[Agreement] = []
    spent = 0
    for is_bag, each in ((False, plain), (True, nested)):
        for column in each:
            cost = column.comparisons()
            nearest = None if cost <= left else NEAREST
            left -= cost if nearest is None else 0
            result.complete = result.complete and nearest is None
            exact = column.place in bags and column.leaf.scalar.same_keys is None
            is_bound = is_bag and not (exact and not column.loose)
            for some, others, kind in column.agreements(nearest=nearest):
                spent += len(some) * len(others)
                groups.append(Agreement(some, others, worth[kind], is_bag, is_bound))
    if spent <= budget:
        result.counted = groups
        return result
    groups.sort(key=Agreement.size)
    spent = 0
    for one in groups:
        spent += one.size()
        (result.counted if spent <= budget else result.common).append(one)
    return result


def tally(counted: Iterable[Agreement], counts: AgreementCounts) -> set[tuple[int, int]]:
    """Add agreements to the counts of their pairs; return the pairs whose worth they only bound."""
    bounded: set[tuple[int, int]] = set()
    for some, others, worth, is_bag, is_bound in counted:
        if not is_bag:
            for i in some:
                row = counts.get(i)
                if row is None:
                    row = counts[i] = {}
                for j in others:
                    row[j] = row.get(j, 0) + worth
            continue
        left, right = Counter(some), Counter(others)
        for i, n in left.items():
            row = counts.setdefault(i, {})
            for j, m in right.items():
                row[j] = row.get(j, 0) + worth * min(n, m)
        if is_bound:
            bounded.update((i, j) for i in left for j in right)
    return bounded


def consult(one: Agreement, counts: AgreementCounts) -> Iterator[tuple[int, int]]:
    """Add an agreement to the pairs that are counted already, and yield those it only bounds."""
    left, right = Counter(one.some), Counter(one.others)
    for i, n in left.items():
        row = counts.get(i, {})
        for j in [j for j in row if j in right]:
            row[j] += one.worth * (min(n, right[j]) if one.is_bag else 1)
            if one.is_bound:
                yield i, j


class ItemOrders:
    """Items of both sides put in order by what they hold, so that likely pairs are neighbours.

    Their order in the lists has no part in it: two lists in any order give the same pairs.
    """

    __slots__ = ("_keys",)

    def __init__(self, columns: Iterable[ScalarColumn]) -> None:
        by_choice = sorted(columns, key=lambda column: -len(column.expected))
        texts: tuple[dict[int, dict[int, str]], dict[int, dict[int, str]]] = {}, {}
        for number, column in enumerate(by_choice):
            for side, cells in enumerate((column.expected, column.strict, column.loose)):
                for key, rows in cells.items():
                    for index in rows:
                        mine = texts[min(side, 1)].setdefault(index, {})
                        mine[number] = min(mine.get(number, repr(key)), repr(key))
        self._keys = [
            tuple(
                {i: tuple(mine.get(n, "") for n in turn) for i, mine in side.items()}
                for side in texts
            )
            for turn in _turns(len(by_choice))
        ]
        """By order and side, what an item is sorted by."""

    def neighbours(self, one: Agreement) -> Iterator[tuple[int, int]]:
        """Yield the pairs of an agreement that stand next to each other in one of the orders."""
        for n in range(len(self._keys)):
            left, right = self.ranked(one.some, 0, n), self.ranked(one.others, 1, n)
            places = {j: at for at, j in enumerate(right)}
            merged = sorted(
                [(self._key(n, 0, i), 0, i) for i in left]
                + [(self._key(n, 1, j), 1, j) for j in right]
            )
            at = 0
            for rank, (_, side, index) in enumerate(merged):
                if side:
                    at = places[index] + 1
                    continue
                same = rank - at
                near = {*range(at - WINDOW, at + WINDOW), same}
                yield from ((index, right[m]) for m in near if 0 <= m < len(right))

    def ranked(self, rows: Iterable[int], side: int, order: int = 0) -> list[int]:
        """Return items in an order."""
        return sorted(set(rows), key=lambda index: (self._key(order, side, index), index))

    def _key(self, order: int, side: int, index: int) -> tuple[str, ...]:
        return self._keys[order][side].get(index, ()) if self._keys else ()


def _turns(columns: int) -> list[list[int]]:
    """Return column orders that begin with each of the first few columns in turn."""
    every = list(range(columns))
    return [[n, *every[:n], *every[n + 1 :]] for n in every[:ORDERS]]
