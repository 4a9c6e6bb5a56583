"""Fields that a rule leaves in, inside of what another rule leaves out."""

from __future__ import annotations

from typing import Any

import pytest

from harness import score

ROW = {"type": "object", "properties": {"x": {"type": "number"}, "y": {"type": "number"}}}
SCHEMAS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"type": "object", "properties": {"rows": {"type": "array", "items": ROW}, "box": ROW}},
)


@pytest.mark.parametrize("schema", SCHEMAS, ids=["no schema", "schema"])
@pytest.mark.parametrize(
    ("whole", "size"), [("rows", 3), ("rows[]", 3), ("**", 3), ("rows.**", 3), ("rows", 3_000)]
)
def test_a_field_that_is_not_ignored_counts_below_one_that_is(
    whole: str, size: int, schema: dict[str, Any] | None
) -> None:
    truth = {"rows": [{"x": n, "y": n} for n in range(size)]}
    answer = {"rows": [{"x": n, "y": -1 - n} for n in range(size)]}
    rules = {whole: {"ignore": True}, "rows[].x": {"ignore": False}}
    counts = score(truth, answer, schema, rules).counts
    assert (counts.correct, counts.total) == (size, size)
    counts = score(truth, {"rows": [{"y": n} for n in range(size)]}, schema, rules).counts
    assert (counts.omission, counts.total) == (size, size)


@pytest.mark.parametrize("schema", SCHEMAS, ids=["no schema", "schema"])
def test_everything_but_one_field_can_be_ignored(schema: dict[str, Any] | None) -> None:
    rules = {"**": {"ignore": True}, "box.x": {"ignore": False}}
    truth = {"box": {"x": 1, "y": 2}, "rows": [{"x": 3, "y": 4}]}
    counts = score(truth, {"box": {"x": 1, "y": 0}, "more": 5}, schema, rules).counts
    assert (counts.correct, counts.total) == (1, 1)
