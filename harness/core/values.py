"""JSON values, the paths to their leaves, and field paths with holes for indexes and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import zip_longest
from types import MappingProxyType
from typing import Final, TypeAlias

from typing_extensions import TypeAliasType

from harness.core.inert_text import FORMAT_CHARACTERS

JsonScalar: TypeAlias = str | int | float | bool | None
Json = TypeAliasType("Json", "JsonScalar | list[Json] | dict[str, Json]")
"""Any JSON value. Read-only by agreement: nobody changes one they were given."""
FieldPath: TypeAlias = tuple[str | int, ...]
"""Object keys and array indexes from the root to a leaf; () is the root itself."""


def show(path: FieldPath) -> str:
    """Write a path as text (`rooms[0].area`); keys that are not plain words are quoted.

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

    Format characters such as the zero-width space show nothing either.

    >>> [is_blank(v) for v in (None, "", "  ", [], {}, 0, False, "-", [None])]
    [True, True, True, True, True, False, False, False, False]
    """
    if value is None:
        return True
    if isinstance(value, str):
        if "!" <= value < "\x7f":  # it begins with a visible ASCII character, as most do
            return False
        return not value or value.isspace() or (not value.isascii() and _shows_nothing(value))
    return isinstance(value, (list, dict)) and not value


_FORMAT_OR_SPACE: Final = re.compile(rf"[\s{FORMAT_CHARACTERS}]+")


def _shows_nothing(text: str) -> bool:
    return _FORMAT_OR_SPACE.match(text[:1]) is not None and (
        _FORMAT_OR_SPACE.fullmatch(text) is not None
    )


def value_at(item: Json, name: str) -> Json:
    """Return a property of an item; None where the item is no object.

    >>> value_at({"a": 1}, "a"), value_at([1], "a")
    (1, None)
    """
    return item.get(name) if isinstance(item, dict) else None


def value_at_path(value: Json, path: FieldPath) -> Json:
    """Return what stands at a path; None where nothing does.

    >>> value_at_path({"rooms": [{"area": 12}]}, ("rooms", 0, "area"))
    12
    """
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def json_nodes(value: Json, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Json]]:
    """Yield a value and everything in it with their paths, containers before what they hold.

    >>> list(json_nodes({"a": [1, 2]}))
    [((), {'a': [1, 2]}), (('a',), [1, 2]), (('a', 0), 1), (('a', 1), 2)]
    """
    yield path, value
    parts = value.items() if isinstance(value, dict) else ()
    for key, part in enumerate(value) if isinstance(value, list) else parts:
        yield from json_nodes(part, (*path, key))


def json_leaves(value: Json, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Json]]:
    """Yield the scalars and the empty containers of a value with their paths.

    >>> list(json_leaves({"a": [1, {"b": None}], "c": {}}))
    [(('a', 0), 1), (('a', 1, 'b'), None), (('c',), {})]
    """
    for place, part in json_nodes(value, path):
        if not part or not isinstance(part, dict | list):
            yield place, part


def shown_paths(value: Json) -> Iterator[str]:
    """Yield every path of a value as it is shown, containers included.

    >>> list(shown_paths({"a": [1, 2]}))
    ['$', 'a', 'a[0]', 'a[1]']
    """
    return (show(path) for path, _ in json_nodes(value))


INDEX_IN_PATH: Final = re.compile(r"\[(\d+)\]")


@lru_cache(maxsize=16_384)
def field_of_path(path: str) -> str:
    """Return the field that a path as it is shown belongs to.

    >>> field_of_path("rows[2].tags[0]")
    'rows[].tags[]'
    """
    return INDEX_IN_PATH.sub("[]", path) if "[" in path else path


def value_texts(value: Json) -> Iterator[str]:
    """Yield texts and numbers anywhere in a value, as texts; blanks and booleans say nothing.

    >>> list(value_texts({"a": ["x", 5, " ", True], "b": None}))
    ['x', '5']
    """
    if isinstance(value, dict):
        for item in value.values():
            yield from value_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from value_texts(item)
    elif isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{value}"


INDEX: Final = 0
KEY: Final = 1
"""Holes in a path, filled by list indexes and by the keys of free-key maps."""

Steps: TypeAlias = tuple[int | str, ...]
"""What fills the holes of a path, in order."""


class Path:
    """A field's place, the same for all values that stand there."""

    __slots__ = ("_parts", "declared", "name", "steps")

    def __init__(self, steps: tuple[str | int, ...], name: str, *, declared: bool = True) -> None:
        self.steps = steps
        self.name = name
        """The field as people say it: `rooms[].area`; empty for the whole value."""
        self.declared = declared
        """False where the schema has properties and this is none of them."""
        self._parts: list[str] | None = None

    def key(self, key: str, *, declared: bool = True) -> Path:
        """Return the path of a key below this one."""
        shown = show_key(key)
        name = f"{self.name}{shown}" if self.name else shown.removeprefix(".")
        return Path((*self.steps, key), name, declared=declared and self.declared)

    def item(self) -> Path:
        """Return the path of a list's items."""
        return Path((*self.steps, INDEX), f"{self.name}[]", declared=self.declared)

    def value(self) -> Path:
        """Return the path of a free-key map's values."""
        return Path((*self.steps, KEY), f"{self.name}{{}}", declared=self.declared)

    def fill(self, at: Steps) -> str:
        """Return the full path as people say it, holes filled in order.

        >>> Path((), "").key("rooms").item().key("area").fill((3,))
        'rooms[3].area'
        """
        if not at:
            return self.name or "$"
        if self._parts is None:
            self._parts = self._split()
        if len(at) == 1 and len(self._parts) == 2 and isinstance(at[0], int):  # noqa: PLR2004  # one hole
            return f"{self._parts[0]}[{at[0]}]{self._parts[1]}"
        filled: list[str] = []
        for part, step in zip_longest(self._parts, at):
            filled.append(part or "")
            if isinstance(step, int):
                filled.append(f"[{step}]")
            elif step is not None:
                filled.append(show_key(step))
        return "".join(filled).removeprefix(".")

    def _split(self) -> list[str]:
        """Return what stands before, between and after the holes."""
        parts = [""]
        for step in self.steps:
            if isinstance(step, str):
                parts[-1] += show_key(step)
            else:
                parts.append("")
        parts[0] = parts[0].removeprefix(".")
        return parts
