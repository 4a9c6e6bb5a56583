"""Weisfeiler-Leman colour refinement: tells entities of one name apart by what refers to them.

Every entity begins with a colour, and round by round takes a new one for its own and those of all
it refers to and is referred to by (Weisfeiler and Leman 1968). Neither ids nor the order of lists
have a part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from harness.core.entities.collection import EntityPair

Edges: TypeAlias = Sequence[Sequence[tuple[int, int]]]
"""For each entity, its links: a number for the kind of link, and the neighbour it leads to."""

_NEAR: Final = 3
"""How many rounds of neighbours are compared one by one."""


class Surroundings:
    """The colours of all entities of both sides, round by round, until no more are told apart."""

    __slots__ = ("_edges", "_possible", "rounds")

    def __init__(
        self,
        start: list[int],
        edges: Mapping[int, Sequence[tuple[int, int]]],
        possible: Sequence[int],
    ) -> None:
        """Take the first colours, and the links of those that are not known for good.

        Only those take new colours. In `possible`, all have one colour that may still be the same.
        """
        self._edges = edges
        self._possible = possible
        self.rounds = [start]
        unused = 1 + max(start, default=0)
        size = unused + len(edges)
        around = {n: [(size * link, at) for link, at in links] for n, links in edges.items()}
        before, count = 0, len({start[n] for n in edges})
        while before < count:
            last, names = self.rounds[-1], dict[tuple[int, ...], int]()
            colours = list(last)
            for n, links in around.items():
                looks = (last[n], *sorted([code + last[at] for code, at in links]))
                colours[n] = unused + names.setdefault(looks, len(names))
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

    def neighbours(self, entity: int) -> list[int]:
        """Return those that an entity refers to or is referred to by."""
        return [at for _, at in self._edges[entity]]

    def is_alone(self, entity: int) -> bool:
        """Tell whether an entity neither refers nor is referred to."""
        return not self._edges[entity]


def canonical_ranks(content: Sequence[str], edges: Edges) -> list[int]:
    """Return a rank for each entity that only contents and links decide, not the order given.

    Entities with one rank have the same content and stand in the same surroundings.

    >>> canonical_ranks(["b", "a", "b"], [[(0, 1)], [(~0, 0)], []])
    [2, 0, 1]
    """
    order = sorted(range(len(content)), key=content.__getitem__)
    ranks = [0] * len(content)
    """How many entities come before all of the same rank."""
    tied = _ranked(order, content, 0, ranks)
    while tied:
        looks = {
            n: sorted([(link, ranks[at]) for link, at in edges[n]]) for group in tied for n in group
        }
        groups, tied = tied, []
        for group in groups:
            tied += _ranked(sorted(group, key=looks.__getitem__), looks, ranks[group[0]], ranks)
        if len(tied) == len(groups) and sum(map(len, tied)) == len(looks):
            break
    return ranks


def _ranked(
    order: Sequence[int],
    looks: Sequence[str] | Mapping[int, list[tuple[int, int]]],
    first: int,
    ranks: list[int],
) -> list[list[int]]:
    """Give entities their ranks, in the order of what they look like; return those that are tied.

    `first` is how many entities come before them.
    """
    groups: list[list[int]] = []
    for place, n in enumerate(order, first):
        if groups and looks[groups[-1][0]] == looks[n]:
            groups[-1].append(n)
        else:
            groups.append([n])
        ranks[n] = place if len(groups[-1]) == 1 else ranks[groups[-1][0]]
    return [group for group in groups if len(group) > 1]


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
