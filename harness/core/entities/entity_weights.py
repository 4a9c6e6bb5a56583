"""Weights of entity pairs: who may be one, how alike two are, and how much they have in common."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from functools import partial

from harness.core.entities.collection import (
    Collection,
    EntityPair,
    plain_values,
    shared_values,
)
from harness.core.entities.nearest_namesakes import MOST_NEAREST, MOST_PAIRS, nearest
from harness.core.entities.reference_graph import Graph
from harness.core.fields.field import EXPECTED, PREDICTED


class CanonicalOrder:
    """The entities of one list in order of their ranks, those of one rank as they come."""

    __slots__ = ("indexes", "places", "ranks")

    def __init__(self, ranks: Sequence[int]) -> None:
        self.ranks = ranks
        """By an entity's index in its list, its rank: the same for those that look the same."""
        self.indexes = sorted(range(len(ranks)), key=ranks.__getitem__)
        """From a place in the order to the entity's index in its list."""
        self.places = [0] * len(ranks)
        """From an entity's index in its list to its place in the order."""
        for place, index in enumerate(self.indexes):
            self.places[index] = place


class EntityWeights:
    """The pairs of entities of all collections that may be one, and what speaks for each."""

    def __init__(
        self,
        collections: Mapping[str, Collection],
        graph: Graph,
        mirrored: EntityWeights | None = None,
        candidates: Mapping[str, dict[EntityPair, int]] | None = None,
    ) -> None:
        """Weigh the pairs that may be one, or take over the weights of the same ones `mirrored`."""
        self.collections = collections
        self.graph = graph
        self._mirrored = mirrored
        self.approximate: set[str] = set() if mirrored is None else mirrored.approximate
        """The collections with so many namesakes that not all of their pairs are weighed."""
        self._plain: dict[tuple[str, int, int], dict[str, object]] = {}
        """By collection, side and entity, what it says but for its id and its references."""
        self._shared: dict[tuple[str, EntityPair], int] = {}
        """By collection and pair, how many values the two share."""
        self._orders: dict[str, tuple[CanonicalOrder, CanonicalOrder]] = {}
        """By collection and side, the canonical order; found when pairs have to be chosen."""
        self.candidates = self._candidates() if candidates is None else {**candidates}
        """Pairs that agree in everything but references, and how alike they are, in steps.

        Without those whose references came to nothing.
        """

    def _candidates(self) -> dict[str, dict[EntityPair, int]]:
        return {
            key: one.candidates(partial(self._nearest, key))
            for key, one in self.collections.items()
        }

    def orders(self) -> dict[str, tuple[CanonicalOrder, CanonicalOrder]]:
        """Return the entities by collection and side, in an order that what they say decides."""
        if self._mirrored is not None and not self._orders:
            known = self._mirrored.orders()
            self._orders = {key: (right, left) for key, (left, right) in known.items()}
        elif not self._orders:
            ranks = self.graph.ranks()
            for key in self.collections:
                left, right = self._by_side(key, ranks)
                self._orders[key] = CanonicalOrder(left), CanonicalOrder(right)
        return self._orders

    def _by_side(self, key: str, ranks: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
        """Return the ranks of a collection's entities, by side."""
        first, second = (self.graph.node(key, side, 0) for side in (EXPECTED, PREDICTED))
        end = second + len(self.collections[key].predicted)
        return ranks[first:second], ranks[second:end]

    def _nearest(self, key: str, agreeing: Sequence[Some[int]]) -> Sequence[Some[int]]:
        """Return who may be which expected entity: the nearest, where they are too many."""
        if sum(map(len, agreeing)) <= MOST_PAIRS or max(map(len, agreeing)) <= MOST_NEAREST:
            return agreeing
        self.approximate.add(key)
        values = [
            [self.says(key, side, n) for n in range(len(entities))]
            for side, entities in enumerate(self.collections[key].sides())
        ]
        orders = [self._by_side(key, ranks) for ranks in self.graph.twin_ranks()]
        return nearest(agreeing, orders, (values[0], values[1]))

    def in_common(self, key: str, pair: EntityPair) -> int:
        """Return under how many keys two entities say the same."""
        i, j = pair
        if self._mirrored is not None:
            return self._mirrored.in_common(key, (j, i))
        shared = self._shared.get((key, pair))
        if shared is None:
            sides = self.says(key, EXPECTED, i), self.says(key, PREDICTED, j)
            shared = shared_values(*sides, self.collections[key].calls_same)
            self._shared[key, pair] = shared
        return shared

    def says(self, key: str, side: int, index: int) -> dict[str, object]:
        """Return what an entity says but for its id and its references."""
        if self._mirrored is not None:
            return self._mirrored.says(key, 1 - side, index)
        plain = self._plain.get((key, side, index))
        if plain is None:
            collection = self.collections[key]
            own = collection.rule.id or "id"
            but = {own, *collection.references(), *collection.structure}
            bare = collection.bare(collection.sides()[side][index])
            plain = self._plain[key, side, index] = plain_values(bare, but)
        return plain

    def place(self, key: str, side: int, index: int) -> int:
        """Return an entity's place in the canonical order where there is one, else in its list."""
        return self._orders[key][side].places[index] if self._orders else index
