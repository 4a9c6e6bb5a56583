"""JSON values, and the paths that lead to their leaves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from typing_extensions import TypeAliasType

Scalar: TypeAlias = str | int | float | bool | None
Json = TypeAliasType("Json", "Scalar | list[Json] | dict[str, Json]")
"""Any JSON value. Read-only by agreement: nobody changes one they were given."""
FieldPath: TypeAlias = tuple[str | int, ...]
"""Object keys and array indexes from the root to a leaf; () is the root itself."""


def show(path: FieldPath) -> str:
    """Write a path the way people say it; keys that are not plain words are quoted.

    >>> show(("rooms", 0, "area")), show(()), show(("a.b", "c"))
    ('rooms[0].area', '$', '["a.b"].c')
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else show_key(step) for step in path)
    return text.removeprefix(".") or "$"


_PLAIN_KEY: Final = re.compile(r'[^.\[\]{}"\s]+')


def show_key(key: str) -> str:
    """Write one key as a step of a path.

    >>> show_key("area"), show_key("net.total")
    ('.area', '["net.total"]')
    """
    if _PLAIN_KEY.fullmatch(key):
        return f".{key}"
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'["{escaped}"]'


_TYPE_NAMES: Final[Mapping[type, str]] = MappingProxyType(
    {
        type(None): "null",
        bool: "boolean",
        int: "integer",
        str: "string",
        list: "array",
        dict: "object",
    }
)


def json_type(value: Json) -> str:
    """Name the JSON type of a value; whole floats are integers, as in JSON Schema.

    >>> [json_type(v) for v in (None, True, 2.0, 2.5, "x", [], {})]
    ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object']
    """
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return _TYPE_NAMES[type(value)]


def is_blank(value: Json) -> bool:
    """Tell whether a value counts as absent by default: null, white space, empty list or object.

    >>> [is_blank(v) for v in (None, "", "  ", [], {}, 0, False, "-", [None])]
    [True, True, True, True, True, False, False, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str):
        return not value or value.isspace()
    return isinstance(value, (list, dict)) and not value


def value_at(item: Json, name: str) -> Json:
    """Return a property of an item; None where the item is no object.

    >>> value_at({"a": 1}, "a"), value_at([1], "a")
    (1, None)
    """
    return item.get(name) if isinstance(item, dict) else None
