"""Two lists of entities, and which of them agree in everything that is said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from harness.core.comparator import as_text
from harness.core.fields import Field, Leaf
from harness.core.rules import FieldRule
from harness.core.values import Json, is_blank
from harness.core.verdicts import CORRECT, FORMAT_ONLY

STEPS: Final = 1_000_000
"""Similarities are weighed in whole steps, so that equal scores are equal on every machine."""

Pair: TypeAlias = tuple[int, int]
"""Index of an entity in the truth and of one in the prediction."""

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
        for found, side in zip(self.ids, self.sides(), strict=True):
            for index, item in enumerate(side):
                own = value_at(item, self.rule.id or "id")
                if not is_blank(own):
                    found.setdefault(id_text(own), index)

    def sides(self) -> tuple[Sequence[Json], Sequence[Json]]:
        """Return the entities of the truth and of the prediction."""
        return self.expected, self.predicted

    def may_be_unknown(self, name: str, comparator: str) -> bool:
        """Tell whether a field that is absent on one side matches any value on the other."""
        if self.rule.unknown is not None:
            return name in self.rule.unknown
        return comparator in _OPEN_ENDED

    def references(self) -> list[str]:
        """Return the criteria that are references."""
        return [name for name in self.rule.match or () if name in self.targets]

    def candidates(self) -> dict[Pair, int]:
        """Return the pairs that agree in every criterion but references, and how alike they are."""
        names = [name for name in self.rule.match or () if name not in self.targets]
        criteria = [_Criterion(self, name) for name in names]
        criteria.sort(key=lambda one: one.leaf.scalar.same_keys is not None)
        found: dict[Pair, int] = {}
        for i in range(len(self.expected)):
            for j in range(len(self.predicted)):
                worth = _worth(criteria, i, j)
                if worth is not None:
                    found[i, j] = worth
        return found


class _Criterion:
    """One thing two entities must agree in; every two values are compared once."""

    __slots__ = ("_keys", "_known", "_values", "classes", "leaf", "name", "open_ended", "weight")

    def __init__(self, collection: Collection, name: str) -> None:
        parts = [part.strip() for part in name.split("+")]
        self.name = name
        self.weight = (collection.rule.match or {})[name]
        self.leaf = _leaf(collection.fields[parts[0]])
        self.open_ended = collection.may_be_unknown(name, self.leaf.scalar.name)
        self._known: dict[Pair, float | None] = {}
        self._values: list[Json] = [None]
        numbers: dict[object, int] = {}
        self.classes = tuple(
            [self._number(_joined(item, parts), numbers) for item in side]
            for side in collection.sides()
        )
        """By side, a number for the value of each entity: the same for equal ones, 0 for blank."""
        self._keys = [self.leaf.scalar.key(value) for value in self._values]

    def _number(self, value: Json, numbers: dict[object, int]) -> int:
        if is_blank(value):
            return 0
        plain = not isinstance(value, (list, dict))
        number = numbers.get((value.__class__, value)) if plain else None
        if number is None:
            number = len(self._values)
            self._values.append(value)
            if plain:
                numbers[value.__class__, value] = number
        return number

    def closeness(self, one: int, other: int) -> float | None:
        """Return how near two values are, by their numbers; None if they are not the same."""
        pair = one, other
        if pair not in self._known:
            left, right = self._values[one], self._values[other]
            same = self._same(one, other)
            self._known[pair] = self.leaf.scalar.closeness(left, right) if same else None
        return self._known[pair]

    def _same(self, one: int, other: int) -> bool:
        """Tell whether two values are the same, if need be once read leniently."""
        scalar = self.leaf.scalar
        if scalar.others is None:  # the keys tell all, and each value is read once
            left, right = self._keys[one], self._keys[other]
            alike = scalar.same_keys
            return left is not None and (
                left == right or (right is not None and alike is not None and alike(left, right))
            )
        values = self._values[one], self._values[other]
        containers = any(isinstance(value, (list, dict)) for value in values)
        return not containers and scalar.judge(*values) in (CORRECT, FORMAT_ONLY)


def _worth(criteria: Sequence[_Criterion], i: int, j: int) -> int | None:
    """Return how alike two entities are, in steps; None if a criterion tells them apart."""
    total = weights = 0.0
    for criterion in criteria:
        one, other = criterion.classes[0][i], criterion.classes[1][j]
        if not one or not other:
            if one != other and not criterion.open_ended:
                return None
            continue
        near = criterion.closeness(one, other)
        if near is None:
            return None
        total += criterion.weight * near
        weights += criterion.weight
    return round(STEPS * total / weights) if weights else STEPS


def shared_values(one: Json, other: Json, but: Sequence[str]) -> int:
    """Count the plain values that two entities have in common under the same key.

    >>> shared_values({"id": 1, "a": 2, "b": "x"}, {"id": 1, "a": 2, "b": "y"}, ["id"])
    1
    """
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0
    plain = (key for key in one.keys() & other.keys() if key not in but)
    return sum(
        one[key].__class__ is other[key].__class__ and one[key] == other[key]
        for key in plain
        if not isinstance(one[key], (list, dict)) and not is_blank(one[key])
    )


def reference_ids(value: Json) -> Iterator[str]:
    """Yield the ids that a reference, or a list of references, names."""
    for one in value if isinstance(value, list) else [value]:
        if not is_blank(one):
            yield id_text(one)


def id_text(value: Json) -> str:
    """Return an id as it is looked up: 2, 2.0 and "2" are one name.

    >>> id_text(2), id_text(2.0), id_text("2")
    ('2', '2', '2')
    """
    return as_text(value) or str(value)


def value_at(item: Json, name: str) -> Json:
    """Return a property of an item; None where the item is no object."""
    return item.get(name) if isinstance(item, dict) else None


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
