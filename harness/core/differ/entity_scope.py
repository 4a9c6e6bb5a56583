"""Entity collections and the references between them: the same graph under other names.

Ids are local names: they are never compared and never leak from one side to the other. Before
anything is judged, both sides' references give way to links, which are equal for matched entities
and for nothing else; so the differ compares graphs as it compares any other values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from operator import is_not
from typing import Final

from harness.core.differ.aligned_maps import MapField
from harness.core.differ.containers import Dynamic, ListField, ObjectField, refuse_alignment
from harness.core.entities.collection import Collection, Inner, LinkOf, reference_ids
from harness.core.entities.matching import Matching
from harness.core.fields.field import (
    EXPECTED,
    PREDICTED,
    Field,
    ItemCells,
    Leaf,
    decoded,
    only_item,
    reframe,
)
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import Tag
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json, Path, Steps, is_blank, value_at


class EntityScope:
    """An object that holds entity collections: their ids mean something inside it only."""

    __slots__ = ("field", "keys", "missing", "path")

    def __init__(self, field: ObjectField | Dynamic, keys: Sequence[str]) -> None:
        self.field = field
        """What judges the object once its references have given way to links."""
        self.keys = keys
        """The properties that are entity collections."""
        self.path: Path = field.path
        self.missing: Json = field.missing

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Match the entities, then judge everything."""
        ledger.collections.update(self.field.path.key(key).name for key in self.keys)
        for key in self.keys:
            named = expected.get(key) if isinstance(expected, dict) else None
            if named and isinstance(named, dict):
                refuse_alignment(self.path.key(key), FieldRule(align="entity"))
        if isinstance(expected, dict) and isinstance(predicted, dict):
            matching = Matching(
                {key: self._collection(key, expected, predicted) for key in self.keys}
            )
            matching.settle()
            ledger.approximate.update(self._list(key).path.name for key in matching.approximate)
            swapped = {key: matching.joint.oriented(key) for key in self.keys if predicted.get(key)}
            link: LinkOf = lru_cache(maxsize=None, typed=True)(matching.joint.link)  # type: ignore[assignment]  # of scalars, which are hashable
            left = _linked(self.field, {**expected}, link, EXPECTED)
            right = _linked(self.field, {**predicted, **swapped}, link, PREDICTED)
            expected, predicted = self._own_lists(left), self._own_lists(right)
            ledger.kept.append((expected, predicted))
            for key in self.keys:
                known = id(self._list(key)), id(expected.get(key)), id(predicted.get(key))
                ledger.pairings[known] = matching.joint.found(key)
        elif isinstance(expected, dict) and isinstance(alone := only_item(predicted), dict):
            reframe(self, (expected, alone), at_expected, ledger, Tag.WRAPPED)
            return
        elif isinstance(expected, dict) and (value := decoded(predicted, dict)) is not None:
            reframe(self, (expected, value), at_expected, ledger, Tag.ENCODED)
            return
        self.field.diff(expected, predicted, at_expected, at_predicted, ledger)

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the cells below; references are left out, not being resolved yet."""
        self.field.cells(value, side, at, row)

    def _own_lists(self, value: Json) -> dict[str, Json]:
        """Return a copy with collections of its own, known by identity to no other pairing."""
        whole = value if isinstance(value, dict) else {}
        fresh = {k: list(v) for k, v in whole.items() if k in self.keys and isinstance(v, list)}
        return {**whole, **fresh}

    def _list(self, key: str) -> ListField:
        field = child(self.field, key)
        children = field.items() if isinstance(field, Dynamic) else field
        if not isinstance(children, ListField):
            raise TypeError(key)
        return children

    def _collection(self, key: str, e: dict[str, Json], p: dict[str, Json]) -> Collection:
        field = self._list(key)
        one, other = e.get(key), p.get(key)
        names = {part for name in field.rule.match or () for part in name.split("+")}
        fields = {name.strip(): child(field.item, name.strip()) for name in names}
        targets = {name: to for name, place in fields.items() if (to := _target(place))}
        expected = one if isinstance(one, list) else []
        predicted = other if isinstance(other, list) else []
        keys = {k: None for item in (*expected, *predicted) if isinstance(item, dict) for k in item}
        others = {k: to for k in keys if k not in targets and (to := _target(child(field.item, k)))}
        structure = {k: to for k, to in others.items() if to in self.keys}
        inner = _inner({n: f for n, f in fields.items() if n not in targets}, (expected, predicted))

        named = targets.keys() | others.keys()

        def bare(entity: Json) -> Json:
            if not isinstance(entity, dict):
                return _linked(field.item, entity, _no_link, EXPECTED)
            return {
                key: _linked(child(field.item, key), value, _no_link, EXPECTED)
                if value.__class__ in _HOLDS
                else None
                if key in named
                else value
                for key, value in entity.items()
            }

        sides, place = (expected, predicted), partial(child, field.item)
        return Collection(field.rule, fields, targets, *sides, structure, inner, bare, place)


def _no_link(_target: str, _value: Json, _side: int) -> Json:
    return None


def child(field: Field, key: str) -> Field:
    """Return the field of a property."""
    if isinstance(field, EntityScope):
        return child(field.field, key)
    if isinstance(field, MapField):
        return field.value
    if isinstance(field, ObjectField):
        field.grown()
        return field.known.get(key) or field.rest(key)
    if isinstance(field, Dynamic):
        return field.key(key) if field.shape is None else child(field.shape, key)
    return field


def _target(field: Field) -> str | None:
    """Return the collection a field, or the items of a list, refer to."""
    return _reference(field) or _reference(_item(field))


def _reference(field: Field) -> str | None:
    leaf = field.leaf if isinstance(field, Dynamic) else field
    return leaf.rule.refers_to if isinstance(leaf, Leaf) else None


def _inner(fields: Mapping[str, Field], sides: tuple[Sequence[Json], Sequence[Json]]) -> Inner:
    """Return the references inside of the criteria that are lists or objects."""
    targets: dict[str, str] = {}
    criteria: dict[str, str] = {}
    ids: tuple[list[dict[str, list[str]]], list[dict[str, list[str]]]] = (
        [{} for _ in sides[EXPECTED]],
        [{} for _ in sides[PREDICTED]],
    )
    for mine, entities in zip(ids, sides, strict=True):
        for name, field in fields.items():
            for held, entity in zip(mine, entities, strict=True):
                value = value_at(entity, name)
                if isinstance(value, (list, dict)):
                    for at, target, one in _references(field, value):
                        targets[at], criteria[at] = target, name
                        held.setdefault(at, []).extend(reference_ids(one))
    return Inner(
        targets,
        criteria,
        ids,
        lambda name, value, side, link: _linked(fields[name], value, link, side),
    )


def _references(field: Field, value: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield the references below a value: the field each stands at, what it refers to, its id."""
    if isinstance(value, dict):
        for key, held in value.items():
            yield from _references(child(field, key), held)
    elif isinstance(value, list):
        item = _item(field)
        for held in value:
            yield from _references(item, held)
    elif (target := _reference(field)) is not None:
        yield field.path.name, target, value


_HOLDS: Final[AbstractSet[type]] = frozenset({list, dict})


def _linked(field: Field, value: Json, link: LinkOf, side: int) -> Json:
    """Return a value with the references below it resolved; what holds none is not copied."""
    if isinstance(value, dict):
        skip = _unlinked(field)
        changed: dict[str, Json] = {}
        for key, old in value.items():
            if key in skip:
                continue
            place = child(field, key)
            if isinstance(old, (list, dict)) or _reference(place) is not None:
                new = _linked(place, old, link, side)
                if new is not old:
                    changed[key] = new
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        item = _item(field)
        if _reference(item) is None and _HOLDS.isdisjoint(map(type, value)):
            return value
        items = [_linked(item, old, link, side) for old in value]
        return items if any(map(is_not, items, value)) else value
    target = _reference(field)
    return value if target is None or is_blank(value) else link(target, value, side)


def _unlinked(field: Field) -> AbstractSet[str]:
    """Return the properties known to hold no reference."""
    if not isinstance(field, ObjectField):
        return frozenset()
    field.grown()
    return field.unlinked


def _item(field: Field) -> Field:
    """Return the field of a list's items; the field itself where no list can stand."""
    if isinstance(field, Dynamic):
        field = field.items()
    return field.item if isinstance(field, ListField) else field
