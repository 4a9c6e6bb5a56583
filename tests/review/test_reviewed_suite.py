"""Tests of a suite under review."""

from __future__ import annotations

import json

import pytest

from harness.cases.decisions.decision import Act
from harness.cases.decisions.field_reviews import FieldState
from harness.core.outcomes import Outcome
from harness.core.values import Json
from harness.errors import UsageError
from tests.review.conftest import Desk, approve, decision

FIRST: Json = {"sku": "AX", "qty": 1}
SECOND: Json = {"sku": "BX", "qty": 2}
TRUTH: dict[str, Json] = {"total": 5, "lines": [FIRST, SECOND]}
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {
            "total": {"type": "number"},
            "city": {"type": "string"},
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}},
                },
            },
        },
    }
)


def test_every_leaf_and_every_list_is_a_field_absent_ones_included(desk: Desk) -> None:
    desk.suite({"a": TRUTH})
    desk.write("evals/notes/schema.json", SCHEMA)
    seen = desk.open().case("a")
    assert [(f.path, f.state.value) for f in seen.fields] == [
        ("total", "stated"),
        ("city", "absent"),
        ("lines[0].sku", "stated"),
        ("lines[0].qty", "stated"),
        ("lines[1].sku", "stated"),
        ("lines[1].qty", "stated"),
        ("lines", "stated"),
    ]


def test_a_run_is_shown_beside_the_truth_with_verdict_place_and_extra_items(desk: Desk) -> None:
    answer: Json = {"total": "5", "lines": [{"sku": "CX", "qty": 9}, {"sku": "BX", "qty": 3}]}
    desk.suite({"a": TRUTH})
    desk.write("evals/notes/schema.json", SCHEMA)
    seen = desk.open(desk.run("one", {"a": answer})).case("a")
    said = {field.path: field.runs[0] for field in seen.fields}
    assert (said["total"].outcome, said["total"].value) == (Outcome.FORMAT_ERROR, "5")
    assert (said["lines[1].qty"].value, said["lines[1].qty"].path) == (3, "lines[1].qty")
    assert said["lines[0].sku"].outcome is Outcome.OMISSION
    assert said["lines"].outcome is Outcome.WRONG_VALUE
    (extra,) = seen.extras
    assert (extra.list, extra.value, extra.path) == ("lines", {"sku": "CX", "qty": 9}, "lines[0]")
    assert seen.answers[0].result is not None
    assert seen.answers[0].result.counts.correct == 1


def test_a_decision_is_on_the_disk_and_the_truth_file_follows_when_it_is_settled(
    desk: Desk,
) -> None:
    desk.suite({"a": TRUTH})
    suite = desk.open()
    suite.decide("ann", "a", [decision(Act.SET, ("total",), 7)])
    assert desk.truth("a") == TRUTH
    assert desk.open().case("a").truth == {**TRUTH, "total": 7}
    (done,) = suite.settle()
    assert done.is_written
    assert desk.truth("a") == {**TRUTH, "total": 7}
    before = done.file.read_bytes()
    assert not suite.settle()[0].is_written
    assert done.file.read_bytes() == before


def test_looking_writes_nothing(desk: Desk) -> None:
    desk.suite({"a": TRUTH})
    suite = desk.open(desk.run("one", {"a": TRUTH}))
    before = {path: path.stat().st_mtime_ns for path in desk.root.rglob("*")}
    suite.case("a").evidence()
    suite.settle()
    assert {path: path.stat().st_mtime_ns for path in desk.root.rglob("*")} == before


def test_an_approval_is_bound_to_value_and_document(desk: Desk) -> None:
    desk.suite({"a": TRUTH})
    approve(desk.open(), "a")
    assert {f.state for f in desk.open().case("a").fields} == {FieldState.APPROVED}
    desk.write("ground_truth/notes/a.json", json.dumps({**TRUTH, "total": 6}))
    states = {f.path: f.state for f in desk.open().case("a").fields}
    assert states.pop("total") is FieldState.STATED
    assert set(states.values()) == {FieldState.APPROVED}
    desk.write("evals/notes/documents/a.txt", "another")
    assert {f.state for f in desk.open().case("a").fields} == {FieldState.STATED}


def test_a_file_edited_by_hand_is_not_overwritten_and_the_next_decision_takes_it_in(
    desk: Desk,
) -> None:
    desk.suite({"a": TRUTH})
    suite = desk.open()
    approve(suite, "a")
    edited: Json = {"total": 6, "lines": [SECOND, {"sku": "NEW", "qty": 4}]}
    desk.write("ground_truth/notes/a.json", json.dumps(edited))
    assert desk.open().case("a").truth == edited
    (left,) = desk.open().settle()
    assert (left.is_written, left.hand_edits) == (False, 3)
    assert desk.truth("a") == edited
    suite = desk.open()
    suite.decide("bo", "a", [decision(Act.NOTE, ("total",), why="see page 2")])
    assert suite.case("a").truth == edited
    states = {f.path: [by for by, _ in f.approved] for f in suite.case("a").fields}
    assert states["lines[0].sku"] == ["ann"]
    assert states["total"] == states["lines[1].sku"] == states["lines"] == []
    suite.settle()
    assert desk.truth("a") == edited


def test_a_file_that_was_not_settled_yet_is_no_edit(desk: Desk) -> None:
    desk.suite({"a": TRUTH})
    suite = desk.open()
    suite.decide("ann", "a", [decision(Act.SET, ("total",), 6)])
    suite.decide("ann", "a", [decision(Act.REMOVE, ("lines", "0"))])
    suite.decide("ann", "a", [decision(Act.ADD, ("lines", "n1"), {"sku": "N", "qty": 1})])
    assert desk.open().case("a").hand_edits == ()
    suite.settle()
    assert desk.truth("a") == {"total": 6, "lines": [SECOND, {"sku": "N", "qty": 1}]}


def test_two_windows_that_did_not_see_each_other_leave_a_conflict_with_all_values(
    desk: Desk,
) -> None:
    desk.suite({"a": TRUTH})
    one, other = desk.open(), desk.open()
    head = other.case("a").fields[0].head
    one.decide("ann", "a", [decision(Act.SET, ("total",), 6, sees=head)])
    other.decide("bo", "a", [decision(Act.SET, ("total",), 7, sees=head)])
    total = other.case("a").fields[0]
    assert total.state is FieldState.CONFLICT
    assert [(each.by, each.to) for each in total.conflict] == [("ann", 6), ("bo", 7)]
    other.decide("bo", "a", [decision(Act.SET, ("total",), 7, sees=total.head)])
    assert other.case("a").fields[0].state is FieldState.APPROVED
    assert one.refresh()
    assert one.case("a").truth == {**TRUTH, "total": 7}


def test_names_and_cases_that_cannot_be_are_refused(desk: Desk) -> None:
    desk.suite({"a": TRUTH})
    suite = desk.open()
    for name in ("", "(file)x", "a\nb", " a"):
        with pytest.raises(UsageError, match="no name of a person"):
            suite.decide(name, "a", [])
    with pytest.raises(UsageError, match="no case 'b'"):
        suite.decide("ann", "b", [])


def test_a_decision_about_an_items_key_is_no_edit_of_the_file_it_is_written_to(desk: Desk) -> None:
    """The old and the new item look like two, by the key that pairs them."""
    parts: Json = [{"no": f"HX40-061{n}", "name": f"part {n}"} for n in range(4)]
    desk.suite({"a": {"parts": parts}}, "rules: {parts: {align: key, key: [no]}}")
    suite = desk.open()
    for number, wanted in ((1, "9160-04XH"), (2, "5160-04XH"), (1, "7160-04XH")):
        path = ("parts", str(number), "no")
        seen = suite.case("a").field(path)
        assert seen is not None
        suite.decide("ann", "a", [decision(Act.SET, path, wanted, sees=seen.head)])
        suite.settle(["a"])
    found = desk.truth("a")
    numbers = ("HX40-0610", "7160-04XH", "5160-04XH", "HX40-0613")
    assert found == {"parts": [{"no": no, "name": f"part {n}"} for n, no in enumerate(numbers)]}
    assert [each.do for each in suite.decisions] == [Act.BASE, Act.SET, Act.SET, Act.SET]


@pytest.mark.parametrize("count", [3, 3_000])
def test_who_saw_an_edit_made_by_hand_and_decides_again_contradicts_nobody(
    desk: Desk, count: int
) -> None:
    names = [f"n{n:04}" for n in range(count)]
    desk.suite({"a": dict.fromkeys(names, 1)})
    approve(desk.open(), "a")
    desk.write("ground_truth/notes/a.json", json.dumps(dict.fromkeys(names, 2)))
    suite = desk.open()
    seen = suite.case("a")
    edits = [decision(Act.SET, f.slots, 3, sees=f.head) for f in seen.fields]
    suite.decide("bo", "a", edits)
    decided = suite.case("a")
    assert decided.truth == dict.fromkeys(names, 3)
    assert [field.path for field in decided.fields if field.conflict] == []


@pytest.mark.parametrize("rows", [3, 3_000])
def test_answers_are_compared_anew_once_the_truth_says_something_else_and_not_before(
    desk: Desk, rows: int
) -> None:
    lines: list[Json] = [{"no": n} for n in range(rows)]
    more: list[Json] = [*lines, {"no": -1}]
    desk.suite({"a": {"total": 5, "lines": lines}}, settings="truth: {require: approved}")
    suite = desk.open(desk.run("one", {"a": {"total": 6, "lines": more}}))

    def seen() -> tuple[object, str, object, int]:
        case = suite.case("a")
        (answer,) = case.answers
        total = case.field(("total",))
        assert total is not None
        return answer.result, str(total.runs[0].outcome), answer.counted, len(case.extras)

    result, outcome, counted, extras = seen()
    assert (outcome, counted, extras) == ("wrong_value", None, 1)
    approve(suite, "a", ("total",))
    after, outcome, counted, extras = seen()
    assert after is result
    assert (outcome, counted is not None, extras) == ("wrong_value", True, 1)
    suite.decide("ann", "a", [decision(Act.SET, ("total",), 6)])
    after, outcome, _, _ = seen()
    assert after is not result
    assert outcome == "correct"
    suite.decide("ann", "a", [decision(Act.ADD, ("lines", "x"), {"no": -1}, sees="")])
    assert seen()[3] == 0
