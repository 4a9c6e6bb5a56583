"""Lists written as one text, and numbers on other scales: units and angles."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core.comparators.by_name import comparator_for
from harness.core.comparators.delimited import DELIMITERS, read_items
from harness.core.rules.field_rule import FieldRule


def same(expected: Any, predicted: Any, **settings: Any) -> bool:  # noqa: ANN401  # any JSON
    diff = harness.score({"f": expected}, {"f": predicted}, None, {"f": settings}).diffs[0]
    return diff.outcome is harness.Outcome.CORRECT or diff.value_equal


@pytest.mark.parametrize(
    ("expected", "predicted", "as_set", "as_bag"),
    [
        ("red, green", "Green,  RED", True, True),
        ("red, green", "red; green", True, True),
        ("red, green", "- red\n- green", True, True),
        ("red | green", "red / green", True, True),
        ("red, red, green", "green, red", True, False),
        ("red, red, green", "red, green, red", True, True),
        ("red", "red", True, True),
        ("red,", "red", True, True),
        ("red,\ngreen,\nblue", "blue, green, red", True, True),
        ("red, green", "red, blue", False, False),
        ("red, green", "red", False, False),
        ("Doe, Jane; Roe, Ann", "Roe, Ann; Doe, Jane", False, False),
        ("1,234", "234,1", False, False),
    ],
)
def test_a_set_ignores_order_and_repetition_and_a_bag_ignores_order(
    expected: str,
    predicted: str,
    as_set: bool,  # noqa: FBT001  # a column
    as_bag: bool,  # noqa: FBT001  # columns
) -> None:
    assert same(expected, predicted, compare="set") is as_set
    assert same(predicted, expected, compare="set") is as_set
    assert same(expected, predicted, compare="bag") is as_bag
    assert same(predicted, expected, compare="bag") is as_bag


def test_a_declared_delimiter_is_the_only_one() -> None:
    assert same("Doe, Jane; Roe, Ann", "Roe, Ann; Doe, Jane", compare="set", delimiter=";")
    assert not same("a, b", "b, a", compare="set", delimiter=";")
    assert read_items(" ;; ", ";") is None


def test_similarity_is_the_share_of_common_items_and_a_threshold_lets_it_do() -> None:
    for name, near in (("set", 1 / 3), ("bag", 0.5)):
        comparator = comparator_for(name, FieldRule(), {})
        assert comparator.near(comparator.read("a, b"), comparator.read("b, c")) == near
    assert same("a, b", "b, c", compare="bag", threshold=0.5)
    assert not same("a, b", "b, c", compare="bag", threshold=0.5, bound=">")
    assert same("a, b", "b, a", compare="set", threshold=1, bound=">")
    assert not same("a, b", "b, c", compare="set", threshold=0.5)


def test_a_list_of_texts_that_cannot_be_told_apart_is_its_own_text_only() -> None:
    assert same("Doe, Jane; Roe", "doe, jane; ROE", compare="set")
    assert comparator_for("set", FieldRule(), {}).read(None) is None


@given(st.text(max_size=40), st.sampled_from([None, ";", ", "]))
def test_reading_items_never_raises_and_none_of_them_is_empty(text: str, mark: str | None) -> None:
    items = read_items(text, mark)
    assert items is None or all(items)


words = st.text(alphabet="abc xyz", min_size=1, max_size=6).filter(str.strip)


@given(st.lists(words, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_any_order_with_any_delimiter_is_the_same_bag(items: list[str], rng: Any) -> None:  # noqa: ANN401  # hypothesis's own
    again = [*items]
    rng.shuffle(again)
    one, other = (rng.choice(DELIMITERS).join(each) for each in (items, again))
    assert same(one, other, compare="bag")
    assert same(one, other, compare="set")


@pytest.mark.parametrize(
    ("expected", "predicted", "equal"),
    [
        (0.5, "500 g", True),
        ("0.5 kg", "500g", True),
        (2000, "2 t", True),
        ("1,200 kg", 1200, True),
        ("-5 kg", "\u22125", True),
        (0.5, "500 kg", False),
        (0.5, "0.5 lb", False),
        (500, "500 G", False),
        (5, "$5", False),
        (5, "5 kg 0 g", False),
        (5, "five kg", False),
        (5.2, "5.2.1 kg", False),
    ],
)
def test_a_unit_is_converted_only_if_declared(
    expected: object,
    predicted: object,
    equal: bool,  # noqa: FBT001  # a column
) -> None:
    units = {"kg": 1, "g": 0.001, "t": 1000}
    assert same(expected, predicted, compare="number", units=units) is equal


@pytest.mark.parametrize(
    ("expected", "predicted", "settings", "equal"),
    [
        (359, 1, {"absolute": 2}, True),
        (359, 1, {"absolute": 1}, False),
        (0, 360, {}, True),
        (-90, 270, {}, True),
        (720.5, 0.5, {}, True),
        (90, 91, {}, False),
        ("359\u00b0", 1, {"absolute": 2}, True),
        (23.5, 0.25, {"absolute": 1, "period": 24}, True),
        (10, "north", {"absolute": 180}, False),
        (1, True, {"absolute": 180}, False),
        ("1,5", "361,5", {"decimal": ","}, True),
    ],
)
def test_angles_begin_again_at_the_period(
    expected: object,
    predicted: object,
    settings: dict[str, object],
    equal: bool,  # noqa: FBT001
) -> None:
    assert same(expected, predicted, compare="circular", **settings) is equal


def test_opposite_angles_are_as_far_apart_as_can_be() -> None:
    circular = comparator_for("circular", FieldRule(), {})
    assert circular.near(circular.read(10), circular.read(190)) == 0.0
    assert circular.near(circular.read(350), circular.read(35)) == 0.75
    assert circular.read(float("inf")) is None


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(0, 180))
def test_circular_sameness_has_no_sides(one: float, other: float, absolute: float) -> None:
    circular = comparator_for("circular", FieldRule(absolute=absolute), {})
    assert circular.same is not None
    a, b = circular.read(one), circular.read(other)
    assert circular.same(a, a)
    assert circular.same(a, b) == circular.same(b, a)
