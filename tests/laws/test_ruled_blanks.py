"""Where a rule says what is blank, a document still equals itself, wherever its values stand."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest

from harness import score
from harness.core.rules.rule_settings import COMPARATORS

BLANKS: tuple[Any, ...] = (
    *(None, "", " ", "\u200b", "\u200e "),
    *("n/a", "N/\u200bA", "\uff2e/\uff21", "-"),
)
RULES: list[dict[str, Any]] = [
    {"blank": []},
    {"blank": ["missing"]},
    {"blank": ["missing", "null"]},
    {"blank": ["missing", "empty_string"]},
    {"placeholders": ["N/A", "-"]},
    {"placeholders": ["N/A"], "blank": []},
    *({"compare": name, "placeholders": ["N/A"], "blank": ["missing"]} for name in COMPARATORS),
]
PATHS = ("list[]", "deep[][]", "rows[].v", "rows[].inner[]", "map{}[]")
SIZES = (3, 3_000)
ITEM = {"type": ["string", "null"]}
LIST = {"type": "array", "items": ITEM}
SCHEMA: dict[str, Any] = {
    "properties": {
        "list": LIST,
        "deep": {"type": "array", "items": LIST},
        "rows": {
            "type": "array",
            "items": {"type": "object", "properties": {"v": ITEM, "inner": LIST}},
        },
        "map": {"type": "object", "additionalProperties": LIST},
    }
}


def document(size: int) -> dict[str, Any]:
    """Return a document that holds every blank alone, beside others, and beside values."""
    rng = Random(size)
    values = [*BLANKS, "a", "5", "2024-03-31"]
    lists = [[one] for one in values] + [rng.choices(values, k=n % 4) for n in range(size)]
    return {
        "list": [value for some in lists for value in some],
        "deep": lists,
        "rows": [{"v": rng.choice(values), "inner": some} for some in lists],
        "map": {f"k{n}": some for n, some in enumerate(lists)},
    }


def shuffled(value: dict[str, Any]) -> dict[str, Any]:
    whole = copy.deepcopy(value)
    for key in ("list", "deep", "rows"):
        Random(7).shuffle(whole[key])
    return whole


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_document_of_blanks_and_values_equals_itself_in_any_order(
    rule: dict[str, Any], *, typed: bool
) -> None:
    rules, whole = dict.fromkeys(PATHS, rule), document(3)
    schema = SCHEMA if typed else None
    expected = score(whole, {}, schema, rules).counts
    assert expected.total == expected.omission > 0
    made = score({}, whole, schema, rules).counts
    assert (made.hallucination, made.total) == (expected.omission, expected.omission)
    for answer in (copy.deepcopy(whole), shuffled(whole)):
        result = score(whole, answer, schema, rules).counts
        assert (result.correct, result.total) == (expected.omission, expected.omission)


@pytest.mark.parametrize("rule", [RULES[1], RULES[4]], ids=str)
def test_thousands_of_blanks_and_values_equal_themselves(rule: dict[str, Any]) -> None:
    rules, whole = dict.fromkeys(PATHS, rule), document(SIZES[-1])
    expected = score(whole, {}, None, rules).counts.omission
    result = score(whole, shuffled(whole), None, rules).counts
    assert (result.correct, result.total) == (expected, expected)


@pytest.mark.parametrize("looks", ["N/A", "n/a", "N/\u200bA", "\uff2e/\uff21", " N/A\u200e"])
@pytest.mark.parametrize("size", SIZES)
def test_a_placeholder_is_one_whatever_it_looks_like(looks: str, size: int) -> None:
    answer = {"rows": [{"v": looks, "w": "x"} for _ in range(size)]}
    truth = {"rows": [{"w": "x"} for _ in range(size)]}
    counts = score(truth, answer, None, {"rows[].v": {"placeholders": ["N/A"]}}).counts
    assert (counts.correct, counts.total) == (size, size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("blank", [None, "", [], {}, [None], {"x": []}])
def test_an_entry_of_an_aligned_map_that_holds_nothing_is_absent(blank: object, size: int) -> None:
    rules = {"parts": {"align": "best"}}
    empty = {"parts": {f"k{n}": blank for n in range(size)}}
    assert score(empty, {}, None, rules).counts.total == 0
    assert score({}, empty, None, rules).counts.total == 0
    held = {"parts": {f"m{n}": {"v": n} for n in range(size)}}
    there = score(held, {"parts": {**held["parts"], **empty["parts"]}}, None, rules).counts
    assert (there.correct, there.total) == (2 * size, 2 * size)


MADE_UP = ("x", 5, True, ["x"], [["x"]])
BY_RULE = ({"b": "-"}, ["-"], {"b": ["-"]}, {"b": {"c": "-"}}, [{"b": "-"}])


@pytest.mark.parametrize("size", SIZES)
def test_what_is_said_where_a_rule_takes_the_truth_for_blank_is_made_up(size: int) -> None:
    rules = {"**": {"placeholders": ["-"]}}
    pairs = [(blank, said) for blank in BY_RULE for said in MADE_UP]
    count = max(size, len(pairs))
    truth = {"a": [{"n": n, f"k{n % len(pairs)}": pairs[n % len(pairs)][0]} for n in range(count)]}
    answer = {"a": [{"n": n, f"k{n % len(pairs)}": pairs[n % len(pairs)][1]} for n in range(count)]}
    counts = score(truth, answer, None, rules).counts
    assert (counts.correct, counts.hallucination, counts.total) == (count, count, 2 * count)
    counts = score(answer, truth, None, rules).counts
    assert (counts.correct, counts.total) == (count, 2 * count)


@pytest.mark.parametrize("size", SIZES)
def test_a_blank_that_is_a_value_counts_where_another_shape_is_predicted(size: int) -> None:
    rules: dict[str, object] = {"**": {"blank": []}}
    truths: tuple[Any, ...] = (
        *([None, 1.0], ["", 1.0], ["x", ""], ["", ""], [[""], ["x"]], [{"a": ""}, {"a": "x"}]),
        *({"a": None}, {"a": {"b": ""}}, [[None], ["x"]], [{"a": None}]),
    )
    for truth in truths:
        whole = {f"k{n}": truth for n in range(size)}
        leaves = score(whole, {}, None, rules).counts.omission
        counts = score(whole, dict.fromkeys(whole, "x"), None, rules).counts
        assert (counts.expected, counts.correct) == (leaves, 0)
        assert leaves % size == 0
        assert leaves >= size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("value", ["", None])
def test_an_item_whose_only_value_is_a_blank_that_counts_is_counted_as_an_item(
    value: str | None, size: int
) -> None:
    rules: dict[str, object] = {"rows[].a": {"blank": []}}
    rows = {"rows": [{"a": value} for _ in range(size)]}
    assert score(rows, {}, None, rules).items["rows"] == (0, 0, size)
    assert score({}, rows, None, rules).items["rows"] == (0, size, 0)
    assert score({}, rows).items.get("rows", (0, 0, 0)) == (0, 0, 0)
