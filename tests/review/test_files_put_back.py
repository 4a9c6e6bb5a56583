"""A truth file that somebody put back by hand is an edit; one that git merged is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.cases.decisions.decision import Act
from harness.core.values import Json
from harness.review.reviewed_suite import ReviewedSuite
from tests.review.conftest import Desk, decision

FILE = "ground_truth/notes/a.json"


def _set(suite: ReviewedSuite, person: str, path: tuple[str, ...], to: Json) -> None:
    """Decide as the server does: the file is written at once."""
    field = suite.case("a").field(path)
    assert field is not None
    suite.decide(person, "a", [decision(Act.SET, path, to, sees=field.head)])
    suite.settle(["a"])


@pytest.mark.parametrize("rows", [3, 3_000])
def test_a_value_put_back_by_hand_is_left_alone_and_told(desk: Desk, rows: int) -> None:
    lines: list[Json] = [{"no": n, "amount": n * 10} for n in range(rows)]
    desk.suite({"a": {"total": 5, "lines": lines}})
    suite = desk.open()
    _set(suite, "ann", ("total",), 6)
    _set(suite, "ann", ("lines", "1", "amount"), 11)
    before = json.loads(Path(FILE).read_text("utf-8"))
    before["lines"][1]["amount"] = 10
    desk.write(FILE, json.dumps(before))
    (left,) = desk.open().settle()
    assert (left.is_written, left.hand_edits) == (False, 1)
    assert desk.truth("a") == before
    told = desk.harness("truth", "settle", "evals/notes")
    assert "1 edit by hand; --as NAME takes them in" in told.output
    (taken,) = desk.open().settle(person="bo")
    assert taken.hand_edits == 1
    assert desk.truth("a") == before
    assert desk.open().case("a").truth == before


def test_a_file_put_back_as_a_whole_stays_put_back(desk: Desk) -> None:
    desk.suite({"a": {"total": 5, "city": "Bern"}})
    first = Path(FILE).read_bytes()
    suite = desk.open()
    _set(suite, "ann", ("total",), 6)
    second = Path(FILE).read_bytes()
    _set(suite, "ann", ("total",), 7)
    for earlier in (first, second):
        Path(FILE).write_bytes(earlier)
        (left,) = desk.open().settle()
        assert (left.is_written, left.hand_edits) == (False, 1)
        assert Path(FILE).read_bytes() == earlier


def test_a_decision_that_was_killed_before_the_file_was_written_is_no_edit(desk: Desk) -> None:
    desk.suite({"a": {"total": 5}})
    desk.open().decide("ann", "a", [decision(Act.SET, ("total",), 6)])
    (done,) = desk.open().settle()
    assert (done.is_written, done.hand_edits) == (True, 0)
    assert desk.truth("a") == {"total": 6}
    desk.write(FILE, '{"total": 5}')
    assert desk.open().settle()[0].hand_edits == 1


@pytest.mark.parametrize("kept", ["ours", "theirs", "both", "pieces"])
def test_whatever_side_git_kept_of_a_file_the_merged_logs_are_settled(
    desk: Desk, kept: str
) -> None:
    desk.suite({"a": {"total": 5, "city": "Bern", "lines": [{"no": 1}]}})
    suite = desk.open()
    _set(suite, "ann", ("total",), 6)
    start = desk.truth("a")
    shutil.copytree("ground_truth", "theirs")
    _set(suite, "ann", ("city",), "Basel")
    suite.decide("ann", "a", [decision(Act.ADD, ("lines", "x"), {"no": 2}, sees="")])
    suite.settle(["a"])
    ours = desk.truth("a")
    shutil.move("ground_truth", "ours")
    shutil.move("theirs", "ground_truth")
    other = desk.open()
    _set(other, "bo", ("total",), 8)
    theirs = desk.truth("a")
    for file in Path("ours/notes/review").glob("*.jsonl"):  # what a union merge leaves
        mine = Path("ground_truth/notes/review", file.name)
        known = mine.read_text("utf-8").splitlines(keepends=True) if mine.is_file() else []
        fresh = file.read_text("utf-8").splitlines(keepends=True)
        mine.write_text("".join([*known, *(e for e in fresh if e not in known)]), "utf-8")
    merged: Json = {"total": 8, "city": "Basel", "lines": [{"no": 1}, {"no": 2}]}
    assert isinstance(ours, dict)
    mixed: Json = {**ours, "total": 8, "lines": [{"no": 1}]}
    file_says = {"ours": ours, "theirs": theirs, "both": mixed, "pieces": start}[kept]
    desk.write(FILE, json.dumps(file_says))
    (done,) = desk.open().settle()
    assert (done.hand_edits, desk.truth("a")) == (0, merged)
    _set(desk.open(), "cy", ("city",), "Chur")
    desk.write(FILE, json.dumps(merged))
    assert desk.open().settle()[0].hand_edits == 1


def test_the_log_of_a_bulk_approval_tells_of_no_edit(desk: Desk) -> None:
    desk.suite({"a": {"total": 5}})
    done = desk.harness("truth", "approve", "evals/notes", "a", "--yes", "--as", "ann")
    assert done.exit_code == 0, done.output
    told = desk.harness("truth", "log", "evals/notes", "a").output
    assert "edited in the file" not in told
    assert "began with the truth file" in told
