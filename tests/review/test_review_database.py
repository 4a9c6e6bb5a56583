"""The decisions of reviewers in a real PostgreSQL server, made of the files at any time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cases.decisions.case_fold import fold_decisions
from harness.cases.decisions.decision import Act
from harness.core.number_text import counted
from harness.core.values import Json
from harness.review.review_database import publish_reviews, published_decisions
from harness.run.history.database import DatabaseRow, server
from tests.review.conftest import Desk, approve, decision


@pytest.fixture
def empty(database: str) -> str:
    with server(database) as session:
        for name in ("events", "fields", "version"):
            session.write(f"DROP TABLE IF EXISTS harness_review_{name}")
    return database


def query(url: str, sql: str) -> list[DatabaseRow]:
    with server(url) as session:
        return session.read(sql, {})


@pytest.mark.parametrize("size", [3, 3_000])
def test_the_database_has_the_same_decisions_and_so_the_same_truths(
    desk: Desk, empty: str, size: int
) -> None:
    lines: list[Json] = [{"no": n, "text": f"it's %s :no {n} \U0001f600"} for n in range(size // 2)]
    desk.suite({"a": {"total": 5, "lines": lines}, "b": {"total": 7}})
    suite = desk.open()
    approve(suite, "a")
    suite.decide("bo", "b", [decision(Act.SET, ("total",), 8)])
    suite.settle()
    done = desk.harness("truth", "publish", "evals/notes", "--db", empty)
    assert done.exit_code == 0, done.output
    fields = 2 + 2 * (size // 2) + 1
    assert done.output == f"4 decisions, 4 of them new, {counted(fields, 'field')}\n"
    with server(empty) as session:
        found = published_decisions(session, "notes")
    assert tuple(found) == desk.open().decisions
    histories = fold_decisions(found)
    assert {case: histories[case].value() for case in "ab"} == {c: desk.truth(c) for c in "ab"}
    (row,) = query(empty, "SELECT * FROM harness_review_fields WHERE case_id = 'b'")
    assert (row["state"], row["approved_by"], row["value"]) == ("approved", '["bo"]', "8")
    again = desk.harness("truth", "publish", "evals/notes", "--db", empty)
    assert again.output.startswith("4 decisions, 0 of them new")


def test_two_people_add_their_decisions_and_nobody_deletes_anothers(desk: Desk, empty: str) -> None:
    desk.suite({"a": {"total": 5}, "b": {"total": 7}})
    approve(desk.open(), "a")
    logs = Path("ground_truth/notes/review")
    desk.harness("truth", "publish", "evals/notes", "--db", empty)
    kept = (logs / "ann.jsonl").read_text("utf-8")
    (logs / "ann.jsonl").unlink()  # another clone, which has not pulled
    approve(desk.open(), "b", person="bo")
    behind = desk.harness("truth", "publish", "evals/notes", "--db", empty)
    assert "the database has 2 decisions that these files do not have" in behind.output
    count = "SELECT person FROM harness_review_events WHERE act = 'approve' ORDER BY person"
    assert [row["person"] for row in query(empty, count)] == ["ann", "bo"]
    by = "SELECT approved_by FROM harness_review_fields ORDER BY case_id"
    assert [json.loads(str(row["approved_by"])) for row in query(empty, by)] == [["ann"], []]
    (logs / "ann.jsonl").write_text(kept, "utf-8")
    desk.harness("truth", "publish", "evals/notes", "--db", empty)
    assert [json.loads(str(row["approved_by"])) for row in query(empty, by)] == [["ann"], ["bo"]]


def test_all_rows_can_be_made_anew_of_the_files(desk: Desk, empty: str) -> None:
    desk.suite({"a": {"total": 5}})
    suite = desk.open()
    approve(suite, "a")
    last = suite.decisions[-1]
    desk.harness("truth", "publish", "evals/notes", "--db", empty)
    suite.decide("ann", "a", [decision(Act.WITHDRAW, of=last.id)])
    desk.harness("truth", "publish", "evals/notes", "--db", empty)
    before = query(empty, "SELECT * FROM harness_review_events ORDER BY id")
    assert [row["withdrawn"] for row in before] == [0, 1, 0]
    fields = query(empty, "SELECT * FROM harness_review_fields")
    with server(empty) as session:
        session.write("UPDATE harness_review_events SET person = 'mallory', line = '{}'")
        session.write("DELETE FROM harness_review_fields")
        publish_reviews(desk.open(), session, rebuild=True)
    assert query(empty, "SELECT * FROM harness_review_events ORDER BY id") == before
    assert query(empty, "SELECT * FROM harness_review_fields") == fields
