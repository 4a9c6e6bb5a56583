"""Lists are paired as well as they can be: brute force over all pairings finds nothing better."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from random import Random
from typing import Final

import pytest

from harness import Plan, score
from harness.core.rules.field_rule import Rules, parse_rules
from harness.core.values import Json

EACH: Final = 60
RULES: Final = parse_rules(
    {
        "[].near": {"absolute": 1},
        "[].share": {"relative": 0.1},
        "[].text": {"threshold": 0.6},
        "[].kind": {"synonyms": {"red": ["rouge"]}},
        "[].day": {"days": 2},
        "[].id": {"compare": "identifier"},
    }
)
ITEM: Final[Json] = {
    "type": "object",
    "properties": {
        "near": {"type": "number"},
        "share": {"type": "number"},
        "count": {"type": "integer"},
        "text": {"type": "string"},
        "kind": {"type": "string", "enum": ["red", "green", "blue"]},
        "day": {"type": "string", "format": "date"},
        "id": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
SCHEMA: Final[Json] = {"type": "array", "items": ITEM}
POOLS: Final[dict[str, tuple[Json, ...]]] = {
    "near": (1, 2, 3, 4, 2.5, "2", "3 kg"),
    "share": (100, 95, 108, 91.0, 0, "100"),
    "count": (1, 2, 3, 2.0, "2", 2.5),
    "text": ("alpha beta", "alpha betas", "alpha", "gamma", "ALPHA", 5),
    "kind": ("red", "rouge", "green", "Green", "violet"),
    "day": ("2024-03-01", "2024-03-02", "2024-03-04", "1 March 2024", "03/01/2024"),
    "id": ("A-1", "a1", "B 2", "b-2", 7, "7"),
}


def _row(rng: Random, *, nested: bool = False) -> Json:
    row = {k: rng.choice(pool) for k, pool in POOLS.items() if rng.random() < 0.5}
    if nested and rng.random() < 0.6:
        row["tags"] = [rng.choice(("p", "q", "r", 5)) for _ in range(rng.randrange(1, 4))]
    return row


def _rows(rng: Random, most: int, *, nested: bool = False) -> list[Json]:
    return [_row(rng, nested=nested) for _ in range(rng.randrange(most + 1))]


def _pair_plan(schema: Json, rules: Rules) -> Plan:
    """Return the plan that judges one row as it would be judged in a list."""
    first: Json = {"type": "array", "items": ITEM, "x-match": {"align": "position"}}
    return Plan(first if schema is not None else None, rules)


def _worths(plan: Plan, e: list[Json], p: list[Json]) -> list[list[tuple[int, int]]]:
    """Return correct and leniently right leaves of every pair of rows."""
    found = []
    for one in e:
        counts = [plan.score([one], [other]).counts for other in p]
        found.append([(c.correct, c.value_equal) for c in counts])
    return found


def _one_to_one(rows: int, columns: int) -> Iterator[list[tuple[int, int]]]:
    if rows <= columns:
        for chosen in permutations(range(columns), rows):
            yield list(enumerate(chosen))
    else:
        for pairs in _one_to_one(columns, rows):
            yield [(i, j) for j, i in pairs]


def _monotone(rows: int, columns: int) -> Iterator[list[tuple[int, int]]]:
    for size in range(min(rows, columns) + 1):
        for left in combinations(range(rows), size):
            for right in combinations(range(columns), size):
                yield list(zip(left, right, strict=True))


def _best(
    worths: list[list[tuple[int, int]]], pairings: Iterator[list[tuple[int, int]]]
) -> tuple[int, int]:
    sums = (
        (sum(worths[i][j][0] for i, j in pairs), sum(worths[i][j][1] for i, j in pairs))
        for pairs in pairings
    )
    return max(sums, default=(0, 0))


def _flat_rules(align: str, **more: object) -> Rules:
    return parse_rules({**RULES, "$": {"align": align, **more}})


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["schema", "no schema"])
@pytest.mark.parametrize("nested", [False, True], ids=["flat", "nested"])
def test_best_finds_the_most_correct_then_the_most_leniently_right_leaves(
    schema: Json, *, nested: bool
) -> None:
    rng = Random(7)
    plan = Plan(schema, RULES)
    position = Plan(schema, _flat_rules("position"))
    for _ in range(EACH):
        e, p = _rows(rng, 4, nested=nested), _rows(rng, 4, nested=nested)
        worths = _worths(position, e, p)
        got = plan.score(e, p).counts
        best = _best(worths, _one_to_one(len(e), len(p)))
        assert (got.correct, got.value_equal) == best, (e, p)


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["schema", "no schema"])
def test_sequence_finds_the_most_correct_leaves_that_keep_both_orders(schema: Json) -> None:
    rng = Random(8)
    plan, position = Plan(schema, _flat_rules("sequence")), Plan(schema, _flat_rules("position"))
    for _ in range(EACH):
        e, p = _rows(rng, 5), _rows(rng, 5)
        got = plan.score(e, p).counts
        best = _best(_worths(position, e, p), _monotone(len(e), len(p)))
        assert (got.correct, got.value_equal) == best, (e, p)


@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["schema", "no schema"])
def test_position_pairs_rows_by_their_index_and_no_other(schema: Json) -> None:
    rng = Random(9)
    plan = Plan(schema, _flat_rules("position"))
    for _ in range(EACH):
        e, p = _rows(rng, 5), _rows(rng, 5)
        both = min(len(e), len(p))
        alone = [plan.score([a], [b]).counts.correct for a, b in zip(e, p, strict=False)]
        result = plan.score(e, p)
        assert result.counts.correct == sum(alone)
        assert result.items.get("", result.items.get("$", (0, 0, 0)))[0] == both or not both


@pytest.mark.parametrize("name", ["id", "item no", "a.b", "$id"])
def test_key_pairs_rows_with_the_same_key_and_no_other(name: str) -> None:
    """Rows 1 and 2 have each other's amounts: by key no amount is right, best would swap them."""
    e: Json = [{name: "A", "x": 1, "y": 1, "z": 1}, {name: "B", "x": 2, "y": 2, "z": 2}]
    p: Json = [{name: "A", "x": 2, "y": 2, "z": 2}, {name: "B", "x": 1, "y": 1, "z": 1}]
    by_key = score(e, p, None, {"$": {"align": "key", "key": [name]}}).counts
    assert (by_key.correct, by_key.wrong_value) == (2, 6)
    best = score(e, p, None, {"$": {"align": "best"}}).counts
    assert (best.correct, best.wrong_value) == (6, 2)


def test_among_items_of_one_key_their_order_decides_nothing() -> None:
    e: list[Json] = [{"k": 1, "v": "a"}, {"k": 1, "v": "b"}, {"k": 2, "v": "c"}]
    assert score(e, e[::-1], None, {"$": {"align": "key", "key": ["k"]}}).f1 == 1.0


def test_a_key_in_another_json_type_finds_its_item() -> None:
    """The key itself is a format error of equal value; what stands beside it is judged."""
    e: Json = [{"k": 1, "v": "a"}, {"k": 2, "v": "b"}]
    p: Json = [{"k": "2", "v": "b"}, {"k": "1", "v": "x"}]
    counts = score(e, p, None, {"$": {"align": "key", "key": ["k"]}}).counts
    assert (counts.correct, counts.wrong_value, counts.value_equal) == (1, 1, 2)


def test_a_list_within_tolerance_is_paired_as_its_values_are_judged() -> None:
    """A sum of floats misses a round number by its last bit; alone the two are the same."""
    noisy: Json = 99.99999999999999
    assert score({"n": noisy}, {"n": 100}).counts.correct == 1
    assert score([{"n": noisy}], [{"n": 100}]).counts.correct == 1
    assert score([{"n": 100}], [{"n": noisy}]).counts.correct == 1
    assert score([noisy, 1], [1, 100]).counts.correct == 2


@pytest.mark.parametrize(
    ("expected", "predicted"),
    [
        ({"a": ["x"]}, {"a": "x"}),
        ({"a": "x"}, {"a": ["x"]}),
        ({"a": {"b": "x"}}, {"a": [{"b": "x"}]}),
        ({"a": [{"b": "x"}]}, {"a": {"b": "x"}}),
        ("x", ["x"]),
        (["x"], "x"),
    ],
)
def test_a_value_right_but_for_its_frame_makes_a_pair(expected: Json, predicted: Json) -> None:
    """Alone it is one format error of equal value; an item of a list is judged the same."""
    alone, listed = score({"k": expected}, {"k": predicted}), score([expected, 7], [7, predicted])
    assert (alone.counts.format_error, alone.counts.value_equal) == (1, 1)
    assert (listed.counts.correct, listed.counts.value_equal) == (1, 1)


def test_one_correct_leaf_outweighs_any_number_of_leniently_right_ones() -> None:
    """Pairing both rows by `k` has 1 correct; row 0 with the texts would have 20 value_equal."""
    numbers: Json = list(range(20))
    texts: Json = [str(n) for n in range(20)]
    counts = score([{"k": 1, "l": numbers}], [{"k": 1}, {"l": texts}]).counts
    assert (counts.correct, counts.value_equal) == (1, 0)


def test_equal_rows_are_not_set_aside_where_a_tolerance_makes_that_a_loss() -> None:
    """100 fits 109 and 91 fits 100, within 10; pairing 100 with 100 would leave 91 and 109 over."""
    filler: list[Json] = [{"n": 1000 * (i + 2)} for i in range(40)]
    e: list[Json] = [{"n": 100}, {"n": 91}, *filler]
    p: list[Json] = [{"n": 100}, {"n": 109}, *filler]
    rules = {"[].n": {"absolute": 10}}
    assert score(e[:2], p[:2], None, rules).counts.correct == 2
    assert score(e, p, None, rules).counts.correct == 42


def test_a_prediction_of_another_type_is_counted_once_when_rows_are_weighed() -> None:
    """Pairing 0-0 and 1-1 has 1 correct and 1 leniently right; 0-1 has 1 correct and no more."""
    e: Json = [{"text": "gamma", "id": 7}, {"count": 2, "id": "x"}]
    p: Json = [{"text": "gamma"}, {"count": "2", "id": 7}]
    counts = score(e, p, None, {"[].id": {"compare": "identifier"}}).counts
    assert (counts.correct, counts.value_equal) == (1, 1)


def test_a_truth_outside_its_schema_is_paired_as_it_is_judged() -> None:
    """`Green` is no member, yet said as it stands it is correct, which outweighs 2 value_equal."""
    kind: Json = {"type": "string", "enum": ["green"]}
    number: Json = {"type": "number"}
    row: Json = {"type": "object", "properties": {"kind": kind, "n": number, "m": number}}
    e: Json = [{"kind": "Green", "n": 2, "m": 95}]
    p: Json = [{"kind": "Green"}, {"n": "2", "m": "95"}]
    counts = score(e, p, {"type": "array", "items": row}).counts
    assert (counts.correct, counts.value_equal) == (1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_pair_has_at_least_one_leaf_that_is_right(seed: int) -> None:
    rng = Random(seed)
    plan = Plan(SCHEMA, RULES)
    for _ in range(EACH):
        result = plan.score(_rows(rng, 5), _rows(rng, 5))
        for start, end in result.ledger.rows:
            codes = {verdict[0] for verdict in result.ledger.verdicts[start:end]}
            assert codes & {0, 5}


@pytest.mark.parametrize("rows", [3, 3_000])
def test_an_ignored_field_still_names_the_items_of_a_list(rows: int) -> None:
    lines = [{"line": n, "label": "ab"[n % 2], "of": {"no": n}} for n in range(rows)]
    said = [{**one, "label": "ba"[n % 2]} for n, one in enumerate(lines)]
    named = {"line": {"type": "integer"}, "label": {"type": "string"}}
    for schema in (None, {"properties": {"lines": {"items": {"properties": named}}}}):
        for key in ("line", "of.no"):
            rules = {
                "lines": {"align": "key", "key": [key]},
                "lines[].line": {"ignore": True},
                "lines[].of": {"ignore": True},
            }
            result = score({"lines": lines}, {"lines": said[::-1]}, schema, rules)
            assert result.counts.wrong_value == rows  # a bag of labels would be right
            assert score({"lines": lines}, {"lines": lines[::-1]}, schema, rules).f1 == 1
