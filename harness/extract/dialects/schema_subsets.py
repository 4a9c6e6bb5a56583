"""JSON Schema subsets that vendors enforce, and schemas reduced to them.

Keywords that a vendor refuses go into descriptions, where the model still reads them. Facts from
the vendors' documentation of structured outputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from harness.core.values import Json

_FREE: Final = frozenset(
    {
        *("default", "uniqueItems", "minLength", "maxLength", "minProperties", "maxProperties"),
        *("propertyNames", "contains", "minContains", "maxContains", "unevaluatedItems"),
        *("contentEncoding", "contentMediaType", "contentSchema", "examples"),
        *("deprecated", "readOnly", "writeOnly"),
    }
)
_BOUNDS: Final = frozenset(
    {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
)
MOVABLE: Final = _FREE | _BOUNDS
"""Keywords that can be moved into descriptions, or that a vendor takes."""
_SILENT: Final = frozenset({"deprecated", "readOnly", "writeOnly"})
"""Keywords that say nothing to a model."""
_FORMATS: Final = frozenset(
    {
        *("date-time", "time", "date", "duration", "email"),
        *("hostname", "ipv4", "ipv6", "uuid"),
    }
)
_OBJECT: Final = "object"


@dataclass(frozen=True, slots=True)
class Subset:
    """Subset of JSON Schema that a vendor takes."""

    refused: frozenset[str]
    """Keywords it has no place for."""
    formats: frozenset[str]
    ref_stands_alone: bool = False
    """Nothing may stand beside `$ref`."""
    closes_objects: bool = False
    """Every object must say that it has no other keys."""
    needs_all: bool = False
    """Every key must be required where the schema is enforced."""
    tries_whole: bool = False
    """Other servers of the dialect enforce more: the whole schema is sent first."""


OPENAI_SUBSET: Final = Subset(
    _FREE, _FORMATS, ref_stands_alone=True, needs_all=True, tries_whole=True
)
ANTHROPIC_SUBSET: Final = Subset(
    _FREE - {"default"} | _BOUNDS | {"pattern", "maxItems"},
    _FORMATS | {"uri"},
    closes_objects=True,
)
GEMINI_SUBSET: Final = Subset(
    _FREE | _BOUNDS - {"minimum", "maximum"} | {"pattern", "const"}, _FORMATS
)


@dataclass(frozen=True, slots=True)
class ReducedSchema:
    """A schema as a vendor takes it."""

    schema: dict[str, Json]
    moved: tuple[str, ...]
    """Keywords that went into descriptions, in alphabetical order."""


def reduced(schema: Mapping[str, Json], subset: Subset) -> dict[str, Json]:
    """Return one level of a schema with what the vendor refuses moved into its description.

    >>> reduced({"type": "string", "minLength": 2}, OPENAI_SUBSET)
    {'type': 'string', 'description': 'minLength: 2'}
    """
    reduced_schema = {
        key: part for key, part in schema.items() if key not in moved_from(schema, subset)
    }
    if "const" in schema and "const" not in reduced_schema:
        reduced_schema["enum"] = [schema["const"]]
    words = [
        f"{key}: {json.dumps(schema[key], ensure_ascii=False)}"
        for key in moved_from(schema, subset)
        if key not in _SILENT and key != "const"
    ]
    if words:
        description = schema.get("description")
        reduced_schema["description"] = "; ".join(
            [*([description] if isinstance(description, str) else []), *words]
        )
    if subset.closes_objects and reduced_schema.get("type") == _OBJECT:
        reduced_schema.setdefault("additionalProperties", False)
    if subset.ref_stands_alone and "$ref" in reduced_schema and len(reduced_schema) > 1:
        reduced_schema["anyOf"] = [{"$ref": reduced_schema.pop("$ref")}]
    return reduced_schema


def moved_from(schema: Mapping[str, Json], subset: Subset) -> tuple[str, ...]:
    """Return the keywords of one level that a vendor refuses, in the schema's order."""
    moved = [key for key in schema if key in subset.refused]
    if schema.get("format", "date") not in subset.formats:
        moved.append("format")
    least = schema.get("minItems")
    if "maxItems" in subset.refused and isinstance(least, int) and least > 1:
        moved.append("minItems")
    return tuple(moved)
