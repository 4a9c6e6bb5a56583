"""Tags say why; they never change a count."""

from __future__ import annotations

from typing import Any

import pytest

import harness


def tags(expected: Any, predicted: Any, schema: Any = None) -> dict[str, list[str]]:  # noqa: ANN401  # any JSON
    result = harness.score(expected, predicted, schema)
    return {f"{d.outcome} {d.path}": [str(t) for t in d.tags] for d in result.diffs if d.tags}


@pytest.mark.parametrize(
    ("expected", "predicted", "tag"),
    [
        (1234.5, 123450, "scale"),
        (1.5, 1500, "scale"),
        (-12, 12, "sign"),
        ("Acme Corp", "Acme Corp, a Delaware company", "superset"),
        ("pressure relief valve", "relief valve", "subset"),
        ("pressure relief valve", "pressure rel", "truncated"),
        ("pressure relief valve", "pressure relief...", "truncated"),
        ("Oslo", "not stated", "placeholder"),
    ],
)
def test_a_wrong_value_is_tagged_with_what_is_wrong(
    expected: Any,  # noqa: ANN401  # any JSON
    predicted: Any,  # noqa: ANN401  # any JSON
    tag: str,
) -> None:
    assert tags({"f": expected}, {"f": predicted}) == {"wrong_value f": [tag]}


def test_case_alone_is_named_where_case_counts() -> None:
    result = harness.score({"f": "AlMg3"}, {"f": "ALMG3"}, None, {"f": {"compare": "exact"}})
    assert [str(t) for t in result.diffs[0].tags] == ["case_only"]


def test_a_row_said_twice_is_a_duplicate_and_its_first_saying_is_not() -> None:
    row = {"sku": "AX-1", "qty": 2}
    assert tags({"r": [row]}, {"r": [row, row]}) == {
        "hallucination r[1].sku": ["extra_item", "duplicate"],
        "hallucination r[1].qty": ["extra_item", "duplicate"],
    }


def test_a_value_under_another_spelling_of_its_key_is_renamed_and_elsewhere_misplaced() -> None:
    assert tags({"invoice_no": "77-A"}, {"invoiceNo": "77-A"}) == {
        "omission invoice_no": ["renamed_key"],
        "hallucination invoiceNo": ["renamed_key"],
    }
    assert tags({"a": {"city": "Oslo"}}, {"b": {"town": "Oslo"}}) == {
        "omission a.city": ["misplaced"],
        "hallucination b.town": ["misplaced"],
    }


def test_a_key_is_invented_only_where_the_schema_names_its_keys() -> None:
    assert tags({"a": "x"}, {"a": "x", "zz": "y"}) == {}
    schema = {"properties": {"a": {"type": "string"}}}
    assert tags({"a": "x"}, {"a": "x", "zz": "y"}, schema) == {"hallucination zz": ["invented_key"]}
