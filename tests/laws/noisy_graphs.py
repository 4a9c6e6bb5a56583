"""Noisy graphs: people of few names who refer to each other, and what a careless reader saw."""

from __future__ import annotations

import copy
from random import Random
from typing import Any, Final, TypeAlias

Graph: TypeAlias = dict[str, list[dict[str, Any]]]

PEOPLE: Final = {
    "people[].parents[]": {"refers_to": "people"},
    "bonds[].a": {"refers_to": "people"},
    "bonds[].b": {"refers_to": "people"},
    "events[].who": {"refers_to": "people"},
}

RULES: Final[dict[str, dict[str, Any]]] = {
    "references are criteria": PEOPLE
    | {
        "people": {"align": "entity", "match": {"name + last": 1, "parents": 0}},
        "bonds": {"align": "entity", "match": ["a", "b"], "unordered": ["a", "b"]},
        "events": {"align": "entity", "match": {"kind": 0, "text": 0.8, "when": 0.2, "who": 0}},
        "events[].text": {"threshold": 0.6},
        "events[].when": {"compare": "date", "days": 400},
    },
    "references are none": PEOPLE
    | {
        "people": {"align": "entity", "match": {"name + last": 1}},
        "bonds": {"align": "entity", "match": ["kind"]},
        "events": {"align": "entity", "match": {"kind": 0}},
    },
    "names are like each other": PEOPLE
    | {
        "people": {"align": "entity", "match": {"name": 0.6, "last": 0.4}},
        "people[].name": {"threshold": 0.5},
        "bonds": {"align": "entity", "match": ["a", "b"]},
        "events": {"align": "entity", "match": {"text": 1, "who": 0}},
        "events[].text": {"threshold": 0.5},
    },
}


def noisy_graph(rng: Random, size: int, names: int) -> Graph:
    """Draw people of so many names, their parents, the bonds between them and their events."""
    ids = [f"p{n}" for n in range(size)]
    people = [
        {
            "id": own,
            "name": rng.choice(["John", "Jon", *4 * [f"Name {rng.randrange(names)}"]]),
            "last": rng.choice(["Smith", "Doe", None]),
            "born": rng.choice([1900, 1901, None]),
            "parents": rng.sample(ids, min(size - 1, rng.choice([0, 0, 1, 2]))),
        }
        for own in ids
    ]
    bonds = [
        {"id": f"b{n}", "kind": rng.choice("md"), "a": rng.choice(ids), "b": rng.choice(ids)}
        for n in range(rng.randrange(size))
    ]
    events = [
        {
            "id": f"e{n}",
            "kind": rng.choice("xy"),
            "text": rng.choice(["moved to Rome", "moved to Roma", "was born", "born"]),
            "when": rng.choice(["1900-01-01", "1901-01-01", "spring", None]),
            "who": rng.choice(ids),
        }
        for n in range(rng.randrange(size))
    ]
    return {"people": people, "bonds": bonds, "events": events}


def renamed(rng: Random, graph: Graph) -> Graph:
    """Return the same graph under other ids, every list in another order."""
    rows = [row for some in graph.values() for row in some]
    ids: dict[str, str] = {row["id"]: f"n{n}" for n, row in enumerate(rng.sample(rows, len(rows)))}
    ids |= {one: f"nobody {one}" for row in rows for one in _named(row) if one not in ids}
    other = copy.deepcopy(graph)
    for some in other.values():
        for row in some:
            row |= {key: ids[row[key]] for key in ("id", "a", "b", "who") if key in row}
            if "parents" in row:
                row["parents"] = [ids[one] for one in row["parents"]]
                rng.shuffle(row["parents"])
        rng.shuffle(some)
    return other


def _named(row: dict[str, Any]) -> list[str]:
    return [*(row[key] for key in ("a", "b", "who") if key in row), *row.get("parents", [])]


def misread(rng: Random, graph: Graph, share: float) -> Graph:
    """Return a renamed graph with a share of its values and references taken from elsewhere."""
    other = renamed(rng, graph)
    ids = [person["id"] for person in other["people"]]
    for some in other.values():
        drawn = copy.deepcopy(some)
        for row in some:
            for key in [key for key in row if key != "id" and rng.random() < share]:
                row[key] = (
                    rng.sample(ids, min(len(ids), rng.randrange(3)))
                    if key == "parents"
                    else rng.choice([*ids, "nobody"])
                    if key in ("a", "b", "who")
                    else rng.choice(drawn)[key]
                )
        if len(some) > 1 and rng.random() < share * 3:
            some.pop()
        if drawn and rng.random() < share * 2:
            some.append({**rng.choice(drawn), "id": "more"})
    return other
