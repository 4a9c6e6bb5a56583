"""A rule applies where its name means a field, and is called unused where it means none."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.cases.schemas.known_fields import fields_of_truths, unused_rules
from harness.core.rules.field_rule import parse_rules
from harness.core.rules.rule_names import RuleName, field_steps
from harness.core.values import Json

KEYS = ("a", "b", "total", "a.b", "*", "ü", 'q"uote', "two\nlines")
leaves = st.sampled_from(("x", "y", 1))
documents = st.dictionaries(
    st.sampled_from(KEYS),
    st.recursive(
        leaves,
        lambda inner: (
            st.dictionaries(st.sampled_from(KEYS), inner, min_size=1, max_size=3)
            | st.lists(inner, min_size=1, max_size=2)
        ),
        max_leaves=6,
    ),
    min_size=1,
)
names = st.lists(
    st.sampled_from(("a", "b", "total", "tot*", "*", "**", "[]", '["a.b"]', '["*"]')),
    min_size=1,
    max_size=4,
).map(lambda steps: "".join(s if s.startswith("[") else f".{s}" for s in steps).removeprefix("."))
SCHEMAS: tuple[dict[str, Json] | None, ...] = (
    None,
    {"type": "object", "properties": {"a": {}, "total": {}}},
    {"type": "object", "additionalProperties": {}, "properties": {"total": {}}},
)


def fields_of(value: Json, schema: dict[str, Json] | None, rules: dict[str, object]) -> set[str]:
    return {diff.field for diff in harness.score(value, value, schema=schema, rules=rules).diffs}


@given(documents, names, st.sampled_from(SCHEMAS))
def test_scoring_and_the_warning_agree_on_what_a_rules_name_means(
    value: Json, name: str, schema: dict[str, Json] | None
) -> None:
    rules: dict[str, object] = {name: {"ignore": True}}
    left = fields_of(value, schema, {}) - fields_of(value, schema, rules)
    warned = name in unused_rules(parse_rules(rules), [schema] if schema else [], [value])
    if left:
        assert not warned
    means = RuleName.of(name).means
    for field in fields_of(value, schema, {}):
        steps = field_steps(field)
        assert (field in left) == any(means(steps[:n]) for n in range(len(steps) + 1))


def test_two_stars_stand_for_no_step_too() -> None:
    rules = {"total.**": {"ignore": True}}
    assert harness.score({"total": 5}, {"total": 6}, rules=rules).counts.total == 0
    assert unused_rules(parse_rules(rules), [], [{"total": 5}]) == {}


def test_a_rule_for_one_key_of_a_map_is_said_to_be_unused() -> None:
    schema: Json = {"properties": {"m": {"additionalProperties": {"type": "string"}}}}
    rules = parse_rules({"m.foo": {"ignore": True}})
    assert isinstance(schema, dict)
    assert set(unused_rules(rules, [schema], [{"m": {"foo": "x"}}])) == {"m.foo"}


@pytest.mark.parametrize("size", [3, 3_000])
def test_a_rule_reaches_every_row_of_a_list(size: int) -> None:
    rows: Json = {"rows": [{"id": n, "note": "x"} for n in range(size)]}
    result = harness.score(rows, {"rows": []}, rules={"rows.**.note": {"ignore": True}})
    assert result.counts.omission == size


def test_a_field_taken_apart_is_the_field_whatever_its_keys_are() -> None:
    for one, other in product(KEYS, KEYS):
        fields = {diff.field for diff in harness.score({one: {other: 1}}, None).diffs}
        assert {field_steps(field) for field in fields} == {(one, other)}
        assert (one, other) in fields_of_truths({one: {other: 1}})
