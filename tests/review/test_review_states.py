"""Tests of fields that nobody reviewed, on every surface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cases.decisions.decision import Act
from harness.core import number_text
from harness.core.values import Json
from harness.review.web.entrance.people import Person, Role
from harness.review.web.screens.board_screen import board_screen
from harness.review.web.screens.queue_screen import QueueReader
from tests.review.conftest import Desk, approve, decision
from tests.run.stored_examples import stored_results

ADMIN = Person("ann", Role.ADMIN)
APPROVED = "truth: {require: approved}"


def results(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = stored_results(run)
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


@pytest.mark.parametrize("count", [3, 3_000])
def test_every_surface_says_how_much_is_reviewed(desk: Desk, count: int) -> None:
    many: dict[str, Json] = {f"f{n:04}": n for n in range(count - 3)}
    desk.suite({"a": {"n": 1, "m": 2, **many}, "b": {"n": 3, "m": 4}}, APPROVED)
    suite = desk.open()
    approve(suite, "a")
    approve(suite, "b", ("n",))
    one = desk.run("one", {"a": {"n": 1, "m": 2, **many}, "b": {"n": 3, "m": 0}})
    two = desk.run("two", {"a": {"n": 1, "m": 0, **many}, "b": {"n": 3, "m": 0}})
    said = f"{number_text.count(count)} of {number_text.count(count + 1)} fields reviewed"
    assert results(one)["aggregate"]["counts"]["correct"] == count
    truths, answers = "ground_truth/notes", "evals/notes/one"
    cases = {"a": ({"n": 1, "m": 2, **many}, {"n": 1}), "b": ({"n": 3, "m": 4}, {"n": 3})}
    for name, side in (("truths", 0), ("answers", 1)):
        lines = [json.dumps({"id": case, "value": both[side]}) for case, both in cases.items()]
        desk.write(f"{name}.jsonl", "\n".join(lines))
    streamed = ("truths.jsonl", "answers.jsonl", "--require", "approved", "--reviews", truths)
    for words in (
        ("run", "evals/notes", "--extractor", "two"),
        ("rescore", one.name),
        ("score", truths, answers, "--require", "approved"),
        ("score", *streamed),
        ("score", *streamed, "-o", "streamed.jsonl"),
        ("show", one.name, "--format", "text"),
        ("gate", one.name),
        ("gate", one.name, "--format", "json"),
        ("compare", one.name, two.name),
        ("export", one.name, "--format", "markdown"),
        ("export", one.name, "--format", "github"),
        ("export", one.name, "--format", "junit"),
        ("ensemble", one.name, two.name),
    ):
        told = desk.harness(*words).output.replace("\\u202f", number_text.THIN)
        assert said in told, f"{words}: {told}"
    assert said.removesuffix(" fields reviewed") in desk.harness("history").output
    rows = json.loads(desk.harness("history", "--format", "json").stdout)
    assert [row["reviewed"] for row in rows] == [{"reviewed": count, "of": count + 1}] * len(rows)
    desk.harness("compare", one.name, two.name, "--format", "html", "-o", "compared.html")
    desk.harness("feedback", two.name)
    for page in ("index.html", "history.html", f"{one.name}/report.html"):
        assert said in (desk.root / "reports" / page).read_text("utf-8"), page
    assert said in (desk.root / "compared.html").read_text("utf-8")
    task = (two / "feedback/TASK.md").read_text("utf-8")
    assert f"{count} of {count + 1} fields reviewed: the others are in no score" in task
    feedback = json.loads((two / "feedback/feedback.json").read_text("utf-8"))
    assert feedback["standing"]["reviewed"] == {"reviewed": count, "of": count + 1}
    told = desk.harness("explain", one.name, "b", "m").output
    assert "Nobody has reviewed the truth here: it is in no score" in told
    assert "note:" not in desk.harness("explain", one.name, "b", "n").output
    (compared,) = json.loads(
        desk.harness("compare", one.name, two.name, "--format", "json").stdout
    )["comparisons"]
    assert compared["base"]["reviewed"]["fields"] == {"reviewed": count, "of": count + 1}


@pytest.mark.parametrize("size", [60, 600])
def test_tuned_and_routed_values_are_said_to_be_of_the_fields_that_are_reviewed(
    desk: Desk, size: int
) -> None:
    # n is reviewed everywhere, m nowhere; every third n is wrong, and mostly less sure.
    cases = {f"c{k:03}": k for k in range(size)}
    desk.suite({case: {"n": k, "m": k} for case, k in cases.items()}, APPROVED)
    suite = desk.open()
    for case in cases:
        approve(suite, case, ("n",))
    answers = [
        {
            "id": case,
            "value": {"n": k + (k % 3 == 0), "m": 0},
            "confidences": {"n": (0.2 if k % 3 == 0 else 0.6) + (k * 7 % 40) / 100},
        }
        for case, k in cases.items()
    ]
    truths = [{"id": case, "value": {"n": k, "m": k}} for case, k in cases.items()]
    for name, lines in (("truths", truths), ("answers", answers)):
        desk.write(f"{name}.jsonl", "\n".join(map(json.dumps, lines)))
    files = ("truths.jsonl", "answers.jsonl", "--reviews", "ground_truth/notes")
    scored = desk.harness("score", *files, "--require", "approved", "-o", "reports/scored")
    assert scored.exit_code == 0, scored.output
    said = f"{number_text.count(size)} of {number_text.count(2 * size)} fields reviewed"
    for words in (
        ("tune", "scored", "--out", "t.json"),
        ("tune", "scored", "--check", "t.json"),
        ("route", "scored", "--by", "document"),
        ("route", "scored", "--format", "json"),
    ):
        told = desk.harness(*words)
        assert told.stderr.count(said) == 1, f"{words}: {told.output}"
        assert "json" not in words or json.loads(told.stdout)["values"]


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


def test_a_note_or_what_is_put_off_makes_no_run_stale(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}}, APPROVED)
    approve(desk.open(), "a")
    run = desk.run("one", {"a": {"n": 1, "m": 2}})
    for do in (Act.NOTE, Act.DEFER):
        desk.open().decide("ann", "a", [decision(do, ("m",), why="look again")])
    assert desk.harness("gate", run.name).exit_code == 0
    desk.open().decide("ann", "a", [decision(Act.DISPUTE, ("m",))])
    assert "what is reviewed of it, has changed" in desk.harness("gate", run.name).output


@pytest.mark.parametrize("required", [True, False])
def test_an_example_that_nobody_vouches_for_is_told_of(desk: Desk, *, required: bool) -> None:
    settings = f"{APPROVED if required else ''}\nprompt: prompt"
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3}}, settings)
    desk.write("evals/notes/prompt/user.md", "{{ document }}")
    desk.write("evals/notes/prompt/examples/a.json", '{"case": "a"}')
    approve(desk.open(), "a", ("n",))
    said = desk.harness("check", "evals/notes").output
    told = "shows the truth of 'a', of which 1 of 2 fields are reviewed [unreviewed-example]"
    assert (told in said) == required
    approve(desk.open(), "a")
    assert "unreviewed-example" not in desk.harness("check", "evals/notes").output


def test_truths_that_a_run_drafted_are_made_of_its_answers_and_claim_little_for_it(
    desk: Desk,
) -> None:
    cases = [f"c{n}" for n in range(12)]
    desk.suite(dict.fromkeys(cases))
    one = desk.run("one", {case: {"n": 1, "m": 2} for case in cases})
    suite = desk.open(one)
    assert {f.state.value for f in suite.case("c0").fields} == {"unlabelled"}
    for case in cases[1:]:
        approve(suite, case)
    suite.settle()
    assert desk.truth("c1") == {"n": 1, "m": 2}
    assert not (desk.root / "ground_truth/notes/c0.json").exists(), "nobody decided about it"
    two = desk.run("two", {case: {"n": 1, "m": 0} for case in cases})
    desk.harness("rescore", one.name, "--suite", "evals/notes")
    assert micro(one) == 1.0
    assert results(one)["reviewed"] == {
        "fields": {"reviewed": 22, "of": 22},
        "cases": 11,
        "unlabelled": [],
        "drafted": [{"extractor": "one", "prompt": None, "cases": 11}],
    }
    told = desk.harness("compare", two.name, one.name).output
    assert "L1 of L3" in told
    assert "answers of one of the two that people approved as they were: at most L1" in told
    assert "drafted by this extractor" in desk.harness("gate", one.name).output
    three = desk.run("three", {case: {"n": 0, "m": 0} for case in cases})
    assert "L2 of L3" in desk.harness("compare", three.name, two.name).output


def test_a_draft_that_was_edited_throughout_is_no_longer_its_run(desk: Desk) -> None:
    desk.suite({"a": None})
    suite = desk.open(desk.run("one", {"a": {"n": 1}}))
    suite.decide("ann", "a", [decision(Act.SET, ("n",), 5)])
    suite.settle()
    run = desk.run("two", {"a": {"n": 5}})
    assert results(run)["reviewed"]["drafted"] == []
    assert micro(run) == 1.0


def test_checks_of_the_suite_are_made_of_truths_and_of_answers(desk: Desk) -> None:
    desk.suite({"a": {"n": 1, "m": 2}, "b": {"n": 3, "m": 2}}, 'checks: ["n <= m"]')
    said = desk.harness("check", "evals/notes").output
    assert "ground_truth/notes/b.json: 'n <= m' does not hold: 3 <= 2 [broken-check]" in said
    for case in "ab":
        desk.write(f"evals/notes/one/{case}.json", '{"n": 5, "m": 2}')
    said = desk.harness("run", "evals/notes", "--extractor", "one").output
    assert "broken      n <= m in 2 of 2 answers: a, b" in said
    run = next(desk.root.glob("reports/*/run.json")).parent
    stored = {"check": "n <= m", "answers": 2, "broken": 2, "cases": ["a", "b"]}
    assert results(run)["checks"] == [stored]
    assert "n &lt;= m in 2 of 2 answers: a, b" in (run / "report.html").read_text("utf-8")
    assert "n <= m in 2 of 2 answers" in desk.harness("show", run.name).output
    desk.harness("rescore", run.name)
    assert results(run)["checks"] == [stored], "the run keeps the checks"
    desk.write("evals/notes/suite.yaml", "name: notes\nchecks:\n  - n ~ m\n")
    refused = desk.harness("check", "evals/notes").output
    assert "evals/notes/suite.yaml:3: 'n ~ m' is no check" in refused


@pytest.mark.parametrize("size", [3, 3_000])
def test_drafts_are_asked_for_beside_cases_that_have_a_truth(desk: Desk, size: int) -> None:
    truths: dict[str, Json] = {f"c{n:04}": {"n": n} if n == 1 else None for n in range(size)}
    desk.suite(truths)
    said: dict[str, Json] = {case: {"n": 1} for case in truths}
    without = desk.run("one", said)
    assert results(without)["reviewed"] is None
    run = desk.run("two", said, "--drafts")
    found = results(run)
    assert [case["id"] for case in found["cases"]] == ["c0001"]
    assert len(found["reviewed"]["unlabelled"]) == size - 1
    assert (found["complete"], found["aggregate"]["micro"]["f1"]) == (True, 1.0)
    told = desk.harness("show", run.name)
    assert "without any reviewed field: answers are drafts, not scored" in told.output
    assert "changed" not in told.output, "the drafts are no change of the suite"
    warned = desk.harness("check", "evals/notes").output.count("no ground truth")
    assert warned == min(size - 1, 20)
    again = desk.harness("rescore", run.name, "--suite", "evals/notes")
    assert again.exit_code == 0, again.output
    assert results(run)["reviewed"] == found["reviewed"]
    suite = desk.open(run)
    assert suite.case("c0000").truth == {"n": 1}
    approve(suite, "c0000")
    suite.settle()
    assert desk.truth("c0000") == {"n": 1}
    assert desk.harness("run", "evals/notes", "--resume", run.name).exit_code == 0


@pytest.mark.parametrize("size", [3, 300])
def test_a_draft_is_shown_beside_its_run_and_scored_only_as_far_as_it_is_reviewed(
    desk: Desk, size: int
) -> None:
    lines: list[Json] = [{"n": n} for n in range(size)]
    desk.suite({"a": None, "b": None})
    said: dict[str, Json] = {"a": {"total": 1, "lines": lines}, "b": {"total": 2}}
    suite = desk.open(desk.run("one", said))
    seen = suite.case("a")
    assert all(field.is_unanimous for field in seen.fields), "the run says what its draft says"
    assert seen.answers[0].counted is None
    board = board_screen(suite, QueueReader(suite, False).rows(ADMIN), None, hides_runs=False)  # noqa: FBT003
    assert "100 %" not in json.dumps(board, ensure_ascii=False), "nothing is reviewed"
    approve(suite, "a", ("total",))
    suite.decide("ann", "a", [decision(Act.SET, ("lines", "1", "n"), -7)])
    counted = suite.case("a").answers[0].counted
    assert counted is not None
    counts = counted.counts
    # The run has no item of -7; that its own item is too many counts once the list is complete.
    assert (counts.correct, counts.false_positives, counts.false_negatives) == (1, 0, 1)
