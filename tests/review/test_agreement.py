"""Tests of `harness truth agreement`."""

from __future__ import annotations

import json
import random
import re
from datetime import date, timedelta
from typing import Any

import pytest

from harness.cases.decisions.decision import Act
from harness.core.values import Json
from harness.review.reviewer_agreement import SETTLED, Figure, reviewer_agreement
from harness.review.web.screens.drift_chart import drift_chart
from harness.review.weekly_agreement import EVERYBODY, WeekOfWork, week_of, weekly_agreement
from tests.review.conftest import Desk, approve, decision


def test_two_reviewers_are_compared_by_our_own_scorer(desk: Desk) -> None:
    # Of 4 fields both give, 3 are the same: TP 3, FP 1, FN 1; F1 = 6/8.
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3, "m": 4}})
    approve(desk.open(), "a", person="ann")
    approve(desk.open(), "b", person="ann")
    suite = desk.open()
    approve(suite, "a", ("n",), person="bo")
    suite.decide("bo", "a", [decision(Act.SET, ("m",), 9)])
    approve(suite, "b", person="bo")
    found = reviewer_agreement(desk.open())
    pairs = {(pair.first, pair.second): pair for pair in found.pairs}
    pair = pairs["ann", "bo"]
    assert (pair.fields, pair.cases, pair.f1.value, pair.unseen) == (4, 2, 0.75, 0)
    assert pairs["bo", SETTLED].f1.value == 1.0
    assert pairs["ann", SETTLED].f1.value == 0.75
    assert [(each.name, each.fields, each.agree) for each in found.fields] == [
        ("m", 2, 1),
        ("n", 2, 2),
    ]
    told = desk.harness("truth", "agreement", "evals/notes").output
    assert "ann" in told
    assert "75.0 %" in told
    stored = json.loads(
        desk.harness("truth", "agreement", "evals/notes", "--format", "json").stdout
    )
    assert stored["pairs"][0]["f1"]["value"] == 0.75


@pytest.mark.parametrize("count", [3, 3_000])
def test_what_two_people_contradict_each_other_about_is_no_settled_truth(
    desk: Desk, count: int
) -> None:
    # Whoever came first stands in the truth until somebody settles it: that makes nobody right.
    names = [f"n{n:04}" for n in range(count)]
    truth: Json = {**dict.fromkeys(names, 1), "m": 2}
    desk.suite({"a": truth})
    for person, value in (("ann", 5), ("bo", 6)):
        says = [decision(Act.SET, (name,), value) for name in names]
        desk.open().decide(person, "a", [*says, decision(Act.SET, ("m",), 3)])
    pairs = {(pair.first, pair.second): pair for pair in reviewer_agreement(desk.open()).pairs}
    assert {names: pair.fields for names, pair in pairs.items()} == {
        ("ann", "bo"): count + 1,
        ("ann", SETTLED): 1,
        ("bo", SETTLED): 1,
    }
    weeks = {each.person: each for each in weekly_agreement(desk.open())}
    assert (weeks["ann"].fields, weeks["bo"].fields) == (1, 1)


def test_items_that_one_added_and_another_called_not_there_are_a_difference(desk: Desk) -> None:
    desk.suite({"a": {"lines": [{"x": 1}]}})
    approve(desk.open(), "a", person="ann")
    item = decision(Act.ADD, ("lines", "new"), {"x": 2})
    desk.open().decide("bo", "a", [item])
    approve(desk.open(), "a", ("lines", "0", "x"), person="bo")
    (pair,) = [p for p in reviewer_agreement(desk.open()).pairs if p.second == "bo"]
    # x of the first item is the same, that of the new one only bo has: F1 = 2/3.
    assert pair.fields == 2
    assert pair.f1.value == pytest.approx(2 / 3)


def test_what_was_given_blind_is_told_apart(desk: Desk) -> None:
    desk.suite({"a": {"n": 1}})
    suite = desk.open()
    for person in ("ann", "bo"):
        suite.decide(person, "a", [decision(Act.SET, ("n",), 1, blind=True)])
    found = reviewer_agreement(desk.open())
    assert next(pair.unseen for pair in found.pairs if pair.second == "bo") == 1


def test_two_scripted_reviewers_with_errors_of_their_own_agree_as_often_as_they_should(
    desk: Desk,
) -> None:
    # 5 % own errors each: both right, or wrong alike by chance, in about 0.95 * 0.95 = 90 %.
    draw = random.Random(1)
    truth: dict[str, Json] = {f"f{n:02d}": draw.randrange(100) for n in range(40)}
    cases = [f"c{n}" for n in range(10)]
    desk.suite(dict.fromkeys(cases, truth))
    suite = desk.open()
    wrong = {"ann": set[tuple[str, str]](), "bo": set[tuple[str, str]]()}
    for person, mine in wrong.items():
        for case in cases:
            said = [
                decision(Act.SET, (name,), value if draw.random() > 0.05 else 1000 + len(mine))
                for name, value in truth.items()
            ]
            mine |= {(case, d.path[0]) for d in said if d.to != truth[d.path[0]]}
            suite.decide(person, case, said)
    found = reviewer_agreement(desk.open())
    pair = next(p for p in found.pairs if (p.first, p.second) == ("ann", "bo"))
    differ = len(wrong["ann"] ^ wrong["bo"])
    assert 10 < differ < 70
    assert pair.fields == 400
    assert pair.f1.value == pytest.approx((400 - differ) / 400, abs=0.005)
    assert pair.f1.interval is not None
    assert pair.f1.value is not None
    low, high = pair.f1.interval
    assert low < pair.f1.value < high


@pytest.mark.parametrize("size", [3, 3_000])
def test_how_often_each_person_was_right_is_told_week_by_week(desk: Desk, size: int) -> None:
    # ann is right everywhere in the first week; in the second bo changes every third field, and
    # the truth is then as bo says. Fields of both are those of the week of the last word.
    names = [f"n{n:04}" for n in range(size)]
    desk.suite({"a": dict.fromkeys(names, 1), "b": {"x": 1}})
    suite = desk.open()
    approve(suite, "a", person="ann")
    wrong = decision(Act.SET, ("x",), 2)
    suite.decide("ann", "b", [wrong])
    file = desk.root / "ground_truth/notes/review/ann.jsonl"
    before = file.read_text("utf-8")
    file.write_text(re.sub(r'"at":"[^"]*"', '"at":"2026-11-20T10:00:00Z"', before), "utf-8")
    suite = desk.open()
    suite.decide("bo", "a", [decision(Act.SET, (name,), 5) for name in names[::3]])
    weeks = {(each.week, each.person): each for each in weekly_agreement(desk.open())}
    first, (now,) = "2026-W47", {week for week, person in weeks if person == "bo"}
    changed = len(names[::3])
    assert weeks[first, "ann"].fields == size + 1
    right = size + 1 - changed
    assert weeks[first, "ann"].f1.value == pytest.approx(right / (size + 1))
    assert (weeks[now, "bo"].fields, weeks[now, "bo"].f1.value) == (changed, 1.0)
    assert weeks[now, EVERYBODY].fields == changed
    assert (first, EVERYBODY) not in weeks
    told = desk.harness("truth", "agreement", "evals/notes", "--by", "week").output
    assert "2026-W47" in told
    assert "all together" in told


@pytest.mark.parametrize("count", [3, 300])
def test_drift_is_drawn_week_by_week_with_gaps_where_nobody_worked(count: int) -> None:
    # Weeks 0, 2, 4, ... after the first of 2024; ann alone, then a week of all together.
    monday = date(2024, 1, 1)
    weeks = [week_of(f"{monday + timedelta(weeks=2 * n)}T00:00:00+00:00") for n in range(count)]
    nothing = Figure(None, None)
    right = [Figure(0.95 - 0.2 * (n % 2), (0.64, 1.0)) for n in range(count)]
    rows = [WeekOfWork(w, "ann", 2, 9, f1, nothing) for w, f1 in zip(weeks, right, strict=True)]
    assert drift_chart(rows[:1]) is None
    drawn: Any = drift_chart([*rows, WeekOfWork(weeks[-1], EVERYBODY, 2, 9, nothing, right[0])])
    ann, together = drawn["lines"]
    last = min(2 * count - 1, 520)
    assert (len(drawn["weeks"]), drawn["weeks"][-1]) == (last, weeks[-1])
    assert [point[0] for point in ann["points"]][-2:] == [last - 3, last - 1]
    assert (ann["low"], ann["scale"]) == (0.6, "60.0 % to 100 %")
    assert ann["points"][0][1:4] in ([0.95, 0.64, 1.0], [0.75, 0.64, 1.0])
    assert together["points"] == [[last - 1, 0.95, 0.64, 1.0, f"{weeks[-1]}: 0.95"]]
