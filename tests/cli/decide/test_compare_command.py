"""`harness compare` as a user runs it: exit codes, formats, refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from tests.cli.conftest import Project

CASES = tuple("abcdefgh")


def two_runs(project: Project, wrong: Iterable[str]) -> None:
    """Run a suite with an extractor that is right, and one that is wrong in some cases."""
    project.suite(*CASES)
    project.extractors(
        good="{kind: recorded, answers: answers/good}", new="{kind: recorded, answers: answers/new}"
    )
    project.write(
        {
            f"evals/notes/answers/new/{case}.json": json.dumps(
                {"total": 6 if case in wrong else 5, "name": case}
            )
            for case in CASES
        }
    )
    assert project.harness("run", "-q").code == 0


def test_better_and_equal_exit_with_0_worse_with_1_undecided_with_5(project: Project) -> None:
    two_runs(project, CASES)
    assert project.harness("compare", "notes-good", "notes-good").code == 0
    assert project.harness("compare", "notes-new", "notes-good").code == 0
    worse = project.harness("compare", "notes-good", "notes-new")
    assert worse.code == 1
    assert "new is worse by 50.0 points of macro F1." in worse.out
    assert worse.err == ""


def test_one_wrong_case_of_eight_is_undecided(project: Project) -> None:
    two_runs(project, "a")
    said = project.harness("compare", "notes-good", "notes-new")
    assert said.code == 5
    assert "Undecided" in said.out
    assert "this suite" in said.out
    assert project.harness("compare", "notes-good", "notes-new", "--margin", "0.9").code == 0


def marked_runs(project: Project) -> None:
    """Make two runs: the new one has every total wrong, and every name right that was wrong."""
    two_runs(project, CASES)
    project.write(
        {
            "evals/notes/suite.yaml": "extractors:\n"
            "  good: {kind: recorded, answers: answers/good}\n"
            "  new: {kind: recorded, answers: answers/new}\n"
            "rules: {name: {focus: true, weight: 3}, total: {weight: 1}}\n"
        }
    )
    for case in CASES:
        project.answer(case, json.dumps({"total": 5, "name": "?"}))
    assert project.harness("run", "-q").code == 0


def test_the_figure_that_is_asked_for_decides(project: Project) -> None:
    marked_runs(project)
    # good: total 1, name 0; new: total 0, name 1
    verdicts = {
        "macro": ("Equal: both score the same on every document", 0, 0.0),
        "micro": ("Equal: ", 0, 0.0),
        "focus": ("new is better by 100.0 points of focus F1", 0, 1.0),
        "guard": ("new is worse by 100.0 points of guard F1", 1, -1.0),
        "weighted": ("new is better by 50.0 points of F1 of fields by weight", 0, 0.5),
        "floor": ("Equal: ", 0, 0.0),
        "field:total": ("new is worse by 100.0 points of F1 of total", 1, -1.0),
    }
    good, new = (
        max(
            project.root.glob(f"reports/*-notes-{name}*/run.json"),
            key=lambda run: run.stat().st_mtime_ns,
        ).parent
        for name in ("good", "new")
    )
    for by, (told, code, delta) in verdicts.items():
        said = project.harness("compare", good, new, "--by", by)
        assert (said.code, told in said.out) == (code, True), said.out
        stored = project.harness("compare", good, new, "--by", by, "--format", "json")
        (found,) = json.loads(stored.out)["comparisons"]
        assert (found["by"], found["judged"]["delta"]) == (by, delta)


def test_a_figure_or_field_that_is_not_there_is_refused_with_the_nearest(project: Project) -> None:
    two_runs(project, "a")
    for by, hint in (
        ("field:totl", "did you mean 'total'?"),
        ("focuss", "did you mean 'focus'?"),
        ("focus", "mark fields in suite.yaml"),
        ("weighted", "give fields a weight"),
    ):
        said = project.harness("compare", "notes-good", "notes-new", "--by", by)
        assert (said.code, hint in said.err) == (2, True), said.err


def test_few_documents_are_told_of_in_words(project: Project) -> None:
    two_runs(project, "a")
    said = project.harness("compare", "notes-good", "notes-new")
    assert (
        "only 8 documents: one document more or less can turn the answer round, and kinds "
        in said.out
    )
    gate = project.harness("gate", "notes-good")
    assert "only          8 documents: kinds that are rare" in gate.out


def test_cases_and_answers_are_counted_apart(project: Project) -> None:
    project.suite(*"abcd")
    run = project.harness("run", "--repeat", "3")
    assert "4 cases, 12 answers" in run.out
    assert "replicates  macro F1 100\u2013100 % from one to another of 3 replicates" in run.out
    gate = project.harness("gate")
    assert "complete: all of 12 answers (4 cases, each asked 3 times) there" in gate.out


def test_of_several_runs_the_worst_counts(project: Project) -> None:
    two_runs(project, CASES)
    said = project.harness("compare", "notes-good", "notes-good", "notes-new")
    assert said.code == 1
    first, _, answer, *_ = said.out.splitlines()
    assert first == "notes · 3 runs · 8 cases that all of them scored"
    assert answer.startswith("The best is ")
    assert "A → B  Equal: both score the same on every document." in said.out
    assert re.search(r"A → C  \S+-new is worse by 50.0 points of macro F1\.", said.out)
    several = project.harness("compare", "notes-good", "notes-good", "notes-new", "--format",
                              "markdown")  # fmt: skip
    assert several.out.startswith("notes · 3 runs · 8 cases that all of them scored")
    assert "| run | macro F1 |" in several.out
    assert several.out.count("## notes: ") == 2


def test_json_holds_every_flip_with_both_answers(project: Project) -> None:
    two_runs(project, "ab")
    said = project.harness("compare", "notes-good", "notes-new", "--format", "json")
    (found,) = json.loads(said.out)["comparisons"]
    assert found["verdict"] == "undecided"
    assert found["macro_f1"]["delta"] == -0.125
    assert found["detectable"]["smallest"] > 0
    flips = [flip for case in found["cases"] for flip in case["flips"]]
    assert [(f["path"], f["change"]) for f in flips] == [("total", "broken")] * 2
    assert flips[0]["base"]["diff"]["predicted"] == 5
    assert flips[0]["new"]["diff"]["predicted"] == 6


def test_markdown_and_text_go_to_a_file(project: Project) -> None:
    two_runs(project, "ab")
    for form, start in (("markdown", "## notes: good → new"), ("text", "notes · good → new")):
        said = project.harness(
            "compare", "notes-good", "notes-new", "--format", form, "-o", "out.txt"
        )
        assert said.out == "out.txt\n"
        assert (project.root / "out.txt").read_text("utf-8").startswith(start)


def test_a_page_stands_beside_the_runs_and_leads_to_them(project: Project) -> None:
    two_runs(project, "ab")
    said = project.harness("compare", "notes-good", "notes-new", "--format", "html")
    path = said.out.strip()
    html = (project.root / path).read_text("utf-8")
    assert "Broken" in html
    assert 'href="' in html
    for run in (project.root / "reports").glob("*/report.html"):
        assert f'href="{run.parent.name}/report.html' in html


def test_runs_of_another_truth_are_refused_and_compared_when_told(project: Project) -> None:
    two_runs(project, "a")
    project.write({"ground_truth/notes/b.json": '{"total": 7, "name": "b"}'})
    assert project.harness("run", "-q", "-e", "good", "--reports", "later").code == 0
    (later,) = (project.root / "later").glob("*/run.json")
    said = project.harness("compare", "notes-new", later.parent)
    assert said.code == 3
    assert said.out == ""
    assert "documents, truth, reviews or schema have changed of case 'b' [unlike-runs]" in said.err
    assert "--allow-unlike" in said.err
    told = project.harness("compare", "notes-new", later.parent, "--allow-unlike")
    assert told.code == 5
    assert (
        "note         compared although documents, truth, reviews or schema have changed"
        in told.out
    )


def test_a_folder_without_a_run_is_said_to_be_none(project: Project) -> None:
    two_runs(project, "a")
    assert project.harness("compare", "notes-good", "evals/").code == 3
    assert project.harness("compare", "notes-good", "nothing-like-it").code == 2
    assert project.harness("compare").code == 2
