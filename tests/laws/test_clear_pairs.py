"""Laws of clear pairs: what equal cells prove is in every best pairing, and costs no search."""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import Any

import pytest

from harness.core.alignment.assignment import assign
from harness.core.alignment.clear_pairs import clear_pairs
from harness.core.alignment.pair_worth import worth_of
from harness.core.differ.containers import Dynamic, ListField, ObjectField
from harness.core.differ.plan import Plan
from harness.core.fields.field import Field
from harness.core.fields.verdict_ledger import Ledger

COLUMNS = ("a", "b", "c", "d")
SCHEMA = {
    "type": "object",
    "properties": {
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "a": {"type": "integer"},
                    "b": {"type": "string", "format": "date"},
                    "c": {"type": "string"},
                    "d": {"type": "string"},
                },
            },
        }
    },
}
VALUES: dict[str, tuple[Any, ...]] = {
    "a": (1, 2, 3, 4, 5, "3", [4]),
    "b": ("2024-01-02", "2024-01-03", "2 January 2024", "3 January 2024", "2024-01-04"),
    "c": ("x", "y", "Z", "z", "w", 7),
    "d": ("ash", "elm", "fir", "oak", "Oak ", "yew", "box", "bay", "fig"),
}


def field_of(rules: dict[str, Any]) -> ListField:
    root = Plan(SCHEMA, rules).root
    assert isinstance(root, ObjectField)
    root.grown()
    rows = root.known["rows"]
    assert isinstance(rows, ListField)
    return rows


def proven(field: ListField, expected: list[Any], predicted: list[Any]) -> list[tuple[int, int]]:
    return sorted(clear_pairs(field.item, expected, predicted))


def best_pairings(
    field: ListField, expected: list[Any], predicted: list[Any]
) -> list[set[tuple[int, int]]]:
    """Return every pairing with the most correct leaves, by trying all."""
    ledger = Ledger()
    worths = [[worth_of(field.item, e, p, ledger).correct for p in predicted] for e in expected]
    seats = [*range(len(predicted)), *[None] * len(expected)]
    every = [
        {(i, j) for i, j in enumerate(chosen) if j is not None and worths[i][j]}
        for chosen in set(permutations(seats, len(expected)))
    ]
    most = max(sum(worths[i][j] for i, j in pairs) for pairs in every)
    return [pairs for pairs in every if sum(worths[i][j] for i, j in pairs) == most]


@pytest.mark.parametrize(
    "rules",
    [{}, {"rows[].a": {"absolute": 1}}, {"rows[].c": {"threshold": 0.5}}],
    ids=["no rules", "a number with a tolerance", "a text with a threshold"],
)
def test_clear_pairs_are_in_every_best_pairing_that_trying_all_finds(rules: dict[str, Any]) -> None:
    field, count = field_of(rules), 0
    for seed in range(120):
        rng = Random(seed)

        def row(rng: Random = rng) -> dict[str, Any]:
            return {key: rng.choice(VALUES[key]) for key in COLUMNS if rng.random() < 0.9}

        expected = [row() for _ in range(rng.randint(1, 4))]
        copies = [{**one, **(row() if rng.random() < 0.4 else {})} for one in expected]
        predicted = rng.sample(copies, len(copies))[: rng.randint(1, 4)] + [row()][: seed % 2]
        pairs = proven(field, expected, predicted)
        count += len(pairs)
        for pairing in best_pairings(field, expected, predicted):
            assert pairing.issuperset(pairs), (expected, predicted)
    assert count > 5


@pytest.mark.parametrize("size", [3, 3_000])
def test_rows_with_a_value_of_their_own_are_clear_whatever_else_many_share(size: int) -> None:
    expected = [{"a": n % 5, "b": "2024-01-02", "c": f"row {n}"} for n in range(size)]
    predicted = [{"a": n % 5, "b": "2024-01-02", "c": f"ROW {n}"} for n in reversed(range(size))]
    pairs = proven(field_of({}), expected, predicted)
    assert pairs == [(n, size - 1 - n) for n in range(size)]


@pytest.mark.parametrize("size", [3, 3_000])
def test_rows_that_only_common_values_tell_apart_are_never_clear(size: int) -> None:
    rows = [{"a": n % 2, "b": "2024-01-02"} for n in range(size)]
    assert proven(field_of({}), rows, [*rows]) == ([(1, 1)] if size == 3 else [])


LISTED: dict[str, Any] = {
    **SCHEMA["properties"]["rows"]["items"]["properties"],  # type: ignore[index]  # of that shape
    "tags": {"type": "array", "items": {"type": "string"}},
    "days": {"type": "array", "items": {"type": "string", "format": "date"}},
}


@pytest.mark.parametrize(("size", "rounds"), [(3, 60), (6, 120), (60, 4)])
@pytest.mark.parametrize("rule", [{}, {"[].tags[]": {"threshold": 0.5}}], ids=["none", "near"])
@pytest.mark.parametrize("has_schema", [True, False])
def test_clear_pairs_of_items_with_lists_are_worth_more_than_any_pairing_without_them(
    rule: dict[str, Any], size: int, rounds: int, *, has_schema: bool
) -> None:
    schema = {"type": "array", "items": {"type": "object", "properties": LISTED}}
    item, count = _item(Plan(schema if has_schema else None, rule)), 0
    for seed in range(rounds):
        rng = Random(seed)
        is_apart = seed % 2 == 0  # lists that share values with none predicted: rows are clear
        expected = [_listed_row(rng, n * is_apart) for n in range(size)]
        others = [_listed_row(rng, 0) if rng.random() < 0.3 else {} for _ in range(size)]
        predicted = [{**one, **other} for one, other in zip(expected, others, strict=True)]
        if is_apart:
            predicted = [{**row, "tags": ["fir"], "days": row["days"] and []} for row in predicted]
        if seed % 3 == 0:
            expected[-1] = {**expected[-1], "tags": [7, "oak"]}
        if seed % 5 == 0:
            expected[0] = {**expected[0], "days": [{"at": "x"}]}
        rng.shuffle(predicted)
        ledger = Ledger()
        worths = {
            (i, j): worth_of(item, e, p, ledger).correct
            for i, e in enumerate(expected)
            for j, p in enumerate(predicted)
        }
        found = clear_pairs(item, expected, predicted)
        count += len(found)
        most = _most({pair: w for pair, w in worths.items() if w})
        for pair in found[:9]:
            less = {one: w for one, w in worths.items() if w and one != pair}
            assert _most(less) < most, (pair, expected, predicted)
    assert count > 0 or size == 3 or rule  # near texts may be lost to anybody


def _item(plan: Plan) -> Field:
    root = plan.root.items() if isinstance(plan.root, Dynamic) else plan.root
    assert isinstance(root, ListField)
    return root.item


def _most(worths: dict[tuple[int, int], int]) -> int:
    edges: dict[int, list[tuple[int, int]]] = {}
    for (i, j), worth in worths.items():
        edges.setdefault(i, []).append((j, worth))
    return sum(worths[pair] for pair in assign(edges).items())


def _listed_row(rng: Random, own: int) -> dict[str, Any]:
    """Return a row of scalars and lists, some of whose values no other row has."""
    row = {key: rng.choice(VALUES[key]) for key in COLUMNS if rng.random() < 0.9}
    row["a"] = 100 + own if own else rng.choice((1, 2))
    row["c"] = f"row {own}" if own else rng.choice("xyz")
    row["d"] = f"own {own}" if own else rng.choice(VALUES["d"])
    tags = [rng.choice(("ash", "Elm", "elm ", "oak", None)) for _ in range(rng.randint(0, 3))]
    days = [rng.choice(VALUES["b"]) for _ in range(rng.randint(0, 2))]
    row["tags"] = [f"tag {own}", f"own {own}"] if own and rng.random() < 0.7 else tags
    row["days"] = rng.choice((days, days, None))
    return row
