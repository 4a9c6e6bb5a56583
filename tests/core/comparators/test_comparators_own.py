"""Comparators of a user's own, and several accepted readings of one field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.rules.field_rule import overlaid, parse_rules

SCHEMA = {
    "properties": {
        "dose": {"type": "string"},
        "n": {"type": "number"},
        "any": {},
        "ok": {"type": "boolean"},
    }
}


def plan(function: Any, schema: Any = None, **settings: Any) -> harness.Plan:  # noqa: ANN401  # any
    rules = {"**": {"compare": "lab.units:same", **settings}}
    return harness.Plan(schema, parse_rules(rules), comparators={"lab.units:same": function})


def digits(expected: str, predicted: str) -> bool:
    return [c for c in expected if c.isdigit()] == [c for c in predicted if c.isdigit()]


@pytest.mark.parametrize("schema", [None, SCHEMA])
def test_a_function_decides_with_a_schema_and_without(schema: Any) -> None:  # noqa: ANN401  # a schema
    result = plan(digits, schema).score({"dose": "5 mg"}, {"dose": "mg 5"})
    assert [(str(d.outcome), d.comparator) for d in result.diffs] == [("correct", "lab.units:same")]
    assert plan(digits, schema).score({"dose": "5 mg"}, {"dose": "6 mg"}).f1 == 0.0


def test_a_function_sees_values_as_they_are_and_is_not_asked_about_equal_ones() -> None:
    asked: list[tuple[object, object]] = []

    def note(expected: object, predicted: object) -> bool:
        asked.append((expected, predicted))
        return False

    plan(note, SCHEMA).score({"n": 5, "any": "A", "ok": True}, {"n": 5.0, "any": "a", "ok": 1})
    assert asked == [("A", "a"), (True, 1)]


def test_the_schema_still_says_what_the_right_format_is() -> None:
    diff = plan(lambda e, p: str(e) == str(p), SCHEMA).score({"n": 5}, {"n": "5"}).diffs[0]
    assert (str(diff.outcome), diff.value_equal) == ("format_error", True)


def test_rows_are_paired_by_what_the_function_takes_for_the_same() -> None:
    result = plan(digits).score({"r": ["1 a", "2 b"]}, {"r": ["x 2", "y 1"]})
    assert result.f1 == 1.0


@pytest.mark.parametrize(
    ("settings", "similarity", "correct"),
    [
        ({"threshold": 0.8}, 0.8, True),
        ({"threshold": 0.8, "bound": ">"}, 0.8, False),
        ({"threshold": 0.8}, 0.7, False),
        ({}, True, True),
        ({}, False, False),
        ({"threshold": 0.8}, 1, True),
    ],
)
def test_a_similarity_counts_from_the_threshold_on(
    settings: dict[str, object],
    similarity: float,
    correct: bool,  # noqa: FBT001  # a column
) -> None:
    result = plan(lambda _e, _p: similarity, **settings).score({"a": "x"}, {"a": "y"})
    assert bool(result.counts.correct) is correct
    assert correct or result.diffs[0].similarity == similarity


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        (None, "a: comparator 'lab.units:same' returned None"),
        ("yes", "returned 'yes'"),
        (1.5, "returned 1.5"),
        (float("nan"), "returned nan"),
        (0.5, "returned the similarity 0.5, and the rule has no `threshold`"),
    ],
)
def test_what_is_neither_a_bool_nor_a_similarity_is_an_error(returned: object, said: str) -> None:
    with pytest.raises(harness.HarnessError, match=r"comparator-failed") as caught:
        plan(lambda _e, _p: returned).score({"a": "x"}, {"a": "y"})
    assert said in str(caught.value)
    assert "hint:" in str(caught.value)


def test_a_blank_value_that_a_rule_takes_for_a_value_is_never_asked_about() -> None:
    result = plan(lambda _e, _p: True, blank=["missing"]).score({"a": "x"}, {"a": " "})
    assert result.counts.wrong_value == 1


def test_an_exception_names_field_function_and_values() -> None:
    def broken(_expected: object, _predicted: object) -> bool:
        raise KeyError("unit")

    with pytest.raises(harness.HarnessError) as caught:
        plan(broken).score({"a": {"b": "x"}}, {"a": {"b": "y"}})
    assert str(caught.value) == (
        "a.b: comparator 'lab.units:same' failed on 'x' and 'y': KeyError: 'unit'"
        " [comparator-failed]"
    )
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_failure_without_words_is_told_by_its_type() -> None:
    def broken(_expected: object, _predicted: object) -> bool:
        raise ValueError

    with pytest.raises(harness.HarnessError, match=r"'y': ValueError \[comparator-failed\]"):
        plan(broken).score({"a": "x"}, {"a": "y"})


def test_a_function_nobody_gave_is_refused_when_the_plan_is_made() -> None:
    rules = parse_rules({"a": {"compare": "lab:same"}})
    with pytest.raises(harness.HarnessError, match="no comparator 'lab:same' was given"):
        harness.Plan(None, rules)
    with pytest.raises(harness.HarnessError, match="did you mean 'lab:same_dose'"):
        harness.Plan(None, rules, {"lab:same_dose": digits})
    schema = {"properties": {"a": {"type": "string", "x-match": {"compare": "lab:same"}}}}
    with pytest.raises(harness.HarnessError, match="no comparator 'lab:same' was given"):
        harness.score({}, {}, schema)


READINGS = {"f": {"any_of": ["Jane Roe", "J. M. Roe"]}}


@pytest.mark.parametrize(
    ("predicted", "outcome"),
    [
        ("J. Roe", "correct"),
        ("jane roe", "correct"),
        ("J. M. Roe", "correct"),
        ("Jim Roe", "wrong_value"),
        (5, "format_error"),
        (None, "omission"),
    ],
)
def test_any_accepted_reading_is_right(predicted: object, outcome: str) -> None:
    for schema in (None, {"properties": {"f": {"type": "string"}}}):
        diff = harness.score({"f": "J. Roe"}, {"f": predicted}, schema, READINGS).diffs[0]
        assert (str(diff.outcome), diff.expected) == (outcome, "J. Roe")
        assert outcome != "correct" or diff.tags == ()


def test_a_reading_in_a_wrong_format_is_right_but_for_the_format() -> None:
    schema = {"properties": {"n": {"type": "number"}}}
    rules = {"n": {"any_of": [12, 12.5]}}
    diff = harness.score({"n": 10}, {"n": "12.5"}, schema, rules).diffs[0]
    assert (str(diff.outcome), diff.value_equal) == ("format_error", True)


def test_similarity_is_that_of_the_nearest_reading() -> None:
    rules = {"n": {"any_of": [100]}}
    assert harness.score({"n": 10}, {"n": 75}, None, rules).diffs[0].similarity == 0.75


def test_rows_are_paired_by_any_reading_and_an_absent_value_is_none() -> None:
    rules = {"r[].a": {"any_of": ["z", 7]}}
    expected = {"r": [{"a": "x", "b": 1}, {"a": None, "b": 2}]}
    result = harness.score(expected, {"r": [{"a": "z", "b": 2}, {"a": "z", "b": 9}]}, None, rules)
    outcomes = [f"{d.path} {d.outcome}" for d in result.diffs]
    assert outcomes == [
        "r[0].a correct",
        "r[0].b wrong_value",
        "r[1].a hallucination",
        "r[1].b correct",
    ]


def test_tolerances_hold_for_every_reading() -> None:
    rules = {"r[]": {"any_of": [200], "absolute": 1, "compare": "number"}}
    assert harness.score({"r": [100]}, {"r": [201]}, None, rules).f1 == 1.0
    assert harness.score({"r": [100]}, {"r": [203]}, None, rules).f1 == 0.0


def test_what_a_case_says_is_laid_over_what_its_suite_says() -> None:
    suite = parse_rules({"f": {"compare": "exact", "weight": 2}, "g": {"ignore": True}})
    laid = overlaid(suite, parse_rules({"f": {"any_of": ["b"], "weight": 3}, "h": {"days": 1}}))
    assert (laid["f"].compare, laid["f"].weight, laid["f"].any_of) == ("exact", 3, ("b",))
    assert (laid["g"].ignore, laid["h"].days) == (True, 1)


scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b", "", "1", " "])


@given(scalars, scalars, st.lists(st.sampled_from(["a", "b", 1, True, 2.5]), min_size=1))
def test_a_further_reading_never_makes_a_right_value_wrong(
    expected: object, predicted: object, readings: list[object]
) -> None:
    before = harness.score({"f": expected}, {"f": predicted}).counts
    after = harness.score(
        {"f": expected}, {"f": predicted}, None, {"f": {"any_of": readings}}
    ).counts
    assert after.correct >= before.correct
    assert after.expected == before.expected
    assert after.lenient.correct >= before.lenient.correct
