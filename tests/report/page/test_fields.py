"""Which examples are shown, and what stands around a value."""

from __future__ import annotations

from harness.core.explain.surrounding_words import around
from harness.report.embedded.passages import absence, snippets
from harness.report.page.fields import choose_examples, rank_fields
from tests.report.records import case, diff, results


def test_examples_come_from_different_cases_the_most_frequent_error_first() -> None:
    first = diff("x", "omission", expected="a")
    second = diff("x", "wrong_value", expected="b", predicted="c")
    wrong = [("one", first), ("one", second), ("two", second), ("three", first), ("four", second)]
    kinds = ["wrong_value", "omission"]
    assert [case_id for case_id, _ in choose_examples(wrong, kinds)] == ["one", "two", "four"]


def test_a_short_value_makes_a_better_example_than_a_long_one() -> None:
    long = diff("x", "omission", expected="a" * 500)
    short = diff("x", "omission", expected="a")
    assert choose_examples([("long", long), ("short", short)], ["omission"])[0][0] == "short"


def test_a_snippet_is_cut_at_words_and_folded_into_one_line() -> None:
    text = "lorem " * 30 + "the\n total  of " + "7,528" + " euro\n\nand " + "ipsum " * 30
    start = text.index("7,528")
    before, value, after = around(text, start, start + 5)
    assert before.startswith("… lorem ")
    assert before.endswith("the total of ")
    assert value == "7,528"
    assert after.startswith(" euro and ipsum")
    assert after.endswith("ipsum …")


def test_one_place_that_holds_both_values_is_shown_once() -> None:
    span = [{"document": "d", "start": 0, "end": 2}]
    both = diff("x", "wrong_value", evidence={"expected": span, "predicted": span})
    found = snippets(both, [{"name": "d", "text": "12 eggs"}])
    assert [(one.side, one.value) for one in found] == [("expected", "12")]


def test_a_span_outside_the_text_is_not_shown() -> None:
    span = [{"document": "d", "start": 5, "end": 99}]
    assert snippets(diff("x", "omission", evidence={"expected": span}),
                    [{"name": "d", "text": "short"}]) == ()  # fmt: skip


def test_a_value_that_was_looked_for_in_vain_is_said() -> None:
    vain = diff("x", "wrong_value", expected=1, predicted=2,
                evidence={"expected": [], "predicted": []})  # fmt: skip
    assert absence(vain) == "Neither value stands in the documents."
    vain["evidence"] = {"predicted": []}
    assert absence(vain) == "The predicted value does not stand in the documents."
    assert absence(diff("x", "omission", expected=1)) is None


def test_what_most_errors_of_a_field_share_is_said_with_its_number() -> None:
    missing = diff("x", "omission", expected=1, tags=["missing_item"])
    cases = [
        case("a", [missing, diff("y", "omission", expected=1)]),
        case("b", [missing, diff("y", "omission", expected=1, tags=["renamed_key"])]),
        case("c", [diff("x", "omission", expected=1), diff("y", "omission", expected=1)]),
    ]
    found = {row.name: row.often for row in rank_fields(results(cases), {})}
    assert found == {"x": "missing item: 2 of 3", "y": ""}
