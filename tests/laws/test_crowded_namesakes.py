"""Namesakes in crowds, of whom only the nearest are weighed: ids and orders decide nothing."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from harness import Plan

PLAN = Plan(
    None,
    {
        "people": {"align": "entity", "match": {"name": 1}},
        "people[].parents[]": {"refers_to": "people"},
    },
)


def _crowd(rng: Random, size: int, names: int) -> list[dict[str, Any]]:
    """Return people of few names with up to two parents among the twenty before them."""
    return [
        {
            "id": n,
            "name": f"N{rng.randrange(names)}",
            "age": rng.randrange(30),
            "parents": rng.sample(range(max(0, n - 20), n), min(n, rng.choice((0, 1, 2)))),
        }
        for n in range(size)
    ]


def _misread(rng: Random, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the same people, some with another age, some without a parent, some left out."""
    changed = [
        {**one, "age": rng.randrange(30)}
        if rng.random() < 0.2
        else {**one, "parents": one["parents"][:1]}
        for one in people
    ]
    return [one for one in changed if rng.random() < 0.95]


def _renamed(rng: Random, people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the same people under other ids, in another order."""
    ids = rng.sample(range(100_000), 1 + max((one["id"] for one in people), default=0))
    others = [
        {
            **one,
            "id": ids[one["id"]],
            "parents": rng.sample([ids[n] for n in one["parents"]], len(one["parents"])),
        }
        for one in people
    ]
    return rng.sample(others, len(others))


@pytest.mark.parametrize(("size", "names"), [(3, 1), (400, 1), (3_000, 6)])
def test_other_ids_and_another_order_change_no_count(size: int, names: int) -> None:
    rng = Random(size)
    truth = _crowd(rng, size, names)
    answer = _misread(rng, truth)
    one = PLAN.score({"people": truth}, {"people": answer})
    other = PLAN.score({"people": _renamed(rng, truth)}, {"people": _renamed(rng, answer)})
    assert one.counts == other.counts
    assert one.approximate == other.approximate == (("people",) if size > 3 else ())
