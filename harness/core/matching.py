"""Which entities of two sides are the same, when their references hang on each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from harness.core.assignment import assign
from harness.core.fields import EXPECTED
from harness.core.likeness import STEPS, Collection, candidates, value_at
from harness.core.links import Link
from harness.core.values import Json, is_blank

ROUNDS: Final = 8
"""How often a matching is begun again without the pairs whose references came to nothing."""


class Matching:
    """The matching of all collections of one scope."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self.collections = collections
        self.candidates = {key: candidates(c) for key, c in collections.items()}
        """Pairs that agree in everything but references, and how alike they are, in steps."""
        self.pairs: dict[str, dict[int, int]] = {key: {} for key in collections}
        self.partners: dict[str, dict[int, int]] = {key: {} for key in collections}
        """The same the other way round."""

    def settle(self) -> None:
        """Match until nothing is left to match, and every reference of a pair is matched itself."""
        for _ in range(ROUNDS):
            while self._settle_certain() or self._settle_best():
                pass
            broken = self._drop_broken()
            if not broken:
                return
            for key, pair in broken:
                self.candidates[key].pop(pair, None)
            for key in self.collections:
                self.pairs[key], self.partners[key] = {}, {}
        while self._settle_certain() or self._settle_best():
            pass
        self._drop_broken()

    def _allowed(self, key: str) -> dict[tuple[int, int], int]:
        """Return the open candidates whose references do not contradict what is settled.

        Each is worth its likeness, and one more for every settled pair that refers to both.
        """
        pairs, partners = self.pairs[key], self.partners[key]
        left, right = self._referrers(key)
        none: set[Referrer] = set()
        return {
            (i, j): worth + STEPS * len(left.get(i, none) & right.get(j, none))
            for (i, j), worth in self.candidates[key].items()
            if i not in pairs and j not in partners and self._agree(key, i, j) is not None
        }

    def _referrers(self, key: str) -> tuple[Referrers, Referrers]:
        """Return which settled pairs refer to each entity of a collection, on either side."""
        found: tuple[dict[int, set[Referrer]], dict[int, set[Referrer]]] = {}, {}
        for other, pairs in self.pairs.items():
            collection = self.collections[other]
            for name in (n for n in collection.references() if collection.targets[n] == key):
                end = "" if name in (collection.rule.unordered or ()) else name
                for i, j in pairs.items():
                    ids = _ids(value_at(collection.expected[i], name))
                    others = _ids(value_at(collection.predicted[j], name))
                    if not ids or not others:
                        continue
                    for side, named in enumerate((ids, others)):
                        for known in map(self.collections[key].ids[side].get, named):
                            if known is not None:
                                found[side].setdefault(known, set()).add((other, i, end))
        return found

    def _settle_certain(self) -> bool:
        """Settle the pairs that are each other's only candidate."""
        found = False
        for key in self.collections:
            allowed = self._allowed(key)
            rows: dict[int, int] = {}
            columns: dict[int, int] = {}
            for i, j in allowed:
                rows[i] = rows.get(i, 0) + 1
                columns[j] = columns.get(j, 0) + 1
            for i, j in allowed:
                if rows[i] == 1 and columns[j] == 1:
                    self._settle_pair(key, i, j)
                    found = True
        return found

    def _settle_best(self) -> bool:
        """Settle the best assignment of the first collection that still has candidates."""
        for key in self._order():
            allowed = self._allowed(key)
            if not allowed:
                continue
            more = 1 + sum(allowed.values())
            edges: dict[int, list[tuple[int, int]]] = {}
            for (i, j), worth in sorted(allowed.items()):
                edges.setdefault(i, []).append((j, more + worth))
            for i, j in assign(edges).items():
                self._settle_pair(key, i, j)
            return True
        return False

    def _settle_pair(self, key: str, i: int, j: int) -> None:
        self.pairs[key][i] = j
        self.partners[key][j] = i

    def _order(self) -> list[str]:
        """Return the collections, those first that refer to nothing that is still open."""
        order: list[str] = []
        waiting = list(self.collections)
        while waiting:
            ready = [key for key in waiting if self._needs(key) <= {*order, key}] or waiting[:1]
            order.append(ready[0])
            waiting.remove(ready[0])
        return order

    def _needs(self, key: str) -> set[str]:
        return self.collections.keys() & self.collections[key].targets.values()

    def _drop_broken(self) -> list[tuple[str, tuple[int, int]]]:
        """Take out pairs with a reference that stayed unmatched, and those that hung on them."""
        dropped: list[tuple[str, tuple[int, int]]] = []
        while True:
            broken = [
                (key, (i, j))
                for key, pairs in self.pairs.items()
                for i, j in pairs.items()
                if self._agree(key, i, j, final=True) is None
            ]
            if not broken:
                return dropped
            dropped.extend(broken)
            for key, (i, j) in broken:
                del self.pairs[key][i], self.partners[key][j]

    def _agree(self, key: str, i: int, j: int, *, final: bool = False) -> bool | None:
        """Tell whether a pair's references agree: as they stand (False), or swapped (True).

        None if they do not. What is still open agrees unless `final`.
        """
        collection = self.collections[key]
        one, other = collection.expected[i], collection.predicted[j]
        names = collection.references()
        ends = collection.rule.unordered or ()
        straight = all(self._refer_alike(collection, n, (one, n), (other, n), final) for n in names)
        if straight:
            return False
        if len(ends) != 2:  # noqa: PLR2004  # two ends
            return None
        swap = {ends[0]: ends[1], ends[1]: ends[0]}
        crossed = all(
            self._refer_alike(collection, n, (one, n), (other, swap.get(n, n)), final)
            for n in names
        )
        return True if crossed else None

    def _refer_alike(
        self,
        collection: Collection,
        name: str,
        one: tuple[Json, str],
        other: tuple[Json, str],
        final: bool,  # noqa: FBT001  # passed on
    ) -> bool:
        """Tell whether the references of one criterion agree in both items."""
        target = collection.targets[name]
        left = _ids(value_at(*one))
        right = _ids(value_at(*other))
        if not left or not right:
            return collection.may_be_unknown(name, "reference") or left == right
        if target not in self.collections or len(left) != len(right):
            return False
        open_right = list(right)
        for reference in left:
            found = next((r for r in open_right if self._same(target, reference, r, final)), None)
            if found is None:
                return False
            open_right.remove(found)
        return True

    def _same(self, target: str, one: str, other: str, final: bool) -> bool:  # noqa: FBT001
        collection = self.collections[target]
        i, j = collection.ids[0].get(one), collection.ids[1].get(other)
        if i is None or j is None:
            return False
        settled = self.pairs[target].get(i)
        if settled is not None or final or j in self.partners[target]:
            return settled == j
        return (i, j) in self.candidates[target]

    def oriented(self, key: str) -> Json:
        """Return a predicted list with the ends of unordered pairs as the truth has them."""
        collection = self.collections[key]
        ends = collection.rule.unordered or ()
        items = list(collection.predicted)
        for i, j in self.pairs[key].items():
            item = items[j]
            if self._agree(key, i, j, final=True) and isinstance(item, dict):
                items[j] = {**item, ends[0]: item.get(ends[1]), ends[1]: item.get(ends[0])}
        return items

    def link(self, target: str, value: Json, side: int) -> Link:
        """Return what stands for a reference: the same text on both sides for matched entities."""
        collection = self.collections[target]
        index = collection.ids[side].get(str(value))
        if index is None:
            return Link.to(f"{target} {side} ?{value}", value)
        if side == EXPECTED:
            matched = index in self.pairs[target]
            return Link.to(f"{target} {index}" if matched else f"{target} 0 {index}", value)
        partner = self.partners[target].get(index)
        return Link.to(f"{target} 1 {index}" if partner is None else f"{target} {partner}", value)


Referrer: TypeAlias = tuple[str, int, str]
"""Collection and expected index of a settled pair, and the criterion by which it refers."""
Referrers: TypeAlias = Mapping[int, set[Referrer]]


def _ids(value: Json) -> list[str]:
    """Return the ids a reference, or a list of references, names."""
    several = value if isinstance(value, list) else [value]
    return [str(one) for one in several if not is_blank(one)]
