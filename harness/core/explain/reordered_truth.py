"""Reorder the truth for a text diff: list items in the order of the items they are paired with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.core.differ.plan import Plan
from harness.core.explain.paired_items import list_at, paired_items
from harness.core.fields.verdict_ledger import Ledger
from harness.core.values import FieldPath, Json

_ORDERED: Final = ("position", "sequence")
"""Alignments under which the order of a list is part of its value."""


def closest(plan: Plan, expected: Json, predicted: Json) -> Json:
    """Return the truth with list items in the order of the predicted items they are paired with.

    Unpaired items follow in their own order. Lists whose order is part of their value, object keys
    and all values stay as they are; so do the counts the two values are scored with.

    Raises HarnessError when a value is nested too deep to walk.

    >>> closest(Plan(), {"a": [{"n": 1}, {"n": 2}, {"n": 3}]}, {"a": [{"n": 3}, {"n": 1}]})
    {'a': [{'n': 3}, {'n': 1}, {'n': 2}]}
    """
    return _ordered(expected, (), _orders(plan, plan.diff(expected, predicted)))


def _orders(plan: Plan, ledger: Ledger) -> dict[FieldPath, Mapping[int, int]]:
    """Return, by path in the truth, where the items of each list that may be moved should go."""
    return {
        path: pairs
        for path, pairs in paired_items(ledger).items()
        if list_at(plan.root, path).rule.align not in _ORDERED
    }


def _ordered(value: Json, here: FieldPath, orders: Mapping[FieldPath, Mapping[int, int]]) -> Json:
    if isinstance(value, dict):
        return {key: _ordered(below, (*here, key), orders) for key, below in value.items()}
    if not isinstance(value, list):
        return value
    order = orders.get(here, {})
    last = max(order.values(), default=0) + 1
    indexes = sorted(range(len(value)), key=lambda i: order.get(i, last))
    return [_ordered(value[i], (*here, i), orders) for i in indexes]
