"""Quick check of a value against a plain schema: most truths keep to theirs, and need no more.

A schema of types, properties, items, formats and texts to choose from is compiled into functions.
They only ever tell that a value keeps to it; what breaks it, and how, a validator says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType, NoneType
from typing import Final, TypeAlias

from harness.core.schema.validity import check_of
from harness.core.values import Json

QuickCheck: TypeAlias = Callable[[Json], bool]
"""Tells whether a value certainly keeps to a schema."""

_CLASSES: Final[Mapping[str, tuple[type, ...]]] = MappingProxyType(
    {
        "array": (list,),
        "boolean": (bool,),
        "integer": (int,),
        "null": (NoneType,),
        "number": (int, float),
        "object": (dict,),
        "string": (str,),
    }
)
_REMARKS: Final = frozenset({"$schema", "title", "description", "$comment", "examples", "default"})
"""Keywords that ask nothing of a value."""
_KEYWORDS: Final = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "enum", "format"}
)


def quick_check(schema: Json) -> QuickCheck | None:
    """Return the quick check of a schema; None for one that asks more than it knows.

    >>> check = quick_check({"properties": {"n": {"type": "integer"}}})
    >>> check({"n": 1}), check({"n": 1.5}), quick_check({"minimum": 3})
    (True, False, None)
    """
    if not isinstance(schema, dict) or not all(map(_is_known, schema)):
        return None
    parts = [_type_check(schema), _choice_check(schema), _format_check(schema)]
    parts += [_object_check(schema), _list_check(schema)]
    if None in parts:
        return None
    checks = [part for part in parts if part is not None and part is not _anything]
    return lambda value: all(check(value) for check in checks)


def _is_known(keyword: str) -> bool:
    return keyword in _KEYWORDS or keyword in _REMARKS or keyword.startswith("x-")


def _anything(_: Json) -> bool:
    return True


def _type_check(schema: Mapping[str, Json]) -> QuickCheck | None:
    if "type" not in schema:
        return _anything
    named = schema["type"]
    names = named if isinstance(named, list) else [named]
    if not all(isinstance(name, str) and name in _CLASSES for name in names):
        return None
    classes = frozenset(each for name in names for each in _CLASSES[str(name)])
    return lambda value: value.__class__ in classes


def _choice_check(schema: Mapping[str, Json]) -> QuickCheck | None:
    if "enum" not in schema:
        return _anything
    members = schema["enum"]
    if not isinstance(members, list) or not all(isinstance(each, str) for each in members):
        return None
    texts = frozenset(map(str, members))
    return lambda value: isinstance(value, str) and value in texts


def _format_check(schema: Mapping[str, Json]) -> QuickCheck | None:
    if "format" not in schema:
        return _anything
    keeps = check_of({"format": schema.get("format")})
    return lambda value: not isinstance(value, str) or keeps(value)


def _object_check(schema: Mapping[str, Json]) -> QuickCheck | None:
    named, keys = schema.get("properties", {}), schema.get("required", [])
    others = schema.get("additionalProperties", True)
    if not isinstance(named, dict) or not isinstance(keys, list) or not isinstance(others, bool):
        return None
    checks = {key: quick_check(part) for key, part in named.items()}
    if None in checks.values():
        return None
    if not checks and not keys and others:
        return _anything
    required = frozenset(map(str, keys))

    def check(value: Json) -> bool:
        if not isinstance(value, dict):
            return True
        for key, item in value.items():
            known = checks.get(key)
            if known is None:
                if not others:
                    return False
            elif not known(item):
                return False
        return required <= value.keys()

    return check


def _list_check(schema: Mapping[str, Json]) -> QuickCheck | None:
    if "items" not in schema:
        return _anything
    item = quick_check(schema["items"])
    if item is None:
        return None
    return lambda value: all(map(item, value)) if isinstance(value, list) else True
