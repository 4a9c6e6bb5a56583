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


def swapped(expected: list[dict[str, Any]], predicted: list[dict[str, Any]]) -> list[str]:
    result = harness.score({"r": expected}, {"r": predicted}, None, {"r": {"align": "position"}})
    return [d.path for d in result.diffs if "row_swap" in d.tags]


@pytest.mark.parametrize("rows", [12, 200])
def test_quantities_that_are_off_by_one_are_no_row_swap_though_others_have_them(rows: int) -> None:
    truth: list[dict[str, Any]] = [
        {"sku": f"S-{i}", "quantity": 1 + i * 7 % 8, "position": i + 1} for i in range(rows)
    ]
    wrong = [{**row, "quantity": row["quantity"] + (i % 6 == 0)} for i, row in enumerate(truth)]
    assert swapped(truth, wrong) == []
    late = [{**row, "position": row["position"] + (i % 6 == 0)} for i, row in enumerate(truth)]
    assert swapped(truth, late) == []


@pytest.mark.parametrize("rows", [3, 200])
def test_a_value_only_one_row_has_an_exchange_and_several_fields_of_a_row_are_a_swap(
    rows: int,
) -> None:
    truth = [{"sku": f"S-{i}", "price": 100.5 + i, "quantity": 1 + i % 2} for i in range(rows)]
    rare = [dict(row) for row in truth]
    rare[0]["price"] = truth[2]["price"]
    assert swapped(truth, rare) == ["r[0].price"]
    both = [dict(row) for row in truth]
    both[0]["quantity"], both[1]["quantity"] = 2, 1
    assert swapped(truth, both) == ["r[0].quantity", "r[1].quantity"]
    row = [dict(row) for row in truth]
    row[1] |= {"price": truth[2]["price"], "quantity": truth[2]["quantity"]}
    assert swapped(truth, row) == ["r[1].price", "r[1].quantity"]


def test_a_member_of_an_enum_is_no_placeholder() -> None:
    schema = {"properties": {"f": {"enum": ["none", "some"]}}}
    assert tags({"f": "some"}, {"f": "none"}, schema) == {}
    assert tags({"f": ["Oslo", "none"]}, {"f": ["Oslo", "none", "none"]}) == {
        "hallucination f[2]": ["extra_item", "duplicate"]
    }
    assert tags({"f": "some"}, {"f": "n/a"}, schema) == {"format_error f": ["placeholder"]}


def test_a_key_of_the_truth_is_no_new_name_and_a_short_value_elsewhere_is_chance() -> None:
    truth = {"r": [{"date_start": "2024-01-05", "date_end": "2024-02-05"}, {"date_end": "x1"}]}
    wrong = {"r": [{"date_end": "2024-02-05"}, {"date_start": "2024-01-05", "date_end": "x1"}]}
    assert "renamed_key" not in str(tags(truth, wrong))
    assert tags({"a": {"count": 12}}, {"b": {"pages": 12}}) == {}
    assert tags({"vendor": "Acme Corp"}, {"supplier": "Acme Corp"}) == {
        "omission vendor": ["renamed_key"],
        "hallucination supplier": ["renamed_key"],
    }


@pytest.mark.parametrize("rows", [3, 3_000])
def test_renamed_keys_are_found_row_by_row_in_lists_of_any_length(rows: int) -> None:
    values = ("Jane Roe", "Acme Corp")
    truth = {"rows": [{"id": f"row {n}", "maker": values[n % 2]} for n in range(rows)]}
    answer = {"rows": [{"id": row["id"], "vendor": row["maker"]} for row in truth["rows"]]}
    found = [d for d in harness.score(truth, answer).diffs if harness.Tag.RENAMED_KEY in d.tags]
    assert len(found) == 2 * rows
    assert {d.outcome for d in found} == {harness.Outcome.OMISSION, harness.Outcome.HALLUCINATION}


@pytest.mark.parametrize("size", [3, 3_000])
def test_how_ids_are_spelled_gives_no_reference_a_tag(size: int) -> None:
    rules = {
        "people": {"align": "entity", "match": ["name"]},
        "events[].who": {"refers_to": "people"},
    }
    people = [{"id": "p" * (n % 9) + f"{n}", "name": f"Name {n}"} for n in range(size)]
    truth = {"people": people, "events": [{"no": n, "who": people[n]["id"]} for n in range(size)]}
    answer = {"people": people[:-1], "events": [{"no": n, "who": "none"} for n in range(size)]}
    result = harness.score(truth, answer, None, rules)
    wrong = [d for d in result.diffs if d.field == "events[].who"]
    assert [(d.outcome, d.tags) for d in wrong] == [("wrong_value", ())] * size
