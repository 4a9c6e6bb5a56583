"""Every field of a compiled plan, and how each is judged: what `harness rules` prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.core.differ.aligned_maps import MapField
from harness.core.differ.containers import Dynamic, ListField, ObjectField
from harness.core.differ.entity_scope import EntityScope
from harness.core.differ.forwarding_fields import Positions
from harness.core.differ.plan import Plan
from harness.core.differ.statements import Statements
from harness.core.entities.reference_ids import LocalName
from harness.core.explain.provenance import Provenance, provenance
from harness.core.fields.field import Field, IgnoredField, Leaf
from harness.core.schema.properties import Properties
from harness.core.values import KEY, Json, Steps


class FieldKind(StrEnum):
    """Kinds of field."""

    SCALAR = "scalar"
    REFERENCE = "reference"
    LIST = "list"
    ENTITIES = "entities"
    LOCAL_NAME = "local name"
    """The id of an entity: never compared."""
    IGNORED = "ignored"
    RECURSION = "recursion"
    """An object that holds itself: its fields are those listed above."""


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """One field and how it is judged."""

    field: str
    kind: FieldKind
    provenance: Provenance


def inventory(plan: Plan, truths: Sequence[Json] = ()) -> tuple[InventoryEntry, ...]:
    """Return every field of a plan, in the schema's order; fields it leaves open, in the truths'.

    A field is told of once, or where positions of a tuple or keys of a map are judged in ways of
    their own, once for each way.

    >>> plan = Plan({"properties": {"n": {"type": "number"}}})
    >>> [(e.field, str(e.kind)) for e in inventory(plan, [{"n": 1, "tags": ["a"]}])]
    [('n', 'scalar'), ('tags', 'list'), ('tags[]', 'scalar')]
    """
    entries_by_field: dict[str, list[InventoryEntry]] = {}
    for here in _walk(_Here(plan, plan.root, (), tuple(truths))):
        entry = here.entry()
        known = entries_by_field.setdefault(entry.field, [])
        if entry not in known:
            known.append(entry)
    return tuple(entry for entries in entries_by_field.values() for entry in entries)


@dataclass(frozen=True, slots=True)
class _Here:
    """A place on the walk, with the values the truths have there."""

    plan: Plan
    field: Field
    at: Steps
    values: tuple[Json, ...]

    def to(self, field: Field, values: Iterable[Json], *at: str | int) -> _Here:
        """Return a place below; `at` fills the last hole of its path."""
        return _Here(self.plan, field, (*self.at, *at), tuple(values))

    def objects(self) -> list[dict[str, Json]]:
        """Return the values that are objects."""
        return [value for value in self.values if isinstance(value, dict)]

    def entry(self) -> InventoryEntry:
        """Return what there is to say of a place that stands for itself."""
        field, scalar = self.field, None
        if isinstance(field, Leaf):
            plain = (v for v in self.values if v is not None and not isinstance(v, list | dict))
            scalar = next(plain, None)
        governed = provenance(self.plan, field, self.at, scalar)
        return InventoryEntry(field.path.name or "$", _kind(field), governed)


def _kind(field: Field) -> FieldKind:
    if isinstance(field, Leaf):
        return FieldKind.REFERENCE if field.rule.refers_to else FieldKind.SCALAR
    if isinstance(field, ListField):
        return FieldKind.ENTITIES if field.rule.align == "entity" else FieldKind.LIST
    if isinstance(field, IgnoredField):
        return FieldKind.IGNORED
    return FieldKind.LOCAL_NAME if isinstance(field, LocalName) else FieldKind.RECURSION


def _walk(here: _Here) -> Iterator[_Here]:
    """Yield a place and those below it that stand for themselves."""
    field = here.field
    if isinstance(field, EntityScope | Statements):
        yield from _walk(here.to(field.field, here.values))
    elif isinstance(field, MapField):
        yield from _map(here, field)
    elif isinstance(field, ObjectField) and not field.recursive:
        yield from _object(here, field)
    elif isinstance(field, ListField):
        yield here
        yield from _items(here, field)
    elif isinstance(field, Dynamic):
        yield from _dynamic(here, field)
    else:
        yield here


def _object(here: _Here, field: ObjectField) -> Iterator[_Here]:
    objects = here.objects()
    field.grown()
    for key, child in field.known.items():
        yield from _walk(here.to(child, [o[key] for o in objects if key in o]))
    others = _by_key(objects, field.known)
    if Properties(here.plan.schema_at(field.path, here.at)).other("") is not None:
        others.setdefault("", [])
    for key, values in others.items():
        child = field.rest(key)
        hole = (key,) if child.path.steps[-1:] == (KEY,) else ()
        yield from _walk(here.to(child, values, *hole))


def _map(here: _Here, field: MapField) -> Iterator[_Here]:
    """Walk a map whose entries are paired: its own rule, then keys and values."""
    maps = here.objects()
    if isinstance(field.plain, Dynamic) and len(maps) < len(here.values):
        others = [value for value in here.values if not isinstance(value, dict)]
        yield from _walk(here.to(field.plain, others))
    if maps or not here.values:
        yield here.to(field.listed, ())
        yield from _walk(here.to(field.key, [key for one in maps for key in one], ""))
        yield from _walk(here.to(field.value, [v for one in maps for v in one.values()], ""))


def _by_key(
    objects: Iterable[dict[str, Json]], known: Mapping[str, Field]
) -> dict[str, list[Json]]:
    """Return the values of the keys that no property is named for."""
    values: dict[str, list[Json]] = {}
    for each in objects:
        for key, value in each.items():
            if key not in known:
                values.setdefault(key, []).append(value)
    return values


def _items(here: _Here, field: ListField) -> Iterator[_Here]:
    lists = [value for value in here.values if isinstance(value, list)]
    positions = field.item
    if not isinstance(positions, Positions):
        yield from _walk(here.to(field.item, [item for each in lists for item in each], 0))
        return
    for place, child in enumerate(positions.fields):
        yield from _walk(
            here.to(child, [each[place] for each in lists if place < len(each)], place)
        )
    behind = len(positions.fields)
    rest = [item for each in lists for item in each[behind:]]
    if rest:
        yield from _walk(here.to(positions.rest, rest, behind))


def _dynamic(here: _Here, field: Dynamic) -> Iterator[_Here]:
    """Walk a field by the shapes its values have."""
    if field.shape is not None:
        yield from _walk(here.to(field.shape, here.objects()))
    for key, values in _by_key(here.objects() if field.shape is None else (), {}).items():
        yield from _walk(here.to(field.key(key), values))
    if any(isinstance(value, list) for value in here.values):
        yield from _walk(here.to(field.items(), here.values))
    plain = [value for value in here.values if not isinstance(value, list | dict)]
    if plain or not here.values:
        yield here.to(field.leaf, plain)
