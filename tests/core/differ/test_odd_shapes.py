"""Values of another shape: containers of blanks, JSON sent as text, wrapped values, unions."""

from __future__ import annotations

import json
from typing import Any

import pytest

import harness

OBJECT = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "number"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "s": {"type": "string"},
        "o": OBJECT,
        "l": {"type": "array", "items": {"type": "string"}},
        "r": {"type": "array", "items": OBJECT},
    },
}
HOLLOW: list[Any] = [{"q": None}, [None], [[], {}], {"q": {"z": [""]}}, ["\u200b"], {}, []]


def told(expected: object, predicted: object, schema: object = None) -> list[str]:
    return [
        f"{d.path} {d.outcome}{'=' if d.value_equal else ''} {' '.join(d.tags)}".strip()
        for d in harness.score(expected, predicted, schema).diffs
    ]


@pytest.mark.parametrize("hollow", HOLLOW, ids=str)
@pytest.mark.parametrize("schema", [None, SCHEMA])
@pytest.mark.parametrize(
    ("key", "value"),
    [("s", "x"), ("o", {"a": "x"}), ("l", ["x"]), ("r", [{"a": "x"}]), ("o", {"a": "x", "b": 2})],
)
def test_a_container_of_blanks_is_absent_wherever_it_stands(
    key: str, value: object, hollow: object, schema: object
) -> None:
    there = harness.score({key: value}, {key: hollow}, schema).counts
    assert there.omission == there.total == there.expected
    back = harness.score({key: hollow}, {key: value}, schema).counts
    assert back.hallucination == back.total == there.omission
    assert harness.score({key: hollow}, {key: hollow}, schema).counts.total == 0


def test_one_value_among_blanks_is_wrapped_whichever_side_has_the_blanks() -> None:
    for schema in (None, SCHEMA):
        assert told({"s": "A"}, {"s": ["A", None]}, schema) == ["s format_error= wrapped"]
        assert told({"l": ["A", None]}, {"l": "A"}, schema) == ["l[0] format_error= unwrapped"]


@pytest.mark.parametrize("schema", [None, SCHEMA])
def test_a_container_sent_as_json_text_is_judged_leaf_by_leaf(schema: object) -> None:
    assert told({"l": ["a", "b"]}, {"l": '["b", "a"]'}, schema) == [
        "l[0] format_error= encoded",
        "l[1] format_error= encoded",
    ]
    assert told({"o": {"a": "x", "b": 2}}, {"o": '{"a": "x", "b": 3}'}, schema) == [
        "o.a format_error= encoded",
        "o.b format_error encoded",
    ]
    whole = {"s": "x", "r": [{"a": "y"}]}
    counts = harness.score(whole, json.dumps(whole), schema).counts
    assert (counts.format_error, counts.value_equal, counts.correct) == (2, 2, 0)


@pytest.mark.parametrize("schema", [None, SCHEMA])
@pytest.mark.parametrize("size", [3, 3000])
def test_rows_sent_as_json_texts_are_paired_and_judged(schema: object, size: int) -> None:
    rows = [{"a": f"n{n}", "b": n} for n in range(size)]
    counts = harness.score(
        {"r": rows}, {"r": [json.dumps(row) for row in reversed(rows)]}, schema
    ).counts
    assert (counts.value_equal, counts.correct, counts.total) == (2 * size, 0, 2 * size)
    counts = harness.score({"r": rows}, {"r": json.dumps(rows[::-1])}, schema).counts
    assert (counts.value_equal, counts.correct, counts.total) == (2 * size, 0, 2 * size)


@pytest.mark.parametrize("text", ["[1", "[NaN]", "{}x", "[" * 5000, '{"a":1}', "null", "5"])
def test_a_text_that_is_no_such_container_is_a_misshape(text: str) -> None:
    counts = harness.score({"l": ["a", "b"]}, {"l": text}).counts
    assert (counts.format_error, counts.value_equal) == (2, 0)


@pytest.mark.parametrize("size", [1, 3, 30])
@pytest.mark.parametrize("item", ["B", 5, ["x"], [["y", 1]], {"z": [1]}])
@pytest.mark.parametrize(
    "items", [OBJECT, {"type": "string"}, {"type": "array", "items": {"type": "number"}}]
)
def test_a_truth_that_breaks_its_schema_is_itself_in_lists_too(
    items: object, item: object, size: int
) -> None:
    schema = {"type": "object", "properties": {"r": {"type": "array", "items": items}}}
    value = {"r": [item] * size}
    counts = harness.score(value, json.loads(json.dumps(value)), schema).counts
    assert counts.correct == counts.total > 0


@pytest.mark.parametrize(
    ("text", "number"), [("9.00", 9.0), ("1,234.50", 1234.5), ("5 kg", 5), ("-3", -3)]
)
def test_a_number_and_its_text_are_equal_whichever_is_expected(text: str, number: float) -> None:
    for schema in (None, {"properties": {"f": {"type": "string"}}}):
        assert told({"f": text}, {"f": number}, schema) == ["f format_error="]
    assert told({"f": number}, {"f": text}) == ["f format_error="]
    assert told([text], [number]) == ["[0] format_error="]
    assert told([number], [text]) == ["[0] format_error="]
    assert told({"f": "yes"}, {"f": True}) == ["f format_error="]
    assert told({"f": "007"}, {"f": 7}) == ["f format_error"]


DATE, TIME = {"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}
TEXT, NUMBER = {"type": "string"}, {"type": "number"}


@pytest.mark.parametrize(
    ("options", "expected", "predicted", "outcome"),
    [
        ([DATE, TIME], "2024-03-31T10:00:00Z", "2024-03-31T12:00:00+02:00", "correct"),
        ([TIME, {"const": "now"}], "2024-03-31T10:00:00Z", "2024-03-31T10:00:00.000Z", "correct"),
        ([TIME, {"const": "now"}], "now", "2024-03-31T10:00:00Z", "wrong_value"),
        ([DATE, {"const": "present"}], "2024-03-31", "31 March 2024", "format_error="),
        ([DATE, {"const": "present"}], "present", "present", "correct"),
        ([DATE, TEXT], "2024-03-31", "31 March 2024", "format_error="),
        ([DATE, TEXT], "spring", "SPRING", "correct"),
        ([NUMBER, TEXT], 5, "5 kg", "format_error="),
        ([NUMBER, TEXT], "5.00", 5, "format_error="),
        ([NUMBER, TEXT], 5, "5.00", "format_error="),
        ([NUMBER, {"type": "boolean"}], True, 1, "wrong_value"),
    ],
)
def test_a_union_is_judged_by_the_branch_that_the_truth_satisfies(
    options: list[Any], expected: object, predicted: object, outcome: str
) -> None:
    for word, branches in (("anyOf", options), ("oneOf", options[::-1])):
        field = {word: [*branches, {"type": "null"}]}
        schema = {"properties": {"f": field, "l": {"type": "array", "items": field}}}
        assert told({"f": expected}, {"f": predicted}, schema) == [f"f {outcome}"]
        if outcome != "wrong_value":
            assert told({"l": [expected]}, {"l": [predicted]}, schema) == [f"l[0] {outcome}"]


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_list_sent_as_text_between_delimiters_is_right_once_read_leniently(rows: int) -> None:
    names = [f"n{n}" for n in range(rows)]
    for mark in ("; ", ", ", "\n"):
        result = harness.score({"a": names}, {"a": mark.join(reversed(names))})
        assert (result.counts.value_equal, result.counts.format_error) == (rows, rows)
        assert all("encoded" in d.tags for d in result.diffs)
    text = harness.score({"a": ", ".join(names)}, {"a": names})
    assert (text.counts.value_equal, text.counts.format_error) == (1, 1)


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        (["a", "b"], "a, c"),
        (["a", "b"], "a, b, c"),
        (["a", "b", "c"], "a, b"),
        ([1, 234], "1,234"),
        (["Oslo, Norway", "Rome"], "Oslo, Norway, Rome"),
        ([{"k": "a"}, {"k": "b"}], "a, b"),
        ("a, b", ["a", "c"]),
        ("a, b", ["b", "a"]),
        ("a, b", [{"k": "a"}, "b"]),
    ],
)
def test_text_that_may_hold_other_items_is_no_list(expected: object, predicted: object) -> None:
    counts = harness.score({"a": expected}, {"a": predicted}).counts
    assert (counts.value_equal, counts.correct) == (0, 0)
    assert counts.format_error == counts.total


def test_a_set_sent_as_a_list_is_right_once_read_leniently_in_any_order() -> None:
    rules: dict[str, object] = {"a": {"compare": "set"}}
    assert harness.score({"a": "a, b"}, {"a": ["b", "A", "a"]}, rules=rules).counts.value_equal == 1
    rules = {"a": {"compare": "bag", "delimiter": "|"}}
    assert harness.score({"a": "a|b"}, {"a": ["b", "a"]}, rules=rules).counts.value_equal == 1
    assert harness.score({"a": "a|b"}, {"a": ["b", "b"]}, rules=rules).counts.value_equal == 0
