"""List items say how they came to their partners, values where they stand in the documents."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.differ.plan import Plan
from harness.core.explain.explanation import ExplainableCase, answered, explain, find
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json

Rule = dict[str, Any]


def case_of(expected: Json, predicted: Json, rules: Rule | None = None) -> ExplainableCase:
    return answered(Plan(None, parse_rules(rules or {})), expected, predicted)


ROWS: Json = {"rows": [{"k": "a", "n": 1}, {"k": "b", "n": 2}]}


def reason(expected: Json, predicted: Json, rules: Rule, path: str) -> str:
    case = case_of(expected, predicted, rules)
    (item,) = explain(case, find(case, path)[0]).items
    return item.reason


@pytest.mark.parametrize(
    ("rule", "said", "path", "why"),
    [
        (
            {},
            [{"k": "b", "n": 2}, {"k": "a", "n": 9}],
            "rows[1].n",
            "rows[1] is paired with predicted item 0: 2 of 2 fields are right.",
        ),
        (
            {"align": "key", "key": ["k"]},
            [{"k": "b", "n": 0}],
            "rows[1].n",
            "rows[1] is paired with predicted item 0: both have the same `k`.",
        ),
        (
            {"align": "key", "key": ["k"]},
            [{"k": "c", "n": 2}],
            "rows[1].n",
            (
                "rows[1], the expected item 1, has no partner: "
                "no predicted item that is left has the same `k`."
            ),
        ),
        (
            {"align": "position"},
            [{"k": "b", "n": 2}],
            "rows[0].n",
            "rows[0] is paired with predicted item 0: they stand at the same position.",
        ),
        (
            {"align": "position"},
            [{"k": "b", "n": 2}],
            "rows[1].n",
            "rows[1], the expected item 1, has no partner: the prediction has only 1 of them.",
        ),
        (
            {"align": "sequence"},
            [{"k": "b", "n": 2}, {"k": "a", "n": 0}],
            "rows[1].n",
            (
                "rows[1] is paired with predicted item 0: "
                "in the order of both, 2 of 2 fields are right."
            ),
        ),
        (
            {"align": "sequence"},
            [{"k": "b", "n": 2}, {"k": "a", "n": 0}],
            "rows[0].n",
            (
                "rows[0], the expected item 0, has no partner: predicted item 1 comes nearest "
                "(1 of 2 fields is right), but out of order with the other pairs."
            ),
        ),
        (
            {},
            [{"k": "a", "n": 2}],
            "rows[0].k",
            ("rows[0] is paired with predicted item 0: 1 of 2 fields is right."),
        ),
        (
            {},
            [{"k": "a", "n": 2}],
            "rows[1].n",
            (
                "rows[1], the expected item 1, has no partner: predicted item 0 comes nearest "
                "(1 of 2 fields is right), but is paired with expected item 0, "
                "where 1 of 2 fields is right."
            ),
        ),
        (
            {},
            [{"k": "z", "n": 7}],
            "rows[0].n",
            "rows[0], the expected item 0, has no partner: no predicted item has a field right.",
        ),
        (
            {},
            [],
            "rows[0].n",
            "rows[0], the expected item 0, has no partner: the prediction has no items here.",
        ),
        (
            {},
            {"k": "a", "n": 1},
            "rows[0].n",
            "rows[0], the expected item 0, has no partner: the prediction has no items here.",
        ),
        (
            {"threshold": 0.3},
            [{"k": "aa", "n": 7}],
            "rows[0].k",
            (
                "rows[0] is paired with predicted item 0: 0 of 2 fields are right, "
                "but they are near enough for the threshold of 0.3."
            ),
        ),
    ],
)
def test_a_list_item_says_how_it_came_to_its_partner(
    rule: Rule, said: Json, path: str, why: str
) -> None:
    assert reason(ROWS, {"rows": said}, {"rows": rule}, path) == why


def test_items_without_a_key_are_paired_by_what_they_have_right() -> None:
    rules = {"rows": {"align": "key", "key": ["k"]}}
    rows: Json = {"rows": [{"n": 2}]}
    why = "rows[0] is paired with predicted item 0: its only field is right."
    assert reason(rows, rows, rules, "rows[0].n") == why


def test_an_item_without_a_key_among_items_with_one_says_who_comes_nearest() -> None:
    rules = {"rows": {"align": "key", "key": ["k"]}}
    lost = reason(ROWS, {"rows": [{"n": 2}]}, rules, "rows[0].k")
    assert lost.endswith("has no partner: no predicted item that is left has the same `k`.")
    case = case_of({"rows": [{"n": 2}]}, {"rows": [{"k": "b", "n": 2}]}, rules)
    (item,) = explain(case, 0).items
    nearest = "predicted item 0 comes nearest (1 of 2 fields is right)"
    assert item.reason.endswith(f"{nearest}, but only one of the two has `k`.")


def test_an_extra_item_says_who_comes_nearest() -> None:
    twice: Json = {"rows": [{"k": "a", "n": 1}, {"k": "a", "n": 1}]}
    once: Json = {"rows": [{"k": "a", "n": 1}]}
    case = case_of(once, twice)
    (item,) = explain(case, find(case, "rows[1].n")[0]).items
    assert (item.expected, item.predicted) == (None, 1)
    assert "expected item 0 comes nearest (2 of 2 fields are right)" in item.reason
    assert "paired with predicted item 0, where 2 of 2 fields are right" in item.reason


def test_where_no_pairs_are_known_the_list_is_said_to_be_too_long() -> None:
    case = case_of(ROWS, ROWS)
    case.result.ledger.rows.clear()
    (item,) = explain(case, 0).items
    assert item.reason.endswith("but was not weighed: the list is very long.")


def test_a_list_where_the_schema_has_a_scalar_is_looked_into() -> None:
    plan = Plan({"type": "object", "properties": {"a": {"type": "string"}}})
    case = answered(plan, {"a": ["x", "y"]}, {"a": ["y"]})
    (item,) = explain(case, find(case, "a[1]")[0]).items
    assert item.predicted == 0


def test_a_list_deep_in_a_schema_that_holds_itself_is_looked_into() -> None:
    node: Json = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "to": {"type": "array", "items": {"$ref": "#"}}},
    }
    truth: Json = {"n": 1, "to": [{"n": 2, "to": [{"n": 3, "to": [{"n": 4, "to": [{"n": 5}]}]}]}]}
    case = answered(Plan(node), truth, truth)
    items = explain(case, find(case, "to[0].to[0].to[0].to[0].n")[0]).items
    assert [item.predicted for item in items] == [0, 0, 0, 0]


def test_lists_of_lists_that_hold_themselves_are_looked_into() -> None:
    node: Json = {"type": "array", "items": {"$ref": "#/$defs/n"}}
    plan = Plan({"$ref": "#/$defs/n", "$defs": {"n": node}})
    case = answered(plan, [[["x"]]], [[["y", "x"]]])
    items = explain(case, 0).items
    assert [(item.list, item.predicted) for item in items] == [("$", 0), ("[0]", 0), ("[0][0]", 1)]
    assert items[0].reason.startswith("[0] is paired with predicted item 0")


def test_a_single_value_for_a_list_of_one_is_said_to_be_no_list() -> None:
    case = case_of({"tags": ["x"]}, {"tags": "x"})
    (item,) = explain(case, 0).items
    assert item.reason == "The prediction has a single value for tags, not a list."


def test_a_wrapped_object_has_another_shape() -> None:
    case = case_of({"a": {"t": ["x"]}}, {"a": [{"t": ["x", "y"]}]})
    reasons = [item.reason for n in (0, 1) for item in explain(case, n).items]
    assert "another shape" in reasons[-1]


def test_nested_lists_tell_of_every_pair_on_the_way() -> None:
    truth: Json = {"a": [{"id": 1, "b": [1, 2]}]}
    case = case_of(truth, {"a": [{"id": 9}, {"id": 1, "b": [2]}]})
    found = explain(case, find(case, "a[0].b[1]")[0]).items
    assert [(i.list, i.expected, i.predicted) for i in found] == [("a", 0, 1), ("a[0].b", 1, 0)]
    lost = explain(case, find(case, "a[0].b[0]")[0]).items
    assert [(i.list, i.expected, i.predicted) for i in lost] == [("a", 0, 1), ("a[0].b", 0, None)]


ENTITIES: Rule = {
    "people": {"align": "entity", "match": ["name"]},
    "people[].boss": {"refers_to": "people"},
}


def test_entities_and_their_references_say_what_they_were_matched_by() -> None:
    truth: Json = {"people": [{"id": 1, "name": "Ann"}, {"id": 2, "name": "Bo", "boss": 1}]}
    said: Json = {"people": [{"id": "b", "name": "Bo", "boss": "a"}, {"id": "a", "name": "Ann"}]}
    case = case_of(truth, said, ENTITIES)
    found = explain(case, find(case, "people[1].boss")[0])
    assert found.grounds == ("Both ids name entities that are matched with each other.",)
    assert found.expected is not None
    assert found.expected.value == 1
    assert (
        found.items[0].reason == "people[1] is paired with predicted item 0: they agree in `name`."
    )
    assert found.provenance.comparator is not None
    assert str(found.provenance.comparator.origin) == "rule `people[].boss`"
    other: Json = {"people": [{"id": "a", "name": "Bo", "boss": "a"}, {"id": "b", "name": "Cy"}]}
    case = case_of(truth, other, ENTITIES)
    wrong = explain(case, find(case, "people[1].boss")[0])
    assert wrong.grounds == ("The two ids do not name entities that are matched with each other.",)


def test_an_entity_without_a_partner_says_what_it_had_to_agree_in() -> None:
    truth: Json = {"people": [{"id": 1, "name": "Ann", "age": 5}]}
    case = case_of(truth, {"people": [{"id": 1, "name": "Zoe", "age": 5}]}, ENTITIES)
    (item,) = explain(case, find(case, "people[0].age")[0]).items
    assert item.reason.endswith(
        "comes nearest (1 of 2 fields is right), but does not agree in `name`."
    )


TEXT = """Lease of Quay House

The lessee pays all business rates,
water charges and electricity promptly. Rent: 1,200.00
"""


def test_evidence_says_where_each_value_stands_by_line_and_column() -> None:
    case = answered(Plan(), {"rent": 1200, "of": "Oslo"}, {"rent": 99}, {"lease.txt": TEXT})
    (rent,) = explain(case, 0).expected.evidence  # type: ignore[union-attr, misc]  # all are there
    assert (rent.document, rent.line, rent.column, rent.similarity) == ("lease.txt", 4, 47, None)
    assert TEXT[rent.start : rent.end] == "1,200.00"
    assert explain(case, 0).predicted.evidence == ()  # type: ignore[union-attr]
    assert explain(case, 1).expected.evidence == ()  # type: ignore[union-attr]


def test_a_long_text_is_found_where_it_nearly_stands() -> None:
    value = "lessee pays business rates, water charges and the electricity"
    case = answered(Plan(), value, None, {"other.txt": "Nothing.", "lease.txt": TEXT})
    (place,) = explain(case, 0).expected.evidence  # type: ignore[union-attr, misc]
    assert (place.document, place.line, place.column) == ("lease.txt", 3, 5)
    assert TEXT[place.start : place.end].startswith("lessee pays all business")
    assert place.similarity is not None
    assert 0.8 <= place.similarity < 1


@pytest.mark.parametrize(
    "value", ["pays business rates", "x" * 3000, "quite another sentence " * 3]
)
def test_short_very_long_and_other_texts_are_not_looked_for_approximately(value: str) -> None:
    case = answered(Plan(), value, None, {"lease.txt": TEXT * 100})
    assert explain(case, 0).expected.evidence == ()  # type: ignore[union-attr]


def test_nobody_looks_where_a_text_is_not_at_hand() -> None:
    assert explain(case_of("x", "y"), 0).expected.evidence is None  # type: ignore[union-attr]


def test_a_path_is_found_as_it_is_shown_and_so_are_fields_and_items() -> None:
    case = case_of({"a": [{"x": 1}, {"x": 2}], "b": 1}, {"a": [{"x": 2}], "b": 1})
    assert find(case, "a[1].x") == (1,)
    assert find(case, "a[].x") == (0, 1)
    assert find(case, "a") == find(case, "a[]") == (0, 1)
    assert find(case, "$") == (0, 1, 2)
    assert find(case, "c") == ()
