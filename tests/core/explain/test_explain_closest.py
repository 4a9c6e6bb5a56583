"""The truth in the prediction's order says the same and scores the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.differ.plan import Plan
from harness.core.explain.reordered_truth import closest
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from tests.laws.strategies import near_misses

Rule = dict[str, Any]


@pytest.mark.parametrize(
    ("rules", "expected", "predicted", "ordered"),
    [
        ({}, [1, 2, 3], [3, 1], [3, 1, 2]),
        ({}, {"b": 1, "a": [1, 2]}, {"a": [2, 1]}, {"b": 1, "a": [2, 1]}),
        (
            {},
            [{"n": 1, "t": ["x", "y"]}, {"n": 2, "t": ["v", "w"]}],
            [{"n": 2, "t": ["w", "v"]}, {"n": 1, "t": ["y"]}],
            [{"n": 2, "t": ["w", "v"]}, {"n": 1, "t": ["y", "x"]}],
        ),
        (
            {"$": {"align": "key", "key": ["k"]}},
            [{"k": 1, "n": 5}, {"k": 2, "n": 6}],
            [{"k": 2, "n": 5}, {"k": 1, "n": 6}],
            [{"k": 2, "n": 6}, {"k": 1, "n": 5}],
        ),
        (
            {"p": {"align": "entity", "match": ["name"]}, "p[].boss": {"refers_to": "p"}},
            {"p": [{"id": 1, "name": "A"}, {"id": 2, "name": "B", "boss": 1}]},
            {"p": [{"id": 7, "name": "B", "boss": 8}, {"id": 8, "name": "A"}]},
            {"p": [{"id": 2, "name": "B", "boss": 1}, {"id": 1, "name": "A"}]},
        ),
        ({"$": {"align": "sequence"}}, [1, 2, 3], [3, 1], [1, 2, 3]),
        ({"$": {"align": "position"}}, [{}, 1, 2], [{}, 2, 1], [{}, 1, 2]),
        ({}, [1, 2], "no list", [1, 2]),
        ({}, {"a": [1]}, None, {"a": [1]}),
        ({}, {"a": ["x"]}, {"a": "x"}, {"a": ["x"]}),
    ],
)
def test_items_stand_where_their_partners_do_and_the_unpaired_after_them(
    rules: Rule, expected: Json, predicted: Json, ordered: Json
) -> None:
    found = closest(Plan(None, parse_rules(rules)), expected, predicted)
    assert json.dumps(found) == json.dumps(ordered)


def test_lists_below_the_keys_of_a_map_are_ordered_too() -> None:
    schema: Json = {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "integer"}},
    }
    found = closest(Plan(schema), {"x": [1, 2], "y": [1, 2]}, {"x": [2, 1], "y": [1, 2]})
    assert found == {"x": [2, 1], "y": [1, 2]}


def test_a_prediction_that_says_it_all_in_another_order_is_given_back() -> None:
    truth: Json = {"rows": [{"a": n, "b": [n, str(n) * 2]} for n in range(40)]}
    said: Json = {"rows": [{"a": n, "b": [str(n) * 2, n]} for n in reversed(range(40))]}
    assert closest(Plan(), truth, said) == said


ORDERS = st.sampled_from(["best", "position", "sequence"])


@given(near_misses, ORDERS)
def test_the_counts_stay_and_so_do_the_values(pair: tuple[Json, Json], align: str) -> None:
    expected, predicted = pair
    plan = Plan(None, parse_rules({"**": {"align": align}}))
    found = closest(plan, expected, predicted)
    assert plan.score(found, predicted).counts == plan.score(expected, predicted).counts
    assert _sorted(found) == _sorted(expected)


def _sorted(value: Json) -> str:
    """Write a value so that the order of its lists does not matter."""
    if isinstance(value, dict):
        return repr({key: _sorted(below) for key, below in value.items()})
    return repr(sorted(map(_sorted, value))) if isinstance(value, list) else repr(value)
