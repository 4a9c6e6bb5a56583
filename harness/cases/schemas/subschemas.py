"""Walking a JSON Schema: every schema inside it, with its place in the file and its field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from harness.core.rules.rule_names import ANY_KEY, ITEM, FieldSteps
from harness.core.values import FieldPath, Json

_NAMED: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTED: Final = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_SINGLE: Final = (
    *("items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties"),
    *("unevaluatedProperties", "propertyNames", "not", "if", "then", "else"),
)
_ITEMS: Final = frozenset({"items", "prefixItems", "additionalItems", "contains"})
_MAP_VALUES: Final = frozenset({"additionalProperties", "patternProperties"})


@dataclass(frozen=True, slots=True)
class Subschema:
    """A schema, or a schema inside it."""

    schema: Mapping[str, Json]
    pointer: FieldPath
    """Where it stands in the file."""
    steps: FieldSteps
    """The field it speaks of; below `$defs`, the name of the definition comes first."""


def subschemas(root: Mapping[str, Json]) -> Iterator[Subschema]:
    """Yield a schema and every schema written inside it, outer ones first."""
    yield from _below(Subschema(root, (), ()))


def _below(here: Subschema) -> Iterator[Subschema]:
    yield here
    for child in children(here):
        yield from _below(child)


def children(here: Subschema) -> Iterator[Subschema]:
    """Yield the schemas directly inside one; references are not followed."""
    for keyword in _NAMED:
        named = here.schema.get(keyword)
        for key, schema in named.items() if isinstance(named, dict) else ():
            if isinstance(schema, dict):
                steps = _named_steps(here.steps, keyword, key)
                yield Subschema(schema, (*here.pointer, keyword, key), steps)
    for keyword in _LISTED:
        listed = here.schema.get(keyword)
        for number, schema in enumerate(listed) if isinstance(listed, list) else ():
            if isinstance(schema, dict):
                steps = _steps(here.steps, keyword)
                yield Subschema(schema, (*here.pointer, keyword, number), steps)
    for keyword in _SINGLE:
        schema = here.schema.get(keyword)
        if isinstance(schema, dict):
            yield Subschema(schema, (*here.pointer, keyword), _steps(here.steps, keyword))


def _named_steps(steps: FieldSteps, keyword: str, key: str) -> FieldSteps:
    if keyword == "properties":
        return (*steps, key)
    if keyword in ("$defs", "definitions"):
        return ("$defs", key)
    return _steps(steps, keyword)


def _steps(steps: FieldSteps, keyword: str) -> FieldSteps:
    if keyword in _ITEMS:
        return (*steps, ITEM)
    return (*steps, ANY_KEY) if keyword in _MAP_VALUES else steps
