"""Laws of lists of scalars: what is paired at sight is what weighing every pair would pair."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from harness import Plan
from harness.core.alignment.align import align, best
from harness.core.differ.containers import Dynamic, ListField
from harness.core.fields.verdict_ledger import Ledger

VALUES: dict[str, tuple[Any, ...]] = {
    "texts": ("ash", "Elm", "elm", "Elm  ", "12", "007", "-", "", " ", "a{b}", '{"a": "ash"}'),
    "numbers": (0, 1, 2, 7, 10**20, -3),
    "floats": (0.1 + 0.2, 0.3, 2.0, 1e16, -0.0),
    "mixed": ("ash", "2", 2, 2.0, True, None, ["ash"], {"a": "ash"}, [], {}),
}
RULES: tuple[dict[str, Any], ...] = (
    {},
    {"[]": {"absolute": 1}},
    {"[]": {"threshold": 0.5}},
    {"[]": {"compare": "date"}},
    {"[]": {"blank": []}},
    {"[]": {"placeholders": ["ash"]}},
    {"[]": {"any_of": ["ash", 7]}},
    {"$": {"threshold": 0.3}},
)
SCHEMAS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"type": "array", "items": {"type": "string"}},
    {"type": "array", "items": {"type": "integer"}},
    {"type": "array", "items": {"enum": ["Elm", "ash", 2]}},
)


@pytest.mark.parametrize(("size", "rounds"), [(3, 1_500), (3_000, 3)])
@pytest.mark.parametrize("kind", VALUES)
def test_scalars_paired_at_sight_are_paired_as_if_weighed(
    kind: str, size: int, rounds: int
) -> None:
    for seed in range(rounds):
        rng = Random(seed)
        plan = Plan(rng.choice(SCHEMAS), {} if size > 3 else rng.choice(RULES))
        field = plan.root.items() if isinstance(plan.root, Dynamic) else plan.root
        assert isinstance(field, ListField)
        expected, predicted = _list(rng, kind, size), _list(rng, kind, size)
        found = align(field, expected, predicted, Ledger())
        weighed = best(field, expected, predicted, Ledger())
        assert [*found] == [*weighed], (expected[:9], predicted[:9])


def _list(rng: Random, kind: str, size: int) -> list[Any]:
    """Return a list of values, in longer ones of numbers or texts of their own."""
    some = VALUES[kind]
    if size > len(some) and kind != "mixed":
        first = rng.choice((0, 7, 0.5)) if kind != "numbers" else rng.choice((0, 7))
        every = [n + first for n in range(size)]
        rng.shuffle(every)
        return [f"row {n}" for n in every] if kind == "texts" else every
    return [rng.choice(some) for _ in range(size)]
