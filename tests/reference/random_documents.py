"""Small random documents with schema and rules, in which everything that can go wrong does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any


@dataclass(frozen=True)
class Example:
    """What one scoring takes."""

    expected: Json
    predicted: Json
    schema: Json = None
    rules: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """A kind of leaf: its schema, values, other spellings of them, and rules it may have."""

    schema: dict[str, Any]
    values: tuple[Json, ...]
    spellings: tuple[Json, ...] = ()
    rules: tuple[dict[str, Any], ...] = ({},)


KINDS: Final = (
    Kind(
        {"type": "string"},
        ("Oak", "Elm tree", "Pear", "9.00", "N/A", "MOF-802"),
        ("oak ", "Elm\u00a0tree", "elm", "pe\u200bar", 9.0, 9, True),
        (
            {},
            {},
            {"placeholders": ["N/A"]},
            {"any_of": ["Ash", "Fir"]},
            {"blank": ["missing", "null"]},
            {"ignore": True},
        ),
    ),
    Kind(
        {"type": "string"},
        ("Valve brass", "Valve brasS 1", "Valve steel", "Pump"),
        ("Valve bras", "valve", "Pumps"),
        ({"threshold": 0.8}, {"threshold": 0.5, "bound": ">"}),
    ),
    Kind(
        {"type": "number"},
        (1, 2, 2.5, 12, 1234.5, 12000000.01, 0.1 + 0.2, -3),
        ("2", "2.5", "1,234.50", "(3)", 2.0, 12000000.02, 0.3, "abc", 12.01, True, "12"),
        ({}, {}, {"absolute": 0.6}, {"relative": 0.01}, {"any_of": [7]}),
    ),
    Kind(
        {"type": "integer"},
        (1, 2, 3, 40),
        ("1", 2.0, 3.5, "3", 41, "x", False),
        ({}, {"absolute": 1}),
    ),
    Kind({"type": "boolean"}, (True, False), ("true", 1, 0, "FALSE", "maybe")),
    Kind(
        {"enum": ["open", "shut", "Open"]},
        ("open", "shut", "Open"),
        ("SHUT", "ajar", "shut ", 1),
        ({}, {"synonyms": {"shut": ["closed"]}}),
    ),
    Kind(
        {"type": "string", "format": "date"},
        ("2024-03-31", "2024-04-01", "2023-03-31"),
        ("31 March 2024", "2024-03-30", "31/03/2024", 20240331, "soon"),
        (
            {"compare": "date"},
            {"compare": "date", "days": 1},
            {"compare": "date", "precision": "month"},
            {"compare": "date", "precision": "year", "date_order": "DMY"},
        ),
    ),
    Kind(
        {"type": "string"},
        ("AB-12", "AB 13", "CD_1"),
        ("ab12", "AB13", "cd1", "x"),
        ({"compare": "identifier"},),
    ),
    Kind(
        {"type": "string"},
        ("$5", "EUR 7.00", "1,000.50 USD", "8"),
        ("5 USD", "CAD 5", "\u20ac7", "EUR 5", "7", "USD 1000.5", "8.00"),
        (
            {"compare": "money"},
            {"compare": "money", "currency": "USD"},
            {"compare": "money", "absolute": 0.5},
        ),
    ),
    Kind(
        {"type": "string"},
        ("1,234.50", "12", "(3)"),
        ("1234.5", "12.0", "-3", "twelve"),
        ({"compare": "number"}, {"compare": "number", "absolute": 1}),
    ),
    Kind(
        {"type": "number"},
        (1, 359, 180),
        (0, 358.5, 361, "359"),
        ({"compare": "circular"}, {"compare": "circular", "absolute": 2}),
    ),
    Kind({"type": "string", "pattern": "^[A-Z]{2}[0-9]$"}, ("AB1", "CD2"), ("ab1", "AB12")),
    Kind({"type": "integer", "minimum": 0, "maximum": 5}, (0, 5), (6, -1, "5")),
    Kind({"type": ["string", "null"]}, ("Kiel", "Rom", None), ("KIEL", 4)),
    Kind(
        {"anyOf": [{"type": "number"}, {"type": "string", "format": "date"}]},
        (4, 2.5, "2024-03-31"),
        ("4", "31 March 2024", 4.0, "x"),
    ),
    Kind({"type": "string"}, ("a", "b"), ("A", "c"), ({"compare": "exact"},)),
)
BLANKS: Final[tuple[Json, ...]] = (None, "", " ", [], {})


@dataclass(frozen=True)
class Shape:
    """What a value looks like: a leaf kind, an object, a list or a map."""

    kind: Kind | None = None
    keys: tuple[tuple[str, Shape], ...] = ()
    item: Shape | None = None
    free: Shape | None = None


def shape_of(rng: Random, depth: int) -> Shape:
    """Draw a shape of some depth."""
    draw = rng.random()
    if depth == 0 or draw < 0.45:
        return Shape(kind=rng.choice(KINDS))
    if draw < 0.8:
        return Shape(item=shape_of(rng, depth - 1))
    if draw < 0.87:
        return Shape(free=Shape(kind=rng.choice(KINDS)))
    return object_of(rng, depth)


def object_of(rng: Random, depth: int) -> Shape:
    """Draw an object of one to four keys."""
    names = rng.sample("abcdefg", rng.randint(1, 4))
    return Shape(keys=tuple((n, shape_of(rng, depth - 1)) for n in names))


def schema_of(shape: Shape) -> Json:
    """Return the JSON Schema of a shape."""
    if shape.kind:
        return copy.deepcopy(shape.kind.schema)
    if shape.item:
        return {"type": "array", "items": schema_of(shape.item)}
    if shape.free:
        return {"type": "object", "additionalProperties": schema_of(shape.free)}
    return {"type": "object", "properties": {k: schema_of(s) for k, s in shape.keys}}


def rules_of(rng: Random, shape: Shape, name: str) -> dict[str, Any]:
    """Draw rules for a shape."""
    if shape.kind:
        rule = rng.choice(shape.kind.rules)
        return {name: rule} if rule and name else {}
    if shape.free:
        return {}
    if shape.item:
        found = rules_of(rng, shape.item, f"{name}[]")
        align = rng.choice(["best", "best", "best", "position", "sequence", "key"])
        if align == "key":
            plain = [
                k
                for k, s in shape.item.keys
                if s.kind in KINDS[2:4] and f"{name}[].{k}" not in found
            ]
            return {**found, name: {"align": "key", "key": plain[:1]}} if plain else found
        return {**found, name: {"align": align}} if align != "best" else found
    parts = [rules_of(rng, s, f"{name}.{k}" if name else k) for k, s in shape.keys]
    return {k: v for part in parts for k, v in part.items()}


def value_of(rng: Random, shape: Shape) -> Json:
    """Draw a value of a shape; some of it is blank."""
    if rng.random() < 0.07:
        return rng.choice(BLANKS)
    if shape.kind:
        return rng.choice(shape.kind.values)
    if shape.item:
        return [value_of(rng, shape.item) for _ in range(rng.choice([0, 1, 1, 2, 3, 3]))]
    if shape.free:
        return {k: value_of(rng, shape.free) for k in rng.sample("pqr", rng.randint(0, 3))}
    return {k: value_of(rng, s) for k, s in shape.keys if rng.random() < 0.85}


def changed(rng: Random, value: Json, shape: Shape, rate: float) -> Json:
    """Return a value as an extractor might give it."""
    if rng.random() < rate:
        return misread(rng, value, shape)
    if shape.item and isinstance(value, list):
        items = [changed(rng, v, shape.item, rate) for v in value if rng.random() > rate / 2]
        if rng.random() < rate:
            items.append(value_of(rng, shape.item))
        if rng.random() < 0.5:
            rng.shuffle(items)
        return items
    if isinstance(value, dict):
        known = dict(shape.keys)
        found = {
            k: changed(rng, v, known.get(k) or shape.free or Shape(kind=KINDS[0]), rate)
            for k, v in value.items()
            if rng.random() > rate / 3
        }
        if rng.random() < rate / 2:
            found[rng.choice("abz")] = rng.choice(["Oak", 2, None, ["Oak"]])
        return found
    return value


def misread(rng: Random, value: Json, shape: Shape) -> Json:
    """Return a value that is wrong, spelt otherwise, or of another shape."""
    draw = rng.random()
    if draw < 0.1:
        return rng.choice(BLANKS)
    if draw < 0.27:
        return reshaped(rng, value)
    if shape.kind and shape.kind.spellings and draw < 0.75:
        return rng.choice(shape.kind.spellings)
    return value_of(rng, shape)


def reshaped(rng: Random, value: Json) -> Json:
    """Return a value in a list, out of its list, as JSON text, or something of another shape."""
    ways: list[Json] = [[value], rng.choice(["Oak", 2, {"a": 1}, [1, 2]])]
    if isinstance(value, list | dict):
        ways.append(json.dumps(value))
    if isinstance(value, list) and value:
        ways.append(value[0])
    return rng.choice(ways)


def example(rng: Random) -> Example:
    """Draw truth, prediction, schema and rules; one in five has entities."""
    if rng.random() < 0.2:
        return entity_example(rng)
    shape = object_of(rng, rng.choice([1, 2, 2, 3]))
    expected = value_of(rng, shape)
    rate = rng.choice([0.1, 0.25, 0.5])
    predicted = changed(rng, copy.deepcopy(expected), shape, rate)
    if rng.random() < 0.1:
        predicted = value_of(rng, shape)
    schema = schema_of(shape) if rng.random() < 0.6 else None
    rules = rules_of(rng, shape, "") if rng.random() < 0.7 else {}
    return Example(expected, predicted, schema, rules)


ENTITY_RULES: Final = {
    "people": {"align": "entity", "match": {"name": 1}},
    "people[].parent": {"refers_to": "people"},
    "events": {"align": "entity", "match": {"kind": 0, "when": 0, "who": 0}},
    "events[].when": {"compare": "date", "days": 1},
    "events[].who": {"refers_to": "people"},
}


def graph(rng: Random) -> Json:
    """Draw people and events that refer to each other."""
    ids = [f"p{i}" for i in range(rng.randint(1, 4))]
    names = (
        rng.sample(["Ann", "Bo", "Cy", "Di"], len(ids))
        if rng.random() < 0.8
        else [rng.choice(["Ann", "Bo"]) for _ in ids]
    )
    people = [
        {"id": i, "name": n, "age": rng.choice([1, 2, 30])} for i, n in zip(ids, names, strict=True)
    ]
    for at, person in enumerate(people):
        if at and rng.random() < 0.5:
            person["parent"] = ids[rng.randrange(at)]
    events = [
        {
            "id": f"e{i}",
            "kind": rng.choice(["birth", "move"]),
            "who": rng.choice(ids),
            "when": rng.choice(["2024-03-31", "2024-04-01", "2020-01-01", None]),
            "note": rng.choice(["x", "y"]),
        }
        for i in range(rng.randint(0, 3))
    ]
    return {"people": people, "events": events}


def renamed(rng: Random, value: Json) -> Json:
    """Return a graph with other ids and another order of its items."""
    people, events = (copy.deepcopy(value.get(k) or []) for k in ("people", "events"))
    new = {
        p["id"]: f"q{n}" for p, n in zip(people, rng.sample(range(90), len(people)), strict=True)
    }
    for person in people:
        person["id"] = new[person["id"]]
        if "parent" in person:
            person["parent"] = new.get(person["parent"], person["parent"])
    for event in events:
        event["id"] = f"x{event['id']}"
        event["who"] = new.get(event["who"], event["who"])
    rng.shuffle(people)
    rng.shuffle(events)
    return {"people": people, "events": events}


def entity_example(rng: Random) -> Example:
    """Draw a graph and its prediction."""
    expected = graph(rng)
    predicted = renamed(rng, expected)
    for row in [*predicted["people"], *predicted["events"]]:
        for key in ("name", "age", "kind", "when", "note"):
            if key in row and rng.random() < 0.12:
                row[key] = rng.choice(
                    [p.get(key) for rows in graph(rng).values() for p in rows] or [None]
                )
    if rng.random() < 0.2:
        predicted["people"] = predicted["people"][1:]
    if rng.random() < 0.1:
        predicted["events"].append({"id": "new", "kind": "birth", "who": "p77", "note": "x"})
    return Example(expected, predicted, None, copy.deepcopy(dict(ENTITY_RULES)))


def smaller(value: Json) -> list[Json]:
    """Return values with one part of a value left out."""
    if isinstance(value, dict):
        cut = [{k: v for k, v in value.items() if k != gone} for gone in value]
        return cut + [{**value, k: less} for k, v in value.items() for less in smaller(v)]
    if isinstance(value, list):
        cut_items = [[*value[:i], *value[i + 1 :]] for i in range(len(value))]
        return cut_items + [
            [*value[:i], less, *value[i + 1 :]] for i, v in enumerate(value) for less in smaller(v)
        ]
    return []


def shrunk(found: Example, still: Callable[[Example], bool]) -> Example:
    """Return the smallest example that greedy cuts lead to and that still shows a fault."""
    names = ("schema", "rules", "expected", "predicted")
    again = True
    while again:
        again = False
        for name in names:
            whole = getattr(found, name)
            options = ([None] if name == "schema" and whole else []) + smaller(whole)
            for less in options:
                candidate = replace(found, **dict[str, Any]([(name, less)]))
                if still(candidate):
                    found, again = candidate, True
                    break
    return found
