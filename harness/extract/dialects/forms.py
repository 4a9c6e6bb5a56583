"""Answer forms: the ways to ask for an answer to a JSON Schema, best first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from harness.cases.schemas.subschemas import subschemas
from harness.core.values import Json, show
from harness.extract.dialects.dialect import AnswerForm, Dialect, Mode
from harness.extract.dialects.schema_subsets import (
    MOVABLE,
    ReducedSchema,
    Subset,
    moved_from,
    reduced,
)

_NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_VALUES: Final = frozenset({"enum", "const", "default", "examples", "required"})
_OURS: Final = ("$schema", "$id", "$comment")
_STRICT: Final = MOVABLE | {
    *("type", "enum", "const", "anyOf", "$ref", "$defs", "definitions"),
    *("properties", "required", "additionalProperties", "items", "minItems", "maxItems"),
    *("title", "description", "format", "pattern"),
}
"""Keywords a strict endpoint takes, or that move into descriptions; all others it may refuse."""
_PLAIN: Final = frozenset({"string", "number", "integer", "boolean", "null"})
_SURE: Final[Json] = {"type": "number"}
_Change: TypeAlias = Callable[[dict[str, Json]], dict[str, Json]]
_OBJECT_MODES: Final = frozenset({Mode.TOOL, Mode.JSON_OBJECT})


def forms(schema: Json, dialect: Dialect, wanted: str) -> tuple[AnswerForm, ...]:
    """Return the forms to try, best first: those a schema allows, or the one that is wanted.

    Without a schema nothing but text is asked for: who knows that an object is wanted?
    """
    if wanted != "auto":
        mode = Mode(wanted)
        sent = schema if isinstance(schema, dict) else {"type": "object"}
        return _forms(mode, sendable(sent), dialect.subset)
    if not isinstance(schema, dict):
        return (AnswerForm(Mode.TEXT),)
    is_object = schema.get("type") == "object"
    sent = sendable(schema)
    fitting = (mode for mode in dialect.modes if is_object or mode not in _OBJECT_MODES)
    return tuple(form for mode in fitting for form in _forms(mode, sent, dialect.subset))


def _forms(mode: Mode, sent: dict[str, Json], subset: Subset) -> tuple[AnswerForm, ...]:
    """Return the ways to ask for a schema in one mode, the one that enforces most first."""
    if mode in (Mode.TEXT, Mode.JSON_OBJECT):
        return (AnswerForm(mode),)
    if mode is Mode.JSON_OBJECT_SCHEMA:
        return (AnswerForm(mode, sent),)
    less = for_subset(sent, subset)
    small = AnswerForm(
        mode, less.schema, _is_strict(less.schema, subset), less.moved, less.schema != sent
    )
    if less.schema == sent:
        return (small,)
    loose = AnswerForm(mode, sent)
    if not small.strict:
        return (small,) if mode is Mode.JSON_SCHEMA and not subset.tries_whole else (loose,)
    if not subset.tries_whole:
        return (small,) if mode is Mode.JSON_SCHEMA else (small, loose)
    return (AnswerForm(mode, sent, strict=True), small, loose)


def for_subset(schema: Mapping[str, Json], subset: Subset) -> ReducedSchema:
    """Return a schema reduced to what a vendor takes, at every level.

    >>> from harness.extract.dialects.schema_subsets import OPENAI_SUBSET
    >>> for_subset({"items": {"format": "uri"}}, OPENAI_SUBSET).moved
    ('format',)
    """
    moved: set[str] = set()

    def level(each: dict[str, Json]) -> dict[str, Json]:
        moved.update(moved_from(each, subset))
        return reduced(each, subset)

    return ReducedSchema(_changed(schema, level), tuple(sorted(moved)))


def _is_strict(schema: Mapping[str, Json], subset: Subset) -> bool:
    if subset.needs_all:
        return not looseness(schema)
    return all(
        each.schema.keys() <= _STRICT | {"allOf"}
        and (
            each.schema.get("type") != "object" or each.schema.get("additionalProperties") is False
        )
        for each in subschemas(schema)
    )


def sendable(schema: Mapping[str, Json]) -> dict[str, Json]:
    """Return a schema less what only we understand.

    >>> sendable({"$schema": "s", "properties": {"x-ray": {"type": "null", "x-match": {}}}})
    {'properties': {'x-ray': {'type': 'null'}}}
    """
    return _changed(schema, _without_ours)


def stating(schema: Mapping[str, Json], suffix: str) -> dict[str, Json]:
    """Return a schema in which each plain value has a sibling for how sure the model is of it.

    The sibling is required where the value is, so that what could be asked for strictly still can.

    >>> stating({"properties": {"a": {"type": "null"}}, "required": ["a"]}, "_sure")["required"]
    ['a', 'a_sure']
    """
    return _changed(schema, lambda each: _with_siblings(each, suffix))


def _changed(schema: Mapping[str, Json], change: _Change) -> dict[str, Json]:
    """Return a schema with every subschema changed, the inner ones first."""
    changed: dict[str, Json] = {}
    for keyword, value in schema.items():
        if keyword in _NAMED and isinstance(value, dict):
            changed[keyword] = {name: _inside(each, change) for name, each in value.items()}
        else:
            changed[keyword] = value if keyword in _VALUES else _inside(value, change)
    return change(changed)


def _inside(value: Json, change: _Change) -> Json:
    if isinstance(value, dict):
        return _changed(value, change)
    return [_inside(each, change) for each in value] if isinstance(value, list) else value


def _without_ours(schema: dict[str, Json]) -> dict[str, Json]:
    return {key: part for key, part in schema.items() if key[:2] != "x-" and key not in _OURS}


def _with_siblings(schema: dict[str, Json], suffix: str) -> dict[str, Json]:
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict):
        return schema
    more = {f"{key}{suffix}": _SURE for key, each in properties.items() if _is_plain(each)}
    named = required if isinstance(required, list) else []
    wanted = [f"{key}{suffix}" for key in named if f"{key}{suffix}" in more]
    both = schema | {"properties": {**properties, **more}}
    return both | {"required": [*named, *wanted]} if wanted else both


def _is_plain(schema: Json) -> bool:
    json_type = schema.get("type") if isinstance(schema, dict) else None
    types = json_type if isinstance(json_type, list) else [json_type]
    return all(isinstance(each, str) and each in _PLAIN for each in types)


def looseness(schema: Mapping[str, Json]) -> tuple[str, ...]:
    """Return why a schema cannot be asked for strictly, in order; empty where it can.

    >>> looseness({"type": "object", "properties": {"a": {}}, "required": ["a"]})
    ('$: additionalProperties is not false',)
    >>> looseness({"type": "object", "properties": {"a": {}}, "additionalProperties": False})
    ('$: not required: a',)
    >>> looseness({"type": "object", "prefixItems": [], "additionalProperties": False})
    ('$: prefixItems',)
    """
    reasons = ["$: not an object"] if schema.get("type") != "object" or "anyOf" in schema else []
    for each in subschemas(schema):
        place = show(each.pointer)
        reasons += [f"{place}: {keyword}" for keyword in each.schema if keyword not in _STRICT]
        json_type = each.schema.get("type")
        if json_type == "object" or (isinstance(json_type, list) and "object" in json_type):
            reasons += _open(each.schema, place)
    return tuple(reasons)


def _open(schema: Mapping[str, Json], place: str) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"{place}: additionalProperties is not false"
    properties, required = schema.get("properties"), schema.get("required")
    wanted = required if isinstance(required, list) else []
    free = [key for key in properties if key not in wanted] if isinstance(properties, dict) else []
    if free:
        yield f"{place}: not required: {', '.join(free)}"
