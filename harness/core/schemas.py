"""Reading a JSON Schema: references followed, branches merged, so that one schema says it all."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from harness.core.validity import Schema, kinds_of
from harness.core.values import Json
from harness.errors import HarnessError, Problem

_OBJECT_WORDS: Final = ("properties", "additionalProperties", "patternProperties")
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
    members = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return isinstance(members, list) and not any(isinstance(m, list | dict) for m in members)


class Schemas:
    """A schema document and what its references point to."""

    def __init__(self, root: Json) -> None:
        self._root = root

    def resolve(self, schema: Json, within: tuple[str, ...]) -> tuple[Schema, tuple[str, ...]]:
        """Return a schema with `$ref`, `allOf`, `anyOf` and `oneOf` merged in.

        `within` are the references that led here; those followed are added to what is returned.
        Branches of null say that a value may be absent, which it always may. Branches that differ
        become one schema that takes what any of them takes.

        >>> schemas = Schemas({"$defs": {"name": {"type": "string"}}})
        >>> schemas.resolve({"anyOf": [{"$ref": "#/$defs/name"}, {"type": "null"}]}, ())
        ({'type': 'string'}, ('#/$defs/name',))
        """
        if not isinstance(schema, dict):
            return {}, within
        found = {k: v for k, v in schema.items() if k not in ("$ref", "allOf", "anyOf", "oneOf")}
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in within[-_CHAIN:] and within.count(reference) > _CHAIN:
                return found, within
            target, within = self.resolve(self._follow(reference), (*within, reference))
            found = _both(dict(target), found)
        for part in _branches(schema, "allOf"):
            merged, within = self.resolve(part, within)
            found = _both(found, dict(merged))
        for word in ("anyOf", "oneOf"):
            options = []
            for part in _branches(schema, word):
                option, within = self.resolve(part, within)
                if kinds_of(option) != {"null"}:
                    options.append(dict(option))
            if options:
                found = _both(found, _either(options))
        return found, within

    def _follow(self, reference: str) -> Json:
        target = self._root
        if not reference.startswith("#"):
            raise HarnessError(
                Problem(
                    f"schema: {reference!r} points outside the schema",
                    "remote-ref",
                    hint="put what it points to under `$defs` and refer to it as '#/$defs/...'",
                )
            )
        for step in unquote(reference[1:]).split("/")[1:]:
            key = step.replace("~1", "/").replace("~0", "~")
            if isinstance(target, dict) and key in target:
                target = target[key]
            elif isinstance(target, list) and key.isdigit() and int(key) < len(target):
                target = target[int(key)]
            else:
                raise HarnessError(
                    Problem(f"schema: {reference!r} points to nothing", "bad-schema")
                )
        return target


_CHAIN: Final = 2
"""How often one reference is followed on the way to one field before it counts as going round."""


def _branches(schema: Schema, word: str) -> list[Json]:
    found = schema.get(word)
    return found if isinstance(found, list) else []


def _both(one: dict[str, Json], other: dict[str, Json]) -> dict[str, Json]:
    """Merge two schemas that both hold; the second has the last word but for its properties."""
    merged = {**one, **other}
    first, second = one.get("properties"), other.get("properties")
    if isinstance(first, dict) and isinstance(second, dict):
        both: dict[str, Json] = {**first, **second}
        for key in first.keys() & second.keys():
            both[key] = {"allOf": [first[key], second[key]]}
        merged["properties"] = both
    return merged


def _either(options: list[dict[str, Json]]) -> dict[str, Json]:
    """Merge schemas of which one holds into one that takes what any of them takes."""
    if len(options) == 1:
        return options[0]
    if all(is_object(option) for option in options):
        return _either_object(options)
    if all(is_list(option) for option in options):
        items = [o["items"] for o in options if isinstance(o.get("items"), dict)]
        return {"type": "array", "items": {"anyOf": list(items)} if items else {}}
    if all(is_scalar(option) for option in options):
        kinds = sorted(set().union(*map(kinds_of, options)))
        branches: dict[str, Json] = {"anyOf": list(options)}
        return {"type": list(kinds), **branches} if kinds else branches
    return {}


def _either_object(options: list[dict[str, Json]]) -> dict[str, Json]:
    takes: dict[str, list[Json]] = {}
    for option in options:
        properties = option.get("properties")
        for key, schema in properties.items() if isinstance(properties, dict) else ():
            if schema not in takes.setdefault(key, []):
                takes[key].append(schema)
    merged: dict[str, Json] = {
        key: schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        for key, schemas in takes.items()
    }
    rest = [
        o["additionalProperties"]
        for o in options
        if isinstance(o.get("additionalProperties"), dict)
    ]
    whole: dict[str, Json] = {"type": "object", "properties": merged}
    if rest:
        whole["additionalProperties"] = {"anyOf": rest}
    return whole
