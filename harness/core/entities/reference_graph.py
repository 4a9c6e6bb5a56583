"""Reference graph: which entity refers to which, by index, once ids are gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from harness.core.alignment.assignment import assign
from harness.core.entities.collection import Collection

NOBODY: Final = -1
"""Where a reference leads that names no entity."""

References: TypeAlias = list[dict[str, tuple[int, ...]]]
"""By entity and criterion, the indexes of those it refers to."""


class Graph:
    """The references between the entities of all collections of one scope, on both sides."""

    def __init__(self, collections: Mapping[str, Collection]) -> None:
        self._collections = collections
        self.references: dict[str, tuple[References, References]] = {}
        """By collection and side, those that are criteria."""
        self._structure: dict[str, tuple[References, References]] = {}
        """By collection and side, all others."""
        for key, collection in collections.items():
            match = {name: collection.targets[name] for name in collection.references()}
            self.references[key] = self._resolved(key, 0, match), self._resolved(key, 1, match)
            others = collection.structure
            self._structure[key] = self._resolved(key, 0, others), self._resolved(key, 1, others)
        self.nodes: dict[tuple[str, int, int], int] = {}
        """A number for every entity: by collection, side and index."""
        for key, collection in collections.items():
            for side, entities in enumerate(collection.sides()):
                for index in range(len(entities)):
                    self.nodes[key, side, index] = len(self.nodes)

    def _resolved(self, key: str, side: int, targets: Mapping[str, str]) -> References:
        collection = self._collections[key]
        references: References = [{} for _ in collection.sides()[side]]
        for name, referred in targets.items():
            target = self._collections.get(referred)
            place = (target.ids[side] if target else {}).get
            for index, mine in enumerate(references):
                mine[name] = tuple([place(n, NOBODY) for n in collection.ids_at(side, index, name)])
        return references

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

    def edges(self) -> list[list[tuple[int, int]]]:
        """Return every entity's links in both directions, by its number."""
        edges: list[list[tuple[int, int]]] = [[] for _ in self.nodes]
        for label, one, other in self.links():
            edges[one].append((label, other))
            edges[other].append((~label, one))
        return edges

    def links(self) -> Iterator[tuple[int, int, int]]:
        """Yield every reference: a number for its kind, who refers and who is referred to."""
        labels = self._labels()
        for key, collection in self._collections.items():
            both = zip(self.references[key], self._structure[key], strict=True)
            sides = [[{**m, **o} for m, o in zip(*one, strict=True)] for one in both]
            targets = {**collection.structure, **collection.targets}
            ends = collection.rule.unordered or ()
            for side, entities in enumerate(sides):
                for index, mine in enumerate(entities):
                    for name, references in mine.items():
                        kind = key, ends[0] if name in ends else name
                        label = labels.setdefault(kind, len(labels))
                        for at in references:
                            if at != NOBODY:
                                to = self.nodes[targets[name], side, at]
                                yield label, self.nodes[key, side, index], to


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
