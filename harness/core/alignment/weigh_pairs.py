"""Which items of two lists may be paired, and what each pair is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, TypeAlias

from harness.core.alignment.assignment import tight
from harness.core.alignment.columns import LOOSE, STRICT, UPGRADE, ScalarColumn, columns_of, rows_of
from harness.core.alignment.pair_worth import STEPS, worth_of
from harness.core.fields.field import EXPECTED, PREDICTED, Column, Leaf, List, Row, count_leaves
from harness.core.fields.scalar import Loose
from harness.core.fields.verdict_ledger import Ledger
from harness.core.values import Json, is_blank

PAIR_BUDGET: Final = 400_000
"""How many agreeing pairs of cells are counted in full; columns beyond are only consulted."""

PEEL_FROM: Final = 1024
"""Pairs of items from which setting equal items aside first is worth its while."""

NEST_BUDGET: Final = 20_000
"""How many pairs of nested lists are aligned to weigh the items that hold them."""

CLOSE_BUDGET: Final = 250_000
"""How many pairs with nothing equal are weighed where a rule lets similarity make a pair."""

Counts: TypeAlias = dict[int, dict[int, int]]
Nested: TypeAlias = "dict[int, dict[Column, list[Json]]]"
"""The nested lists of the items that have any, by item and place."""


class Pairing:
    """The pairs still open between the items of two lists."""

    def __init__(self, field: List, e: Sequence[Json], p: Sequence[Json], ledger: Ledger) -> None:
        self.field = field
        self.values = e, p
        self.ledger = ledger
        self.width = len(p)
        self.left = rows_of(field.item, e, EXPECTED)
        """Open expected items; those without a cell are never paired."""
        self.right = rows_of(field.item, p, PREDICTED)
        self.lists = _with_lists(self.left), _with_lists(self.right)
        self.unit = 1 + sum(map(count_leaves, e) if self.lists[0] else map(len, self.left.values()))
        """More than any pairing has expected leaves."""
        self.counts: Counts = {}
        """Open pairs that have a right leaf, by row and column: correct x unit + lenient."""

    def peel(self) -> list[tuple[int, int]]:
        """Pair items whose every cell reads the same, first with first.

        Some optimal pairing does so: exchanging partners with an equal item costs nothing.
        """
        if len(self.left) * len(self.right) < PEEL_FROM:
            return []
        waiting: dict[object, list[int]] = {}
        for j in reversed(self.right):
            signature = _signature(self.right[j])
            if signature is not None:
                waiting.setdefault(signature, []).append(j)
        pairs = []
        for i, row in self.left.items():
            queue = waiting.get(_signature(row)) if waiting else None
            if queue:
                pairs.append((i, queue.pop()))
        self._settle(pairs)
        return pairs

    def _settle(self, pairs: Iterable[tuple[int, int]]) -> None:
        for i, j in pairs:
            del self.left[i], self.right[j]

    def dominant(self) -> list[tuple[int, int]]:
        """Pair items worth more to each other than any other partners of both: beyond doubt."""
        pairs: list[tuple[int, int]] = []
        if not self.left or not self.right:
            return pairs
        exact = self.count()
        while exact and self.left and self.right:
            found = _dominant(self.counts)
            if not found:
                break
            pairs.extend(found)
            self._settle(found)
            right = self.right
            self.counts = {
                i: kept
                for i in self.left
                if i in self.counts
                and (kept := {j: w for j, w in self.counts[i].items() if j in right})
            }
        if self.field.rule.threshold is None:
            self.counts = tight(self.counts)
        return pairs

    def weights(self) -> dict[int, list[tuple[int, int]]]:
        """Return what every open pair is worth as one integer, by expected item.

        The parts of a Worth become digits of one number, each in a base that no sum over a whole
        pairing can overflow: so the greatest sum is the best in every part, in order.
        """
        candidates = self._candidates() if self.left and self.right else []
        if not candidates:
            return {}
        e, p = self.values
        worths = {(i, j): worth_of(self.field.item, e[i], p[j], self.ledger) for i, j in candidates}
        pairs = min(len(self.left), len(self.right))
        span = max(len(e), len(p))
        bases = [1 + pairs * max(worth[part] for worth in worths.values()) for part in range(5)]
        found: dict[int, list[tuple[int, int]]] = {}
        for (i, j), worth in sorted(worths.items()):
            total = 0
            for part, base in zip(worth[:5], bases, strict=True):
                total = total * base + part
            found.setdefault(i, []).append((j, total * (1 + pairs * span) + span - abs(i - j)))
        return found

    def _candidates(self) -> list[tuple[int, int]]:
        """Return the pairs with a right leaf, and those a rule's threshold lets in."""
        threshold = self.field.rule.threshold
        right = [(i, j) for i, row in self.counts.items() for j in row if i in self.left]
        if threshold is None:
            return right
        if len(self.left) * len(self.right) > CLOSE_BUDGET:
            self.ledger.approximate.add(self.field.path.name)
            return right
        e, p = self.values
        strictly = self.field.rule.bound == ">"
        for i in self.left:
            for j in self.right.keys() - self.counts.get(i, {}).keys():
                worth = worth_of(self.field.item, e[i], p[j], self.ledger)
                enough = threshold * STEPS * worth.leaves
                near = worth.similarity
                if near > enough or (near == enough and near and not strictly):
                    right.append((i, j))
        return right

    def count(self) -> bool:
        """Count the leaves each pair of items has right; False if some columns were too common."""
        counts = self.counts = {}
        shared = columns_of(self.left, self.right)
        common: list[ScalarColumn] = []
        if len(self.left) * len(self.right) * len(shared) > PAIR_BUDGET:
            shared, common = _affordable(shared)
        for column in shared:
            self._tally(column, counts)
        for column in common:
            self._consult(column, counts)
        self._nest(counts)
        if common:
            self.ledger.approximate.add(self.field.path.name)
        return not common

    def _tally(self, column: ScalarColumn, counts: Counts) -> None:
        worth = {STRICT: self.unit, LOOSE: 1, UPGRADE: self.unit - 1}
        for some, others, kind in column.agreements():
            value = worth[kind]
            for i in some:
                row = counts.get(i)
                if row is None:
                    row = counts[i] = {}
                for j in others:
                    row[j] = row.get(j, 0) + value

    def _consult(self, column: ScalarColumn, counts: Counts) -> None:
        """Add a column too common to count in full to the pairs that others have found."""
        strict = {(j, key) for key, rows in column.strict.items() for j in rows}
        loose = {(j, key) for key, rows in column.loose.items() for j in rows}
        for key, some in column.expected.items():
            for i in some:
                row = counts.get(i, {})
                for j in row:
                    row[j] += self.unit if (j, key) in strict else int((j, key) in loose)

    def _weigh_odd(self, lefts: Nested, rights: Nested) -> set[tuple[int, int]]:
        """Weigh whole the pairs of which one item holds a list where the other has a scalar."""
        odd = [(i, j) for i in lefts for j in self.right if _at_odds(lefts[i], self.right[j])]
        odd += [(i, j) for j in rights for i in self.left if _at_odds(rights[j], self.left[i])]
        e, p = self.values
        for i, j in odd[:NEST_BUDGET]:
            worth = worth_of(self.field.item, e[i], p[j], self.ledger)
            if worth.correct or worth.lenient:
                self.counts.setdefault(i, {})[j] = worth.correct * self.unit + worth.lenient
        return set(odd[:NEST_BUDGET])

    def _nest(self, counts: Counts) -> None:
        """Add what the nested lists of two items have right when they are aligned themselves."""
        lefts = {i: lists for i, lists in self.lists[0].items() if i in self.left}
        rights = {j: lists for j, lists in self.lists[1].items() if j in self.right}
        whole = self._weigh_odd(lefts, rights)
        if not lefts or not rights:
            return
        every: Iterable[tuple[int, int]] = ((i, j) for i in lefts for j in rights)
        if len(lefts) * len(rights) > NEST_BUDGET:
            self.ledger.approximate.add(self.field.path.name)
            found = ((i, j) for i, row in counts.items() for j in row)
            every = list(islice(found, NEST_BUDGET))
        for i, j in every:
            if (i, j) in whole:
                continue
            right = rights.get(j, {})
            for place, values in lefts.get(i, {}).items():
                others = right.get(place)
                if others is not None:
                    field = place[0] if isinstance(place, tuple) else place
                    worth = worth_of(field, values, others, self.ledger)
                    if worth.correct or worth.lenient:
                        row = counts.setdefault(i, {})
                        row[j] = row.get(j, 0) + worth.correct * self.unit + worth.lenient


def _affordable(columns: list[ScalarColumn]) -> tuple[list[ScalarColumn], list[ScalarColumn]]:
    """Part columns into those whose agreements can be counted in full, and those too common."""
    spent = 0
    shared: list[ScalarColumn] = []
    common: list[ScalarColumn] = []
    for cost, _, column in sorted((c.cost(), n, c) for n, c in enumerate(columns)):
        spent += cost
        (shared if spent <= PAIR_BUDGET else common).append(column)
    return shared, common


def _signature(row: Row) -> object:
    """Return what equal items share; None where a cell is a list or in a wrong format.

    None also where a tolerance is declared: what is near one value may be far from its equals.
    """
    for place, cell in row.items():
        if isinstance(cell, (list, Loose)):
            return None
        leaf = place[0] if isinstance(place, tuple) else place
        if isinstance(leaf, Leaf) and leaf.scalar.is_tolerant:
            return None
    return frozenset(row.items())


def _at_odds(lists: Mapping[Column, Sequence[Json]], row: Row) -> bool:
    """Tell whether one of these lists holds one value and the other row has no list there."""
    return any(
        place not in row and sum(not is_blank(value) for value in values) == 1
        for place, values in lists.items()
    )


def _with_lists(rows: Mapping[int, Row]) -> Nested:
    """Return the nested lists of the rows that have any."""
    return {
        index: {place: cell for place, cell in row.items() if isinstance(cell, list)}
        for index, row in rows.items()
        if list in map(type, row.values())
    }


def _dominant(counts: Counts) -> list[tuple[int, int]]:
    """Return the pairs that are in every best pairing.

    Each is worth more than its row's next best and its column's next best together.
    """
    rows: list[tuple[int, int, int, int]] = []
    best: dict[int, int] = {}
    following: dict[int, int] = {}
    for i, row in counts.items():
        first, second, at = 0, 0, -1
        for j, weight in row.items():
            if weight > first:
                first, second, at = weight, first, j
            elif weight > second:
                second = weight
            top = best.get(j, 0)
            if weight > top:
                best[j], following[j] = weight, top
            elif weight > following[j]:
                following[j] = weight
        rows.append((i, at, first, second))
    return [
        (i, j) for i, j, first, second in rows if first == best[j] and first > second + following[j]
    ]
