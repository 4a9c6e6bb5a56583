"""Every field of a compiled plan, and how each is judged: what `harness rules` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.core.containers import Dynamic, ListField, ObjectField
from harness.core.cumulative import Statements
from harness.core.entities import EntityScope
from harness.core.fields import Field, Ignored, Leaf
from harness.core.links import LocalName
from harness.core.plan import Plan
from harness.core.provenance import Provenance, provenance
from harness.core.values import Json


class Kind(StrEnum):
    """What stands at a field."""

    SCALAR = "scalar"
    REFERENCE = "reference"
    LIST = "list"
    ENTITIES = "entities"
    LOCAL_NAME = "local name"
    """The id of an entity: never compared."""
    IGNORED = "ignored"
    RECURSION = "recursion"
    """An object that holds itself: its fields are those told of above."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field and how it is judged."""

    field: str
    kind: Kind
    provenance: Provenance


def inventory(plan: Plan, truths: Sequence[Json] = ()) -> tuple[Entry, ...]:
    """Return every field of a plan, each once, in the schema's order.

    Fields the schema leaves open are found in the truths.

    >>> plan = Plan({"properties": {"n": {"type": "number"}}})
    >>> [(e.field, str(e.kind)) for e in inventory(plan, [{"n": 1, "tags": ["a"]}])]
    [('n', 'scalar'), ('tags', 'list'), ('tags[]', 'scalar')]
    """
    found: dict[str, Entry] = {}
    for field, kind, values in _walk(plan, plan.root, list(truths)):
        name = field.path.name or "$"
        if name not in found:
            one = next((v for v in values if not isinstance(v, list | dict)), None)
            by_value = one if isinstance(field, Leaf) else None
            found[name] = Entry(name, kind, provenance(plan, field, by_value))
    return tuple(found.values())


Met = tuple[Field, Kind, list[Json]]


def _walk(plan: Plan, field: Field, values: list[Json]) -> Iterator[Met]:
    """Yield a field and those below it, each with the values the truths have there."""
    if isinstance(field, EntityScope | Statements):
        yield from _walk(plan, field.field, values)
    elif isinstance(field, ObjectField):
        yield from _object(plan, field, values)
    elif isinstance(field, ListField):
        yield from _list(plan, field, values)
    elif isinstance(field, Dynamic):
        yield from _dynamic(plan, field, values)
    elif isinstance(field, Leaf):
        yield field, Kind.REFERENCE if field.rule.refers_to else Kind.SCALAR, _present(values)
    elif isinstance(field, Ignored | LocalName):
        yield field, Kind.IGNORED if isinstance(field, Ignored) else Kind.LOCAL_NAME, []


def _present(values: list[Json]) -> list[Json]:
    return [value for value in values if value is not None]


def _object(plan: Plan, field: ObjectField, values: list[Json]) -> Iterator[Met]:
    if field.recursive:
        yield field, Kind.RECURSION, []
        return
    objects = [value for value in values if isinstance(value, dict)]
    field.grown()
    for key, child in field.known.items():
        yield from _walk(plan, child, [o[key] for o in objects if key in o])
    for key, found in _others(objects, field.known).items():
        yield from _walk(plan, field.rest(key), found)
    schema = plan.schema_at(field.path)
    if any(isinstance(schema.get(w), dict) for w in ("additionalProperties", "patternProperties")):
        yield from _walk(plan, field.rest(""), [])


def _others(objects: list[dict[str, Json]], known: Mapping[str, Field]) -> dict[str, list[Json]]:
    """Return the values of the keys that no property is named for."""
    found: dict[str, list[Json]] = {}
    for each in objects:
        for key, value in each.items():
            if key not in known:
                found.setdefault(key, []).append(value)
    return found


def _list(plan: Plan, field: ListField, values: list[Json]) -> Iterator[Met]:
    yield field, Kind.ENTITIES if field.rule.align == "entity" else Kind.LIST, []
    items = [item for value in values if isinstance(value, list) for item in value]
    yield from _walk(plan, field.item, items)


def _dynamic(plan: Plan, field: Dynamic, values: list[Json]) -> Iterator[Met]:
    """Walk a field by the shapes its values have."""
    objects = [value for value in values if isinstance(value, dict)]
    for key, found in _others(objects, {}).items():
        yield from _walk(plan, field.key(key), found)
    if any(isinstance(value, list) for value in values):
        yield from _walk(plan, field.items(), values)
    plain: list[Json] = [value for value in values if not isinstance(value, list | dict)]
    if plain or not values:
        yield from _walk(plan, field.leaf, plain)
