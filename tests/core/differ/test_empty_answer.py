"""An empty answer is counted from the truth alone, as the differ judges it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from harness.core.counts import Counts
from harness.core.differ.case_result import CaseResult
from harness.core.differ.empty_answer import empty_answer
from harness.core.differ.plan import Plan
from harness.core.fields.verdict_ledger import CODE
from harness.core.values import Json
from harness.errors import HarnessError
from tests.reference.random_documents import example
from tests.reference.wild_documents import Wild

ROW: dict[str, Any] = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "note": {"type": "string"}},
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "fax": {"type": "string"},
        "seller": ROW,
        "rows": {"type": "array", "items": ROW},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
        "parent": {"$ref": "#"},
    },
}


def judged(plan: Plan, truth: Json) -> tuple[int, int]:
    """Return expected fields and abstentions by the differ's verdicts."""
    counts = Counts.of(verdict[CODE] for verdict in plan.diff(truth, None).verdicts)
    return counts.expected, counts.true_negatives


def way(plan: Plan, truth: Json, *, quick: bool) -> tuple[int, int] | str:
    """Return what one way counts, or how it refuses."""
    try:
        return empty_answer(plan, truth) if quick else judged(plan, truth)
    except HarnessError as error:
        return str(error)


@pytest.mark.parametrize("seed", range(0, 400, 100))
def test_documents_of_any_shape_schema_and_rules_are_counted_as_they_are_judged(seed: int) -> None:
    for number in range(seed, seed + 100):
        one = example(Random(number))
        try:
            plan = Plan(one.schema, one.rules)
        except HarnessError:  # rules that contradict each other
            continue
        for truth in (one.expected, one.predicted):
            assert way(plan, truth, quick=True) == way(plan, truth, quick=False), number


@pytest.mark.parametrize("seed", range(0, 400, 100))
def test_documents_under_rules_for_blanks_are_counted_as_they_are_judged(seed: int) -> None:
    for number in range(seed, seed + 100):
        wild = Wild(Random(number))
        shapes = {key: wild.shape(3, key) for key in ("u", "v")}
        schema = {"type": "object", "properties": {k: wild.schema(s) for k, s in shapes.items()}}
        truth = {key: wild.value(shape) for key, shape in shapes.items()}
        for of in (None, {**schema, "$defs": wild.definitions}):
            plan = Plan(of, wild.rules)
            for value in (truth, wild.damaged(truth)):
                assert way(plan, value, quick=True) == way(plan, value, quick=False), number


@pytest.mark.parametrize("seed", range(0, 400, 100))
def test_the_counts_of_any_answer_say_how_many_fields_an_empty_one_omits(seed: int) -> None:
    for number in range(seed, seed + 100):
        one, wild = example(Random(number)), Wild(Random(number))
        shapes = {key: wild.shape(3, key) for key in ("u", "v")}
        truth = {key: wild.value(shape) for key, shape in shapes.items()}
        ruled = wild.schema(shapes["u"])
        schema: Json = {"type": "object", "properties": {"u": ruled}, "$defs": wild.definitions}
        damaged = wild.damaged(truth)
        for of, rules, sides in (
            (one.schema, one.rules, (one.expected, one.predicted)),
            (None, {}, (one.expected, one.predicted)),
            (schema, wild.rules, (truth, damaged)),
            (None, wild.rules, (truth, damaged)),
        ):
            try:
                plan = Plan(of, rules)
            except HarnessError:  # rules that contradict each other
                continue
            for value, answer in (sides, sides[::-1]):
                counts = CaseResult(plan.diff(value, answer)).counts
                assert empty_answer(plan, value, counts) == judged(plan, value), number


@pytest.mark.parametrize("size", [3, 3_000])
def test_long_lists_are_counted_as_they_are_judged(size: int) -> None:
    row: Json = {"n": 1, "note": None, "more": ["a", None, ""]}
    truth: Json = {"name": "x", "rows": [row] * size, "pair": ["", 2], "odd": {"a": None}}
    for schema in (None, SCHEMA):
        plan = Plan(schema)
        assert empty_answer(plan, truth) == judged(plan, truth)
        answer: Json = {"rows": [*[row] * (size - 1), {"n": 2, "extra": 1}], "odd": 1}
        counts = CaseResult(plan.diff(truth, answer)).counts
        assert empty_answer(plan, truth, counts) == judged(plan, truth)
    assert empty_answer(Plan(), truth) == (2 + 2 * size, 1)


@pytest.mark.parametrize(
    "truth",
    [
        None,
        "",
        "x",
        5,
        [],
        {},
        [None],
        {"a": {}},
        {"rows": "x"},
        {"seller": [1]},
        {"name": {"a": 1}},
    ],
    ids=str,
)
def test_odd_truths_are_counted_as_they_are_judged(truth: Json) -> None:
    rules: dict[str, Any]
    for rules in (
        {},
        {"*": {"blank": []}},
        {"": {"blank": ["missing"]}},
        {"name": {"ignore": True}},
    ):
        for schema in (None, SCHEMA, {"type": "string"}):
            plan = Plan(schema, rules)
            assert empty_answer(plan, truth) == judged(plan, truth)


def test_a_truth_too_deep_to_walk_is_refused_as_the_differ_refuses_it() -> None:
    deep: Json = "x"
    for _ in range(5_000):
        deep = {"a": deep}
    with pytest.raises(HarnessError, match="nested too deep to compare"):
        empty_answer(Plan(), deep)
