"""Tests of fields that nobody reviewed, on every surface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.core.values import Json
from tests.review.conftest import Desk, approve

APPROVED = "truth: {require: approved}"


def results(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "eval-results.json").read_text("utf-8"))
    return found


def micro(run: Path) -> Json:
    found: Json = results(run)["aggregate"]["micro"]["f1"]
    return found


@pytest.mark.parametrize("size", [3, 3_000])
def test_only_approved_fields_are_scored_where_the_suite_asks_for_it(desk: Desk, size: int) -> None:
    # Every case has 2 fields; of every hundredth case only `a`, which is right, is approved.
    cases = [f"c{n:04d}" for n in range(size)]
    truths: dict[str, Json] = {case: {"a": 1, "b": 2} for case in cases}
    desk.suite(truths, APPROVED)
    suite = desk.open()
    for case in cases[::100]:
        approve(suite, case, ("a",))
    run = desk.run("one", {case: {"a": 1, "b": 9} for case in cases})
    some = len(cases[::100])
    assert results(run)["reviewed"]["fields"] == {"reviewed": some, "of": 2 * size}
    assert micro(run) == 1.0
    for case in cases[1:2]:
        approve(suite, case, ("b",))
    done = desk.harness("rescore", run.name, "--suite", "evals/notes")
    assert done.exit_code == 0, done.output
    assert micro(run) == pytest.approx(2 * some / (2 * some + 2))  # one FP and one FN more


def test_every_surface_says_how_much_is_reviewed(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3, "m": 4}}, APPROVED)
    suite = desk.open()
    approve(suite, "a")
    approve(suite, "b", ("n",))
    one = desk.run("one", {"a": {"n": 1, "m": 2}, "b": {"n": 3, "m": 0}})
    two = desk.run("two", {"a": {"n": 1, "m": 0}, "b": {"n": 3, "m": 0}})
    said = "3 of 4 fields reviewed"
    assert results(one)["aggregate"]["counts"]["correct"] == 3
    for surface in (
        desk.harness("show", one.name, "--format", "text"),
        desk.harness("gate", one.name),
        desk.harness("gate", one.name, "--format", "json"),
        desk.harness("compare", one.name, two.name),
        desk.harness("export", one.name, "--format", "markdown"),
    ):
        assert said in surface.output, surface.output
    assert f"{said}: the others are in no score." in (one / "report.html").read_text("utf-8")
    (compared,) = json.loads(
        desk.harness("compare", one.name, two.name, "--format", "json").stdout
    )["comparisons"]
    assert compared["base"]["reviewed"]["fields"] == {"reviewed": 3, "of": 4}


def test_runs_scored_on_other_reviews_are_not_compared(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3}}, APPROVED)
    approve(desk.open(), "a", ("n",))
    approve(desk.open(), "b")
    one = desk.run("one", {"a": {"n": 1, "m": 0}, "b": {"n": 3}})
    approve(desk.open(), "a", ("m",))
    two = desk.run("two", {"a": {"n": 1, "m": 0}, "b": {"n": 3}})
    refused = desk.harness("compare", one.name, two.name)
    assert "reviews or schema have changed of case 'a'" in refused.output


def test_a_case_of_which_nothing_is_reviewed_is_worth_nothing_under_any_policy(
    desk: Desk,
) -> None:
    desk.suite({"a": {"n": 1}, "b": {"n": 3}}, f"{APPROVED}\nempty: one")
    approve(desk.open(), "a")
    run = desk.run("one", {"a": {"n": 2}, "b": {"n": 9}})
    found = results(run)
    assert [case["id"] for case in found["cases"]] == ["a"]
    assert found["aggregate"]["macro"]["f1"] == 0.0
    assert found["reviewed"]["unlabelled"] == ["b"]


def test_a_suite_without_any_truth_is_run_drafts_and_claims_nothing(desk: Desk) -> None:
    desk.suite({"a": None, "b": None})
    assert desk.harness("check", "evals/notes").exit_code == 0
    done = desk.harness("run", "evals/notes", "--extractor", "one")
    assert "2 of 2 cases without any reviewed field: answers are drafts, not scored" in done.output
    assert done.exit_code == 4  # nothing is recorded: nobody answered
    run = desk.run("one", {"a": {"n": 2}, "b": {"n": 9}})
    assert micro(run) is None
    assert results(run)["complete"]
    assert "not scored" in (run / "report.html").read_text("utf-8")
    gate = desk.harness("gate", run.name)
    assert gate.exit_code == 1
    assert "nothing to judge" in gate.output


def test_a_run_scored_before_an_approval_passes_no_gate_until_it_is_scored_again(
    desk: Desk,
) -> None:
    desk.suite({"a": {"n": 1, "m": 2}}, APPROVED)
    approve(desk.open(), "a", ("n",))
    run = desk.run("one", {"a": {"n": 1, "m": 0}})
    assert desk.harness("gate", run.name).exit_code == 0
    approve(desk.open(), "a", ("m",))
    refused = desk.harness("gate", run.name)
    assert refused.exit_code == 1
    assert "scored by an old truth" in refused.output
    assert desk.harness("rescore", run.name, "--suite", "evals/notes").exit_code == 0
    assert desk.harness("gate", run.name).exit_code == 0
