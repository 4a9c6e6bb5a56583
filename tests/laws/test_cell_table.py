"""Laws of cell tables: columns hold what each item's cells are, read one by one."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from harness import Plan
from harness.core.alignment.cell_table import cell_table
from harness.core.differ.containers import Dynamic, ListField
from harness.core.fields.field import EXPECTED, PREDICTED, Field, ItemCells
from harness.core.fields.scalar import Loose
from harness.core.reading.text import fold, fold_all

TEXTS = (
    "Acme  Corp",
    " acme corp ",
    "O`Brien",
    "\u00c6r\u00f8",
    "x\ty",
    "",
    " ",
    "\u200b",
    "12",
    "a{b}",
    "-",
)
VALUES: dict[str, tuple[Any, ...]] = {
    "text": TEXTS,
    "amount": (0.1 + 0.2, 0.3, 2.0, 2, 10**20, 1e16, -0.0, "about 5"),
    "count": (1, 2, 2.0, 2.5, True, "3"),
    "day": ("2024-01-02", "2 January 2024", "soon"),
    "either": (1, "1", 1.0, "x", None),
    "at": ({"city": "Oslo"}, {"city": "oslo", "no": 1}, {}),
}
ODD: tuple[Any, ...] = (
    None,
    "x",
    [],
    {},
    ["w"],
    {"value": "w"},
    '{"city": "Oslo"}',
    '{"text": "a"}',
    7,
)
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "amount": {"type": "number"},
            "count": {"type": "integer"},
            "day": {"type": "string", "format": "date"},
            "either": {"type": ["string", "number"]},
            "at": {"type": "object", "properties": {"city": {"type": "string"}}},
        },
    },
}


def item_of(plan: Plan) -> Field:
    root = plan.root.items() if isinstance(plan.root, Dynamic) else plan.root
    assert isinstance(root, ListField)
    return root.item


def items(rng: Random, size: int, odd: float, keys: tuple[str, ...]) -> list[Any]:
    made: list[Any] = [
        {key: rng.choice(VALUES[key]) for key in keys if rng.random() < 0.9} for _ in range(size)
    ]
    for index in range(size):
        if rng.random() < odd and rng.random() < 0.2:
            made[index] = rng.choice(ODD)
        elif rng.random() < odd:
            made[index][rng.choice((*keys, "unknown"))] = rng.choice(ODD)
    return made


def plain(cell: object) -> object:
    return ("loose", cell.key, repr(cell.value)) if isinstance(cell, Loose) else cell


@pytest.mark.parametrize("schema", [None, SCHEMA], ids=["no schema", "schema"])
@pytest.mark.parametrize(("size", "rounds"), [(3, 100), (40, 20), (3_000, 2)])
def test_a_table_holds_the_cells_of_every_item(
    schema: dict[str, Any] | None, size: int, rounds: int
) -> None:
    whole = 0
    for seed in range(rounds):
        rng = Random(seed)
        keys = tuple(rng.sample(sorted(VALUES), rng.randint(1, len(VALUES))))
        odd = rng.choice((0.0, 0.02, 0.5))
        expected, predicted = (items(rng, size, odd * at, keys) for at in (seed % 2, 1))
        item = item_of(Plan(schema))
        rows: list[ItemCells] = []
        for side, values in ((EXPECTED, expected), (PREDICTED, predicted)):
            for value in values:
                rows.append({})
                item.cells(value, side, (), rows[-1])
        found = cell_table(item, expected, predicted)
        if found is None:
            assert any(isinstance(cell, list) for row in rows[:size] for cell in row.values())
            continue
        whole += 1
        both = {place for row in rows[:size] for place in row}
        both &= {
            place for row in rows[size:] for place, c in row.items() if c.__class__ is not list
        }
        assert both <= found.columns.keys()
        for place, cells in found.columns.items():
            own = [cell if not isinstance(cell := row.get(place), list) else None for row in rows]
            assert [*map(plain, cells)] == [*map(plain, own)], (place.__class__, keys)
    assert whole > rounds / 4


@pytest.mark.parametrize("size", [3, 3_000])
def test_objects_of_ever_new_keys_have_no_table(size: int) -> None:
    rows: list[Any] = [{f"{n} {k}": k for k in range(4)} for n in range(size)]
    table = cell_table(item_of(Plan()), rows, rows[::-1])
    assert table is None if size > 3 else table and table.columns


def test_texts_folded_together_are_those_folded_one_by_one() -> None:
    for seed in range(300):
        rng = Random(seed)
        plain_only = rng.random() < 0.5
        letters = "aB 1-" if plain_only else "aB  `'\t\n\x1c\x1f\x7f\u00a0\u00e9\u0130\u200b"
        texts = [
            "".join(rng.choices(letters, k=rng.randint(0, 6))) for _ in range(rng.randint(0, 5))
        ]
        assert fold_all(texts) == [fold(text) for text in texts], texts
