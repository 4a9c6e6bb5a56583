"""Laws of the worth of a pair: told by cells, it is what judging both items says."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

import harness
from harness.core.alignment.columns import rows_of
from harness.core.alignment.pair_worth import is_told, worth_of, worth_of_cells
from harness.core.differ.plan import Plan
from harness.core.fields.field import EXPECTED, PREDICTED, Field
from harness.core.fields.verdict_ledger import Ledger
from harness.core.reading.numbers import canonical_number

SCALARS: tuple[dict[str, Any], ...] = (
    *({"type": kind} for kind in ("string", "number", "integer", "boolean")),
    *({"enum": ["open", "shut"]}, {"type": "string", "format": "date"}, {}),
    *({"type": ["string", "number"]}, {"type": "string", "pattern": "^[A-Z]"}),
)
VALUES: tuple[Any, ...] = (
    *("Oak", "oak ", "Elm tree", "9.00", "open", "SHUT", "2024-01-02", "2 January 2024", "n/a", ""),
    *(None, 1, 9, 2.5, 0.1 + 0.2, True, False, [9], ["Oak"], {"value": 9}, '{"value": 9}', []),
)
RULES: tuple[dict[str, Any], ...] = (
    *({}, {}, {}, {"threshold": 0.6}, {"absolute": 1}, {"compare": "identifier"}, {"ignore": True}),
    *({"compare": "date"}, {"any_of": ["Oak"]}, {"placeholders": ["n/a"]}, {"blank": ["missing"]}),
)


def told_and_judged(rng: Random, item: Field) -> bool:
    """Draw two items; tell whether their cells tell the worth, which must be the judged one."""
    expected, predicted = (
        {key: rng.choice(VALUES) for key in "ab" if rng.random() < 0.85} for _ in range(2)
    )
    predicted |= {key: value for key, value in expected.items() if rng.random() < 0.4}
    left = rows_of(item, [expected], EXPECTED).get(0, {})
    right = rows_of(item, [predicted], PREDICTED).get(0, {})
    if not is_told(expected, left) or not is_told(predicted, right):
        return False
    worth = worth_of_cells(left, right)
    assert worth in (None, worth_of(item, expected, predicted, Ledger())), (expected, predicted)
    return worth is not None


@pytest.mark.parametrize("typed", ["by a schema", "by the values"])
def test_cells_tell_the_worth_that_judging_finds(typed: str) -> None:
    count = 0
    for seed in range(150):
        rng = Random(seed)
        schema = {"type": "object", "properties": {key: rng.choice(SCALARS) for key in "ab"}}
        rules = {key: rule for key in "ab" if (rule := rng.choice(RULES))}
        item = Plan(schema if typed == "by a schema" else None, rules).root
        count += sum(told_and_judged(rng, item) for _ in range(40))
    assert count > 150


def test_a_number_of_few_decimals_is_its_own_canonical_form() -> None:
    rng = Random(1)
    for _ in range(20_000):
        number = round(rng.uniform(-1, 1) * 10 ** rng.randint(0, 14), rng.randint(0, 6))
        number += rng.choice((0.0, 0.0, 1e-9, number * 2e-16))
        rounded = float(f"{number:.15g}")
        assert canonical_number(number) == (number if number.is_integer() else rounded), number


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_number_where_a_text_belongs_is_no_right_leaf_for_a_rule_that_compares_numbers(
    size: int,
) -> None:
    row = {"type": "object", "properties": {"x": {"type": "string"}}}
    schema = {"properties": {"rows": {"type": "array", "items": row}}}
    expected = {"rows": [{"x": f"{n}"} for n in range(size)]}
    texts = [{"x": f"{n}.0"} for n in range(size)]
    predicted = {"rows": [*({"x": n} for n in range(size)), *texts]}
    counts = harness.score(expected, predicted, schema, {"rows[].x": {"compare": "number"}}).counts
    assert (counts.correct, counts.format_error, counts.hallucination) == (size, 0, size)
