"""Tests of what is left of decisions after a kill, and after git merged two branches."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cases.decisions.decision import Act
from harness.cases.decisions.decision_log import read_logs
from tests.review.conftest import Desk, approve, decision

CHILD = """
import sys
from pathlib import Path
from harness.cases.decisions.decision import Act, Decision
from harness.review.reviewed_suite import ReviewedSuite

suite = ReviewedSuite.open(Path("evals/notes"))
for number in range(10_000):
    suite.decide("ann", "a", [Decision("", "", "", "", Act.SET, path=("n",), to=number)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 30])
def test_a_kill_loses_no_decision_that_was_acknowledged(desk: Desk, acknowledged: int) -> None:
    desk.suite({"a": {"n": -1}})
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True, cwd=desk.root
    )
    assert child.stdout is not None
    said = [int(child.stdout.readline()) for _ in range(acknowledged)]
    child.kill()
    said += [int(line) for line in child.communicate()[0].splitlines() if line]
    kept = [each.to for each in desk.open().decisions if each.do is Act.SET]
    assert kept[: len(said)] == said
    desk.open().decide("ann", "a", [decision(Act.SET, ("n",), 99)])
    assert desk.open().decisions[-1].to == 99


GIT = shutil.which("git")


@pytest.mark.skipif(GIT is None, reason="git is not installed")
def test_git_merges_two_branches_of_decisions_to_the_state_of_one_log(desk: Desk) -> None:
    def git(*words: str) -> None:
        author = ("-c", "user.name=x", "-c", "user.email=x@y", "-c", "commit.gpgsign=false")
        done = subprocess.run(
            [str(GIT), *author, *words], cwd=desk.root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    desk.suite({"a": {"n": 1, "m": 2, "lines": [{"x": 1}, {"x": 2}]}})
    approve(desk.open(), "a", ("n",))
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "begin")
    git("checkout", "-qb", "other")
    desk.open().decide("bo", "a", [decision(Act.ADD, ("lines", "n1"), {"x": 3})])
    desk.open().decide("ann", "a", [decision(Act.SET, ("m",), 5)])
    git("add", "-A")
    git("commit", "-qm", "other")
    git("checkout", "-q", "main")
    desk.open().decide("ann", "a", [decision(Act.SET, ("m",), 6)])
    desk.open().decide("ann", "a", [decision(Act.ADD, ("lines", "n2"), {"x": 3})])
    git("add", "-A")
    git("commit", "-qm", "main")
    git("merge", "-q", "-m", "merge", "other")
    seen = desk.open().case("a")
    assert len(read_logs(Path("ground_truth/notes"))) == 6
    assert seen.truth["lines"] == [{"x": 1}, {"x": 2}, {"x": 3}]  # type: ignore[index,call-overload]
    (conflict,) = seen.history.conflicts.values()
    assert {each.to for each in conflict} == {5, 6}
    suite = desk.open()
    suite.settle()
    assert json.loads(Path("ground_truth/notes/a.json").read_text("utf-8")) == seen.truth
