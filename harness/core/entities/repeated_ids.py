"""Repeated ids: the one entity that references to an id go to, where several entities bear it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core.entities.collection import Collection
from harness.core.entities.reference_graph import Graph


def settle_repeated_ids(collections: Mapping[str, Collection]) -> None:
    """Let each id name one entity: the first by what it says and is linked to, not by its place.

    So another order of a list changes no verdict; and no answer gains from an id that could be
    anybody's, as all references to it go to one entity.
    """
    tied: list[tuple[str, int, str]] = []
    for key, collection in collections.items():
        for side, ids in enumerate(collection.ids):
            for name, several in ids.items():
                if len(several) > 1:
                    ids[name] = _first_by_content(collection, side, several)
                    if len(ids[name]) > 1:
                        tied.append((key, side, name))
    if not tied:
        return
    graph = Graph(collections)
    ranks = graph.ranks()
    for key, side, name in tied:
        ids = collections[key].ids[side]
        ids[name] = (min(ids[name], key=lambda n: ranks[graph.node(key, side, n)]),)


def _first_by_content(collection: Collection, side: int, several: Sequence[int]) -> tuple[int, ...]:
    """Return those that come first by what they say; one of them where they are all equal."""
    entities = collection.sides()[side]
    contents = [collection.content(side, n) for n in several]
    first = [n for n, content in zip(several, contents, strict=True) if content == min(contents)]
    are_equal = all(entities[n] == entities[first[0]] for n in first)
    return (first[0],) if are_equal else tuple(first)
