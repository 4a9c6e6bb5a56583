"""Two clones of a repository make the first truth of a case; git merges them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.cases.decisions.decision import Act
from harness.core.values import Json
from harness.review.reviewed_suite import ReviewedSuite
from tests.review.conftest import Desk, approve, decision

FILE = "ground_truth/notes/a.json"


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    named = ("-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "core.hooksPath=/")
    command = ["git", *named, *arguments]
    return subprocess.run(command, text=True, capture_output=True, check=False)


def _set(suite: ReviewedSuite, person: str, path: tuple[str, ...], to: Json) -> None:
    field = suite.case("a").field(path)
    assert field is not None
    suite.decide(person, "a", [decision(Act.SET, path, to, sees=field.head)])


def _lines(rows: int) -> list[Json]:
    return [{"no": n, "amount": n * 10} for n in range(rows)]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("rows", [3, 300])
def test_first_truths_of_two_clones_become_a_question_and_then_one_truth(
    desk: Desk, rows: int
) -> None:
    desk.suite({"a": None})
    one = desk.run("one", {"a": {"total": 5, "lines": _lines(rows)}})
    two = desk.run("two", {"a": {"total": 6, "lines": _lines(rows)[::-1]}})
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "start")):
        _git(*words)
    sides: list[tuple[str, Path, Json]] = [("ann", one, 50), ("bo", two, 60)]
    for person, run, total in sides:
        _git("checkout", "-q", "-b", person, "main")
        suite = desk.open(run)
        _set(suite, person, ("total",), total)
        approve(suite, "a", person=person)
        assert suite.settle()[0].is_written
        for words in (("add", "-A"), ("commit", "-qm", person)):
            _git(*words)
    assert _git("merge", "ann").returncode == 1
    refused = desk.harness("truth", "settle", "evals/notes")
    assert refused.exit_code == 3
    assert f"{FILE}:2: a merge left marks [merge]" in refused.output
    assert "git checkout --ours FILE" in refused.output
    _git("checkout", "--ours", FILE)
    (done,) = desk.open().settle()
    assert done.hand_edits == 0
    assert desk.truth("a") == {"total": 50, "lines": _lines(rows)}
    case = desk.open().case("a")
    doubtful = {each.path: [side.to for side in each.conflict] for each in case.fields}
    assert {path: sides for path, sides in doubtful.items() if sides} == {"total": [50, 60]}
    settled = [field for field in case.fields if field.path != "total"]
    assert {tuple(by for by, _ in each.approved) for each in settled} == {("ann", "bo")}
    suite = desk.open()
    _set(suite, "cy", ("total",), 60)
    suite.settle()
    assert desk.truth("a") == {"total": 60, "lines": _lines(rows)}
    assert desk.open().case("a").reviewed == (len(case.fields), len(case.fields))


def test_a_truth_is_typed_where_there_is_neither_a_truth_nor_a_run(desk: Desk) -> None:
    number: Json = {"type": "number"}
    lines: Json = {"type": "array", "items": {"type": "object", "properties": {"no": number}}}
    schema: Json = {
        "type": "object",
        "properties": {"total": number, "tax": number, "lines": lines},
    }
    desk.suite({"a": None})
    desk.write("evals/notes/schema.json", json.dumps(schema))
    suite = desk.open()
    assert not suite.case("a").is_labelled
    assert "1 case without a truth" in desk.harness("truth", "status", "evals/notes").output
    _set(suite, "ann", ("total",), 5)
    assert [each.is_reviewed for each in suite.case("a").fields] == [True, False, False]
    suite.decide("ann", "a", [decision(Act.ADD, ("lines", "x"), {"no": 1}, sees="")])
    assert not suite.settle()[0].is_written
    approve(suite, "a")
    assert suite.settle()[0].is_written
    assert desk.truth("a") == {"total": 5, "lines": [{"no": 1}]}
    case = desk.open().case("a")
    assert (case.reviewed, case.hand_edits) == ((4, 4), ())
    told = desk.harness("truth", "log", "evals/notes", "a").output
    assert "began with nothing" in told
    run = desk.run("one", {"a": {"total": 5, "lines": [{"no": 2}]}})
    assert desk.open(run).case("a").truth == desk.truth("a")
