"""Entity collections and the references between them: the same graph under other names.

Ids are local names: they are never compared and never leak from one side to the other. Before
anything is judged, both sides' references give way to links, which are equal for matched entities
and for nothing else; so the differ compares graphs as it compares any other values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import lru_cache, partial
from operator import is_not
from typing import Final

from harness.core.differ.aligned_maps import (
    MapEntry,
    MapField,
    entities_of,
    entity_map_flaw,
    turned_map,
)
from harness.core.differ.containers import Dynamic, ListField, ObjectField
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
from harness.core.rules.rule_names import KEY_FIELD, VALUE_FIELD
from harness.core.values import Json, Path, Steps, is_blank, value_at
from harness.errors import HarnessError


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
        if isinstance(expected, dict) and isinstance(predicted, dict):
            expected, predicted = self._matched(expected, predicted, ledger)
        elif isinstance(expected, dict) and isinstance(alone := only_item(predicted), dict):
            reframe(self, (expected, alone), at_expected, ledger, Tag.WRAPPED)
            return
        elif isinstance(expected, dict) and (value := decoded(predicted, dict)) is not None:
            reframe(self, (expected, value), at_expected, ledger, Tag.ENCODED)
            return
        self.field.diff(expected, predicted, at_expected, at_predicted, ledger)

    def _matched(
        self, expected: dict[str, Json], predicted: dict[str, Json], ledger: Ledger
    ) -> tuple[Json, Json]:
        """Return both sides with links for references; the ledger knows the pairs of entities."""
        fields = {k: self._entities(k, expected.get(k), predicted.get(k)) for k in self.keys}
        matching = Matching(
            {k: self._collection(f, expected.get(k), predicted.get(k)) for k, f in fields.items()}
        )
        matching.settle()
        ledger.approximate.update(fields[key].path.name for key in matching.approximate)
        swapped = {
            key: turned_map(predicted.get(key), entities, field.listed.rule.unordered or ())
            if isinstance(field, MapField)
            else entities
            for key, field in fields.items()
            if (entities := matching.joint.oriented(key))
        }
        link: LinkOf = lru_cache(maxsize=None, typed=True)(matching.joint.link)  # type: ignore[assignment]  # of scalars, which are hashable
        left = self._own_copies(_linked(self.field, {**expected}, link, EXPECTED))
        right = self._own_copies(_linked(self.field, {**predicted, **swapped}, link, PREDICTED))
        ledger.kept.append((left, right))
        for key, field in fields.items():
            sides = left.get(key), right.get(key)
            ledger.pairings[_identity(field, sides)] = matching.joint.found(key)
        return left, right

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the cells below; references are left out, not being resolved yet."""
        self.field.cells(value, side, at, row)

    def _own_copies(self, value: Json) -> dict[str, Json]:
        """Return a copy with collections of its own, known by identity to no other pairing."""
        whole = value if isinstance(value, dict) else {}
        fresh: dict[str, Json] = {}
        for key in self.keys:
            held = whole.get(key)
            if isinstance(held, list | dict):
                fresh[key] = [*held] if isinstance(held, list) else {**held}
        return {**whole, **fresh}

    def _entities(self, key: str, expected: Json, predicted: Json) -> ListField | MapField:
        """Return the field of a collection: of a map where the truth has one, else of a list."""
        field = child(self.field, key)
        shape = predicted if is_blank(expected) else expected
        if isinstance(field, Dynamic) and field.shape is not None and isinstance(shape, dict):
            field = field.shape
        if isinstance(field, MapField):
            if isinstance(shape, dict) or not isinstance(field.plain, Dynamic):
                flaw = entity_map_flaw(field.path.name, field.listed.rule, expected)
                if flaw is not None:
                    raise HarnessError(flaw)
                return field
            field = field.plain
        children = field.items() if isinstance(field, Dynamic) else field
        if not isinstance(children, ListField):
            raise TypeError(key)
        return children

    def _collection(
        self, field: ListField | MapField, expected: Json, predicted: Json
    ) -> Collection:
        """Return the entities of both sides; those of a map with their keys as ids."""
        listed = field.listed if isinstance(field, MapField) else field
        rule, item = listed.rule, listed.item
        if isinstance(field, MapField):
            rule = replace(rule, id=KEY_FIELD)
            one, other = entities_of(expected), entities_of(predicted)
        else:
            one, other = (side if isinstance(side, list) else [] for side in (expected, predicted))
        names = {part for name in rule.match or () for part in name.split("+")}
        fields = {name.strip(): child(item, name.strip()) for name in names}
        targets = {name: to for name, place in fields.items() if (to := _target(place))}
        keys = {k: None for entity in (*one, *other) if isinstance(entity, dict) for k in entity}
        others = {k: to for k in keys if k not in targets and (to := _target(child(item, k)))}
        structure = {k: to for k, to in others.items() if to in self.keys}
        inner = _inner({n: f for n, f in fields.items() if n not in targets}, (one, other))

        named = targets.keys() | others.keys()

        def bare(entity: Json) -> Json:
            if not isinstance(entity, dict):
                return _linked(item, entity, _no_link, EXPECTED)
            return {
                key: _linked(child(item, key), value, _no_link, EXPECTED)
                if value.__class__ in _HOLDS
                else None
                if key in named
                else value
                for key, value in entity.items()
            }

        place = partial(child, item)
        return Collection(rule, fields, targets, one, other, structure, inner, bare, place)


def _identity(field: ListField | MapField, sides: tuple[Json, Json]) -> tuple[int, int, int]:
    """Return what the ledger knows the pairing of a collection by."""
    if isinstance(field, ListField):
        return id(field), id(sides[EXPECTED]), id(sides[PREDICTED])
    one, other = (field.entries(side if isinstance(side, dict) else {}) for side in sides)
    return id(field.listed), id(one), id(other)


def _no_link(_target: str, _value: Json, _side: int) -> Json:
    return None


def child(field: Field, key: str) -> Field:
    """Return the field of a property."""
    if isinstance(field, EntityScope):
        return child(field.field, key)
    if isinstance(field, MapField):
        return field.value
    if isinstance(field, MapEntry):
        named = {KEY_FIELD: field.key, VALUE_FIELD: field.value}.get(key)
        return named or child(field.value, key)
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
    if isinstance(field, MapField):
        field = field.plain
    if isinstance(field, Dynamic):
        field = field.items()
    return field.item if isinstance(field, ListField) else field
