"""Laws of clear pairs: what equal cells prove is in every best pairing, and costs no search."""

from __future__ import annotations

from itertools import permutations
from random import Random
from typing import Any

import pytest

from harness.core.alignment.clear_pairs import clear_pairs
from harness.core.alignment.pair_worth import worth_of
from harness.core.differ.containers import ListField, ObjectField
from harness.core.differ.plan import Plan
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
