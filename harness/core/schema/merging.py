"""Schema merging: what several schemas allow together (`allOf`, `anyOf`, conditions)."""

from __future__ import annotations

from typing import Final

from harness.core.schema.validity import Schema, kinds_of
from harness.core.values import Json, json_type
from harness.errors import HarnessError, Problem

_OPEN_WORDS: Final = ("additionalProperties", "patternProperties")
_OBJECT_WORDS: Final = ("properties", *_OPEN_WORDS)
_LIST_WORDS: Final = ("items", "prefixItems")
RULE_WORD: Final = "x-match"
"""The keyword under which a schema holds the rule of a field."""


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
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def both_of(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """Merge two schemas that both hold; the second has the last word but for its properties."""
    merged = {**one, **other}
    rules = one.get(RULE_WORD), other.get(RULE_WORD)
    if isinstance(rules[0], dict) and isinstance(rules[1], dict):
        merged[RULE_WORD] = {**rules[0], **rules[1]}
    for word in ("properties", "patternProperties"):
        first, second = one.get(word), other.get(word)
        if isinstance(first, dict) and isinstance(second, dict):
            both: dict[str, Json] = {**first, **second}
            for key in first.keys() & second.keys():
                if first[key] != second[key]:
                    both[key] = {"allOf": [first[key], second[key]]}
            merged[word] = both
    return merged


def narrowed(whole: dict[str, Json], branches: dict[str, Json]) -> dict[str, Json]:
    """Merge a schema with what its branches say together; rules beside the branches come first."""
    merged = both_of(whole, branches)
    if RULE_WORD in whole and RULE_WORD in branches:
        merged[RULE_WORD] = both_of(branches, whole)[RULE_WORD]
    return merged


def either_of(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Merge schemas of which one holds into one that takes what any of them takes.

    Schemas of several shapes (a text or a list of texts) are kept apart: see `shapes_of`.
    """
    if len(options) < 2:  # noqa: PLR2004  # nothing to merge
        return options[0] if options else {}
    if all(map(is_object, options)):
        return {**_either_object(options), **_common_rule(options)}
    if all(map(is_list, options)):
        return {**_either_list(options), **_common_rule(options)}
    if all(map(is_scalar, options)):
        branches: dict[str, Json] = {"anyOf": list(options)}
        kinds: list[Json] = [*sorted(frozenset[str]().union(*map(_scalar_kinds, options)))]
        return {"type": kinds, **branches}
    parts = [shapes_of(option) or {_shape_of(option): option} for option in options]
    if any("" in part for part in parts):
        return {}
    return {"anyOf": [schema for part in parts for schema in part.values()]}


def _shape_of(schema: Schema) -> str:
    """Return the one shape a schema speaks of; "" where it speaks of several, or of none."""
    if is_object(schema):
        return "object"
    return "array" if is_list(schema) else "scalar" if is_scalar(schema) else ""


def shapes_of(schema: Schema) -> dict[str, dict[str, Json]]:
    """Return what a schema says of each shape, where it takes several; empty where it does not.

    The shapes are `object`, `array` and `scalar`.

    >>> shapes_of({"anyOf": [{"type": "string"}, {"type": "array"}]})
    {'scalar': {'type': 'string'}, 'array': {'type': 'array'}}
    >>> shapes_of({"type": ["string", "null"]})
    {}
    """
    if _shape_of(schema):
        return {}
    rest = {k: v for k, v in schema.items() if k not in ("anyOf", "type")}
    kinds = kinds_of(schema) - {"null"}
    listed = schema.get("anyOf")
    if kinds:
        scalars: list[Json] = [*sorted(kinds - {"object", "array"})]
        named: list[tuple[str, Json]] = [(k, k) for k in ("object", "array") if k in kinds]
        named += [("scalar", scalars)] if scalars else []
        return {shape: {**schema, "type": kind} for shape, kind in named}
    groups: dict[str, list[dict[str, Json]]] = {}
    for option in listed if isinstance(listed, list) else []:
        if isinstance(option, dict):
            groups.setdefault(_shape_of(option), []).append(option)
    if len(groups) < 2 or "" in groups:  # noqa: PLR2004  # no choice of shapes
        return {}
    return {shape: narrowed(rest, either_of(some)) for shape, some in groups.items()}


def _common_rule(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Return the rule that all branches of a union of lists or of objects have, if they have one.

    Raises HarnessError where they differ: a list is paired before it is known which branch holds.
    """
    rules = [option.get(RULE_WORD) for option in options]
    if any(rule != rules[0] for rule in rules):
        what = "schema: the branches of a union of lists or of objects have different `x-match`"
        hint = "write one `x-match` beside `anyOf`"
        raise HarnessError(Problem(what, "bad-schema", hint=hint))
    return {} if rules[0] is None else {RULE_WORD: rules[0]}


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
        schemas = [option[word] for option in options if isinstance(option.get(word), dict)]
        if word == "additionalProperties" and schemas:
            whole[word] = {"anyOf": schemas}
        elif schemas:
            whole[word] = _any_pattern(schemas)
    return whole


def object_branches(schema: Schema) -> list[dict[str, Json]]:
    """Return what each branch of a merged union of objects says; nothing where it is none."""
    options = schema.get("anyOf")
    branches = [o for o in options if isinstance(o, dict)] if isinstance(options, list) else []
    if len(branches) < 2 or not all(map(is_object, branches)):  # noqa: PLR2004  # no union
        return []
    whole = frozenset[str]().union(*map(_properties, branches))
    common = {key: one for key, one in _properties(schema).items() if key not in whole}
    left_out = ("anyOf", "properties", RULE_WORD, *_OPEN_WORDS)
    rest = {k: v for k, v in schema.items() if k not in left_out}
    return [both_of({**rest, "properties": common}, branch) for branch in branches]


def _any_pattern(options: list[Json]) -> dict[str, Json]:
    return _takes([{"properties": option} for option in options])
