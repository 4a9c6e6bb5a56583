"""Signs beside confidences that rank what a person looks at, and the ceiling of any order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from harness.cases.schemas.checked_values import broken_values
from harness.cases.schemas.field_checks import parse_check
from harness.confidence.draft_values import DraftAnswer
from harness.confidence.observations import COMBINED, Observations, ValueKind
from harness.confidence.routing import caught_by_effort, errors_by_case, route
from harness.core.statistics.combined_confidence import SignalledValue
from harness.core.values import Json
from tests.confidence.test_combined import drawn


def unanimous(documents: int) -> Observations:
    """Return values that all are sure of; two wrong ones in three break a check, few right ones."""
    observed = drawn(documents)
    values = []
    for place, one in enumerate(observed.values):
        is_wrong = one.kind is not ValueKind.RIGHT
        broken = int(place % 3 != 0) if is_wrong else int(place % 20 == 0)
        values.append(replace(one, sources={"votes": 1.0}, broken=broken))
    return replace(observed, values=tuple(values))


@pytest.mark.parametrize("documents", [30, 300])
def test_errors_that_all_agree_on_are_found_by_the_checks_they_break(documents: int) -> None:
    observed = unanimous(documents)
    blind = replace(observed, values=tuple(replace(o, broken=0) for o in observed.values))
    (found,), (before,) = (caught_by_effort(each, [0.15]) for each in (observed, blind))
    assert found.caught > before.caught + 0.2
    assert found.caught > 0.5


@pytest.mark.parametrize("documents", [3, 300])
def test_no_order_finds_more_than_the_ceiling_says(documents: int) -> None:
    observed = drawn(documents)
    first = replace(observed.values[0], kind=ValueKind.WRONG)
    observed = replace(observed, values=(first, *observed.values[1:]))
    wrong = sum(one.kind is not ValueKind.RIGHT for one in observed.values)
    for found in caught_by_effort(observed, [0.01, 0.2, 1.0]):
        looked = round(found.effort * len(observed.values))
        assert found.at_best == min(looked, wrong) / wrong
        assert found.caught <= found.at_best <= 1


@pytest.mark.parametrize("documents", [3, 300])
def test_a_field_that_several_replicates_answer_is_looked_at_once(documents: int) -> None:
    one = drawn(documents)
    again = [
        replace(each, replicate=number, confidence=each.confidence / (number + 1))
        for number in range(3)
        for each in one.values
    ]
    listed = route(replace(one, values=tuple(again)), 1.0)
    assert len(listed) == len({(each.case, each.path) for each in one.values})
    assert len(listed) == len({(each.case, each.path) for each in listed})
    errors = [each.error for each in listed]
    assert errors == sorted(errors, reverse=True)


def test_where_nothing_is_wrong_there_is_nothing_to_find() -> None:
    right = tuple(replace(one, kind=ValueKind.RIGHT) for one in drawn(30).values)
    (found,) = caught_by_effort(replace(drawn(30), values=right), [0.2])
    assert (found.caught, found.at_best) == (0, 0)


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_broken_check_is_about_the_values_it_names_in_its_own_row(rows: int) -> None:
    lines: list[Json] = [
        {"price": n, "count": 2, "amount": 2 * n, "text": "x"} for n in range(rows)
    ]
    lines[1] = {"price": 5, "count": 2, "amount": 11, "text": "y"}
    value: Json = {"lines": lines, "total": 1, "name": "n"}
    by_row = parse_check("lines[].price * lines[].count = lines[].amount")
    assert broken_values([by_row], value) == Counter(
        {f"lines[1].{name}": 1 for name in ("price", "count", "amount")}
    )
    whole = broken_values([by_row, parse_check("sum(lines[].amount) = total")], value)
    assert whole["lines[1].amount"] == 2
    assert (whole["total"], whole["name"], whole["lines[0].text"]) == (1, 0, 0)
    assert whole["lines[2].amount"] == 1, "one of the summands is wrong: any may be"


def drafts(number: int) -> list[DraftAnswer]:
    answers = []
    for n in range(number):
        share = 2 / 3 if n % 3 == 0 else 1.0
        values = (
            SignalledValue("total", "total", {"votes": share}, broken=float(n == 1)),
            SignalledValue("name", "name", {"votes": 1.0}),
        )
        answers.append(DraftAnswer(f"c{n:04}", 1, values, (None, "x")))
    return answers


@pytest.mark.parametrize("number", [3, 3_000])
def test_drafts_are_ranked_without_any_truth_broken_checks_and_doubts_first(number: int) -> None:
    listed = route(Observations(COMBINED, ()), 1.0, drafts=drafts(number))
    assert len(listed) == 2 * number
    assert (listed[0].case, listed[0].path, listed[0].broken) == ("c0001", "total", 1)
    doubted = [one for one in listed if one.confidence < 1]
    assert listed[1 : 1 + len(doubted)] == doubted


def test_drafts_stand_among_scored_values_by_what_these_taught() -> None:
    observed = drawn(60)
    sure, unsure = (
        DraftAnswer(case, 1, (SignalledValue("f0", "f0", {"votes": p, "stated": p}),), ("",))
        for case, p in (("x", 0.99), ("y", 0.02))
    )
    listed = route(observed, 1.0, drafts=[sure, unsure])
    assert len(listed) == len(observed.values) + 2
    place = {one.case: n for n, one in enumerate(listed)}
    assert place["y"] < len(listed) // 10 < place["x"]
    errors = errors_by_case(observed, [sure, unsure])
    assert errors["y"] > 0.5 > errors["x"]
