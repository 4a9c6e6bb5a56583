"""Candidate pairs of two lists, and the weight of each for the assignment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from math import prod
from typing import Final

from harness.core.alignment.agreements import (
    FEW_PAIRS,
    PAIR_BUDGET,
    Agreement,
    AgreementCounts,
    Agreements,
    ItemOrders,
    agreements,
    consult,
    tally,
)
from harness.core.alignment.assignment import tight
from harness.core.alignment.columns import ScalarColumn, columns_of, row_columns, rows_of
from harness.core.alignment.equal_items import equal_pairs, signature
from harness.core.alignment.nested_cells import (
    NESTING,
    NestedEntry,
    cell_kinds,
    listed_texts,
    misfits,
    nested_cells,
    scalar_columns,
    wrapped_cells,
)
from harness.core.alignment.pair_worth import WORTH_STEPS, Worth, is_told, worth_of, worth_of_cells
from harness.core.fields.field import EXPECTED, PREDICTED, ItemCells, List, count_leaves
from harness.core.fields.verdict_ledger import Ledger
from harness.core.values import Json

PEEL_FROM: Final = 1024
"""Pairs of items from which setting equal items aside first is worth its while."""

RARE_FROM: Final = 1024
"""Pairs of items from which counting rare values first is worth its while."""

WORTH_A_ROUND: Final = 4
"""One in so many of the open items has to be paired by rare values for another round of them."""

NEST_BUDGET: Final = 20_000
"""How many pairs of items are aligned in their nested lists to be weighed; others keep bounds."""

TIE_BUDGET: Final = 50_000
"""How many pairs are judged whole to decide between pairings with as many right leaves."""

MISFIT_BUDGET: Final = 400_000
"""How many pairs of items that hold a place in several shapes are bounded."""

CLOSE_BUDGET: Final = 250_000
"""How many pairs with nothing equal are weighed where a rule lets similarity make a pair."""

ItemPair = tuple[int, int]


class Pairing:
    """The pairs still open between the items of two lists."""

    def __init__(
        self,
        field: List,
        expected: Sequence[Json],
        predicted: Sequence[Json],
        ledger: Ledger,
        settled: Collection[ItemPair] = (),
    ) -> None:
        self.field = field
        self.values = expected, predicted
        self.ledger = ledger
        self.width = len(predicted)
        self.left = rows_of(field.item, expected, EXPECTED, {i for i, _ in settled})
        """Open expected items; those without a cell are never paired."""
        self.right = rows_of(field.item, predicted, PREDICTED, {j for _, j in settled})
        sizes = (len(rows) + len(settled) for rows in (self.left, self.right))
        self._is_long = prod(sizes) >= PEEL_FROM
        self._nests = not NESTING.isdisjoint(cell_kinds(self.left) | cell_kinds(self.right))
        self.unit = 1 + sum(map(len, self.left.values()))
        if self._nests:
            self.unit += sum(map(_leaves_in_lists, self.left.values()))
        """More than any pairing has expected leaves."""
        self.counts: AgreementCounts = {}
        """Open pairs that have a right leaf, by row and column: correct x unit + lenient."""
        self._bounds: set[ItemPair] = set()
        """Those of them whose count is no less than their worth, and not yet weighed."""
        self._misfits: dict[ItemPair, int] = {}
        """Pairs that hold a place in several shapes, and the most that this may have right."""
        self._worths: dict[ItemPair, Worth] = {}
        self._budget = NEST_BUDGET
        self._share = PAIR_BUDGET
        """How many agreeing pairs of cells are counted in full."""
        self._found = Agreements()
        self._columns: list[ScalarColumn] = []
        self._is_peeled = False
        self._is_exact = True

    def peel(self, *, tolerant: bool = False) -> list[ItemPair]:
        """Pair items whose every cell reads the same, nested lists included, first with first.

        Some optimal pairing does so: exchanging partners with an equal item costs nothing.
        """
        if not self._is_long:
            return []
        pairs = equal_pairs(self.left.items(), [*self.right.items()], tolerant=tolerant)
        self._settle(pairs)
        return pairs

    def ends(self) -> list[ItemPair]:
        """Pair equal items at the beginning and at the end, which no order forbids."""
        pairs: list[ItemPair] = []
        for step in (1, -1):
            for i, j in zip([*self.left][::step], [*self.right][::step], strict=False):
                one = signature(self.left[i], EXPECTED, tolerant=True)
                if one is None or one != signature(self.right[j], PREDICTED, tolerant=True):
                    break
                pairs.append((i, j))
                self._settle([(i, j)])
        return pairs

    def _settle(self, pairs: Iterable[ItemPair]) -> None:
        for i, j in pairs:
            del self.left[i], self.right[j]

    def dominant(self) -> list[ItemPair]:
        """Pair items worth more to each other than any other partners of both: beyond doubt.

        Rare values are counted first. Where values are too common to be counted, those left over
        are counted again among themselves; past the budgets equal items are set aside even where a
        tolerance is declared.
        """
        pairs: list[ItemPair] = []
        if len(self.left) * len(self.right) >= RARE_FROM:
            self._share = FEW_PAIRS * (len(self.left) + len(self.right))
        while self.left and self.right:
            self.count()
            open_items = len(self.left)
            dominant = self._settle_dominant()
            pairs.extend(dominant)
            if not self._is_short() or not self.left or not self.right:
                break
            if len(dominant) * WORTH_A_ROUND < open_items and self._share < PAIR_BUDGET:
                self._share = PAIR_BUDGET
                continue
            if not dominant and not self._is_peeled and (self._found.common or self._budget <= 0):
                self._is_peeled = True
                dominant = self.peel(tolerant=True)
                pairs.extend(dominant)
                self._is_exact = self._is_exact and not (dominant and self.left and self.right)
                self._budget = NEST_BUDGET
            if not dominant:
                break
        if not self.left or not self.right:
            self.counts = {}
            return pairs
        self._widen()
        if self.field.rule.threshold is None:
            self._tighten()
            pairs.extend(self._settle_lone())
        return pairs

    def _settle_lone(self) -> list[ItemPair]:
        """Settle the pairs of which neither item has another candidate, without weighing them."""
        rivals = Counter(j for row in self.counts.values() for j in row)
        lone = [
            (i, j)
            for i, row in self.counts.items()
            if i in self.left and len(row) == 1
            for j in row
            if rivals[j] == 1
        ]
        self._settle(lone)
        return lone

    def _is_short(self) -> bool:
        """Tell whether a budget did not do for the items that are open."""
        return bool(self._found.common) or not self._found.complete or self._budget <= 0

    def _settle_dominant(self) -> list[ItemPair]:
        """Settle the pairs in every best pairing, weighing as few as that takes."""
        pairs: list[ItemPair] = []
        floors = self._found.bounds()
        shared = self._found.shared_by_all(len(self.left), len(self.right))
        complete = self._found.complete
        while self.counts:
            dominant, doubtful = _dominant(self.counts, self._bounds, floors, shared)
            if doubtful and self._budget > 0:
                self._weigh(doubtful)
                continue
            if not dominant or not complete or self._budget <= 0:
                break
            pairs.extend(dominant)
            self._settle(dominant)
            self._close()
        return pairs

    def _close(self) -> None:
        """Drop the counts of items that are settled."""
        right = self.right
        self.counts = {
            i: close
            for i in self.left
            if i in self.counts
            and (close := {j: w for j, w in self.counts[i].items() if j in right})
        }

    def _weigh(self, pairs: Iterable[ItemPair]) -> None:
        """Put what pairs are worth in the place of what they are worth at most."""
        for i, j in pairs:
            self._bounds.discard((i, j))
            worth = self._worth(i, j)
            if worth.correct or worth.lenient:
                self.counts.setdefault(i, {})[j] = worth.correct * self.unit + worth.lenient
            else:
                self.counts.get(i, {}).pop(j, None)
            self._budget -= 1

    def _worth(self, i: int, j: int) -> Worth:
        known = self._worths.get((i, j))
        if known is None:
            expected, predicted = self.values[0][i], self.values[1][j]
            left, right = self.left.get(i, {}), self.right.get(j, {})
            if is_told(expected, left) and is_told(predicted, right):
                known = worth_of_cells(left, right)
            if known is None:
                known = worth_of(self.field.item, expected, predicted, self.ledger)
            self._worths[i, j] = known
        return known

    def _tighten(self) -> None:
        """Keep the pairs that a heaviest pairing may hold, once all of them are weighed."""
        while True:
            tightened = tight(self.counts)
            doubtful = self._bounds and {(i, j) for i, row in tightened.items() for j in row}
            doubtful = doubtful and doubtful & self._bounds
            if not doubtful or self._budget <= 0:
                break
            self._weigh(sorted(doubtful)[: self._budget])
        if doubtful:
            self._approximate()
        self.counts = tightened

    def _approximate(self) -> None:
        self._is_exact = False
        self.ledger.approximate.add(self.field.path.name)

    def weights(self) -> dict[int, list[tuple[int, int]]]:
        """Return what every open pair is worth as one integer, by expected item.

        The parts of a Worth become digits of one number, each in a base that no sum over a whole
        pairing can overflow: so the greatest sum is the best in every part, in order.
        """
        candidates = self._candidates() if self.left and self.right else []
        if not candidates:
            return {}
        expected, predicted = self.values
        if len(candidates) > TIE_BUDGET:
            self._approximate()
            worths = {pair: self._counted(*pair) for pair in candidates}
        else:
            worths = {pair: self._worth(*pair) for pair in candidates}
        pairs = min(len(self.left), len(self.right))
        span = max(len(expected), len(predicted))
        bases = [1 + pairs * max(worth[part] for worth in worths.values()) for part in range(5)]
        rows: dict[int, list[tuple[int, int]]] = {}
        for (i, j), worth in sorted(worths.items()):
            total = 0
            for part, base in zip(worth[:5], bases, strict=True):
                total = total * base + part
            rows.setdefault(i, []).append((j, total * (1 + pairs * span) + span - abs(i - j)))
        return rows

    def _counted(self, i: int, j: int) -> Worth:
        correct, lenient = divmod(self.counts.get(i, {}).get(j, 0), self.unit)
        return Worth(correct, lenient, correct + lenient, 0, 0, 0)

    def _is_right(self, i: int, j: int) -> bool:
        worth = self._worth(i, j)
        return bool(worth.correct or worth.lenient)

    def _candidates(self) -> list[ItemPair]:
        """Return the pairs with a right leaf, and those a rule's threshold lets in."""
        threshold = self.field.rule.threshold
        right = [(i, j) for i, row in self.counts.items() for j in row if i in self.left]
        if threshold is None:
            return right
        if len(self.left) * len(self.right) > CLOSE_BUDGET:
            self._approximate()
            return right
        strictly = self.field.rule.bound == ">"
        right = [pair for pair in right if pair not in self._bounds or self._is_right(*pair)]
        known = set(right)
        for i in self.left:
            for j in self.right:
                if (i, j) in known:
                    continue
                worth = self._worth(i, j)
                enough = threshold * WORTH_STEPS * worth.leaves
                near = worth.similarity
                if near > enough or (near == enough and near and not strictly):
                    right.append((i, j))
        return right

    def count(self) -> None:
        """Count the leaves each pair of items has right, or may have right at most."""
        wrapped: Iterable[NestedEntry] = ()
        nested: list[ScalarColumn] = []
        bags: set[object] = set()
        odd: list[ItemPair] = []
        self._misfits = {}
        if self._nests:
            lists = nested_cells(self.left, EXPECTED), nested_cells(self.right, PREDICTED)
            wrapped = wrapped_cells(self.right, scalar_columns(lists[0].plain))
            nested = columns_of(lists[0].entries, lists[1].entries)
            bags = {*(lists[0].bags & lists[1].bags)}
            if all(one.bounded for one in lists):
                listed = listed_texts(lists[0], self.right)
                self._meet_misfits(chain(misfits(*lists), listed))
            else:
                odd = self._any_pairs()
        plain = row_columns(self.left, self.right, wrapped)
        self._columns = [*plain, *nested]
        self._found = agreements((plain, nested), bags, self.unit, self._share)
        self.counts = {}
        self._bounds = tally(self._found.counted, self.counts)
        for one in self._found.common:
            self._bounds.update(consult(one, self.counts))
        if len(self._misfits) == MISFIT_BUDGET:  # those that share values may be misfits, too
            self._bounds.update((i, j) for i, row in self.counts.items() for j in row)
            self._weigh(sorted(self._bounds)[: max(0, self._budget)])
        for (i, j), most in self._misfits.items():
            row = self.counts.setdefault(i, {})
            row[j] = row.get(j, 0) + most
        self._bounds.update(self._misfits)
        self._weigh(odd)

    def _meet_misfits(self, misfits: Iterable[tuple[int, int, int]]) -> None:
        for i, j, most in misfits:
            if len(self._misfits) == MISFIT_BUDGET:
                self._approximate()
                return
            self._misfits[i, j] = self._misfits.get((i, j), 0) + most

    def _any_pairs(self) -> list[ItemPair]:
        """Return all pairs, as far as the budget goes: what counts is in no cell."""
        rows, columns = list(self.left), list(self.right)
        if len(rows) * len(columns) > self._budget:
            self._approximate()
        return [(i, j) for i in rows for j in columns[: self._budget // len(rows)]]

    def _widen(self) -> None:
        """Let neighbours be paired by values too common to be counted, where nothing else does."""
        if not self._is_exact or not self._found.complete or self._found.common:
            self._approximate()
        if not self._found.common:
            return
        orders = ItemOrders(self._columns)
        for one in self._found.common:
            for i, j in orders.neighbours(one):
                self.counts.setdefault(i, {}).setdefault(j, 0)
        counts, self.counts = self.counts, {i: dict.fromkeys(r, 0) for i, r in self.counts.items()}
        every = self._found.counted, self._found.common
        for one in (one for some in every for one in some):
            self._bounds.update(consult(one, self.counts))
        for i, row in counts.items():
            for j in row:
                if (i, j) in self._misfits:
                    self.counts[i][j] += self._misfits[i, j]
                    self._bounds.add((i, j))
                if (i, j) in self._worths:
                    worth = self._worths[i, j]
                    self.counts[i][j] = worth.correct * self.unit + worth.lenient
                    self._bounds.discard((i, j))
        self.counts = {
            i: shared
            for i, row in self.counts.items()
            if (shared := {j: w for j, w in row.items() if w})
        }

    def rest(self, pairs: Sequence[ItemPair]) -> list[ItemPair]:
        """Pair what is still alone and shares a value too common to be counted, in order."""
        if not self._found.common:
            return []
        orders = ItemOrders(self._columns)
        rows, columns = {i for i, _ in pairs}, {j for _, j in pairs}
        remaining: list[ItemPair] = []
        for one in self._found.common:
            left = orders.ranked((i for i in one.some if i in self.left and i not in rows), 0)
            right = orders.ranked(
                (j for j in one.others if j in self.right and j not in columns), 1
            )
            for i, j in zip(left, right, strict=False):
                if self._is_right(i, j):
                    remaining.append((i, j))
                    rows.add(i)
                    columns.add(j)
        return remaining

    def in_order(self) -> None:
        """Count for a pairing that keeps both orders: neighbours are those in the lists."""
        if not self.left or not self.right:
            return
        self.count()
        if self._found.common:
            place = {j: n for n, j in enumerate(self.right)}
            near = {i: n for n, i in enumerate(self.left)}
            for one in self._found.common:
                _next_to(one, near, place, self.counts)
        if self._is_short():
            self._approximate()
        self._weigh(sorted(self._bounds)[: max(0, self._budget)])
        if self._bounds:
            self._approximate()


def _leaves_in_lists(row: ItemCells) -> int:
    return sum(count_leaves(cell) for cell in row.values() if isinstance(cell, list))


def _next_to(
    one: Agreement, near: dict[int, int], place: dict[int, int], counts: AgreementCounts
) -> None:
    """Add an agreement for items that stand at about the same place in both lists."""
    at = {place[j]: j for j in one.others}
    for i in set(one.some):
        for n in range(near[i] - 8, near[i] + 9):
            if n in at:
                row = counts.setdefault(i, {})
                row.setdefault(at[n], one.worth)


def _dominant(
    counts: AgreementCounts,
    bounds: set[ItemPair],
    floors: tuple[dict[int, int], dict[int, int]],
    shared: int,
) -> tuple[list[ItemPair], list[ItemPair]]:
    """Return the pairs that are in every best pairing, and those to be weighed before that is sure.

    Each is worth more than its row's next best and its column's next best together, less what any
    two items `shared`: the two that are left over can still be paired for that. `floors` is what
    pairs that are not counted can be worth at most.
    """
    rows: list[tuple[int, int, int, int]] = []
    best: dict[int, int] = {}
    following: dict[int, int] = {}
    top: dict[int, int] = {}
    for i, row in counts.items():
        first, second, at = 0, 0, -1
        for j, weight in row.items():
            if weight > first:
                first, second, at = weight, first, j
            elif weight > second:
                second = weight
            most = best.get(j, 0)
            if weight > most:
                best[j], following[j], top[j] = weight, most, i
            elif weight > following[j]:
                following[j] = weight
        rows.append((i, at, first, max(second, floors[0].get(i, 0))))
    tops = {(i, at) for i, at, _, _ in rows} | {(i, j) for j, i in top.items()}
    doubtful = sorted(tops & bounds) if bounds else []
    if doubtful:
        return [], doubtful
    return _beyond_doubt(rows, best, following, (floors[1], shared)), []


def _beyond_doubt(
    rows: Iterable[tuple[int, int, int, int]],
    best: Mapping[int, int],
    following: Mapping[int, int],
    others: tuple[Mapping[int, int], int],
) -> list[ItemPair]:
    floor, shared = others
    certain = []
    for i, j, first, second in rows:
        third = max(following.get(j, 0), floor.get(j, 0))
        if first > max(second, third, second + third - shared) and first == best[j]:
            certain.append((i, j))
    return certain
