"""Scoring never raises and never hangs; HarnessError is for what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given

from harness import CaseResult, HarnessError, score
from harness.core.values import Json
from tests.laws.strategies import anything, leaves, odd_schemas

ROOT = Path(__file__).parents[2]


def _told(expected: Json, predicted: Json, schema: Json = None) -> CaseResult | None:
    """Return the score with everything read off it once, or None where it is refused."""
    try:
        result = score(expected, predicted, schema)
    except HarnessError:
        return None
    assert all(diff.path for diff in result.diffs)
    assert result.rows.hits <= result.rows.of
    assert all(min(counts) >= 0 for counts in result.items.values())
    return result


@given(anything, anything)
@example({"a": ""}, {"a": {"b": 1}})
@example({}, [{"a": [], "c": [0]}])
def test_any_two_values_can_be_scored_without_a_schema(one: Json, other: Json) -> None:
    assert _told(one, other) is not None


@given(anything, anything, odd_schemas)
def test_any_schema_is_used_or_refused(one: Json, other: Json, schema: Json) -> None:
    _told(one, other, schema)


@given(anything, odd_schemas)
def test_identity_is_all_correct_or_in_a_wrong_format_under_any_schema(
    value: Json, schema: Json
) -> None:
    """A truth may break its own schema; then its fields are format errors of equal value."""
    result = _told(value, value, schema)
    if result is not None:
        counts = result.counts
        assert counts.correct + counts.value_equal == counts.total


def _ring(size: int, word: str) -> Json:
    """Return a schema of definitions each of which refers to the next, the last to the first."""
    names = [f"d{n}" for n in range(size)]
    following = zip(names, [*names[1:], names[0]], strict=True)
    kinds: dict[str, dict[str, Json]] = {
        name: {
            "items": {"type": "array", "items": {"$ref": f"#/$defs/{other}"}},
            "properties": {"type": "object", "properties": {"x": {"$ref": f"#/$defs/{other}"}}},
            "$ref": {"$ref": f"#/$defs/{other}"},
            "anyOf": {"anyOf": [{"$ref": f"#/$defs/{other}"}, {"type": "null"}]},
        }
        for name, other in following
    }
    return {"$defs": {name: kinds[name][word] for name in names}, "$ref": "#/$defs/d0"}


@pytest.mark.parametrize("word", ["items", "properties", "$ref", "anyOf"])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_schema_that_goes_round_is_used_or_refused(size: int, word: str) -> None:
    _told({"x": {"x": {"x": 1}}}, {"x": {"x": {"x": 2}}}, _ring(size, word))
    _told([[[[1]]]], [[[[2]]]], _ring(size, word))


def test_a_schema_of_many_types_that_hold_one_another_is_quick() -> None:
    """Seven types with a property of each type: 7 fields a level, not 7 x 6 x 5 x 4 x 3 x 2."""
    names = [f"t{n}" for n in range(7)]
    one: Json = {
        "type": "object",
        "properties": {f"has_{n}": {"$ref": f"#/$defs/{n}"} for n in names},
    }
    schema: Json = {"$defs": dict.fromkeys(names, one), "$ref": "#/$defs/t0"}
    result = _told({}, {}, schema)
    assert result is not None
    assert result.counts.true_negatives < 1000


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"type": "string", "pattern": "\\p{Lu}+"}}},
        {"properties": {"a": {"type": "string", "pattern": "("}}},
        {"properties": {"a": {"$ref": "#/list/\u00b2"}}, "list": [{}]},
        {"properties": {"a": {"type": "number", "multipleOf": 1e-300}}},
        {"properties": {"a": {"type": "number", "multipleOf": 0.1, "maximum": 10}}},
    ],
)
@pytest.mark.parametrize(
    "predicted",
    ["x", pytest.param(10**400, id="huge"), 1e300, "1e999", True],
)
def test_an_unusable_word_of_a_schema_is_no_crash(schema: Json, predicted: Json) -> None:
    _told({"a": "x"}, {"a": predicted}, schema)
    _told({"a": 5}, {"a": predicted}, schema)


def _nested(levels: int, *, lists: bool) -> Json:
    value: Json = 1
    for _ in range(levels):
        value = [value] if lists else {"a": value}
    return value


@pytest.mark.parametrize("lists", [True, False])
@pytest.mark.parametrize("levels", [20, 100, 500, 5000])
def test_a_deep_value_is_scored_or_refused(levels: int, *, lists: bool) -> None:
    value = _nested(levels, lists=lists)
    result = _told(value, value)
    assert result is None or result.counts.correct == 1
    assert result is not None or levels > 100


@pytest.mark.parametrize("word", ["items", "properties"])
def test_a_deep_schema_is_used_or_refused(word: str) -> None:
    schema: Json = {"type": "string"}
    for _ in range(1500):
        if word == "items":
            schema = {"type": "array", "items": schema}
        else:
            schema = {"type": "object", "properties": {"a": schema}}
    _told({"a": {"a": 1}}, {"a": {"a": 2}}, schema)
    _told([[1]], [[2]], schema)


def test_twenty_thousand_keys_are_scored() -> None:
    wide: Json = {f"key {n}": n for n in range(20_000)}
    other: Json = {f"key {n}": n for n in range(10_000, 30_000)}
    counts = score(wide, other).counts
    assert (counts.correct, counts.omission, counts.hallucination) == (10_000, 10_000, 10_000)


@pytest.mark.parametrize("digits", [20, 400, 5000])
@pytest.mark.parametrize("kind", ["string", "number", "integer", "boolean", None])
def test_huge_integers_are_scored(digits: int, kind: str | None) -> None:
    huge = 10**digits
    schema: Json = {"properties": {"a": {"type": kind}}} if kind else None
    for other in (huge + 1, 1.5, "x", str(1), True):
        _told({"a": huge}, {"a": other}, schema)
        _told({"a": other}, {"a": huge}, schema)
        _told({"a": [huge, 1]}, {"a": [other, huge]})
    assert score({"a": huge}, {"a": huge}).counts.correct == 1
    assert score({"a": huge}, {"a": huge + 1}).counts.wrong_value == 1


@pytest.mark.parametrize(
    "key",
    ["", ".", "[0]", "[]", "{}", "$", "*", "__class__", 'a"]["b', "\\", "\ud800", "k" * 10_000],
)
def test_any_key_names_its_own_field(key: str) -> None:
    value: Json = {key: {key: [{key: 1}, {"plain": 2}]}, "plain": {key: 3}}
    result = score(value, value)
    assert result.counts.correct == 3
    assert len({diff.path for diff in result.diffs}) == 3
    assert sorted(diff.path for diff in result.diffs) == sorted(path for path, _ in leaves(value))


@pytest.mark.parametrize(
    "text", ["\ud800", "\udfff\ud800", "a\x00b", "\uffff", "\u202ex", "\u0345"]
)
def test_odd_characters_are_values_like_others(text: str) -> None:
    assert score({"a": text}, {"a": text}).counts.correct == 1
    assert score([text, "x"], ["x", text]).counts.correct == 2
    assert score({"a": text}, {"a": "other"}).counts.wrong_value == 1


@pytest.mark.parametrize("text", ["\u200b", "\u00ad", "\ufeff\u200d"])
def test_a_text_of_nothing_visible_is_absent_inside_and_outside_a_list(text: str) -> None:
    for value in ({"a": text}, [text], text, [[text]]):
        assert score(value, value).counts.total == 0
        assert score(value, None).counts.total == score(None, value).counts.total == 0


def test_a_text_of_a_megabyte_is_scored() -> None:
    long, other = "word " * 200_000, "Word  " * 200_000 + "end"
    assert score({"a": long}, {"a": long.upper()}).counts.correct == 1
    assert score({"a": long}, {"a": other}).counts.wrong_value == 1
    assert score([long, other], [other, long]).counts.correct == 2


def test_schemas_equal_to_python_but_not_to_json_are_told_apart() -> None:
    """`1 == True` in Python: a plan kept for one schema must not serve the other."""
    one: Json = {"properties": {"a": {"enum": [1]}}}
    other: Json = {"properties": {"a": {"enum": [True]}}}
    assert score({"a": 1}, {"a": 1}, one).counts.correct == 1
    assert score({"a": True}, {"a": 1}, other).counts.format_error == 1


PROGRAM = """
import json, sys
from random import Random
from harness import score
from tests.laws.strategies import schema_of
from tests.reference.documents import pair

for seed in range(60):
    truth, prediction = pair(Random(seed))
    for schema in (None, schema_of(truth), {"type": "object", "properties": {"a": {}}}):
        try:
            result = score(truth, prediction, schema)
            told = [(d.path, d.predicted_path, d.outcome, d.tags) for d in result.diffs]
            print(json.dumps([told, result.items, result.approximate, str(result.counts)]))
        except Exception as error:
            print(repr(error))
"""


def test_results_depend_on_neither_hash_seed_nor_process() -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 60 * 3
    assert json.loads(printed[0].splitlines()[0])
