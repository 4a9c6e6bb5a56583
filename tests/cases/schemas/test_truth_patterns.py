"""Patterns of schemas are matched against truths in bounded time, or refused when they are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cases.schemas.json_schema import read_schema
from harness.cases.schemas.truth_checks import truth_problems
from harness.core.values import Json
from harness.errors import HarnessError

PATTERNS = ["^(a+)+$", "^(a|aa)+$", r"^(\w+\s?)*$", "(a*)*b"]


def problems(tmp_path: Path, schema: Json, truth: Json) -> list[str]:
    file, truth_file = tmp_path / "schema.json", tmp_path / "truth.json"
    file.write_text(json.dumps(schema), encoding="utf-8")
    truth_file.write_text(json.dumps(truth), encoding="utf-8")
    return [each.what for each in truth_problems(read_schema(file), truth, truth_file)]


@pytest.mark.parametrize("size", [3, 3_000])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_that_explodes_costs_a_check_of_truths_nothing(
    tmp_path: Path, pattern: str, size: int
) -> None:
    schema: Json = {"properties": {"name": {"type": "string", "pattern": pattern}}}
    found = problems(tmp_path, schema, {"name": "a" * size + "!"})
    assert [each.partition(",")[0] for each in found] == [
        f"name: expected text that matches {pattern!r}"
    ]


@pytest.mark.parametrize("size", [3, 3_000])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_keys_are_matched_in_bounded_time_too(tmp_path: Path, pattern: str, size: int) -> None:
    schema: Json = {
        "patternProperties": {pattern: {"type": "number"}},
        "additionalProperties": {"type": "boolean"},
    }
    found = problems(tmp_path, schema, {"a" * size + "!": "x"})
    assert len(found) == 1
    assert "expected boolean" in found[0]


def test_keys_that_a_pattern_covers_are_no_others(tmp_path: Path) -> None:
    schema: Json = {"patternProperties": {"^a": {"type": "number"}}, "additionalProperties": False}
    assert problems(tmp_path, schema, {"ab": 1}) == []
    assert len(problems(tmp_path, schema, {"ab": "x"})) == 1
    (other,) = problems(tmp_path, schema, {"b": 1})
    assert other == 'b: is not in the schema, and matches none of its patterns: "^a"'


@pytest.mark.parametrize("size", [3, 3_000])
def test_each_key_that_nothing_covers_is_named_by_itself(tmp_path: Path, size: int) -> None:
    schema: Json = {
        "properties": {"total": {}},
        "patternProperties": {"^a": {}, "^b": {}},
        "additionalProperties": False,
    }
    found = problems(tmp_path, schema, {f"{'abc'[n % 3]}{n}": n for n in range(size)})
    assert len(found) == size // 3
    assert all(each.endswith('matches none of its patterns: "^a", "^b"') for each in found)


@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_a_pattern_without_a_bound_is_refused_where_it_stands(tmp_path: Path, keyword: str) -> None:
    pattern = r"^(?=(a+)+$)(a+)+b"
    own: Json = pattern if keyword == "pattern" else {pattern: {}}
    schema: Json = {"properties": {"name": {keyword: own}}}
    with pytest.raises(HarnessError, match="could take for ever") as refused:
        problems(tmp_path, schema, {})
    assert refused.value.problems[0].where is not None
