"""Entity matching: pairs of entities that agree, references between them included."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Final

from harness.core.alignment.assignment import assign
from harness.core.entities.collection import (
    LIKENESS_STEPS,
    Collection,
    EntityPair,
    id_text,
    plain_values,
    shared_values,
)
from harness.core.entities.criterion import judged_same
from harness.core.entities.nearest_namesakes import MOST_NEAREST, MOST_PAIRS, nearest
from harness.core.entities.neighbourhoods import Surroundings, components
from harness.core.entities.reference_graph import NOBODY, Graph, ReferenceColumn, each_finds_one
from harness.core.entities.reference_ids import Link
from harness.core.entities.repeated_ids import settle_repeated_ids
from harness.core.fields.field import EXPECTED, PREDICTED
from harness.core.values import Json, is_blank, value_at

MOST_WEIGHED: Final = 200_000
"""How many pairs are weighed to settle namesakes one by one; from then on, many at a time."""

ROUNDS: Final = 8
"""How often a matching is begun again without the pairs whose references came to nothing."""


class CanonicalOrder:
    """The entities of one list in order of their ranks, those of one rank as they come."""

    __slots__ = ("indexes", "places")

    def __init__(self, ranks: Sequence[int]) -> None:
        self.indexes = sorted(range(len(ranks)), key=ranks.__getitem__)
        """From a place in the order to the entity's index in its list."""
        self.places = [0] * len(ranks)
        """From an entity's index in its list to its place in the order."""
        for place, index in enumerate(self.indexes):
            self.places[index] = place


class Matching:
    """The matching of all collections of one scope."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self.collections = collections
        self.open: dict[str, dict[EntityPair, int]] = {}
        """Those of them that nothing settled so far contradicts."""
        self.pairs: dict[str, dict[int, int]] = {key: {} for key in collections}
        self.partners: dict[str, dict[int, int]] = {key: {} for key in collections}
        """The same the other way round."""
        settle_repeated_ids(collections)
        self._graph = Graph(collections)
        self.approximate: set[str] = set()
        """The collections with so many namesakes that not all of their pairs are weighed."""
        self._plain: dict[tuple[str, int, int], dict[str, object]] = {}
        """By collection, side and entity, what it says but for its id and its references."""
        self.candidates = {
            key: one.candidates(partial(self._nearest, key)) for key, one in collections.items()
        }
        """Pairs that agree in everything but references, and how alike they are, in steps.

        Without those whose references came to nothing.
        """
        self._referring = {
            key: [k for k in collections if key in self._needs(k)] for key in collections
        }
        """By collection, those whose criteria refer to it."""
        self._shared: dict[tuple[str, EntityPair], int] = {}
        """By collection and pair, how many values the two share."""
        self._weighed = 0
        """How many pairs were weighed, each time that one of several namesakes was chosen."""
        self._orders: dict[str, tuple[CanonicalOrder, CanonicalOrder]] = {}
        """By collection and side, the canonical order; found when pairs have to be chosen."""

    def _order_entities(self) -> dict[str, tuple[CanonicalOrder, CanonicalOrder]]:
        """Return the entities by collection and side, in an order that what they say decides."""
        if not self._orders:
            ranks = self._graph.ranks()
            for key in self.collections:
                left, right = self._by_side(key, ranks)
                self._orders[key] = CanonicalOrder(left), CanonicalOrder(right)
        return self._orders

    def _by_side(self, key: str, ranks: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
        """Return the ranks of a collection's entities, by side."""
        first, second = (self._graph.node(key, side, 0) for side in (EXPECTED, PREDICTED))
        end = second + len(self.collections[key].predicted)
        return ranks[first:second], ranks[second:end]

    def _nearest(self, key: str, agreeing: Sequence[Some[int]]) -> Sequence[Some[int]]:
        """Return who may be which expected entity: the nearest, where they are too many."""
        if sum(map(len, agreeing)) <= MOST_PAIRS or max(map(len, agreeing)) <= MOST_NEAREST:
            return agreeing
        self.approximate.add(key)
        values = [
            [self._says(key, side, n) for n in range(len(entities))]
            for side, entities in enumerate(self.collections[key].sides())
        ]
        orders = [self._by_side(key, ranks) for ranks in self._graph.twin_ranks()]
        return nearest(agreeing, orders, (values[0], values[1]))

    def found(self, key: str) -> list[tuple[int, int]]:
        """Return the pairs of a collection, by their places in both lists."""
        return sorted(self.pairs[key].items())

    def settle(self) -> None:
        """Match until nothing is left to match, and every reference of a pair is matched itself.

        What is settled before pairs have to be chosen is the same in any order; choices are made in
        the entities' canonical order, so that ids and places in the lists have no part in them.
        """
        for last in (*[False] * ROUNDS, True):
            for key in self.collections:
                self.pairs[key], self.partners[key] = {}, {}
                self.open[key] = dict(self.candidates[key])
            while self._narrow():
                self._settle_some()
            broken = self._drop_broken()
            if last or not broken:
                return
            for key, pair in broken:
                del self.candidates[key][pair]

    def _settle_some(self) -> None:
        """Settle what is certain, else what alone looks the same, else what is best."""
        if not self._settle_certain():
            around = self._surroundings()
            if not self._settle_alike(around):
                self._settle_best(around)

    def _narrow(self) -> bool:
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
            closed = [pair for pair in unsure if self._agree(key, *pair) is None]
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

    def _settle_certain(self) -> bool:
        """Settle the pairs that are each other's only candidate."""
        is_changed = False
        for key, some in self.open.items():
            rows = Counter(i for i, _ in some)
            columns = Counter(j for _, j in some)
            for i, j in some:
                if rows[i] == 1 and columns[j] == 1:
                    self._settle_pair(key, i, j)
                    is_changed = True
        return is_changed

    def _settle_alike(self, around: Surroundings) -> bool:
        """Settle the pairs that alone look the same from furthest away, if none is more alike.

        Those that look the same only from near are settled one beside the other: what is linked to
        them may belong to others.
        """
        top = {key: _best(some) for key, some in self.open.items()}
        for colours in reversed(around.rounds[1:]):
            linked: set[int] = set()
            is_changed = False
            for key in self.open:
                alike = self._alone_alike(key, colours, top[key])
                if colours is around.rounds[-1]:
                    for i, j in alike:
                        self._settle_pair(key, i, j)
                else:
                    self._settle_unlinked(key, alike, around, linked)
                is_changed = is_changed or bool(alike)
            if is_changed:
                return True
        return False

    def _alone_alike(
        self, key: str, colours: Sequence[int], top: tuple[dict[int, int], dict[int, int]]
    ) -> list[EntityPair]:
        """Return the open pairs that alone have their colour, if neither has a better one."""
        (rows, columns), some = top, self.open[key]
        ones, others = self._by_colour(key, colours, (rows, columns))
        met = [(i, others.get(colour)) for colour, i in ones.items()]
        return [
            (i, j)
            for i, j in met
            if i is not None and j is not None and some.get((i, j)) == rows[i] == columns[j]
        ]

    def _by_colour(
        self, key: str, colours: Sequence[int], both: tuple[Iterable[int], Iterable[int]]
    ) -> tuple[dict[int, int | None], dict[int, int | None]]:
        """Return by side the one open entity of each colour; None where several have it."""
        sides: tuple[dict[int, int | None], dict[int, int | None]] = {}, {}
        for side, entities in enumerate(both):
            for index in entities:
                colour = colours[self._graph.node(key, side, index)]
                sides[side][colour] = None if colour in sides[side] else index
        return sides

    def _settle_best(self, around: Surroundings) -> None:
        """Settle the best assignment of the first collection that still has candidates.

        Ties go to those whose surroundings are more alike, then to those that share more values.
        Of several that look the same or are linked, one is settled at a time: its links tell the
        others apart.
        """
        key = next(key for key in self._order() if self.open[key])
        left, right = self._order_entities()[key]
        some = self.open[key]
        ties = self._ties(key, around)
        base = 1 + max(ties.values()) * len(ties)
        more = (1 + LIKENESS_STEPS * len(some)) * base
        edges: dict[int, list[EntityPair]] = defaultdict(list)
        for at, to, i, j in sorted((left.places[i], right.places[j], i, j) for i, j in some):
            edges[at].append((to, more + some[i, j] * base + ties[i, j]))
        last = around.rounds[-1]
        common = Counter(last[self._graph.node(key, EXPECTED, left.indexes[at])] for at in edges)
        self._weighed += len(some)
        is_coarse = key in self.approximate or self._weighed > MOST_WEIGHED
        self.approximate.update([key] if is_coarse else ())
        chosen: list[EntityPair] = []
        is_doubted = False
        for at, to in assign(edges).items():
            i, j = left.indexes[at], right.indexes[to]
            node = self._graph.node(key, EXPECTED, i)
            doubtful = common[last[node]] > 1 and not around.is_alone(node)
            if is_coarse or not (doubtful and is_doubted):
                chosen.append((i, j))
            is_doubted = is_doubted or doubtful
        self._settle_unlinked(key, chosen, around, set())

    def _settle_unlinked(
        self, key: str, pairs: Sequence[EntityPair], around: Surroundings, linked: set[int]
    ) -> None:
        """Settle pairs that are linked to none settled before them: those tell the others apart.

        `linked` are those that pairs settled so far are linked to, by number.
        """
        for i, j in pairs:
            ends = self._graph.node(key, EXPECTED, i), self._graph.node(key, PREDICTED, j)
            if linked.isdisjoint(ends):
                self._settle_pair(key, i, j)
                linked.update(*map(around.neighbours, ends))

    def _ties(self, key: str, around: Surroundings) -> dict[EntityPair, int]:
        """Return what decides between pairs of equal worth, by pair.

        What two entities say and whom they are linked to counts alike: each agreement is one.
        """
        ties: dict[EntityPair, EntityPair] = {}
        for i, j in self.open[key]:
            one, other = self._graph.node(key, EXPECTED, i), self._graph.node(key, PREDICTED, j)
            alike = self._in_common(key, (i, j)) + around.common(one, other)
            ties[i, j] = alike, around.changes(one, other)
        most = max(changes for _, changes in ties.values())
        base = 1 + most * len(ties)
        return {pair: alike * base + most - changes for pair, (alike, changes) in ties.items()}

    def _in_common(self, key: str, pair: EntityPair) -> int:
        """Return under how many keys two entities say the same."""
        shared = self._shared.get((key, pair))
        if shared is None:
            i, j = pair
            sides = self._says(key, EXPECTED, i), self._says(key, PREDICTED, j)
            shared = shared_values(*sides, self.collections[key].calls_same)
            self._shared[key, pair] = shared
        return shared

    def _says(self, key: str, side: int, index: int) -> dict[str, object]:
        """Return what an entity says but for its id and its references."""
        plain = self._plain.get((key, side, index))
        if plain is None:
            collection = self.collections[key]
            own = collection.rule.id or "id"
            but = {own, *collection.references(), *collection.structure}
            bare = collection.bare(collection.sides()[side][index])
            plain = self._plain[key, side, index] = plain_values(bare, but)
        return plain

    def _likeliest(self, key: str) -> list[EntityPair]:
        """Return the open pairs neither side of which has a better one."""
        some = self.open[key]
        rows, columns = _best(some)
        tied = [(i, j) for (i, j), worth in some.items() if worth == rows[i] == columns[j]]
        common = {pair: self._in_common(key, pair) for pair in tied}
        rows, columns = _best(common)
        return [(i, j) for (i, j), shared in common.items() if shared == rows[i] == columns[j]]

    def _surroundings(self) -> Surroundings:
        """Return how all that is open looks; settled pairs look like each other only.

        Colours are numbers of entities, or for those of a collection that nothing tells apart of
        the collection; what is neither open nor settled has no part in it.
        """
        node, size = self._graph.node, self._graph.size
        start, possible = [NOBODY] * size, [NOBODY] * size
        unknown: list[int] = []
        for number, (key, pairs) in enumerate(self.pairs.items()):
            for i, j in pairs.items():
                one, other = node(key, EXPECTED, i), node(key, PREDICTED, j)
                start[one] = start[other] = possible[one] = possible[other] = one
            for i, j in self.open[key]:
                for n in (node(key, EXPECTED, i), node(key, PREDICTED, j)):
                    if start[n] == NOBODY:
                        start[n] = possible[n] = size + number
                        unknown.append(n)
            for (i, j), at in components(self._likeliest(key)):
                one, other = node(key, EXPECTED, i), node(key, PREDICTED, j)
                start[one] = start[other] = node(key, PREDICTED, at)
        edges = self._graph.edges()
        near = {n: [(label, at) for label, at in edges[n] if start[at] != NOBODY] for n in unknown}
        around = Surroundings(start, near, possible)
        if around.is_cut:
            self.approximate.update(key for key, some in self.open.items() if some)
        return around

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

    def _drop_broken(self) -> list[tuple[str, EntityPair]]:
        """Take out pairs with a reference that stayed unmatched, and those that hung on them.

        Returns the former only: the others may do well without them.
        """
        first: list[tuple[str, EntityPair]] | None = None
        while True:
            broken = [
                (key, (i, j))
                for key, pairs in self.pairs.items()
                for i, j in pairs.items()
                if self._agree(key, i, j, final=True) is None
            ]
            first = broken if first is None else first
            if not broken:
                return first
            for key, (i, j) in broken:
                del self.pairs[key][i], self.partners[key][j]

    def _agree(self, key: str, i: int, j: int, *, final: bool = False) -> bool | None:
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
            if not judged_same(collection.fields[name], *sides):
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
            return Link.to(f"{target} {side} {self._place(target, side, index)}", value)
        return Link.to(f"{target} {self._place(target, EXPECTED, own)}", value)

    def _place(self, key: str, side: int, index: int) -> int:
        """Return an entity's place in the canonical order where there is one, else in its list."""
        return self._orders[key][side].places[index] if self._orders else index


def _best(some: Mapping[EntityPair, int]) -> tuple[dict[int, int], dict[int, int]]:
    """Return the most that each entity's pairs are worth, by side."""
    rows: dict[int, int] = {}
    columns: dict[int, int] = {}
    for (i, j), worth in some.items():
        rows[i] = max(rows.get(i, 0), worth)
        columns[j] = max(columns.get(j, 0), worth)
    return rows, columns
