"""From a JSON Schema to the forms an answer to it can be asked for in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from harness.cases.schemas.subschemas import subschemas
from harness.core.values import Json, show
from harness.extract.dialects.dialect import Form, Mode

_NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "definitions"})
_VALUES: Final = frozenset({"enum", "const", "default", "examples", "required"})
_OURS: Final = ("$schema", "$id", "$comment")
_TOO_FREE: Final = frozenset(
    {
        *("allOf", "oneOf", "not", "if", "then", "else"),
        *("patternProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties"),
    }
)
"""Keywords a strict endpoint does not take."""
_PLAIN: Final = frozenset({"string", "number", "integer", "boolean", "null"})
_SURE: Final[Json] = {"type": "number"}
_Change: TypeAlias = Callable[[dict[str, Json]], dict[str, Json]]
_OBJECT_MODES: Final = frozenset({Mode.TOOL, Mode.JSON_OBJECT})


def forms(schema: Json, modes: tuple[Mode, ...], wanted: str) -> tuple[Form, ...]:
    """Return the forms to try, best first: those a schema allows, or the one that is wanted.

    Without a schema nothing but text is asked for: who knows that an object is wanted?

    >>> [str(f.mode) for f in forms({"type": "array"}, tuple(Mode), "auto")]
    ['json_schema', 'json_object_schema', 'text']
    >>> forms(None, tuple(Mode), "auto")
    (Form(mode=<Mode.TEXT: 'text'>, schema=None, strict=False),)
    """
    if wanted != "auto":
        return (_form(Mode(wanted), schema),)
    if not isinstance(schema, dict):
        return (Form(Mode.TEXT),)
    is_object = schema.get("type") == "object"
    fitting = (mode for mode in modes if is_object or mode not in _OBJECT_MODES)
    return tuple(_form(mode, schema) for mode in fitting)


def _form(mode: Mode, schema: Json) -> Form:
    if mode in (Mode.TEXT, Mode.JSON_OBJECT):
        return Form(mode)
    sent = sendable(schema if isinstance(schema, dict) else {"type": "object"})
    strict = not looseness(sent) and mode is not Mode.JSON_OBJECT_SCHEMA
    return Form(mode, sent, strict)


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
    found: dict[str, Json] = {}
    for keyword, value in schema.items():
        if keyword in _NAMED and isinstance(value, dict):
            found[keyword] = {name: _inside(each, change) for name, each in value.items()}
        else:
            found[keyword] = value if keyword in _VALUES else _inside(value, change)
    return change(found)


def _inside(value: Json, change: _Change) -> Json:
    if isinstance(value, dict):
        return _changed(value, change)
    return [_inside(each, change) for each in value] if isinstance(value, list) else value


def _without_ours(schema: dict[str, Json]) -> dict[str, Json]:
    return {key: said for key, said in schema.items() if key[:2] != "x-" and key not in _OURS}


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
    said = schema.get("type") if isinstance(schema, dict) else None
    types = said if isinstance(said, list) else [said]
    return all(isinstance(each, str) and each in _PLAIN for each in types)


def looseness(schema: Mapping[str, Json]) -> tuple[str, ...]:
    """Return why a schema cannot be asked for strictly, in order; empty where it can.

    >>> looseness({"type": "object", "properties": {"a": {}}, "required": ["a"]})
    ('$: additionalProperties is not false',)
    >>> looseness({"type": "object", "properties": {"a": {}}, "additionalProperties": False})
    ('$: not required: a',)
    """
    reasons = ["$: not an object"] if schema.get("type") != "object" or "anyOf" in schema else []
    for each in subschemas(schema):
        place = show(each.pointer)
        reasons += [f"{place}: {keyword}" for keyword in each.schema if keyword in _TOO_FREE]
        said = each.schema.get("type")
        if said == "object" or (isinstance(said, list) and "object" in said):
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
