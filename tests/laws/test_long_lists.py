"""Laws of lists at every length: equal to their copies, in any order, and no cliff anywhere.

All lengths up to 5,000 rows: `pytest tests/laws/test_long_lists.py --all-sizes`.
"""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest

from harness import Plan
from harness.core.rules.field_rule import parse_rules
from harness.core.values import Json
from tests.laws.long_lists import SHAPES, SIZES, misread, schema_of

IN_THE_GATE = (3, 142)
AT_MOST = 633
"""Up to here misread lists are paired in any order of rows and sides alike."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "size" in metafunc.fixturenames:
        sizes = SIZES if metafunc.config.getoption("--all-sizes", default=False) else IN_THE_GATE
        metafunc.parametrize("size", sizes)


def _plan(name: str, *, with_schema: bool) -> Plan:
    shape = SHAPES[name]
    return Plan(schema_of(shape) if with_schema else None, parse_rules(shape.rules))


def _document(rows: list[Any]) -> Json:
    return {"rows": rows}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("with_schema", [True, False], ids=["schema", "no schema"])
def test_a_list_equals_its_copy_in_any_order(name: str, size: int, *, with_schema: bool) -> None:
    rows = SHAPES[name].rows(Random(size), size)
    shuffled = copy.deepcopy(rows)
    Random(1).shuffle(shuffled)
    result = _plan(name, with_schema=with_schema).score(_document(rows), _document(shuffled))
    assert result.f1 == 1.0
    assert not result.counts.value_equal


@pytest.mark.parametrize("name", SHAPES)
def test_sides_and_orders_and_keys_change_no_count(name: str, size: int) -> None:
    """Swapped sides swap omissions and hallucinations; shuffled rows and renamed keys nothing."""
    size = min(size, AT_MOST)
    plan, rows = _plan(name, with_schema=False), SHAPES[name].rows(Random(size), size)
    other = misread(Random(2), rows[1:], 0.05)
    assert isinstance(other, list)
    counts = plan.score(_document(rows), _document(other)).counts
    swapped = plan.score(_document(other), _document(rows)).counts
    assert (swapped.correct, swapped.omission) == (counts.correct, counts.hallucination)
    assert swapped.hallucination == counts.omission
    shuffled = other[:]
    Random(3).shuffle(shuffled)
    assert plan.score(_document(rows), _document(shuffled)).counts.correct == counts.correct


@pytest.mark.parametrize("name", SHAPES)
def test_one_row_more_changes_f1_by_no_more_than_a_row(name: str, size: int) -> None:
    plan, rows = _plan(name, with_schema=False), SHAPES[name].rows(Random(4), size + 1)
    other = misread(Random(5), rows, 0.1)
    assert isinstance(other, list)
    shorter = plan.score(_document(rows[:size]), _document(other[:size]))
    longer = plan.score(_document(rows), _document(other))
    assert longer.f1 is not None
    assert longer.f1 == pytest.approx(shorter.f1, abs=2 / size)


@pytest.mark.parametrize("name", ["table", "boxes", "ring", "rows with cells", "orders"])
def test_a_list_of_two_thousand_rows_equals_its_copy(name: str) -> None:
    rows = SHAPES[name].rows(Random(7), 2000)
    result = Plan().score(_document(rows), _document(copy.deepcopy(rows)[::-1]))
    assert (result.f1, result.approximate) == (1.0, ())


@pytest.mark.parametrize("rows", [632, 633, 900])
def test_rows_that_share_only_a_constant_are_paired_at_any_length(rows: int) -> None:
    """`currency` is right in every row and `n` in none: 1 of 2, approximate past the budget."""
    truth = [{"n": i, "currency": "USD"} for i in range(rows)]
    answer = [{"n": -1 - i, "currency": "USD"} for i in range(rows)]
    assert Plan().score(_document(truth), _document(answer)).f1 == 0.5


@pytest.mark.parametrize("align", ["best", "sequence", "position"])
def test_a_table_of_a_thousand_rows_with_one_cell_misread_has_one_wrong_value(align: str) -> None:
    rows = SHAPES["table"].rows(Random(6), 1000)
    other = copy.deepcopy(rows)
    other[500][0] = "misread"
    result = Plan(None, parse_rules({"rows": {"align": align}})).score(
        _document(rows), _document(other)
    )
    counts = result.counts
    assert (counts.correct, counts.omission, counts.hallucination) == (3999, 1, 1)
    assert result.approximate == ()


def test_a_pairing_beyond_doubt_is_not_called_approximate() -> None:
    """Two common values in 1,000 rows that a rare third tells apart."""
    rows = [{"id": f"a{i}", "kind": "k", "currency": "USD", "n": i} for i in range(1000)]
    other = [{**row, "n": -1} for row in rows]
    result = Plan().score(_document(rows), _document(other))
    assert (result.counts.correct, result.approximate) == (3000, ())
