"""What a schema speaks of, and what several schemas say together."""

from __future__ import annotations

from typing import Final

from harness.core.schema.validity import Schema, kinds_of
from harness.core.values import Json, json_type

_OPEN_WORDS: Final = ("additionalProperties", "patternProperties")
_OBJECT_WORDS: Final = ("properties", *_OPEN_WORDS)
_LIST_WORDS: Final = ("items", "prefixItems")


def is_object(schema: Schema) -> bool:
    """Tell whether a schema speaks of objects only; null does not count.

    >>> is_object({"type": ["object", "null"]}), is_object({"properties": {}}), is_object({})
    (True, True, False)
    """
    kinds = kinds_of(schema) - {"null"}
    return kinds == {"object"} or (not kinds and any(word in schema for word in _OBJECT_WORDS))


def is_list(schema: Schema) -> bool:
    """Tell whether a schema speaks of arrays only; null does not count."""
    kinds = kinds_of(schema) - {"null"}
    return kinds == {"array"} or (not kinds and any(word in schema for word in _LIST_WORDS))


def is_scalar(schema: Schema) -> bool:
    """Tell whether a schema speaks of scalars only."""
    kinds = kinds_of(schema)
    if kinds:
        return not kinds & {"object", "array"}
    members = _members(schema)
    return members is not None and not any(isinstance(m, (list, dict)) for m in members)


def _members(schema: Schema) -> list[Json] | None:
    """Return the values a schema lists; None where it lists none."""
    members = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return members if isinstance(members, list) else None


def positions_of(schema: Schema) -> tuple[list[Json], Json] | None:
    """Return the schemas of a tuple's positions, and of the items behind; None for no tuple.

    `prefixItems` and `items`, or in older drafts a list under `items` and `additionalItems`.

    >>> positions_of({"items": [{"type": "string"}], "additionalItems": {"type": "number"}})
    ([{'type': 'string'}], {'type': 'number'})
    >>> positions_of({"items": {"type": "string"}}) is None
    True
    """
    first, items = schema.get("prefixItems"), schema.get("items")
    if isinstance(first, list):
        return first, items
    return (items, schema.get("additionalItems")) if isinstance(items, list) else None


def is_null(schema: Schema) -> bool:
    """Tell whether a schema takes null and nothing else."""
    return kinds_of(schema) == {"null"} or _members(schema) == [None]


def with_conditions(schema: dict[str, Json], options: list[dict[str, Json]]) -> dict[str, Json]:
    """Add the properties that only conditional branches name: they may be there."""
    kinds = kinds_of(schema)
    if not options or (kinds and "object" not in kinds):
        return schema
    named = _properties(schema)
    added = {k: v for k, v in _takes(options).items() if k not in named}
    return {**schema, "properties": {**named, **added}} if added else schema


def _properties(schema: Schema) -> dict[str, Json]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def both_of(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """Merge two schemas that both hold; the second has the last word but for its properties."""
    merged = {**one, **other}
    for word in ("properties", "patternProperties"):
        first, second = one.get(word), other.get(word)
        if isinstance(first, dict) and isinstance(second, dict):
            both: dict[str, Json] = {**first, **second}
            for key in first.keys() & second.keys():
                if first[key] != second[key]:
                    both[key] = {"allOf": [first[key], second[key]]}
            merged[word] = both
    return merged


def either_of(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Merge schemas of which one holds into one that takes what any of them takes."""
    if len(options) < 2:  # noqa: PLR2004  # nothing to merge
        return options[0] if options else {}
    if all(map(is_object, options)):
        return _either_object(options)
    if all(map(is_list, options)):
        return _either_list(options)
    if all(map(is_scalar, options)):
        branches: dict[str, Json] = {"anyOf": list(options)}
        kinds: list[Json] = [*sorted(frozenset[str]().union(*map(_scalar_kinds, options)))]
        return {"type": kinds, **branches}
    return {}


def _scalar_kinds(schema: Schema) -> frozenset[str]:
    """Return the JSON types a scalar's schema names, or those of the values it lists."""
    return kinds_of(schema) or frozenset(map(json_type, _members(schema) or []))


def _either_list(options: list[dict[str, Json]]) -> dict[str, Json]:
    items: list[Json] = []
    for option in options:
        tuples = positions_of(option)
        parts = [option.get("items")] if tuples is None else [*tuples[0], tuples[1]]
        items.extend(part for part in parts if isinstance(part, dict) and part not in items)
    return {"type": "array", "items": {"anyOf": items} if items else {}}


def _takes(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Return the properties that any of some schemas names, each with what any of them takes."""
    takes: dict[str, list[Json]] = {}
    for option in options:
        for key, schema in _properties(option).items():
            if schema not in takes.setdefault(key, []):
                takes[key].append(schema)
    return {
        key: schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        for key, schemas in takes.items()
    }


def _either_object(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Merge schemas of objects; the branches themselves are kept under `anyOf`."""
    options = [branch for option in options for branch in object_branches(option) or [option]]
    whole: dict[str, Json] = {"type": "object", "properties": _takes(options), "anyOf": [*options]}
    for word in ("additionalProperties", "patternProperties"):
        said = [option[word] for option in options if isinstance(option.get(word), dict)]
        if word == "additionalProperties" and said:
            whole[word] = {"anyOf": said}
        elif said:
            whole[word] = _any_pattern(said)
    return whole


def object_branches(schema: Schema) -> list[dict[str, Json]]:
    """Return what each branch of a merged union of objects says; nothing where it is none."""
    options = schema.get("anyOf")
    branches = [o for o in options if isinstance(o, dict)] if isinstance(options, list) else []
    if len(branches) < 2 or not all(map(is_object, branches)):  # noqa: PLR2004  # no union
        return []
    whole = frozenset[str]().union(*map(_properties, branches))
    common = {key: one for key, one in _properties(schema).items() if key not in whole}
    rest = {k: v for k, v in schema.items() if k not in ("anyOf", "properties", *_OPEN_WORDS)}
    return [both_of({**rest, "properties": common}, branch) for branch in branches]


def _any_pattern(options: list[Json]) -> dict[str, Json]:
    return _takes([{"properties": option} for option in options])
