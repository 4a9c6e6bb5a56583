"""Schema inference: a JSON Schema from example values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from harness.core.schema.validity import check_of
from harness.core.values import Json, is_blank, json_type

_TYPES: Final = ("object", "array", "string", "number", "integer", "boolean", "null")
_FORMATS: Final = ("date", "date-time")


def infer_schema(values: Iterable[Json]) -> dict[str, Json]:
    """Return a JSON Schema (2020-12) that accepts every value, and little else.

    Properties come in the order first seen; those that every object has are required. Texts that
    are all dates get a format. Nothing becomes an enum: the schema goes to the model, and an enum
    of the ground truth's values would show it the answers.

    >>> infer_schema([{"total": 12.5}, {"total": None, "paid": True}])["properties"]
    {'total': {'type': ['number', 'null']}, 'paid': {'type': 'boolean'}}
    """
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_schema(list(values))}


def _schema(values: Sequence[Json]) -> dict[str, Json]:
    kinds = {_kind(v) for v in values}
    if "number" in kinds:
        kinds.discard("integer")
    names: list[Json] = [name for name in _TYPES if name in kinds]
    if not names:
        return {}
    schema: dict[str, Json] = {"type": names if len(names) > 1 else names[0]}
    texts = [v for v in values if isinstance(v, str)]
    if texts and kinds <= {"string", "null"}:
        schema.update(_of_texts(texts))
    items = [item for v in values if isinstance(v, list) for item in v]
    if items:
        schema["items"] = _schema(items)
    objects = [v for v in values if isinstance(v, dict)]
    if any(objects):
        schema.update(_of_objects(objects))
    return schema


def _kind(value: Json) -> str:
    """Name a value's type; `2.0` was written as a number, so it is one."""
    return "number" if isinstance(value, float) else json_type(value)


def _of_texts(texts: Sequence[str]) -> dict[str, Json]:
    written = [t for t in texts if not is_blank(t)]
    for name in _FORMATS:
        if written and all(map(check_of({"format": name}), written)):
            return {"format": name}
    return {}


def _of_objects(objects: Sequence[dict[str, Json]]) -> dict[str, Json]:
    values: dict[str, list[Json]] = {}
    for one in objects:
        for key, value in one.items():
            values.setdefault(key, []).append(value)
    required: list[Json] = [key for key, present in values.items() if len(present) == len(objects)]
    return {
        "properties": {key: _schema(present) for key, present in values.items()},
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }
