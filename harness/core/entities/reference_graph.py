"""Reference graph: which entity refers to which, by index, once ids are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from harness.core.alignment.assignment import assign
from harness.core.entities.collection import Collection
from harness.core.entities.neighbourhoods import canonical_ranks, twin_ranks
from harness.core.fields.field import EXPECTED, PREDICTED

NOBODY: Final = -1
"""Where a reference leads that names no entity."""

_NO_PLACE: Final = (NOBODY,)

References: TypeAlias = Sequence[tuple[int, ...]]
"""By entity, the indexes of those it refers to."""


@dataclass(frozen=True, slots=True)
class ReferenceColumn:
    """One field of a collection's entities that refers to entities, resolved on both sides."""

    name: str
    target: str
    """The collection it refers to."""
    sides: tuple[References, References]
    is_open: bool
    """True where a reference that one side leaves out matches any."""
    is_inner: bool
    """True where it stands inside of a criterion."""


class Graph:
    """The references between the entities of all collections of one scope, on both sides."""

    def __init__(
        self, collections: Mapping[str, Collection], mirrored: Graph | None = None
    ) -> None:
        """Resolve the references, or take over those of the same collections `mirrored`."""
        self._collections = collections
        self.references: dict[str, dict[str, ReferenceColumn]] = {}
        """By collection and name, those that are criteria."""
        self.structure: dict[str, dict[str, ReferenceColumn]] = {}
        """By collection and name, all others."""
        self._first: dict[str, tuple[int, int]] = {}
        """By collection and side, the number of its first entity."""
        self._referrers: dict[tuple[str, int, str], Mapping[int, Sequence[int]]] = {}
        """By collection, side and target, who refers to whom; found when first asked for."""
        self.size = 0
        """How many entities there are on both sides."""
        self._edges: list[list[tuple[int, int]]] | None = None
        self._entities: list[tuple[str, int, int]] | None = None
        for key, collection in collections.items():
            if mirrored is None:
                match = {name: collection.targets[name] for name in collection.references()}
                self.references[key] = self._columns(key, match)
                self.structure[key] = self._columns(key, collection.structure)
            else:
                self.references[key] = _turned(mirrored.references[key])
                self.structure[key] = _turned(mirrored.structure[key])
            expected, predicted = collection.sides()
            self._first[key] = self.size, self.size + len(expected)
            self.size += len(expected) + len(predicted)

    def node(self, key: str, side: int, index: int) -> int:
        """Return the number of an entity, by collection, side and index."""
        return self._first[key][side] + index

    def entities(self) -> Sequence[tuple[str, int, int]]:
        """Return collection, side and index of every entity, by its number."""
        if self._entities is None:
            self._entities = [
                (key, side, index)
                for key, collection in self._collections.items()
                for side, some in enumerate(collection.sides())
                for index in range(len(some))
            ]
        return self._entities

    def columns(self, key: str) -> Mapping[str, ReferenceColumn]:
        """Return all fields of a collection that refer to entities, by name."""
        return {**self.references[key], **self.structure[key]}

    def _columns(self, key: str, targets: Mapping[str, str]) -> dict[str, ReferenceColumn]:
        collection = self._collections[key]
        return {
            name: ReferenceColumn(
                name,
                target,
                (self._resolved(key, 0, name, target), self._resolved(key, 1, name, target)),
                collection.may_be_unknown(name, "reference"),
                name in collection.inner.targets,
            )
            for name, target in targets.items()
        }

    def _resolved(self, key: str, side: int, name: str, referred: str) -> References:
        collection, target = self._collections[key], self._collections.get(referred)
        places = (target.ids[side] if target else {}).get
        return [
            tuple([at for one in some for at in places(one, _NO_PLACE)])
            for some in collection.ids_at(side, name)
        ]

    def ranks(self) -> list[int]:
        """Return a rank for each entity, by its number, as `canonical_ranks` gives them.

        Ids and places in the lists have no part in it. Entities of one rank look the same.
        """
        return canonical_ranks(self._content(), self.edges())

    def twin_ranks(self) -> list[list[int]]:
        """Return such ranks, one of each side having one, in three orders.

        By all links, by whom entities refer to alone, and by who refers to them alone.
        """
        edges, content = self.edges(), self._content()
        sides = [
            side
            for one in self._collections.values()
            for side, entities in enumerate(one.sides())
            for _ in entities
        ]
        referring = [[(label, at) for label, at in links if label < 0] for links in edges]
        referred = [[(label, at) for label, at in links if label >= 0] for links in edges]
        by_all = twin_ranks(content, edges, sides, canonical_ranks(content, edges))
        return [by_all, *(twin_ranks(content, e, sides, by_all) for e in (referring, referred))]

    def _content(self) -> list[str]:
        """Return what entities say, by number."""
        return [
            f"{key} {content}"
            for key, collection in self._collections.items()
            for side in (EXPECTED, PREDICTED)
            for content in collection.contents(side)
        ]

    def _labels(self) -> dict[tuple[str, str], int]:
        """Return a number for each kind of reference, the same in whatever order they are met."""
        kinds = {
            (key, name)
            for key, collection in self._collections.items()
            for name in (
                *collection.structure,
                *collection.targets,
                *(collection.rule.unordered or ()),
            )
        }
        return {kind: n for n, kind in enumerate(sorted(kinds))}

    def referrers(self, key: str, side: int, target: str) -> Mapping[int, Sequence[int]]:
        """Return by entity of one collection who in another refers to it in a criterion."""
        known = self._referrers.get((key, side, target))
        if known is None:
            who_refers: dict[int, dict[int, None]] = {}
            for column in self.references[key].values():
                for index, some in enumerate(column.sides[side] if column.target == target else ()):
                    for at in some:
                        who_refers.setdefault(at, {})[index] = None
            known = {at: list(who) for at, who in who_refers.items()}
            self._referrers[key, side, target] = known
        return known

    def edges(self) -> Sequence[Sequence[tuple[int, int]]]:
        """Return every entity's links in both directions, by its number."""
        if self._edges is None:
            self._edges = [[] for _ in range(self.size)]
            for label, one, other in self._links():
                self._edges[one].append((label, other))
                self._edges[other].append((~label, one))
        return self._edges

    def _links(self) -> Iterator[tuple[int, int, int]]:
        """Yield every reference: a number for its kind, who refers and who is referred to."""
        labels = self._labels()
        for key, collection in self._collections.items():
            ends = collection.rule.unordered or ()
            for name, column in self.columns(key).items():
                label = labels[key, ends[0] if name in ends else name]
                for side, references in enumerate(column.sides):
                    for index, some in enumerate(references):
                        for at in some:
                            if at != NOBODY:
                                to = self.node(column.target, side, at)
                                yield label, self.node(key, side, index), to


def _turned(columns: Mapping[str, ReferenceColumn]) -> dict[str, ReferenceColumn]:
    """Return columns with their sides changed over."""
    return {name: replace(one, sides=one.sides[::-1]) for name, one in columns.items()}


def each_finds_one(
    left: tuple[int, ...], right: tuple[int, ...], same: Callable[[int, int], bool]
) -> bool:
    """Tell whether each on the left can be given one of its own on the right.

    >>> each_finds_one((1, 2), (3, 4), lambda i, j: (i, j) in {(1, 3), (1, 4), (2, 3)})
    True
    >>> each_finds_one((1, 2), (3, 4, 5), lambda i, j: (i, j) in {(1, 3), (2, 5)})
    True
    """
    if len(left) == len(right) == 2:  # noqa: PLR2004  # parents, the commonest case, in fewer calls
        (i, k), (j, m) = left, right
        return (same(i, j) and same(k, m)) or (same(i, m) and same(k, j))
    edges = {at: [(to, 1) for to, j in enumerate(right) if same(i, j)] for at, i in enumerate(left)}
    return len(assign(edges)) == len(left)
