"""Two lists of entities, and which of them agree in everything that is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from harness.core.fields import Field, Leaf
from harness.core.rules import FieldRule
from harness.core.values import Json, is_blank
from harness.core.verdicts import CORRECT, FORMAT_ONLY

STEPS: Final = 1_000_000
"""Similarities are weighed in whole steps, so that equal scores are equal on every machine."""

_OPEN_ENDED: Final = ("date", "datetime", "reference")
"""Comparators whose value may be unknown: absent on one side, it matches any, unless told."""


@dataclass(slots=True)
class Collection:
    """Two lists of entities and how they are matched."""

    rule: FieldRule
    fields: Mapping[str, Field]
    """By name, the fields of an item that the rule's `match` speaks of."""
    targets: Mapping[str, str]
    """By name, the collections that those of them refer to that are references."""
    expected: Sequence[Json]
    predicted: Sequence[Json]
    ids: tuple[dict[str, int], dict[str, int]] = field(init=False)
    """By side: from an id, as text, to the entity's index; the first of two equal ids counts."""

    def __post_init__(self) -> None:
        self.ids = {}, {}
        for found, side in zip(self.ids, (self.expected, self.predicted), strict=True):
            for index, item in enumerate(side):
                own = value_at(item, self.rule.id or "id")
                if not is_blank(own):
                    found.setdefault(str(own), index)

    def criteria(self) -> Iterator[tuple[str, list[str], Field, float]]:
        """Yield each criterion: its name, the fields it joins, the first one, and its weight."""
        for name, weight in (self.rule.match or {}).items():
            parts = [part.strip() for part in name.split("+")]
            yield name, parts, self.fields[parts[0]], weight

    def may_be_unknown(self, name: str, comparator: str) -> bool:
        """Tell whether a field that is absent on one side matches any value on the other."""
        if self.rule.unknown is not None:
            return name in self.rule.unknown
        return comparator in _OPEN_ENDED

    def references(self) -> list[str]:
        """Return the criteria that are references."""
        return [name for name in self.rule.match or () if name in self.targets]


def value_at(item: Json, name: str) -> Json:
    """Return a property of an item; None where the item is no object."""
    return item.get(name) if isinstance(item, dict) else None


def candidates(collection: Collection) -> dict[tuple[int, int], int]:
    """Return the pairs that agree in every criterion but references, and how alike they are."""
    found: dict[tuple[int, int], int] = {}
    criteria = [c for c in collection.criteria() if c[0] not in collection.targets]
    for i, one in enumerate(collection.expected):
        for j, other in enumerate(collection.predicted):
            worth = _alike(collection, criteria, one, other)
            if worth is not None:
                found[i, j] = worth
    return found


def _alike(
    collection: Collection,
    criteria: Sequence[tuple[str, list[str], Field, float]],
    one: Json,
    other: Json,
) -> int | None:
    """Return how alike two entities are, in steps; None if a criterion tells them apart."""
    total = weights = 0.0
    for name, parts, first, weight in criteria:
        leaf = _leaf(first)
        left, right = _joined(one, parts), _joined(other, parts)
        if is_blank(left) or is_blank(right):
            neither = is_blank(left) and is_blank(right)
            if not neither and not collection.may_be_unknown(name, leaf.scalar.name):
                return None
            continue
        if leaf.scalar.judge(left, right) not in (CORRECT, FORMAT_ONLY):
            return None
        total += weight * leaf.scalar.closeness(left, right)
        weights += weight
    return round(STEPS * total / weights) if weights else STEPS


def _leaf(place: Field) -> Leaf:
    found = getattr(place, "leaf", place)
    if not isinstance(found, Leaf):
        raise TypeError(place.path.name)
    return found


def _joined(item: Json, parts: Sequence[str]) -> Json:
    """Return a criterion's value: one field, or several texts with a space between."""
    if len(parts) == 1:
        return value_at(item, parts[0])
    texts = [str(v) for part in parts if not is_blank(v := value_at(item, part))]
    return " ".join(texts)
