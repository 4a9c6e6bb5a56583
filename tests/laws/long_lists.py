"""Documents with lists of any length: tables, boxes, rings, orders with lines, plain rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from harness.core.values import Json

Rows: TypeAlias = list[Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of list: its rows, the schema of one of them, and the rules they may have."""

    rows: Callable[[Random, int], Rows]
    item: Json
    rules: Mapping[str, object] = field(default_factory=dict)


def _table(rng: Random, size: int) -> Rows:
    return [
        [f"Item {i}", "x", str(rng.randrange(9)), f"{rng.randrange(999)}.50"] for i in range(size)
    ]


def _boxes(rng: Random, size: int) -> Rows:
    return [[rng.randrange(40), rng.randrange(40), 10, 10] for _ in range(size)]


def _ring(rng: Random, size: int) -> Rows:
    return [[round(rng.uniform(5, 6), 4), round(rng.uniform(50, 51), 4)] for _ in range(size)]


def _cells(rng: Random, size: int) -> Rows:
    return [{"cells": [{"text": t} for t in row]} for row in _table(rng, size)]


def _orders(rng: Random, size: int) -> Rows:
    return [
        {
            "id": f"o{i}",
            "currency": "USD",
            "lines": [
                {"sku": f"s{rng.randrange(60)}", "quantity": rng.randrange(1, 4)}
                for _ in range(rng.randrange(4))
            ],
        }
        for i in range(size)
    ]


def _alike(_rng: Random, size: int) -> Rows:
    return [f"number {i} of all" for i in range(size)]


def _days(_rng: Random, size: int) -> Rows:
    return [{"day": f"20{i % 90 + 10}-{i // 90 % 12 + 1:02}-10", "kind": "a"} for i in range(size)]


_STRINGS: Final[Json] = {"type": "array", "items": {"type": "string"}}
_NUMBERS: Final[Json] = {"type": "array", "items": {"type": "number"}}
_TEXTS: Final[Json] = {
    "type": "array",
    "items": {"type": "object", "properties": {"text": {"type": "string"}}},
}
_LINE: Final[Json] = {"sku": {"type": "string"}, "quantity": {"type": "integer"}}
_ORDER: Final[Json] = {
    "id": {"type": "string"},
    "currency": {"type": "string"},
    "lines": {"type": "array", "items": {"type": "object", "properties": _LINE}},
}
SHAPES: Final[Mapping[str, Shape]] = MappingProxyType(
    {
        "table": Shape(_table, _STRINGS),
        "boxes": Shape(_boxes, _NUMBERS),
        "ring": Shape(_ring, _NUMBERS),
        "rows with cells": Shape(_cells, {"type": "object", "properties": {"cells": _TEXTS}}),
        "orders": Shape(_orders, {"type": "object", "properties": _ORDER}),
        "fuzzy texts": Shape(_alike, {"type": "string"}, {"rows[]": {"threshold": 0.8}}),
        "days": Shape(
            _days,
            {
                "type": "object",
                "properties": {
                    "day": {"type": "string", "format": "date"},
                    "kind": {"type": "string"},
                },
            },
            {"rows[].day": {"compare": "date", "days": 1}},
        ),
    }
)
SIZES: Final = (1, 3, 31, 32, 141, 142, 633, 2000, 5000)


def schema_of(shape: Shape) -> Json:
    """Return the schema of a document whose rows have a shape."""
    rows: Json = {"type": "array", "items": shape.item}
    return {"type": "object", "properties": {"rows": rows}}


def misread(rng: Random, value: Json, share: float) -> Json:
    """Return the same value with some of its scalars read wrongly."""
    if isinstance(value, dict):
        return {key: misread(rng, child, share) for key, child in value.items()}
    if isinstance(value, list):
        return [misread(rng, child, share) for child in value]
    if rng.random() >= share:
        return value
    return f"{value}?" if isinstance(value, str) else -7
