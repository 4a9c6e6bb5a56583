"""Laws of quick verdicts: what a leaf tells without a ledger is what it writes into one."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from harness import Plan
from harness.core.differ.containers import ObjectField
from harness.core.fields.field import Leaf
from harness.core.fields.verdict_ledger import Ledger

VALUES: tuple[Any, ...] = (
    *(
        None,
        "",
        "  ",
        "\u200b",
        "x",
        "X ",
        " x",
        "\u00e9",
        "3",
        "3.0",
        "about 3",
        "2024-01-02",
        "true",
    ),
    *(0, 3, 3.0, 3.5, 0.1 + 0.2, 0.3, 10**20, True, False, [], {}, [3], ["x"], {"v": 3}, [None]),
)
SCHEMAS: tuple[dict[str, Any], ...] = (
    {"type": "string"},
    {"type": "number"},
    {"type": "integer"},
    {"type": "boolean"},
    {"type": "string", "format": "date"},
    {"enum": ["x", "true"]},
    {"type": ["string", "number"]},
    {"type": "number", "minimum": 1},
)
RULES: tuple[dict[str, Any], ...] = (
    {},
    {"absolute": 0.5},
    {"relative": 0.1},
    {"threshold": 0.5},
    {"compare": "text"},
    {"compare": "number"},
    {"any_of": ["x", 3]},
)


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_leaf_tells_the_verdict_that_it_writes(
    schema: dict[str, Any], rule: dict[str, Any]
) -> None:
    plan = Plan({"type": "object", "properties": {"a": schema}}, {"a": rule})
    assert isinstance(plan.root, ObjectField)
    plan.root.grown()
    leaf = plan.root.known["a"]
    assert isinstance(leaf, Leaf)
    count = 0
    for expected, predicted in product(VALUES, VALUES):
        code = leaf.quick_code(expected, predicted)
        if code is not None:
            count += 1
            ledger = Ledger()
            leaf.diff(expected, predicted, (), (), ledger)
            assert [verdict[0] for verdict in ledger.verdicts] == [code], (expected, predicted)
    assert count > len(VALUES)


@pytest.mark.parametrize(
    "rule", [{}, {"absolute": 0.5}, {"relative": 0.1}, {"decimal": ","}], ids=str
)
def test_numbers_are_the_same_with_and_without_a_schema(rule: dict[str, Any]) -> None:
    numbers = [value for value in VALUES if type(value) in (int, float)]
    typed = Plan({"type": "object", "properties": {"a": {"type": "number"}}}, {"a": rule})
    untyped = Plan(None, {"a": rule})
    for expected, predicted in product(numbers, numbers):
        pair = {"a": expected}, {"a": predicted}
        assert typed.score(*pair).counts == untyped.score(*pair).counts, pair
