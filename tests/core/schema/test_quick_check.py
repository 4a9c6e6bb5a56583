"""The quick check of a plain schema never says yes where a validator says no."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, Draft202012Validator

from harness.core.schema.quick_check import quick_check
from harness.core.values import Json

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
SCALARS = (None, True, False, 0, 1, 1.0, 2.5, "", "a", "b", "2024-03-31")
KEYS = st.sampled_from(("a", "b", "c"))


def values() -> st.SearchStrategy[Json]:
    scalars: st.SearchStrategy[Json] = st.sampled_from(SCALARS)
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=6,
    )


def schemas() -> st.SearchStrategy[dict[str, Json]]:
    types = st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, unique=True)
    plain: Any = st.fixed_dictionaries(
        {},
        optional={
            "type": types,
            "required": st.lists(KEYS, min_size=1, unique=True),
            "additionalProperties": st.booleans(),
            "enum": st.just(["a", "2024-03-31"]),
            "x-match": st.just({"compare": "text"}),
            "minLength": st.just(1),
        },
    )
    return st.recursive(
        plain,
        lambda inner: st.builds(
            lambda one, named, items: one | {"properties": named} | items,
            plain,
            st.dictionaries(KEYS, inner, max_size=3),
            st.just({}) | st.builds(lambda item: {"items": item}, inner),
        ),
        max_leaves=5,
    )


@given(schemas(), values())
@pytest.mark.parametrize("kind", [Draft4Validator, Draft202012Validator])
def test_what_it_lets_pass_breaks_no_schema(
    kind: type[Draft202012Validator], schema: dict[str, Json], value: Json
) -> None:
    check = quick_check(schema)
    assert (check is None) == ("minLength" in str(schema))
    if check is not None and check(value):
        assert list(kind(schema).iter_errors(value)) == []


@pytest.mark.parametrize("rows", [3, 3_000])
def test_it_finds_the_one_row_that_breaks_its_schema(rows: int) -> None:
    row: Json = {"type": "object", "properties": {"n": {"type": ["number", "null"]}}}
    check = quick_check({"properties": {"rows": {"items": row}}})
    assert check is not None
    blank: Json = {"n": None}
    right: list[Json] = [{"n": 1, "extra": "x"}, *[blank] * (rows - 1)]
    assert check({"rows": right})
    assert not check({"rows": [*right[:-1], {"n": True}]})


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/a", "$defs": {"a": {}}},
        {"anyOf": [{"type": "string"}]},
        {"items": [{"type": "string"}]},
        {"properties": {"a": {"pattern": "x"}}},
        {"enum": [1, "a"]},
        {"required": True},
        {"additionalProperties": {"type": "string"}},
        True,
    ],
)
def test_a_schema_that_asks_more_than_it_knows_has_none(schema: Json) -> None:
    assert quick_check(schema) is None
