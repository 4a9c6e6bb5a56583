"""Maps whose keys a model invents: paired by what their entries hold, at any size."""

from __future__ import annotations

import random
from typing import Any

import pytest

from harness import HarnessError, score
from harness.cases.schemas.known_fields import unused_rules
from harness.cases.schemas.rule_checks import broken_rules
from harness.core.rules.field_rule import parse_rules

SCHEMA: dict[str, Any] = {
    "properties": {
        "parts": {
            "additionalProperties": {
                "properties": {
                    "mass": {"type": "number"},
                    "name": {"type": "string"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                }
            }
        }
    }
}
ALIGN: dict[str, Any] = {"parts": {"align": "best"}}
NAMELESS: dict[str, Any] = {**ALIGN, "parts{}.$key": {"ignore": True}}
SIZES = (3, 3_000)


def parts(size: int) -> dict[str, Any]:
    return {f"p{n}": {"mass": n, "name": f"part {n}", "tags": [f"t{n % 7}"]} for n in range(size)}


def renamed(whole: dict[str, Any], seed: int = 1) -> dict[str, Any]:
    """Return the same entries in another order under other keys."""
    values = list(whole.values())
    random.Random(seed).shuffle(values)
    return {f"component_{n}": value for n, value in enumerate(values)}


@pytest.mark.parametrize("schema", [None, SCHEMA])
@pytest.mark.parametrize("size", SIZES)
def test_a_map_is_its_own_copy_in_any_order(schema: Any, size: int) -> None:  # noqa: ANN401  # JSON
    truth = {"parts": parts(size)}
    turned = {"parts": dict(reversed(truth["parts"].items()))}
    for rules in (ALIGN, NAMELESS, {"parts": {"align": "key", "key": ["mass"]}}):
        assert score(truth, truth, schema, rules).f1 == 1
        assert score(truth, turned, schema, rules).f1 == 1


@pytest.mark.parametrize("schema", [None, SCHEMA])
@pytest.mark.parametrize("size", SIZES)
def test_keys_are_a_field_of_each_entry_and_pair_nothing(schema: Any, size: int) -> None:  # noqa: ANN401  # JSON
    truth = {"parts": parts(size)}
    answer = {"parts": renamed(truth["parts"])}
    found = score(truth, answer, schema, ALIGN).counts
    assert (found.correct, found.wrong_value, found.total) == (3 * size, size, 4 * size)
    assert score(truth, answer, schema, NAMELESS).f1 == 1
    assert score(truth, answer, schema).counts.correct == 0
    by_key = score(truth, answer, schema, {"parts": {"align": "key", "key": ["mass"]}})
    assert by_key.counts.correct == 3 * size
    assert score(truth, answer, schema, ALIGN).items == {"parts": (size, 0, 0), **_tags(size)}


def _tags(size: int) -> dict[str, tuple[int, int, int]]:
    return {"parts{}.tags": (size, 0, 0)}


@pytest.mark.parametrize("size", SIZES)
def test_swapping_sides_swaps_what_is_missing_and_what_is_extra(size: int) -> None:
    whole = parts(size)
    few = renamed({key: value for n, (key, value) in enumerate(whole.items()) if n % 3})
    one = score({"parts": whole}, {"parts": few}, SCHEMA, ALIGN).counts
    other = score({"parts": few}, {"parts": whole}, SCHEMA, ALIGN).counts
    assert (one.omission, one.hallucination) == (other.hallucination, other.omission)
    assert one.omission == 4 * -(-size // 3)
    assert (one.correct, one.wrong_value) == (other.correct, other.wrong_value)


def test_an_empty_side_is_omitted_or_made_up() -> None:
    truth = {"parts": parts(3)}
    empty: list[Any] = [{}, {"parts": {}}, {"parts": None}, {"parts": {"a": {"mass": None}}}]
    for nothing in empty:
        found = score(truth, nothing, SCHEMA, NAMELESS).counts
        assert (found.omission, found.total) == (9, 9)
    assert score({"parts": {}}, truth, SCHEMA, ALIGN).counts.hallucination == 12


def test_maps_in_rows_pair_the_rows() -> None:
    rules = {"rows[].parts": {"align": "best"}, "rows[].parts{}.$key": {"ignore": True}}
    rows = [{"parts": {f"k{n}": {"mass": n}, f"l{n}": {"mass": -n}}} for n in range(1, 9)]
    answer = [{"parts": renamed(row["parts"], n)} for n, row in enumerate(reversed(rows))]
    assert score({"rows": rows}, {"rows": answer}, None, rules).f1 == 1


def test_a_map_of_scalars_and_a_map_sent_as_text() -> None:
    rules = {"m": {"align": "best"}, "m{}.$key": {"ignore": True}}
    assert score({"m": {"a": 1, "b": 2}}, {"m": {"x": 2, "y": 1}}, rules=rules).f1 == 1
    found = score({"m": {"a": 1, "b": 2}}, {"m": '{"x": 2, "y": 1}'}, rules=rules).counts
    assert (found.format_error, found.value_equal) == (2, 2)
    assert score({"m": {"a": 1}}, {"m": "none"}, rules=rules).counts.correct == 0


def test_an_object_whose_keys_the_schema_names_is_no_map() -> None:
    schema = {"properties": {"box": {"properties": {"a": {"type": "string"}}}}}
    with pytest.raises(HarnessError, match="for lists and maps"):
        score({"box": {"a": "x"}}, {}, schema, {"box": {"align": "best"}})
    with pytest.raises(HarnessError, match="for lists and maps"):
        score({"box": {"a": "x"}}, {}, schema, {"box": {"align": "entity", "match": ["a"]}})
    assert score({"m": {"a": 1}}, {"m": {"b": 1}}, None, {"**": {"align": "best"}}).f1 == 0


@pytest.mark.parametrize("schema", [[], [SCHEMA]])
def test_rules_of_entries_are_known_to_the_checks(schema: list[Any]) -> None:
    rules = parse_rules({**NAMELESS, "parts{}.name": {"threshold": 0.9}, "parts{}.nam": {}})
    truths: list[Any] = [{"parts": parts(3)}]
    assert broken_rules(rules, schema, truths) == []
    assert list(unused_rules(rules, schema, truths)) == ["parts{}.nam"]


@pytest.mark.parametrize("size", [3, 3_000])
def test_an_entry_on_one_side_only_is_tagged_as_a_list_item_is(size: int) -> None:
    expected = {"m": {f"a{n}": {"k": n, "v": None} for n in range(size)}}
    predicted = {"m": {f"b{n}": {"k": -1 - n} for n in range(size)}}
    result = score(expected, predicted, rules={"m": {"align": "best"}})
    tags = [(d.outcome, d.tags) for d in result.diffs]
    # One key and one value of every entry, on either side.
    assert sum(o == "omission" and "missing_item" in t for o, t in tags) == 2 * size
    assert sum(o == "hallucination" and "extra_item" in t for o, t in tags) == 2 * size
    assert len(tags) == 4 * size


@pytest.mark.parametrize("size", [3, 3_000])
def test_texts_of_entries_that_are_nearly_one_are_near_misses(size: int) -> None:
    truth = {"m": {f"a{n}": f"Nike {n}" for n in range(size)}}
    answer = {"m": {f"b{n}": f"NIKE, {n}" for n in reversed(range(size))}}
    result = score(truth, answer, rules={"m": {"align": "best"}})
    near = [d for d in result.diffs if "near_miss" in d.tags]
    assert {d.field for d in near} == {"m{}"}
    assert len(near) == 2 * size
    # By their keys, values of different keys have nothing to do with each other.
    assert not any("near_miss" in d.tags for d in score(truth, answer).diffs)


def test_the_key_of_a_map_s_rule_names_a_field_of_its_entries() -> None:
    truths: list[Any] = [{"parts": parts(3)}]
    for schemas in ([], [SCHEMA]):
        for name, known in (("mass", True), ("$key", True), ("mas", False)):
            rules = parse_rules({"parts": {"align": "key", "key": [name]}})
            told = [problem for _, problem in broken_rules(rules, schemas, truths)]
            assert [problem.hint for problem in told] == [] if known else ["did you mean 'mass'?"]
