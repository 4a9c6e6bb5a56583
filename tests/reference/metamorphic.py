"""Changes of a document that must not change its score, at any size."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any, Final, TypeAlias

import harness

Json: TypeAlias = Any
Outcomes: TypeAlias = tuple[int, int, int, int, int]
RULES: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "tolerant": {"rows[].price": {"absolute": 0.01}, "rows[].name": {"threshold": 0.9}},
    "keyed": {"rows": {"align": "key", "key": ["sku"]}},
}


def table(rng: Random, rows: int) -> Json:
    """Return an order whose rows hold optional lists, boxes and nested rows."""
    return {"number": "A-1", "total": 12.5, "rows": [row(rng, at) for at in range(rows)]}


def row(rng: Random, at: int) -> Json:
    """Return one row; some keys are left out, some values are common to many rows."""
    full = {
        "sku": f"S-{at:05}",
        "name": rng.choice(["Valve", "Pump", "Pipe"]) + f" {rng.randint(1, 40)}",
        "quantity": rng.randint(1, 4),
        "price": round(rng.uniform(1, 90), 2),
        "box": [rng.randint(0, 9) for _ in range(4)],
        "mods": [rng.choice("abc") for _ in range(rng.randint(0, 2))],
        "taxes": [{"rate": rng.choice([7, 19])} for _ in range(rng.randint(0, 2))],
    }
    return {k: v for k, v in full.items() if k == "sku" or rng.random() < 0.9}


def damaged(rng: Random, value: Json) -> Json:
    """Return a table as an extractor might give it: some rows lost, moved, some cells wrong."""
    found = copy.deepcopy(value)
    found["rows"] = [r for r in found["rows"] if rng.random() > 0.03]
    for one in found["rows"]:
        if rng.random() < 0.1:
            one["quantity"] = rng.randint(5, 9)
        if rng.random() < 0.05:
            one.pop("price", None)
    return found


def shuffled(value: Json, rng: Random) -> Json:
    """Return a value with the items of every list in another order."""
    if isinstance(value, dict):
        return {k: shuffled(v, rng) for k, v in value.items()}
    if isinstance(value, list):
        return rng.sample([shuffled(v, rng) for v in value], len(value))
    return value


def turned(value: Json, rng: Random) -> Json:
    """Return a value with the keys of every object in another order."""
    if isinstance(value, dict):
        return {k: turned(value[k], rng) for k in rng.sample(list(value), len(value))}
    return [turned(v, rng) for v in value] if isinstance(value, list) else value


def as_floats(value: Json, _: Random) -> Json:
    """Return a value with whole numbers written as floats."""
    if isinstance(value, dict):
        return {k: as_floats(v, _) for k, v in value.items()}
    if isinstance(value, list):
        return [as_floats(v, _) for v in value]
    return float(value) if type(value) is int else value


def with_blanks(value: Json, rng: Random) -> Json:
    """Return a value with keys and items that say nothing added everywhere."""
    if isinstance(value, dict):
        blank: Json = rng.choice([None, [], {}, "", {"x": [None]}])
        return {**{k: with_blanks(v, rng) for k, v in value.items()}, "blank": blank}
    if isinstance(value, list):
        return [*(with_blanks(v, rng) for v in value), None]
    return value


def round_trip(value: Json, _: Random) -> Json:
    """Return a value after it was written as JSON and read."""
    return json.loads(json.dumps(value))


CHANGES: Final[dict[str, Callable[[Json, Random], Json]]] = {
    "shuffled": shuffled,
    "keys in another order": turned,
    "whole numbers as floats": as_floats,
    "blanks added": with_blanks,
    "written and read": round_trip,
}


def outcomes(expected: Json, predicted: Json, rules: Json, schema: Json = None) -> Outcomes:
    """Return how often each outcome was given."""
    counts = harness.score(expected, predicted, schema, rules).counts
    return (
        counts.correct,
        counts.omission,
        counts.hallucination,
        counts.format_error,
        counts.wrong_value,
    )


def broken_laws(seed: int, rows: int) -> list[str]:
    """Return the names of the laws that a table of some rows breaks."""
    found = []
    for name, rules in RULES.items():
        rng = Random(seed)
        expected = table(rng, rows)
        predicted = damaged(rng, expected)
        base = outcomes(expected, predicted, rules)
        found += [f"{name}: {law}" for law in broken_by(expected, predicted, rules, base)]
        for change, apply in CHANGES.items():
            if outcomes(expected, apply(predicted, rng), rules) != base:
                found.append(f"{name}: {change} changes {base}")
            if outcomes(apply(expected, rng), predicted, rules) != base:
                found.append(f"{name}: {change} in the truth changes {base}")
    return found


def broken_by(expected: Json, predicted: Json, rules: Json, base: Outcomes) -> list[str]:
    """Return which of the laws about a pair of documents do not hold."""
    correct, omission, hallucination, format_error, wrong = base
    back = outcomes(predicted, expected, rules)
    more = outcomes({**expected, "same": "x"}, {**predicted, "same": "x"}, rules)
    itself = outcomes(expected, shuffled(expected, Random(1)), rules)
    laws = {
        "swapped sides": back == (correct, hallucination, omission, format_error, wrong),
        "an equal field added": more == (correct + 1, *base[1:]),
        "identity": itself == (correct + omission + format_error + wrong, 0, 0, 0, 0),
    }
    return [law for law, holds in laws.items() if not holds]


def graph(rng: Random, people: int, names: int) -> Json:
    """Return people, some of them namesakes, with parents and events."""
    rows = [
        {"id": f"p{i}", "name": f"Name {rng.randrange(names)}", "born": rng.randint(1900, 2000)}
        for i in range(people)
    ]
    for at, one in enumerate(rows):
        if at and rng.random() < 0.7:
            one["parent"] = f"p{rng.randrange(at)}"
    events = [
        {"id": f"e{i}", "kind": rng.choice(["birth", "move"]), "who": f"p{rng.randrange(people)}"}
        for i in range(people)
    ]
    return {"people": rows, "events": events}


def renamed(value: Json, rng: Random) -> Json:
    """Return a graph with other ids, its items in another order."""
    ids = {row["id"]: f"q{rng.random()}" for rows in value.values() for row in rows}
    text = [
        {k: ids.get(v, v) if isinstance(v, str) else v for k, v in row.items()}
        for rows in value.values()
        for row in rows
    ]
    people = len(value["people"])
    return {
        "people": rng.sample(text[:people], people),
        "events": rng.sample(text[people:], len(text) - people),
    }


GRAPH_RULES: Final[Json] = {
    "people": {"align": "entity", "match": {"name": 1, "born": 0}},
    "people[].parent": {"refers_to": "people"},
    "events": {"align": "entity", "match": {"kind": 0, "who": 0}},
    "events[].who": {"refers_to": "people"},
}


def broken_graph_laws(seed: int, people: int) -> list[str]:
    """Return the laws that a graph of some people breaks: identity under other ids."""
    rng = Random(seed)
    value = graph(rng, people, max(1, people))
    got = outcomes(value, renamed(value, rng), GRAPH_RULES)
    return [] if not any(got[1:]) else [f"graph of {people}: renamed ids give {got}"]
