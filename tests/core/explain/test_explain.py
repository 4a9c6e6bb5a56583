"""Every verdict can say why it is what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.differ.plan import Plan
from harness.core.explain.as_json import explanation_as_json
from harness.core.explain.explanation import (
    ExplainableCase,
    answered,
    explain,
    find,
    truth_places,
    with_tags,
)
from harness.core.outcomes import OUTCOME_MEANINGS, TAG_MEANINGS, Charge, Outcome, Tag
from harness.core.rules.field_rule import parse_rules
from harness.core.rules.rule_settings import COMPARATORS
from harness.core.values import Json
from tests.laws.strategies import anything, near_misses

Rule = dict[str, Any]


def case_of(
    expected: Json, predicted: Json, rules: Rule | None = None, schema: Json = None
) -> ExplainableCase:
    return answered(Plan(schema, parse_rules(rules or {})), expected, predicted)


def grounds_of(
    expected: Json, predicted: Json, rule: Rule | None = None, schema: Json = None
) -> list[str]:
    """Return what is said of two scalars under a rule."""
    return list(explain(case_of(expected, predicted, {"$": rule or {}}, schema), 0).grounds)


def test_every_tag_and_every_outcome_has_its_sentence() -> None:
    assert set(TAG_MEANINGS) == set(Tag)
    assert set(OUTCOME_MEANINGS) == set(Outcome)
    for sentence in (*TAG_MEANINGS.values(), *OUTCOME_MEANINGS.values()):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert len(set(TAG_MEANINGS.values())) == len(Tag)


NUMBER: Rule = {"compare": "number", "absolute": 0.005}
LIKE: Rule = {"compare": "text", "threshold": 0.8}


@pytest.mark.parametrize(
    ("expected", "predicted", "rule", "said"),
    [
        ("x", "x", {}, "Both values are the same."),
        ("ACME  Corp", "Acme corp", {}, 'Both read as "acme corp".'),
        ("Jane Roe", "Jane A. Roe", {}, 'Left different: nothing against "a.".'),
        ("Anna Doe", "Anna Roe", LIKE, "Similarity 0.88 reaches the threshold 0.8."),
        # 10 of 20 letters: the ratio is 0.5.
        ("abcdefghij", "abcdexxxxx", LIKE, "Similarity 0.5 stays under the threshold 0.8."),
        (
            "abcdefghij",
            "abcdexxxxx",
            {"compare": "text", "threshold": 0.5, "bound": ">"},
            "Similarity 0.5 does not exceed the threshold 0.5.",
        ),
        (
            "a, b",
            "a, c",
            {"compare": "set", "threshold": 0.3},
            "Similarity 0.33 reaches the threshold 0.3.",
        ),
        (
            1.0,
            1.004,
            NUMBER,
            "1 against 1.004: they differ by 0.004, which is within the 0.005 allowed.",
        ),
        (1.0, 1.5, NUMBER, "1 against 1.5: they differ by 0.5, and 0.005 is allowed."),
        (12, 14, {}, "12 against 14: they differ by 2; whole numbers must be equal."),
        (10**400, 1.5, {}, "Left different:"),
        (
            "2024-03-01",
            "2024-03-04",
            {"compare": "date", "days": 7},
            "2024-03-01 against 2024-03-04: 3 days apart, and 7 are allowed.",
        ),
        (
            "2024-03-01",
            "2024-03-31",
            {"compare": "date", "precision": "month"},
            "2024-03-01 against 2024-03-31: the same to the month.",
        ),
        ("2024-03-01", "2024-03-02", {"compare": "date"}, "They are 1 day apart."),
        (
            "2024-03-01",
            "2024-03-12",
            {"compare": "date", "days": 7},
            "They are 11 days apart, and 7 are allowed.",
        ),
        ("2024-03-01", "2024-03", {"compare": "date"}, "given to different precision"),
        (
            "2024-03-01",
            "spring",
            {"compare": "date"},
            "The predicted value cannot be read by `date`",
        ),
        (
            "spring",
            "Spring",
            {"compare": "date"},
            "Neither value can be read by `date`; as texts they are the same.",
        ),
        ("spring", "summer", {"compare": "date"}, "as texts they differ."),
        ("abcde", 5, {"threshold": 0.1}, "Similarity 0 stays under the threshold 0.1."),
        (1, 359, {"compare": "circular", "absolute": 2}, "1 against 359: the same to `circular`."),
        (
            "J. Roe",
            "Jane Roe",
            {"any_of": ["Jane Roe"]},
            "which the rule's `any_of` accepts as well.",
        ),
        (
            "2024-03-31",
            "2024-04-30",
            {"compare": "date", "any_of": ["2024-05-01"], "days": 2},
            "The same as 2024-05-01",
        ),
        ("x", "", {}, "The prediction has nothing here."),
        ("", "x", {}, "The truth has nothing here."),
        ("", "", {}, "Absent on both sides: a correct abstention, counted in no F1."),
        ("x", {"y": 1}, {}, "An object stands where a string is expected."),
    ],
)
def test_a_verdict_says_what_made_the_values_the_same_or_left_them_different(
    expected: Json, predicted: Json, rule: Rule, said: str
) -> None:
    (first, *_) = grounds_of(expected, predicted, rule)
    assert said in first


@pytest.mark.parametrize(
    ("schema", "predicted", "said"),
    [
        ({"type": "string", "format": "date"}, "31 March 2024", "breaks `format: date` of"),
        ({"type": "integer"}, "12", "breaks `type: integer` of"),
        ({"type": ["integer", "null"], "maximum": 9}, 12, "breaks `maximum: 9` of"),
        ({"type": "string", "enum": ["a", "b"]}, "c", "breaks `enum: a or b` of"),
        ({"type": "string", "pattern": "^" + "x" * 80}, "c", "xxx\u2026` of"),
        ({}, True, "A string is expected, and the prediction is a boolean."),
    ],
)
def test_a_format_error_names_what_the_prediction_breaks(
    schema: Json, predicted: Json, said: str
) -> None:
    assert said in grounds_of("2024-03-31", predicted, None, schema)[-1]


@pytest.mark.parametrize(
    ("rules", "schema", "value", "comparator", "origins"),
    [
        ({"a": {"compare": "exact"}}, {}, "x", "exact (rule `a`)", []),
        ({"*": {"compare": "exact"}}, {}, "x", "exact (rule `*`, a pattern)", []),
        (
            {"a": {"threshold": 0.9}, "**": {"threshold": 0.1, "similarity": "partial"}},
            {"type": "string", "x-match": {"threshold": 0.2, "bound": ">"}},
            "x",
            "text (the schema's `type: string`)",
            [
                ("threshold", 0.9, "rule `a`"),
                ("similarity", "partial", "rule `**`, a pattern"),
                ("bound", ">", "x-match in the schema"),
            ],
        ),
        (
            {},
            {"type": "string", "format": "date"},
            "x",
            "date (the schema's `format: date`)",
            [],
        ),
        ({}, {"enum": ["x"]}, "x", "enum (the schema's `enum`)", []),
        (
            {},
            {"type": "number"},
            5,
            "number (the schema's `type: number`)",
            [("significant_digits", 15, "the default")],
        ),
        ({}, {"type": "integer"}, 5, "number (the schema's `type: integer`)", []),
        ({}, {}, "x", "text (the expected value's JSON type: string)", []),
        (
            {},
            {"type": "string", "x-match": {"threshold": 0.5}},
            "x",
            "text (the schema's `type: string`)",
            [
                ("threshold", 0.5, "x-match in the schema"),
                ("similarity", "ratio", "the default"),
                ("bound", ">=", "the default"),
            ],
        ),
    ],
)
def test_every_setting_names_who_said_it(
    rules: Rule,
    schema: Json,
    value: Json,
    comparator: str,
    origins: list[tuple[str, Json, str]],
) -> None:
    whole: Json = {"type": "object", "properties": {"a": schema}}
    governed = explain(case_of({"a": value}, {"a": "y"}, rules, whole), 0).provenance
    assert governed.comparator is not None
    assert f"{governed.comparator.value} ({governed.comparator.origin})" == comparator
    assert [(s.name, s.value, str(s.origin)) for s in governed.settings] == origins


TUPLE: Json = {
    "type": "object",
    "properties": {
        "point": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
    },
    "patternProperties": {"^on_": {"type": "string", "format": "date"}},
    "additionalProperties": {"type": "object", "additionalProperties": {"enum": ["x"]}},
}


@pytest.mark.parametrize(
    ("path", "keyword"),
    [
        ("point[0]", "the schema's `type: string`"),
        ("point[1]", "the schema's `type: number`"),
        ("on_monday", "the schema's `format: date`"),
        ("else.deep", "the schema's `enum`"),
    ],
)
def test_positions_and_keys_have_schemas_of_their_own(path: str, keyword: str) -> None:
    value: Json = {"point": ["a", 5], "on_monday": "2024-03-31", "else": {"deep": "x"}}
    case = case_of(value, value, {}, TUPLE)
    (index,) = find(case, path)
    comparator = explain(case, index).provenance.comparator
    assert comparator is not None
    assert str(comparator.origin) == keyword


def test_a_mark_names_the_rule_of_what_holds_the_field() -> None:
    rules: Rule = {"rows": {"critical": True}, "rows[].n": {"weight": 3}}
    schema: Json = {
        "properties": {"rows": {"items": {"additionalProperties": {"type": "integer"}}}},
    }
    for whole in (None, schema):
        case = case_of({"rows": [{"n": 1}]}, {"rows": [{"n": 1}]}, rules, whole)
        said = {s.name: str(s.origin) for s in explain(case, 0).provenance.settings}
        assert said["critical"] == "rule `rows`"


def test_a_hallucination_without_a_schema_has_no_comparator_yet() -> None:
    governed = explain(case_of({}, {"a": 1}), 0).provenance
    assert governed.comparator is not None
    assert (governed.comparator.value, str(governed.comparator.origin)) == (
        "by type",
        "the default",
    )


def test_the_charge_is_that_of_the_headline_convention() -> None:
    case = case_of({"a": 1, "b": 1, "c": 1, "d": None}, {"a": 1, "b": 2, "x": 1, "d": None})
    charges = [explain(case, n).charge for n in range(5)]
    wrong, nothing = Charge(0, 1, 1), Charge(0, 0, 0)
    assert charges == [Charge(1, 0, 0), wrong, Charge(0, 0, 1), nothing, Charge(0, 1, 0)]


def test_tags_come_with_their_meaning_and_can_be_added_to() -> None:
    found = explain(case_of(1236, 123600), 0)
    assert found.tags == ((Tag.SCALE, TAG_MEANINGS[Tag.SCALE]),)
    more = with_tags(found, [Tag.SCALE, Tag.SUSPECT_GROUND_TRUTH])
    assert [tag for tag, _ in more.tags] == [Tag.SCALE, Tag.SUSPECT_GROUND_TRUTH]


def test_lenient_is_told_apart_from_strict() -> None:
    found = explain(case_of(12, "12"), 0)
    assert (found.outcome, found.value_equal) == (Outcome.FORMAT_ERROR, True)
    assert found.grounds[0] == "Both read as 12."


ODD: list[Rule] = [
    {},
    {"**": {"threshold": 0.7}},
    {"**": {"align": "sequence", "compare": "number"}},
    {"**": {"align": "position", "placeholders": ["N/A"]}},
    {"**": {"compare": "date", "any_of": ["2024-03-31"]}},
    *({"**": {"compare": name}} for name in COMPARATORS),
]


@given(st.one_of(near_misses, st.tuples(anything, anything)), st.sampled_from(ODD))
def test_every_verdict_of_any_values_explains_itself(pair: tuple[Json, Json], rules: Rule) -> None:
    case = answered(Plan(None, parse_rules(rules)), *pair, {"note.txt": json.dumps(pair[0])})
    diffs = iter(case.result.diffs)
    for index in range(len(case.result.ledger.verdicts)):
        found = explain(case, index)
        if found.outcome is not None:
            diff = next(diffs)
            assert (found.path, found.field, found.outcome) == (diff.path, diff.field, diff.outcome)
            assert [tag for tag, _ in found.tags] == list(diff.tags)
        assert found.grounds
        assert all(text.endswith(".") for text in found.grounds)
        assert json.loads(json.dumps(explanation_as_json(found))) == explanation_as_json(found)
        assert index in find(case, found.path)


@pytest.mark.parametrize("count", [3, 3_000])
def test_the_places_of_a_truth_are_found_in_their_own_lines_without_the_rest_of_the_explanation(
    count: int,
) -> None:
    truth: Json = {"rows": [{"sku": f"S-{n:04}", "qty": n} for n in range(count)], "none": "x y z"}
    lines = [f"S-{n:04}  {n}" for n in range(count)]
    case = answered(Plan(), truth, None, {"note.txt": "\n".join(lines)})
    places = truth_places(case)
    found = {path: [at.line - 1 for at in each] for path, each in places.items()}
    wanted = {f"rows[{n}].{key}": [n] for n in range(count) for key in ("sku", "qty")}
    missed = {path for path in wanted if found.get(path) != wanted[path]}
    assert set(found) <= set(wanted)
    assert len(missed) <= 10  # a quantity of one digit stands in its own SKU, too
    for index in range(6):
        explained = explain(case, index)
        assert explained.expected is not None
        assert places.get(explained.path, ()) == explained.expected.evidence
