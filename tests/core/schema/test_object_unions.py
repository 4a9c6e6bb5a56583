"""Unions of objects: each is judged by the branch that its truth satisfies."""

from __future__ import annotations

import itertools
import random
from datetime import date
from typing import Annotated, Any, Literal

import pydantic
import pytest

import harness

NUM: dict[str, Any] = {"properties": {"t": {"const": "num"}, "v": {"type": "number"}}}
TXT: dict[str, Any] = {"properties": {"t": {"const": "txt"}, "v": {"type": "string"}}}
DAY: dict[str, Any] = {
    "properties": {"t": {"const": "day"}, "v": {"type": "string", "format": "date"}}
}
LOOSE: dict[str, Any] = {
    "properties": {"t": {"const": "name"}, "v": {"type": "string", "x-match": {"threshold": 0.8}}}
}
UNION: dict[str, Any] = {"oneOf": [NUM, TXT, DAY, LOOSE]}

CASES: list[tuple[str, Any, Any, str]] = [
    ("num", 5, "5", "format_error="),
    ("num", 1234.5, "$1,234.50", "format_error="),
    ("num", 5, "five", "format_error"),
    ("num", 5, 6, "wrong_value"),
    ("txt", "5", 5, "format_error="),
    ("txt", "2024-03-31", "31 March 2024", "wrong_value"),
    ("txt", "Jane Rowe", "Jane Roe", "wrong_value"),
    ("day", "2024-03-31", "31 March 2024", "format_error="),
    ("day", "2024-03-31", "2024-03-30", "wrong_value"),
    ("day", "2024-03-31", "soon", "format_error"),
    ("name", "Jane Rowe", "Jane Roe", "correct"),
    ("name", "2024-03-31", "31 March 2024", "wrong_value"),
]
"""Branch, true value, predicted value, and what the branch says of them; `=` is value_equal."""


def told(schema: dict[str, Any], expected: object, predicted: object) -> list[str]:
    return [
        f"{d.path} {d.outcome}{'=' if d.value_equal else ''}"
        for d in harness.score(expected, predicted, schema).diffs
    ]


@pytest.mark.parametrize(("branch", "expected", "predicted", "outcome"), CASES)
def test_a_value_is_judged_by_the_branch_its_truth_satisfies(
    branch: str, expected: object, predicted: object, outcome: str
) -> None:
    sides = {"t": branch, "v": expected}, {"t": branch, "v": predicted}
    assert told(UNION, *sides) == ["t correct", f"v {outcome}"]
    behind = {"properties": {"x": {"$ref": "#/$defs/u"}}, "$defs": {"u": UNION}}
    assert told(behind, {"x": sides[0]}, {"x": sides[1]}) == ["x.t correct", f"x.v {outcome}"]
    items = {"items": {"anyOf": [*UNION["oneOf"], {"type": "null"}]}}
    assert told(items, [sides[0]], [sides[1]]) == ["[0].t correct", f"[0].v {outcome}"]


@pytest.mark.parametrize("rows", [3, 3_000])
def test_branches_hold_in_lists_of_any_length_and_order(rows: int) -> None:
    row = {"properties": {"no": {"type": "integer"}, "box": UNION}}
    schema = {"properties": {"rows": {"items": row}}}
    pairs = [CASES[n % len(CASES)] for n in range(rows)]
    truth = [{"no": n, "box": {"t": t, "v": e}} for n, (t, e, _, _) in enumerate(pairs)]
    answer = [{"no": n, "box": {"t": t, "v": p}} for n, (t, _, p, _) in enumerate(pairs)]
    random.Random(3).shuffle(answer)
    result = harness.score({"rows": truth}, {"rows": answer}, schema)
    values = [d for d in result.diffs if d.field == "rows[].box.v"]
    assert [f"{d.outcome}{'=' if d.value_equal else ''}" for d in values] == [p[3] for p in pairs]
    assert harness.score({"rows": truth}, {"rows": truth[::-1]}, schema).f1 == 1


def test_another_branch_s_constant_is_a_wrong_value() -> None:
    assert told(UNION, {"t": "num", "v": 5}, {"t": "txt", "v": 5}) == ["t wrong_value", "v correct"]
    assert told(UNION, {"t": "num", "v": 5}, {"t": "none", "v": 5}) == [
        "t format_error",
        "v correct",
    ]


def test_without_a_constant_types_and_keys_choose_the_branch() -> None:
    schema = {
        "anyOf": [
            {"properties": {"v": {"type": "number"}, "unit": {"type": "string"}}},
            {"properties": {"v": {"type": "string"}}},
        ]
    }
    assert told(schema, {"v": 5}, {"v": "5"}) == ["v format_error="]
    assert told(schema, {"v": "5"}, {"v": 5}) == ["v format_error="]
    assert told(schema, {"v": 5, "unit": "kg"}, {"v": "5", "unit": "kg"}) == [
        "v format_error=",
        "unit correct",
    ]


def test_what_stands_beside_a_union_holds_in_every_branch() -> None:
    schema = {"properties": {"id": {"type": "integer"}}, "allOf": [UNION]}
    sides = {"id": 1, "t": "num", "v": 5}, {"id": "1", "t": "num", "v": "5"}
    assert sorted(told(schema, *sides)) == ["id format_error=", "t correct", "v format_error="]


def test_unions_inside_unions_are_followed() -> None:
    schema = {"oneOf": [{"oneOf": [NUM, TXT]}, DAY]}
    assert told(schema, {"t": "txt", "v": "2024-03-31"}, {"t": "txt", "v": "31 March 2024"}) == [
        "t correct",
        "v wrong_value",
    ]


def test_a_union_that_holds_itself_ends() -> None:
    node = {
        "oneOf": [
            {"properties": {"t": {"const": "leaf"}, "v": {"type": "number"}}},
            {
                "properties": {
                    "t": {"const": "node"},
                    "v": {"type": "string"},
                    "below": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                }
            },
        ]
    }
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    tree: dict[str, Any] = {"t": "leaf", "v": 5}
    other: dict[str, Any] = {"t": "leaf", "v": "5"}
    for n in range(20):
        tree = {"t": "node", "v": f"n{n}", "below": [tree]}
        other = {"t": "node", "v": f"n{n}", "below": [other]}
    assert harness.score(tree, tree, schema).f1 == 1
    found = harness.score(tree, other, schema).counts
    assert (found.correct, found.format_error, found.value_equal) == (41, 1, 1)


def test_a_discriminated_union_of_pydantic_models_is_judged_by_its_discriminator() -> None:
    class Amount(pydantic.BaseModel):
        kind: Literal["amount"]
        value: float

    class Day(pydantic.BaseModel):
        kind: Literal["day"]
        value: date

    class Note(pydantic.BaseModel):
        kind: Literal["note"]
        value: str

    class Facts(pydantic.BaseModel):
        facts: list[Annotated[Amount | Day | Note, pydantic.Field(discriminator="kind")]]

    truth = Facts.model_validate(
        {
            "facts": [
                {"kind": "amount", "value": 12},
                {"kind": "day", "value": "2024-03-31"},
                {"kind": "note", "value": "2024-04-01"},
            ]
        }
    )
    answer = {
        "facts": [
            {"kind": "note", "value": "1 April 2024"},
            {"kind": "day", "value": "31 March 2024"},
            {"kind": "amount", "value": "12"},
        ]
    }
    result = harness.score(truth, answer, Facts)
    assert [
        (str(d.outcome), d.value_equal) for d in result.diffs if d.field == "facts[].value"
    ] == [
        ("format_error", True),
        ("format_error", True),
        ("wrong_value", False),
    ]


def test_items_are_paired_by_what_the_truth_s_branch_has_right() -> None:
    rng = random.Random(4)
    ids: dict[str, Any] = {"type": "string", "x-match": {"compare": "identifier"}}
    near: dict[str, Any] = {"type": "number", "x-match": {"absolute": 1}}
    day: dict[str, Any] = {"type": "string", "format": "date"}
    tagged = [("a", ids, near), ("b", near, {"type": "string"}), ("c", day, near)]
    branches = [{"properties": {"k": {"const": k}, "v": v, "w": w}} for k, v, w in tagged]
    schema = {"properties": {"r": {"items": {"anyOf": branches}}}}
    values = ["12", 12, "2024-01-01", "1 Jan 2024", "AB-1", "ab1", 5, 6, "5", True]

    def item() -> dict[str, Any]:
        chosen = {"k": rng.choice("abc"), "v": rng.choice(values), "w": rng.choice(values)}
        return {key: value for key, value in chosen.items() if rng.random() < 0.7}

    def right(truth: list[Any], answer: list[Any], rules: dict[str, Any]) -> tuple[int, int]:
        counts = harness.score({"r": truth}, {"r": answer}, schema, rules).counts
        return counts.correct, counts.value_equal

    for _ in range(150):
        truth, answer = [item() for _ in range(3)], [item() for _ in range(3)]
        orders = (
            right(truth, list(order), {"r": {"align": "position"}})
            for order in itertools.permutations(answer)
        )
        assert right(truth, answer, {}) == max(orders), (truth, answer)


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_prediction_of_another_branch_finds_its_true_item_in_any_order(rows: int) -> None:
    truth = [{"t": "txt", "v": f"INV-{n}"} for n in range(rows)]
    answer = [{"t": "name", "v": f"inv-{n}"} for n in range(rows)]
    random.Random(6).shuffle(answer)
    result = harness.score({"r": truth}, {"r": answer}, {"properties": {"r": {"items": UNION}}})
    assert (result.counts.correct, result.counts.wrong_value) == (rows, rows)
