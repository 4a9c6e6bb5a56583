"""Tests of `harness truth approve`, `status`, `log` and `settle`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from harness.cases.decisions.decision import Act
from tests.review.conftest import Desk, approve, decision


def test_a_bulk_approval_is_shown_first_and_taken_back_as_one(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3}}, "truth: {require: approved}")
    shown = desk.harness("truth", "approve", "evals/notes", "--all", "--as", "ann")
    assert "3 fields to approve by ann; to write it down: --yes" in shown.output
    assert not list(desk.root.rglob("*.jsonl"))
    desk.harness("truth", "approve", "evals/notes", "a", "--as", "bo", "--yes")
    done = desk.harness("truth", "approve", "evals/notes", "--all", "--as", "ann", "--yes")
    assert "approved by ann: 3 fields" in done.output
    assert desk.open().case("b").reviewed == (1, 1)
    undone = desk.harness("truth", "approve", "evals/notes", "--undo", "--as", "ann")
    assert "taken back: the approval of 3 fields by ann" in undone.output
    assert desk.open().case("b").reviewed == (0, 1)
    assert desk.open().case("a").reviewed == (2, 2), "what bo approved holds"
    again = desk.harness("truth", "approve", "evals/notes", "--undo", "--as", "ann")
    assert (again.exit_code, "no bulk approval" in again.output) == (2, True)


def test_unanimous_approves_what_every_run_says_and_nothing_else(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2, "k": 3}})
    one = desk.run("one", {"a": {"n": 1, "m": 2, "k": 9}})
    two = desk.run("two", {"a": {"n": 1, "m": 7, "k": 9}})
    runs = ("--unanimous", str(one), "--unanimous", str(two))
    done = desk.harness("truth", "approve", "evals/notes", *runs, "--as", "ann", "--yes")
    assert done.exit_code == 0, done.output
    found = {f.path: [by for by, _ in f.approved] for f in desk.open().case("a").fields}
    assert found == {"n": ["ann"], "m": [], "k": []}


def test_what_is_disputed_is_never_approved_in_bulk(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}})
    desk.open().decide("bo", "a", [decision(Act.DISPUTE, ("n",), why="page 2")])
    done = desk.harness("truth", "approve", "evals/notes", "a", "--as", "ann", "--yes")
    assert "a: 1 field, 1 in doubt left out" in done.output


def test_the_status_counts_fields_and_people(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3, "m": 4}}, "truth: {require: approved}")
    approve(desk.open(), "a")
    desk.open().decide("bo", "b", [decision(Act.SET, ("m",), 5)])
    told = desk.harness("truth", "status", "evals/notes")
    assert "notes: 3 of 4 fields approved by a person; 3 of 4 are scored" in told.output
    found = json.loads(desk.harness("truth", "status", "evals/notes", "--format", "json").stdout)
    assert (found["reviewed"], found["fields_in_all"]) == (3, 4)
    people = {p["person"]: (p["approvals"], p["edits"]) for p in found["people"]}
    assert people == {"ann": (2, 0), "bo": (1, 1)}


def test_the_log_says_who_when_from_what_to_what_and_why(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}})
    suite = desk.open()
    suite.decide("ann", "a", [decision(Act.SET, ("n",), 5, why="page 2")])
    suite.decide("bo", "a", [decision(Act.SET, ("n",), 6)])  # has not seen ann's
    suite.decide("bo", "a", [decision(Act.SET, ("m",), 9)])
    told = desk.harness("truth", "log", "evals/notes", "a", "n").output
    assert "ann  set n\n    1 → 5\n    page 2" in told
    assert "bo  set n (in conflict)\n    5 → 6" in told
    assert "2 → 9" not in told
    (*_, last) = json.loads(
        desk.harness("truth", "log", "evals/notes", "a", "--format", "json").stdout
    )
    assert (last["by"], last["from"], last["to"], last["shown"]) == ("bo", 2, 9, "m")
    lost = desk.harness("truth", "log", "evals/notes", "a", "k")
    assert (lost.exit_code, "no field at 'k'" in lost.output) == (2, True)


def test_settle_writes_once_and_leaves_hand_edits_alone_until_somebody_takes_them(
    desk: Desk,
) -> None:
    desk.suite({"a": {"n": 1}, "b": {"n": 2}})
    desk.open().decide("ann", "a", [decision(Act.SET, ("n",), 5)])
    settle = ("truth", "settle", "evals/notes")
    assert "1 truth written, 1 as they were" in desk.harness(*settle).output
    assert "0 truths written, 2 as they were" in desk.harness(*settle).output
    desk.write("ground_truth/notes/a.json", '{"n": 7}')
    left = desk.harness(*settle)
    assert "1 edit by hand; --as NAME takes them in" in left.output
    assert desk.truth("a") == {"n": 7}
    desk.harness(*settle, "--as", "bo")
    assert desk.open().case("a").hand_edits == ()
    assert desk.truth("a") == {"n": 7}


def test_a_dispute_noted_beside_the_truth_holds_until_the_truth_says_something_else(
    desk: Desk,
) -> None:
    desk.suite({"a": {"n": 1, "m": 2}})
    run = desk.run("one", {"a": {"n": 4, "m": 2}})
    desk.harness("truth", "dispute", run.name, "a", "n", "--why", "page 2")
    (first, second) = desk.open().case("a").fields
    assert (first.state.value, second.state.value) == ("disputed", "stated")
    assert first.dispute is not None
    assert (first.dispute.by, first.dispute.why) == ("one", "page 2")
    exported = json.loads(desk.harness("truth", "export", run.name, "--case", "a").stdout)
    assert exported["cases"][0]["fields"][0]["state"] == "disputed"
    desk.write("ground_truth/notes/a.json", '{"n": 4, "m": 2}')
    assert desk.open().case("a").fields[0].state.value == "stated"
    desk.write("ground_truth/notes/a.json", '{"n": 1, "m": 2}')
    approve(desk.open(), "a", ("n",))
    assert desk.open().case("a").fields[0].state.value == "approved"


def test_the_log_says_which_field_one_approval_is_of(desk: Desk) -> None:
    desk.suite({"a": {"total": 5, "city": "Oslo"}})
    approve(desk.open(), "a", ("city",))
    told = desk.harness("truth", "log", "evals/notes", "a").output
    assert "ann  approve city" in told
    approve(desk.open(), "a")
    assert "ann  approve 2 fields" in desk.harness("truth", "log", "evals/notes", "a").output


@pytest.mark.parametrize("address", ["", "postgresql://me@db.example.org/harness"])
def test_who_has_a_database_is_told_how_decisions_get_there(desk: Desk, address: str) -> None:
    desk.suite({"a": {"n": 1}})
    command = [sys.executable, "-m", "harness", "review", "evals/notes", "--as", "x", "--port", "0"]
    given = {**os.environ, "HARNESS_DB": address}
    with subprocess.Popen(
        command, cwd=desk.root, env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert "http://127.0.0.1" in server.stdout.readline()
        assert server.stderr is not None
        first = server.stderr.readline()
        second = server.stderr.readline() if address else ""
        server.kill()
    assert "harness truth status evals/notes" in first
    assert ("harness truth publish evals/notes" in second) == bool(address)
