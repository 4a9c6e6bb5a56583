"""Identity where the truth breaks its own schema: a copy of it is correct at any size and depth."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Final

import pytest

import harness

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}


def _object(below: object) -> dict[str, object]:
    return {"type": "object", "properties": {"a": below}}


ITEMS: Final[dict[str, Callable[[int], Any]]] = {
    "text": lambda i: f"x{i}",
    "object": lambda i: {"a": i},
    "list in a field": lambda i: {"a": [f"x{i}"]},
    "object in a field": lambda i: {"a": {"a": i}},
    "list of objects": lambda i: [{"a": i}],
    "deep": lambda i: {"a": {"a": {"a": [i, i + 1]}}},
}
SCHEMAS: Final = {
    "text": _TEXT,
    "number": _NUMBER,
    "list": {"type": "array", "items": _TEXT},
    "object": _object(_TEXT),
    "object of numbers": _object(_NUMBER),
    "nested": _object(_object(_TEXT)),
    "deep": _object(_object(_object(_NUMBER))),
    "list in a field": _object({"type": "array", "items": _NUMBER}),
}


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("items", ITEMS)
def test_a_copy_of_a_list_that_breaks_its_schema_is_correct(
    items: str, schema: str, rows: int
) -> None:
    truth = {"r": [ITEMS[items](i) for i in range(rows)]}
    shape = {"type": "object", "properties": {"r": {"type": "array", "items": SCHEMAS[schema]}}}
    assert harness.score(truth, copy.deepcopy(truth), shape).f1 == 1.0


@pytest.mark.parametrize("schema", ["object", "nested", "deep"])
def test_a_long_list_whose_scalars_are_containers_is_its_own_copy(schema: str) -> None:
    truth = {"r": [{"a": [f"x{i}"], "b": {"c": i}} for i in range(3_000)]}
    shape = {"type": "object", "properties": {"r": {"type": "array", "items": SCHEMAS[schema]}}}
    assert harness.score(truth, copy.deepcopy(truth), shape).f1 == 1.0


@pytest.mark.parametrize("rows", [3, 300, 3_000])
def test_texts_compared_as_numbers_are_their_own_copy_without_a_schema(rows: int) -> None:
    truth = {"r": [f"{i}.50 EUR" if i % 2 else f"item {i}" for i in range(rows)]}
    rules = {"r[]": {"compare": "number"}}
    assert harness.score(truth, copy.deepcopy(truth), rules=rules).f1 == 1.0


@pytest.mark.parametrize("rows", [3, 3_000])
@pytest.mark.parametrize("frame", ["list", "object", "text"])
def test_one_value_in_another_frame_leaves_all_other_rows_exact(frame: str, rows: int) -> None:
    truth = [{"a": f"x{i}", "b": i} for i in range(rows)]
    said = [dict[str, Any](row) for row in reversed(truth)]
    said[0]["b"] = {"list": [rows - 1], "object": {"value": rows - 1}, "text": "none"}[frame]
    result = harness.score({"r": truth}, {"r": said})
    assert result.approximate == ()
    counts = result.counts
    assert (counts.correct, counts.format_error) == (2 * rows - 1, 1)
    assert counts.value_equal == (frame == "list")


@pytest.mark.parametrize("rows", [2, 3_000])
def test_an_item_sent_as_text_is_worth_less_than_one_right_value_of_another(rows: int) -> None:
    item: dict[str, Any] = {"type": "array", "items": _TEXT}
    shape = {"r": {"type": "array", "items": _object(item)}}
    schema = {"type": "object", "properties": shape}
    truth = [{"a": [f"x{i}", f"y{i}"]} for i in range(rows)]
    said = [json.dumps(row) if n % 2 else {"a": [f"x{n}"]} for n, row in enumerate(truth)]
    said += [{"a": [f"x{n}"]} for n in range(1, rows, 2)]
    counts = harness.score({"r": truth}, {"r": said}, schema).counts
    assert counts.correct == rows
    assert counts.value_equal == 0


@pytest.mark.parametrize("rows", [3, 3_000])
def test_wrapped_values_are_told_apart_row_by_row(rows: int) -> None:
    truth = [{"a": f"x{i}", "b": i} for i in range(rows)]
    said = [{"a": [f"x{i}"], "b": [i, None]} for i in reversed(range(rows))]
    result = harness.score({"r": truth}, {"r": said})
    counts = result.counts
    assert (counts.format_error, counts.value_equal) == (2 * rows, 2 * rows)
    assert result.approximate == ()
