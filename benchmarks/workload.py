"""Seeded documents with planted mistakes: flat records, nested invoices, long lists."""

from __future__ import annotations

import copy
import datetime
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]

OMITTED, MISTYPED, WRONG, INVENTED, REFORMATTED = 0.05, 0.03, 0.07, 0.03, 0.25


@dataclass(frozen=True)
class Workload:
    """Pairs of truth and prediction of one shape, with the schema both follow."""

    name: str
    schema: Record
    pairs: list[tuple[Record, Record]]


def _word(draw: random.Random, size: int) -> str:
    return "".join(draw.choices(string.ascii_lowercase, k=size))


def _text(draw: random.Random) -> str:
    words = [_word(draw, draw.randint(3, 9)).capitalize() for _ in range(draw.randint(2, 5))]
    return " ".join(words)


def _date(draw: random.Random) -> str:
    return (datetime.date(2015, 1, 1) + datetime.timedelta(draw.randint(0, 4000))).isoformat()


def _identifier(draw: random.Random) -> str:
    return f"{_word(draw, 3).upper()}-{draw.randint(1000, 99999)}"


_MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "text": _text,
    "id": _identifier,
    "date": _date,
    "amount": lambda draw: round(draw.uniform(1, 90_000), 2),
    "count": lambda draw: draw.randint(1, 12),
    "flag": lambda draw: draw.random() < 0.5,
    "unit": lambda draw: draw.choice(["pcs", "kg", "m", "h"]),
}
_SCHEMAS: dict[str, Record] = {
    "text": {"type": "string"},
    "id": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "amount": {"type": "number"},
    "count": {"type": "integer"},
    "flag": {"type": "boolean"},
    "unit": {"type": "string", "enum": ["pcs", "kg", "m", "h"]},
}
FLAT = ["text"] * 8 + ["id"] * 3 + ["date"] * 3 + ["amount"] * 3 + ["count", "flag", "unit"]
HEADER = ["text"] * 5 + ["id"] * 2 + ["date"] * 2 + ["amount"] * 2 + ["unit"]
ITEM = ["id", "text", "count", "unit", "amount", "amount"]


def _record(draw: random.Random, kinds: list[str]) -> Record:
    return {f"{kind}_{n}": _MAKERS[kind](draw) for n, kind in enumerate(kinds)}


def _schema(kinds: list[str]) -> Record:
    properties = {f"{kind}_{n}": _SCHEMAS[kind] for n, kind in enumerate(kinds)}
    return {"type": "object", "properties": properties}


def _reformatted(draw: random.Random, kind: str, value: Any) -> Any:  # noqa: ANN401  # any JSON
    if kind in ("text", "id"):
        return draw.choice([value.upper(), value.replace(" ", "  "), value.lower()])
    return float(value) if kind == "count" else value


def _mistyped(kind: str, value: Any) -> Any:  # noqa: ANN401  # any JSON
    if kind == "date":
        year, month, day = value.split("-")
        return f"{day}. {month}. {year}"
    return f"about {value}" if kind in ("amount", "count", "flag") else 12345


def _spoil(draw: random.Random, record: Record, kinds: list[str], *, typed: bool) -> Record:
    """Return a copy with mistakes; `typed` leaves out those that break the schema."""
    spoilt: Record = {}
    for kind, (key, value) in zip(kinds, record.items(), strict=True):
        roll = draw.random()
        if roll < OMITTED:
            continue
        if roll < OMITTED + MISTYPED:
            spoilt[key] = value if typed else _mistyped(kind, value)
        elif roll < OMITTED + MISTYPED + WRONG:
            spoilt[key] = _MAKERS[kind](draw)
        elif roll < OMITTED + MISTYPED + WRONG + REFORMATTED:
            spoilt[key] = value if typed else _reformatted(draw, kind, value)
        else:
            spoilt[key] = value
    return spoilt


def flat(cases: int, seed: int = 1, *, typed: bool = False) -> Workload:
    """Return records of 20 scalars, about 1.2 kB a pair."""
    draw = random.Random(seed)
    pairs = []
    for _ in range(cases):
        truth = _record(draw, FLAT)
        pairs.append((truth, _spoil(draw, truth, FLAT, typed=typed)))
    return Workload("flat", _schema(FLAT), pairs)


def nested(
    cases: int, seed: int = 2, *, typed: bool = False, items: tuple[int, int] = (5, 40)
) -> Workload:
    """Return invoices: 12 header fields and shuffled, dropped and added items of 6 fields."""
    draw = random.Random(seed)
    pairs = []
    for _ in range(cases):
        truth = _record(draw, HEADER)
        rows = [_record(draw, ITEM) for _ in range(draw.randint(*items))]
        said = _spoil(draw, truth, HEADER, typed=typed)
        found = [_spoil(draw, row, ITEM, typed=typed) for row in rows if draw.random() >= OMITTED]
        found += [_record(draw, ITEM) for _ in rows if draw.random() < INVENTED]
        draw.shuffle(found)
        pairs.append((truth | {"items": rows}, said | {"items": found}))
    schema = _schema(HEADER)
    schema["properties"]["items"] = {"type": "array", "items": _schema(ITEM)}
    return Workload("nested", schema, pairs)


def long_list(rows: int, seed: int = 3) -> Workload:
    """Return one list of shuffled rows x 5 columns with 10 % of the cells changed."""
    draw = random.Random(seed)
    kinds = ["id", "text", "date", "count", "amount"]
    truth = [_record(draw, kinds) for _ in range(rows)]
    found = copy.deepcopy(truth)
    for row in found:
        for kind, key in zip(kinds, row, strict=True):
            if draw.random() < 0.1:
                row[key] = _MAKERS[kind](draw)
    draw.shuffle(found)
    schema = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": _schema(kinds)}},
    }
    return Workload("long list", schema, [({"rows": truth}, {"rows": found})])
