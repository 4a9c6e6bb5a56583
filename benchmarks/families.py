"""Documents whose records refer to each other by ids: people, events and couples, made by a seed.

The predictions name everyone by ids of their own, in another order, with some left out, made up,
misspelt, or told in other words. What the ids are is nobody's mistake.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, Final

from workload import Case, Planted, Record, Workload

LEFT_OUT: Final = 0.05
MADE_UP: Final = 0.03
REWORDED: Final = 0.10

_SYLLABLES: Final = (
    "an",
    "bel",
    "cor",
    "dun",
    "el",
    "far",
    "gor",
    "hel",
    "im",
    "jor",
    "kal",
    "lem",
)
_KINDS: Final = ["birth", "death", "marriage", "move", "illness"]
_PERSON: Final = {"refers_to": "people"}
SCHEMA: Final[Record] = {
    "type": "object",
    "properties": {
        "people": {
            "type": "array",
            "x-match": {"align": "entity", "match": {"name + last_name": 1, "parents": 0}},
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "name": {"type": "string", "x-match": {"threshold": 0.8}},
                    "last_name": {"type": "string"},
                    "parents": {"type": "array", "items": {"type": "integer", "x-match": _PERSON}},
                },
            },
        },
        "events": {
            "type": "array",
            "x-match": {
                "align": "entity",
                "match": {"kind": 0, "description": 0.8, "date": 0.2, "person": 0},
            },
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "kind": {"type": "string", "enum": _KINDS},
                    "description": {"type": "string", "x-match": {"threshold": 0.5}},
                    "date": {"type": "string", "format": "date", "x-match": {"days": 7}},
                    "person": {"type": "integer", "x-match": _PERSON},
                },
            },
        },
        "couples": {
            "type": "array",
            "x-match": {"align": "entity", "match": ["a", "b"], "unordered": ["a", "b"]},
            "items": {
                "type": "object",
                "properties": {
                    "id": {"type": "integer"},
                    "a": {"type": "integer", "x-match": _PERSON},
                    "b": {"type": "integer", "x-match": _PERSON},
                },
            },
        },
    },
}


def families(cases: int, seed: int = 4) -> Workload:
    """Return family histories of 10 to 60 records."""
    draw = random.Random(seed)
    made = []
    for _ in range(cases):
        truth = _history(draw)
        made.append(Case(truth, _retold(draw, truth), Planted()))
    return Workload("families", SCHEMA, made)


def _name(draw: random.Random, size: int) -> str:
    return "".join(draw.choices(_SYLLABLES, k=size)).capitalize()


def _history(draw: random.Random) -> Record:
    size = draw.randint(5, 30)
    people: list[Record] = []
    for number in range(1, size + 1):
        parents = draw.sample(people, 2) if len(people) > 3 and draw.random() < 0.5 else []
        people.append(
            {
                "id": -number,
                "name": _name(draw, 3),
                "last_name": _name(draw, 3),
                "parents": [parent["id"] for parent in parents],
            }
        )
    return {
        "people": people,
        "events": [_event(draw, -n, people) for n in range(1, draw.randint(3, 20))],
        "couples": [
            {"id": -n, "a": pair[0]["id"], "b": pair[1]["id"]}
            for n in range(1, draw.randint(2, 10))
            if (pair := draw.sample(people, 2))
        ],
    }


def _event(draw: random.Random, number: int, people: list[Record]) -> Record:
    day = dt.date(1900, 1, 1) + dt.timedelta(draw.randint(0, 40_000))
    return {
        "id": number,
        "kind": draw.choice(_KINDS),
        "description": " ".join(_name(draw, 2) for _ in range(5)),
        "date": day.isoformat(),
        "person": draw.choice(people)["id"],
    }


def _retold(draw: random.Random, truth: Record) -> Record:
    """Return a prediction: other ids, another order, and its own mistakes."""
    ids = {p["id"]: n for n, p in enumerate(draw.sample(truth["people"], len(truth["people"])), 1)}
    return {name: _records(draw, records, ids) for name, records in truth.items()}


def _records(draw: random.Random, truths: list[Record], ids: dict[int, int]) -> list[Record]:
    told = [_record(draw, truth, ids) for truth in truths if draw.random() >= LEFT_OUT]
    told += [_record(draw, truth, ids) for truth in truths if draw.random() < MADE_UP]
    draw.shuffle(told)
    return told


def _record(draw: random.Random, truth: Record, ids: dict[int, int]) -> Record:
    told: dict[str, Any] = {}
    for key, value in truth.items():
        if key == "parents":
            told[key] = [ids[parent] for parent in value]
        elif key in ("id", "person", "a", "b"):
            told[key] = ids.get(value, value)
        elif key in ("name", "last_name", "description") and draw.random() < REWORDED:
            told[key] = value[:-1] + draw.choice("aeiou")
        else:
            told[key] = value
    return told
