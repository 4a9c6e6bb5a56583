"""`harness tune`, `ensemble` and `route`: from runs to what may go through unseen."""

from __future__ import annotations

import json
import random
import shutil

import pytest
from rich.cells import cell_len

from tests.cli.conftest import Project
from tests.cli.look.test_window import in_window
from tests.run.stored_examples import stored_results

CASES = tuple(f"c{n:02}" for n in range(120))


def voting(project: Project) -> None:
    """Leave runs of three extractors that slip now and then, each in its own places."""
    project.suite(*CASES)
    names = ("one", "two", "three")
    project.extractors(**{n: f"{{kind: recorded, answers: answers/{n}}}" for n in names})
    for seed, name in enumerate(names):
        draw = random.Random(seed)
        for case in CASES:
            total = 5 if draw.random() < 0.7 else draw.randint(6, 9)
            label = case if draw.random() < 0.8 else "Zeta"
            answer = json.dumps({"total": total, "name": label})
            project.write({f"evals/notes/answers/{name}/{case}.json": answer})
    assert project.harness("run", "-q").code == 0


def test_runs_become_an_ensemble_with_votes_for_confidences_and_thresholds(
    project: Project,
) -> None:
    voting(project)
    said = project.harness("ensemble", "notes-one", "notes-two", "notes-three", "-o", "ensemble")
    assert said.code == 0, said.err
    assert "the best alone" in said.out
    said = project.harness("tune", "ensemble", "--goal", "precision=0.95", "-o", "t.json")
    assert said.code == 0, said.err
    assert "tuned, other documents" in said.out
    assert "macro F1 over fields" in said.out
    assert "In plain words: " in said.out
    assert " of the values go through unseen, of which " in said.out
    stored = json.loads((project.root / "t.json").read_text())
    assert stored["source"] == "votes"
    assert stored["promise"] is None
    low, high = stored["out_of_fold_interval"]
    assert low < stored["out_of_fold"]["macro_f1"] < high
    said = project.harness("rescore", "ensemble", "--thresholds", "t.json")
    assert "with everything accepted macro F1 is" in said.out
    (run,) = (project.root / "reports").glob("*-ensemble")
    results = stored_results(run)
    withheld = results["withheld"]
    assert withheld["values"] > 0
    assert withheld["tuned"]["curve"] == stored["curve"]
    assert withheld["tuned"]["accepted"] == stored["out_of_fold"]["accepted"]
    before = withheld["before"]["counts"]
    after = results["aggregate"]["counts"]
    assert after["wrong_value"] < before["wrong_value"]
    assert after["omission"] - before["omission"] <= withheld["values"]
    assert "Thresholds." in (run / "report.html").read_text()


def test_thresholds_are_remembered_until_everything_is_accepted(project: Project) -> None:
    voting(project)
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    project.harness("tune", "ensemble", "--goal", "precision=0.95", "-o", "t.json")
    project.harness("rescore", "ensemble", "--thresholds", "t.json")
    (run,) = (project.root / "reports").glob("*-ensemble")
    again = project.harness("rescore", "ensemble")
    assert "with everything accepted macro F1 is" in again.out, "thresholds are remembered"
    said = project.harness("tune", "ensemble")
    assert (said.code, "values are withheld" in said.err) == (3, True)
    project.harness("rescore", "ensemble", "--accept-all")
    assert stored_results(run)["withheld"] is None
    said = project.harness("tune", "ensemble", "--check", "t.json")
    assert said.code == 0, said.out + said.err
    assert said.out.endswith("on 120 documents: holds\n")
    said = project.harness("route", "ensemble", "--budget", "10%")
    assert said.code == 0
    assert "values looked at  errors found" in said.out


def test_errors_that_all_members_share_are_named_as_questions_for_the_audit(
    project: Project,
) -> None:
    voting(project)
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    told = project.harness("route", "ensemble")
    assert "truth audit" not in told.out + "".join(told.next)
    for number, case in enumerate(CASES[::3]):
        truth = {"total": 4, "name": case} if number % 2 else {"total": 5, "name": "Eve"}
        project.write({f"ground_truth/notes/{case}.json": json.dumps(truth)})
        for name in ("one", "two", "three"):
            answer = json.dumps({"total": 5, "name": case})
            project.write({f"evals/notes/answers/{name}/{case}.json": answer})
    shutil.rmtree(project.root / "reports")
    project.harness("run", "-q")
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    told = project.harness("route", "ensemble")
    assert "`harness truth audit` asks." in told.out
    assert told.next[1].startswith("harness truth audit evals/notes 2")


def test_drafts_are_merged_and_routed_before_any_truth_is_known(project: Project) -> None:
    voting(project)
    for case in CASES:
        (project.root / f"ground_truth/notes/{case}.json").unlink()
    shutil.rmtree(project.root / "reports")
    assert project.harness("run", "-q").code == 0
    said = project.harness("ensemble", "notes-one", "notes-two", "notes-three")
    assert said.code == 0, said.err
    assert "without a truth none of them is called the best" in said.out
    said = project.harness("route", "ensemble", "--budget", "10%")
    assert said.code == 0, said.err
    assert "  33.3 %  c00   total\n" in said.out
    assert "No truth is known yet: how many errors this order finds cannot be said." in said.out
    assert "wrong" not in said.out, "a probability that nothing has taught is not printed"
    listed = json.loads(
        project.harness("route", "ensemble", "--budget", "100%", "--format", "json").out
    )
    assert (listed["is_measured"], listed["caught"]) == (False, [])
    assert len(listed["values"]) == 2 * len(CASES)


def test_an_ensemble_keeps_the_checks_of_its_members_and_counts_each_run_once(
    project: Project,
) -> None:
    voting(project)
    suite = project.root / "evals/notes/suite.yaml"
    suite.write_text(suite.read_text() + "checks:\n  - total <= 5\n")
    shutil.rmtree(project.root / "reports")
    project.harness("run", "-q")
    said = project.harness("ensemble", "notes-one", "notes-two", "notes-three")
    assert "broken      total <= 5 in" in said.out
    said = project.harness("ensemble", "notes-one", "notes-two", "notes-one")
    assert (said.code, "[repeated-run]" in said.err) == (2, True)
    (one,) = (project.root / "reports").glob("*-notes-one")
    shutil.copytree(one, one.with_name("copied"))
    for words in (("ensemble", one.name, "notes-two", "copied"), ("tune", one.name, "copied")):
        said = project.harness(*words)
        assert (said.code, f"copied is a copy of {one.name}: its " in said.err) == (2, True)
    shutil.rmtree(one.with_name("copied"))
    said = project.harness("route", "ensemble", "--budget", "5%")
    assert "breaks a check" in said.out
    assert "errors found  in any order  at best" in said.out
    project.write({"ground_truth/notes/c00.json": json.dumps({"total": 6, "name": "c00"})})
    said = project.harness("gate", "ensemble", "--fail-under", "macro=0.1")
    assert "c00" in said.out + said.err, (
        "a truth that has changed since is seen in an ensemble, too"
    )


def test_what_thresholds_hold_back_is_what_a_person_is_routed_to(project: Project) -> None:
    voting(project)
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    project.harness("tune", "ensemble", "--goal", "precision=0.95", "-o", "t.json")
    words = ("--thresholds", "t.json", "--budget", "100%", "--format", "json")
    listed = json.loads(project.harness("route", "ensemble", *words).out)["values"]
    errors = [one["error"] for one in listed]
    assert errors == sorted(errors, reverse=True)
    refused = project.harness("route", "notes-one", "--thresholds", "t.json")
    assert refused.code != 0
    project.harness("rescore", "ensemble", "--thresholds", "t.json")
    (run,) = (project.root / "reports").glob("*-ensemble")
    withheld = json.loads((run / "eval-results.json").read_text())["withheld"]
    assert len(listed) == withheld["values"] > 0


def test_a_combined_confidence_is_tuned_stored_applied_and_checked(project: Project) -> None:
    voting(project)
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    words = ("tune", "ensemble", "--source", "combined", "--goal", "precision=0.95", "-o", "t.json")
    said = project.harness(*words)
    assert said.code == 0, said.err
    assert "each source alone: votes 0." in said.out
    stored = json.loads((project.root / "t.json").read_text())
    assert (stored["source"], stored["combined"]["sources"]) == ("combined", ["votes"])
    assert len(stored["combined"]["weights"]) == 7
    project.harness("rescore", "ensemble", "--thresholds", "t.json")
    (run,) = (project.root / "reports").glob("*-ensemble")
    withheld = json.loads((run / "eval-results.json").read_text())["withheld"]
    assert withheld["of"] == 240
    assert 0 < withheld["values"] < 240
    project.harness("rescore", "ensemble", "--accept-all")
    said = project.harness("tune", "ensemble", "--check", "t.json")
    assert said.out.endswith("on 120 documents: holds\n"), said.err
    del stored["combined"]
    (project.root / "t.json").write_text(json.dumps(stored))
    said = project.harness("rescore", "ensemble", "--thresholds", "t.json")
    assert said.code == 3
    assert "source 'combined' goes with how it is combined [bad-thresholds]" in said.err


def test_thresholds_of_another_extractor_are_refused(project: Project) -> None:
    voting(project)
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    assert project.harness("tune", "ensemble", "-o", "t.json").code == 0
    said = project.harness("rescore", "notes-one", "--thresholds", "t.json")
    assert said.code == 3
    assert "[other-fingerprint]" in said.err


def test_what_cannot_be_tuned_says_why(project: Project) -> None:
    project.suite("a", "b")
    project.harness("run", "-q")
    said = project.harness("tune")
    assert said.code == 2
    assert "no answer has a confidence [no-confidence]" in said.err
    said = project.harness("ensemble", "last")
    assert (said.code, "[one-member]" in said.err) == (2, True)
    said = project.harness("rescore", "--thresholds", "nowhere.json")
    assert (said.code, "[no-thresholds]" in said.err) == (3, True)
    project.write({"bad.json": '{"version": 1, "sauce": "votes"}'})
    said = project.harness("rescore", "--thresholds", "bad.json")
    assert said.code == 3
    assert "sauce: extra inputs are not permitted [bad-thresholds]" in said.err


def test_runs_of_other_truths_are_no_members(project: Project) -> None:
    voting(project)
    project.write({"ground_truth/notes/c00.json": '{"total": 6, "name": "c00"}'})
    project.harness("run", "-q", "-e", "one")
    first, second = sorted((project.root / "reports").glob("*notes-one*"))
    said = project.harness("ensemble", first, second)
    assert said.code == 3
    assert "differ in suite_digest [unlike-members]" in said.err


@pytest.mark.parametrize("size", [3, 300])
def test_a_member_with_few_cases_is_not_the_best_for_being_right_in_those(
    project: Project, size: int
) -> None:
    names = [f"c{n:03}" for n in range(size)]
    project.suite(*names)
    extractors = ("one", "two", "few", "lost")
    project.extractors(**{n: f"{{kind: recorded, answers: answers/{n}}}" for n in extractors})
    for number, name in enumerate(names):
        right, wrong = ({"total": total, "name": name} for total in (5, 6))
        for who in ("one", "two"):
            is_right = number == 0 or who == "one"
            answer = json.dumps(right if is_right else wrong)
            project.write({f"evals/notes/answers/{who}/{name}.json": answer})
    first = json.dumps({"total": 5, "name": names[0]})
    project.write({f"evals/notes/answers/few/{names[0]}.json": first})
    project.write({"evals/notes/answers/lost/none.json": first})
    for who in extractors:
        project.harness("run", "-q", "-e", who)
    runs = [next((project.root / "reports").glob(f"*-notes-{who}")) for who in extractors]
    said = {project.harness("ensemble", *order).out for order in (runs, runs[::-1])}
    for out in said:
        assert "the best alone, " in out
        assert "-notes-one: macro F1 100 %\n" in out
        assert f"-notes-few votes on 1 of {size} cases" in out
        assert f"-notes-lost votes on 0 of {size} cases" in out
    few = project.harness("ensemble", runs[2], runs[3]).out
    assert "-notes-few: macro F1 100 % of its 1 case\n" in few
    assert "ensemble    macro F1 100 % of the same, not above the best member" in few


def test_runs_of_a_part_of_the_cases_are_told_how_to_become_members(project: Project) -> None:
    voting(project)
    project.harness("run", "-q", "-e", "one", "--limit", "3")
    whole, part = sorted((project.root / "reports").glob("*notes-one*"))
    for members in ((whole, part), (part, whole)):
        said = project.harness("ensemble", *members)
        assert (said.code, "documents [unlike-members]" in said.err) == (3, True)
        assert "hint: they are of other cases: run both with the same --limit" in said.err


def test_a_run_takes_no_thresholds_of_another_extractor(project: Project) -> None:
    voting(project)
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    assert project.harness("tune", "ensemble", "-o", "t.json").code == 0
    said = project.harness("run", "-e", "one", "--thresholds", "t.json")
    assert (said.code, "[other-fingerprint]" in said.err) == (3, True)
    said = project.harness("run", "-e", "one", "--thresholds", "nowhere.json")
    assert (said.code, "[no-thresholds]" in said.err) == (3, True)


def test_recorded_lines_with_confidences_are_tuned_and_the_next_run_withholds(
    project: Project,
) -> None:
    project.suite(*CASES)
    project.extractors(good="{kind: recorded, answers: answers/lines.jsonl}")
    draw = random.Random(3)
    lines = []
    for number, case in enumerate(CASES):
        is_wrong = number % 3 == 0
        sure = draw.uniform(0.1, 0.5) if is_wrong else draw.uniform(0.5, 0.99)
        value = {"total": 6 if is_wrong else 5, "name": case}
        confidences = {"total": sure, "name": draw.uniform(0.6, 0.99)}
        lines.append(json.dumps({"id": case, "value": value, "confidences": confidences}))
    project.write({"evals/notes/answers/lines.jsonl": "\n".join(lines)})
    assert project.harness("run", "-q").code == 0
    said = project.harness("tune", "--goal", "precision=0.8", "-o", "t.json")
    assert said.code == 0, said.err
    assert json.loads((project.root / "t.json").read_text())["source"] == "extractor"
    before = set((project.root / "reports").glob("*/run.json"))
    said = project.harness("run", "-q", "--thresholds", "t.json")
    assert said.code == 0, said.err
    (fresh,) = set((project.root / "reports").glob("*/run.json")) - before
    results = stored_results(fresh.parent)
    assert results["withheld"]["values"] > 0
    wrong = results["aggregate"]["counts"]["wrong_value"]
    assert wrong < results["withheld"]["before"]["counts"]["wrong_value"] == 40


@pytest.mark.parametrize("width", [80, 60])
def test_what_is_tuned_and_routed_fits_the_window(project: Project, width: int) -> None:
    voting(project)
    assert project.harness("ensemble", "notes-one", "notes-two", "notes-three").code == 0
    for words in (
        ["tune", "ensemble", "--goal", "precision=0.9"],
        ["route", "ensemble", "--budget", "20%"],
        ["route", "ensemble", "--by", "document"],
        ["truth", "status", "evals/notes"],
    ):
        said = in_window(words, width, project.root)
        lines = said.partition("\nnext ")[0].splitlines()
        assert [line for line in lines if cell_len(line) > width] == []
        assert len(lines) > 3
