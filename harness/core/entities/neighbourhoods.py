"""Weisfeiler-Leman colour refinement: tells entities of one name apart by what refers to them.

Every entity begins with a colour, and round by round takes a new one for its own and those of all
it refers to and is referred to by (Weisfeiler and Leman 1968). Neither ids nor the order of lists
have a part in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from harness.core.entities.collection import EntityPair

Edges: TypeAlias = Sequence[Sequence[tuple[int, int]]]
"""For each entity, its links: a number for the kind of link, and the neighbour it leads to."""

_MOST_LOOKS: Final = 400_000
"""How many looks at an entity the rounds may take: chains of more than some hundred namesakes are
told apart by those around them only so far."""

_FEWEST_ROUNDS: Final = 8

_NEAR: Final = 3
"""How many rounds of neighbours are compared one by one."""


class Surroundings:
    """The colours of all entities of both sides, round by round, until no more are told apart."""

    __slots__ = ("_edges", "_possible", "is_cut", "rounds")

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
        most = max(_FEWEST_ROUNDS, _MOST_LOOKS // (1 + len(edges)))
        while before < count and len(self.rounds) < most:
            last, names = self.rounds[-1], dict[tuple[int, ...], int]()
            colours = list(last)
            for n, links in around.items():
                looks = (last[n], *sorted([code + last[at] for code, at in links]))
                colours[n] = unused + names.setdefault(looks, len(names))
            self.rounds.append(colours)
            before, count = count, len(names)
        self.is_cut = before < count
        """True where further rounds might tell more of them apart."""
        self.rounds = self.rounds if self.is_cut else self.rounds[:-1] or self.rounds

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
    ranks, groups = _by_content(content)
    _tell_apart(range(len(content)), edges, ranks, groups)
    return ranks


def twin_ranks(
    content: Sequence[str], edges: Edges, sides: Sequence[int], order: Sequence[int]
) -> list[int]:
    """Return ranks as `canonical_ranks` does, those of one rank told apart pair by pair.

    One of each side gets a rank for both, which tells those apart that are linked to them. So what
    hangs together on one side has the ranks of what hangs together on the other. `order` are ranks
    that say who of one rank comes first, whatever the order given.

    >>> edges = [[(0, 2)], [(0, 3)], [(~0, 0)], [(~0, 1)]]
    >>> twin_ranks(["a"] * 4, edges, [0, 1, 0, 1], [2, 2, 0, 0])
    [2, 2, 0, 0]
    """
    ranks, groups = _by_content(content)
    moved: Sequence[int] = range(len(content))
    while moved:
        _tell_apart(moved, edges, ranks, groups)
        moved = []
        for rank, some in sorted(groups.items()):
            ones, others = (
                sorted((n for n in some if sides[n] == side), key=lambda n: (order[n], n))
                for side in (0, 1)
            )
            for i, j in zip(ones, others, strict=False):
                if ranks[i] == ranks[j] == rank and len(groups[rank]) > 2:  # noqa: PLR2004  # twins
                    groups[rank] -= {i, j}
                    ranks[i] = ranks[j] = rank + len(groups[rank])
                    groups[ranks[i]] = {i, j}
                    _tell_apart([i, j], edges, ranks, groups)
                    moved = [i, j]
    return ranks


def _by_content(content: Sequence[str]) -> tuple[list[int], dict[int, set[int]]]:
    """Return for each entity how many come before all that say the same; and by that, who does."""
    ranks, groups = [0] * len(content), dict[int, set[int]]()
    named: defaultdict[str, set[int]] = defaultdict(set)
    for n, text in enumerate(content):
        named[text].add(n)
    first = 0
    for _, some in sorted(named.items()):
        groups[first] = some
        for n in some:
            ranks[n] = first
        first += len(some)
    return ranks, groups


def _tell_apart(
    moved: Sequence[int], edges: Edges, ranks: list[int], groups: dict[int, set[int]]
) -> None:
    while moved:
        moved = _told_apart(moved, edges, ranks, groups)


def _told_apart(
    moved: Sequence[int], edges: Edges, ranks: list[int], groups: dict[int, set[int]]
) -> list[int]:
    """Tell those of one rank apart by their links to entities whose ranks are new.

    The most of them keep the rank, so that each entity gets a new one few times (Hopcroft 1971).
    Returns those with new ranks.
    """
    links: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for at in moved:
        for link, n in edges[at]:
            if len(groups[ranks[n]]) > 1:
                links[n].append((~link, ranks[at]))
    looks: defaultdict[int, defaultdict[tuple[tuple[int, int], ...], set[int]]]
    looks = defaultdict(lambda: defaultdict(set))
    for n, some in links.items():
        looks[ranks[n]][tuple(sorted(some))].add(n)
    changed: list[int] = []
    for rank, by_look in looks.items():
        parts = [part for _, part in sorted(by_look.items())]
        rest = groups[rank]
        for part in parts:
            rest -= part
        most = max([rest, *parts], key=len)
        place = rank + len(most)
        groups[rank] = most
        for part in (rest, *parts):
            if part and part is not most:
                groups[place] = part
                for n in part:
                    ranks[n] = place
                changed += part
                place += len(part)
    return changed


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
