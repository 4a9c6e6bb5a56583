"""Joint pairs of all collections: who is settled, whose references agree, and links for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import product
from typing import Final

from harness.core.entities.collection import Collection, EntityPair, id_text
from harness.core.entities.entity_weights import EntityWeights
from harness.core.entities.reference_graph import NOBODY, Graph, ReferenceColumn, each_finds_one
from harness.core.entities.reference_ids import Link
from harness.core.fields.field import EXPECTED, PREDICTED
from harness.core.values import Json, is_blank, value_at

_FEW: Final = 8
"""Of as many as these, it is not looked up who may agree."""


class JointPairs:
    """The pairs of all collections that are settled, and those that are still open."""

    def __init__(
        self, collections: Mapping[str, Collection], graph: Graph, weights: EntityWeights
    ) -> None:
        self.collections = collections
        self._graph = graph
        self._weights = weights
        self.open: dict[str, dict[EntityPair, int]] = {}
        """The candidates that nothing settled so far contradicts."""
        self.pairs: dict[str, dict[int, int]] = {key: {} for key in collections}
        self.partners: dict[str, dict[int, int]] = {key: {} for key in collections}
        """The same the other way round."""
        self._silent_ones: dict[tuple[str, int, str], AbstractSet[int]] = {}
        """By collection, side and reference, who names nobody there; found when asked for."""
        self._referring = {
            key: [k for k in collections if key in self.targets(k)] for key in collections
        }
        """By collection, those whose criteria refer to it."""

    def begin(self) -> None:
        """Open all candidates, with nothing settled."""
        for key in self.collections:
            self.pairs[key], self.partners[key] = {}, {}
            self.open[key] = dict(self._weights.candidates[key])

    def found(self, key: str) -> list[tuple[int, int]]:
        """Return the pairs of a collection, by their places in both lists."""
        return sorted(self.pairs[key].items())

    def take(self, mirrored: JointPairs) -> None:
        """Take over the pairs that were found from the other side."""
        self.pairs = mirrored.partners
        self.partners = mirrored.pairs

    def settle_pair(self, key: str, i: int, j: int) -> None:
        """Let two entities be one."""
        self.pairs[key][i] = j
        self.partners[key][j] = i

    def narrow(self) -> bool:
        """Close what contradicts the settled pairs or leads to nothing; tell if any are left."""
        for key, some in self.open.items():
            pairs, partners = self.pairs[key], self.partners[key]
            self.open[key] = {
                pair: worth
                for pair, worth in some.items()
                if pair[0] not in pairs and pair[1] not in partners
            }
        doubtful = {
            key: list(some) for key, some in self.open.items() if self._graph.references[key]
        }
        while doubtful:
            key, unsure = doubtful.popitem()
            closed = [pair for pair in unsure if self.agree(key, *pair) is None]
            for pair in closed:
                del self.open[key][pair]
            for referring in self._referring[key] if closed else ():
                known = doubtful.get(referring, ())
                more = self._leading_to(key, closed, referring)
                doubtful[referring] = [*dict.fromkeys((*known, *more))]
        return any(self.open.values())

    def _leading_to(
        self, key: str, closed: Sequence[EntityPair], referring: str
    ) -> Iterable[EntityPair]:
        """Return the open pairs of a collection that refer to any of those that were closed."""
        some = self.open[referring]
        left, right = (
            self._graph.referrers(referring, side, key) for side in (EXPECTED, PREDICTED)
        )
        ends = [(left.get(i, ()), right.get(j, ())) for i, j in closed]
        if sum(len(one) * len(other) for one, other in ends) > len(some):
            return list(some)
        return [pair for one, other in ends for pair in product(one, other) if pair in some]

    def drop_broken(self) -> list[tuple[str, EntityPair]]:
        """Take out pairs with a reference that stayed unmatched, and those that hung on them.

        Returns the former only: the others may do well without them.
        """
        first: list[tuple[str, EntityPair]] | None = None
        while True:
            broken = [
                (key, (i, j))
                for key, pairs in self.pairs.items()
                for i, j in pairs.items()
                if self.agree(key, i, j, final=True) is None
            ]
            first = broken if first is None else first
            if not broken:
                return first
            for key, (i, j) in broken:
                del self.pairs[key][i], self.partners[key][j]

    def agree(self, key: str, i: int, j: int, *, final: bool = False) -> bool | None:
        """Tell whether a pair's references agree: as they stand (False), or swapped (True).

        None if they do not. What is still open agrees unless `final`.
        """
        collection = self.collections[key]
        columns = self._graph.references[key]
        ends = collection.rule.unordered or ()
        if final and collection.inner.targets and not self._hold_alike(collection, i, j):
            return None
        for one in columns.values():
            if not self._refer_alike(one, one.sides[0][i], one.sides[1][j], final):
                break
        else:
            return False
        if len(ends) != 2:  # noqa: PLR2004  # two ends
            return None
        swap = {ends[0]: ends[1], ends[1]: ends[0]}
        for name, one in columns.items():
            other = columns.get(swap.get(name, name))
            right = () if other is None else other.sides[1][j]
            if not self._refer_alike(one, one.sides[0][i], right, final):
                return None
        return True

    def fitting(self, key: str, side: int, n: int, some: Sequence[int]) -> Sequence[int]:
        """Return who of some on the other side may agree with an entity as pairs stand now.

        None is left out that agrees: they refer to the partner of whom it refers to, or to nobody.
        """
        if len(some) < _FEW:
            return some
        known = (self.pairs, self.partners)[side]
        for column in self._graph.references[key].values():
            if column.is_inner or not column.sides[side][n]:
                continue
            partner = known.get(column.target, {}).get(column.sides[side][n][0])
            referring = self._graph.referrers(key, 1 - side, column.target)
            near = {*(() if partner is None else referring.get(partner, ()))}
            if column.is_open:
                near |= self._silent(key, 1 - side, column)
            return [one for one in some if one in near]
        return some

    def _silent(self, key: str, side: int, column: ReferenceColumn) -> AbstractSet[int]:
        """Return the entities of a side that name nobody there, or at the other of two ends."""
        known = self._silent_ones.get((key, side, column.name))
        if known is None:
            ends = self.collections[key].rule.unordered or ()
            columns = self._graph.references[key]
            both = [columns[end] for end in ends if end in columns and column.name in ends]
            known = {
                n for one in both or [column] for n, ids in enumerate(one.sides[side]) if not ids
            }
            self._silent_ones[key, side, column.name] = known
        return known

    def _hold_alike(self, collection: Collection, i: int, j: int) -> bool:
        """Tell whether the containers of a pair agree once the references inside are resolved."""
        linked = collection.inner.linked
        for name in {*collection.inner.criteria.values()}:
            one, other = (
                value_at(collection.expected[i], name),
                value_at(collection.predicted[j], name),
            )
            if is_blank(one) or is_blank(other):
                continue
            sides = (
                linked(name, one, EXPECTED, self.link),
                linked(name, other, PREDICTED, self.link),
            )
            if not collection.calls_alike(name, *sides):
                return False
        return True

    def _refer_alike(
        self,
        column: ReferenceColumn,
        left: tuple[int, ...],
        right: tuple[int, ...],
        final: bool,  # noqa: FBT001  # passed on
    ) -> bool:
        """Tell whether the references of one criterion agree in both entities."""
        if not left or not right:
            return left == right or column.is_open
        target = column.target
        if target not in self.collections:
            return False
        if len(left) == len(right) == 1:
            return self._same(target, left[0], right[0], final)
        if len(left) != len(right):
            if not column.is_inner:
                return False
            if len(left) > len(right):
                return each_finds_one(right, left, lambda j, i: self._same(target, i, j, final))
        return each_finds_one(left, right, lambda i, j: self._same(target, i, j, final))

    def _same(self, target: str, i: int, j: int, final: bool) -> bool:  # noqa: FBT001
        if NOBODY in (i, j):
            return False
        settled = self.pairs[target].get(i)
        if settled is not None or final or j in self.partners[target]:
            return settled == j
        return (i, j) in self.open[target]

    def targets(self, key: str) -> set[str]:
        """Return the collections that the criteria of one refer to."""
        return self.collections.keys() & self.collections[key].targets.values()

    def order(self) -> list[str]:
        """Return the collections, those first that refer to nothing that is still open."""
        order: list[str] = []
        waiting = list(self.collections)
        while waiting:
            ready = [key for key in waiting if self.targets(key) <= {*order, key}] or waiting[:1]
            order.append(ready[0])
            waiting.remove(ready[0])
        return order

    def oriented(self, key: str) -> list[Json]:
        """Return a predicted list with the ends of unordered pairs as the truth has them."""
        collection = self.collections[key]
        ends = collection.rule.unordered or ()
        items = list(collection.predicted)
        for i, j in self.pairs[key].items():
            item = items[j]
            if self.agree(key, i, j, final=True) and isinstance(item, dict):
                items[j] = {**item, ends[0]: item.get(ends[1]), ends[1]: item.get(ends[0])}
        return items

    def link(self, target: str, value: Json, side: int) -> Json:
        """Return what stands for a reference: the same text on both sides for matched entities."""
        if target not in self.collections:
            return value
        collection = self.collections[target]
        named = collection.ids[side].get(id_text(value))
        if named is None:
            return Link.to(f"{target} {side} ?{value}", value)
        index = named[0]
        own = index if side == EXPECTED else self.partners[target].get(index)
        if own is None or own not in self.pairs[target]:
            return Link.to(f"{target} {side} {self._weights.place(target, side, index)}", value)
        return Link.to(f"{target} {self._weights.place(target, EXPECTED, own)}", value)
