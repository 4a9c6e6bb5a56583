"""A schema out of examples accepts them all, and says what they have in common."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harness.cases.schemas.infer import infer_schema
from harness.core.values import Json
from tests.cases.files.test_strict_json import json_values

short = st.sampled_from(["", "a", "b", "2024-01-31", "2024-02-30", "2024-01-31T10:00:00Z"])
rows = st.lists(
    st.fixed_dictionaries(
        {"kind": short},
        optional={"n": st.integers() | st.floats(0, 9) | st.none(), "sub": json_values},
    ),
    max_size=16,
)


@given(st.lists(json_values, max_size=6) | rows.map(list))
def test_a_schema_accepts_what_it_was_inferred_from(values: list[Json]) -> None:
    schema = infer_schema(values)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    assert all(validator.is_valid(value) for value in values)


def _field(*values: Json) -> Json:
    """Return what is inferred of a field with these values."""
    properties = infer_schema([{"f": v} for v in values])["properties"]
    assert isinstance(properties, dict)
    return properties["f"]


@pytest.mark.parametrize(
    ("values", "schema"),
    [
        ((1, 2), {"type": "integer"}),
        ((1, 2.5), {"type": "number"}),
        ((12.0, 3.0), {"type": "number"}),
        ((1, "x", None), {"type": ["string", "integer", "null"]}),
        ((None,), {"type": "null"}),
        ((True,), {"type": "boolean"}),
        (("2024-01-31", None, ""), {"type": ["string", "null"], "format": "date"}),
        (("2024-01-31", "31.1.2024"), {"type": "string"}),
        (("2024-01-31T10:00:00Z",), {"type": "string", "format": "date-time"}),
        (("a", "b") * 5, {"type": "string"}),
        ((*("a", "b") * 5, None), {"type": ["string", "null"]}),
        (([], [1, None]), {"type": "array", "items": {"type": ["integer", "null"]}}),
        (([],), {"type": "array"}),
        (({},), {"type": "object"}),
    ],
)
def test_a_field_gets_what_its_values_share(values: tuple[Json, ...], schema: Json) -> None:
    assert _field(*values) == schema


def test_keys_that_are_always_there_are_required_in_the_order_first_seen() -> None:
    schema = infer_schema([{"b": 1, "a": None}, {"a": 2, "c": {"x": 1}, "b": 3}])
    assert schema == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "b": {"type": "integer"},
            "a": {"type": ["integer", "null"]},
            "c": {
                "type": "object",
                "properties": {"x": {"type": "integer"}},
                "required": ["x"],
                "additionalProperties": False,
            },
        },
        "required": ["b", "a"],
        "additionalProperties": False,
    }
    assert isinstance(schema["properties"], dict)
    assert list(schema["properties"]) == ["b", "a", "c"]


def test_nothing_says_nothing() -> None:
    assert infer_schema([]) == {"$schema": "https://json-schema.org/draft/2020-12/schema"}


@pytest.mark.parametrize("documents", [3, 3000])
def test_no_text_of_a_ground_truth_stands_in_the_schema_that_the_model_gets(documents: int) -> None:
    truths: list[Json] = [
        {
            "kind": "VALUE-constant",
            "vendor": {"name": f"VALUE-vendor-{n % 5}", "vat": None if n % 7 else "VALUE-vat"},
            "lines": [{"sku": f"VALUE-sku-{n % 2}"}, {"sku": "VALUE-sku-0"}],
        }
        for n in range(documents)
    ]
    schema = json.dumps(infer_schema(truths))
    assert "VALUE" not in schema
    assert "enum" not in schema
    assert "const" not in schema
