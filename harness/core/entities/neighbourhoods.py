"""Weisfeiler-Leman colour refinement: tells entities of one name apart by what refers to them.

Every entity begins with a colour, and round by round takes a new one for its own and those of all
it refers to and is referred to by (Weisfeiler and Leman 1968). Neither ids nor the order of lists
have a part in it.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from typing import Final

from harness.core.entities.collection import EntityPair

Edges = Sequence[Sequence[tuple[int, int]]]
"""For each entity, its links: a number for the kind of link, and the neighbour it leads to."""

_NEAR: Final = 3
"""How many rounds of neighbours are compared one by one."""


class Surroundings:
    """The colours of all entities of both sides, round by round, until no more are told apart."""

    __slots__ = ("_edges", "_possible", "rounds")

    def __init__(
        self,
        start: Sequence[Hashable],
        edges: Edges,
        known: Collection[int],
        possible: Sequence[int],
    ) -> None:
        """Take the first colours, the links, and who is known for good: their colours stay.

        In `possible`, all have one colour that may still be the same.
        """
        self._edges = edges
        self._possible = possible
        names: dict[Hashable, int] = {}
        self.rounds = [[names.setdefault(colour, len(names)) for colour in start]]
        size = 2 * len(edges)
        others = [n for n in range(len(edges)) if n not in known]
        around = [[(size * link, at) for link, at in edges[n]] for n in others]
        before, count = 0, len({self.rounds[0][n] for n in others})
        while before < count:
            last, names = self.rounds[-1], {}
            colours = list(last)
            for n, links in zip(others, around, strict=True):
                looks = (last[n], *sorted([code + last[at] for code, at in links]))
                colours[n] = len(edges) + names.setdefault(looks, len(names))
            self.rounds.append(colours)
            before, count = count, len(names)
        self.rounds = self.rounds[:-1] or self.rounds

    def changes(self, one: int, other: int) -> int:
        """Return how many links would have to be changed to make two entities look the same.

        Summed over the first rounds: neighbours that are alike from afar count as half alike.
        """
        return sum(self._apart(colours, one, other) for colours in self.rounds[:_NEAR])

    def common(self, one: int, other: int) -> int:
        """Return how many links two entities can have in common, by what is settled so far."""
        apart = self._apart(self._possible, one, other)
        return (len(self._edges[one]) + len(self._edges[other]) - apart) // 2

    def _apart(self, colours: Sequence[int], one: int, other: int) -> int:
        left = [(link, colours[at]) for link, at in self._edges[one]]
        apart = 0
        for link, at in self._edges[other]:
            if (link, colours[at]) in left:
                left.remove((link, colours[at]))
            else:
                apart += 1
        return apart + len(left)

    def is_alone(self, entity: int) -> bool:
        """Tell whether an entity neither refers nor is referred to."""
        return not self._edges[entity]


def canonical_ranks(content: Sequence[str], edges: Edges) -> list[int]:
    """Return a rank for each entity that only contents and links decide, not the order given.

    Entities with one rank have the same content and stand in the same surroundings.

    >>> canonical_ranks(["b", "a", "b"], [[(0, 1)], [(~0, 0)], []])
    [2, 0, 1]
    """
    place = {text: n for n, text in enumerate(sorted(set(content)))}
    ranks = [place[text] for text in content]
    distinct = 0
    while distinct < len(set(ranks)):
        distinct = len(set(ranks))
        looks = [
            (rank, *sorted((link, ranks[at]) for link, at in links))
            for rank, links in zip(ranks, edges, strict=True)
        ]
        order = {look: n for n, look in enumerate(sorted(set(looks)))}
        ranks = [order[look] for look in looks]
    return ranks


def components(some: Sequence[EntityPair]) -> Iterator[tuple[EntityPair, int]]:
    """Yield every pair with a number that pairs share which hang together by an entity."""
    root: dict[EntityPair, EntityPair] = {}

    def top(node: EntityPair) -> EntityPair:
        while (above := root.setdefault(node, node)) != node:
            root[node] = root[above]
            node = above
        return node

    for i, j in some:
        root[top((0, i))] = top((1, j))
    for i, j in some:
        yield (i, j), top((0, i))[1]
