"""A user's own comparators, from the suite to the score, and a case's own rules."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Project
from tests.run.stored_examples import stored_results


def with_function(
    project: Project, module: str, body: str = "return e.split() == p.split()"
) -> None:
    """Write a suite whose `name` is compared by a function of its folder."""
    project.suite("a", "b")
    settings = (
        f"rules: {{name: {{compare: '{module}:same'}}}}\n"
        "extractors: {good: {kind: recorded, answers: answers/good}}\n"
    )
    project.write(
        {
            "evals/notes/suite.yaml": settings,
            f"evals/notes/{module}.py": f"def same(e, p):\n    {body}\n",
        }
    )
    project.answer("a", '{"total": 5, "name": " a "}')


def test_a_function_named_in_a_suite_judges_its_runs_and_explains_them(project: Project) -> None:
    with_function(project, "lab_one", "return e.strip() == p.strip()")
    said = project.harness("run", "-q")
    assert (said.code, said.err) == (0, "")
    folder = project.run_folder()
    results = stored_results(folder)
    assert results["aggregate"]["micro"]["f1"] == 1
    explained = project.harness("explain", folder, "a", "name")
    assert "lab_one:same (rule `name`)" in explained.out
    assert "lab_one:same (rule `name`)" in project.harness("rules", "evals").out
    before = (folder / "eval-results.json").read_bytes()
    assert project.harness("rescore", folder).code == 0
    assert (folder / "eval-results.json").read_bytes() == before


def test_the_digest_knows_the_function_and_a_changed_one_is_not_used_unasked(
    project: Project,
) -> None:
    with_function(project, "lab_two")
    assert project.harness("run", "-q").code == 0
    folder = project.run_folder()
    first = json.loads((folder / "run.json").read_text("utf-8"))
    project.write({"evals/notes/lab_two.py": "def same(e, p):\n    return False\n"})
    for command in (("rescore", folder), ("explain", folder, "a", "name")):
        said = project.harness(*command)
        assert said.code == 3
        assert (
            "lab_two:same is not what it was when the run was scored [comparator-changed]"
            in said.err
        )
        assert "--suite" in said.err
    assert project.harness("rescore", folder, "--suite", "evals").code == 0
    again = json.loads((folder / "run.json").read_text("utf-8"))
    assert again["suite_digest"] != first["suite_digest"]
    assert project.harness("rescore", folder).code == 0, "the suite of today is stored now"


def test_a_comparator_whose_folder_is_gone_is_told_of(project: Project) -> None:
    with_function(project, "lab_three")
    assert project.harness("run", "-q").code == 0
    folder = project.run_folder()
    (project.root / "evals").rename(project.root / "exams")
    said = project.harness("rescore", folder)
    assert said.code == 3
    assert (
        "the folder of lab_three:same is not there: ../../evals/notes [no-comparator]" in said.err
    )


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (None, "no module named 'lab_{n}'"),
        ("def other(e, p): return True", "has no function 'same'"),
        ("def same(e): return True", "cannot be called with an expected and a predicted value"),
        ("import nothing_like_it", "fails: ModuleNotFoundError"),
    ],
)
def test_a_function_that_cannot_be_used_is_told_of_with_its_line(
    project: Project, source: str | None, told: str
) -> None:
    number = abs(hash(source)) % 10**6
    project.suite("a")
    settings = f"description: x\nrules:\n  name: {{compare: 'lab_{number}:same'}}\n"
    project.write({"evals/notes/suite.yaml": settings})
    if source:
        project.write({f"evals/notes/lab_{number}.py": source})
    said = project.harness("check", "evals")
    assert said.code == 3
    assert told.format(n=number) in said.err + said.out
    assert "suite.yaml:3" in said.err + said.out or f"lab_{number}.py:1" in said.err + said.out


def test_files_are_judged_by_functions_beside_the_rules(project: Project) -> None:
    lines = {"id": "a", "value": {"name": "a  b"}}, {"id": "a", "value": {"name": "b a"}}
    project.write(
        {
            "judge/rules.yaml": "name: {compare: 'lab_four:same'}\n",
            "judge/lab_four.py": "def same(e, p):\n    return set(e.split()) == set(p.split())\n",
            "truths.jsonl": json.dumps(lines[0]),
            "said.jsonl": json.dumps(lines[1]),
        }
    )
    both = "truths.jsonl", "said.jsonl", "--rules", "judge/rules.yaml", "--format", "json"
    said = project.harness("score", *both)
    assert json.loads(said.out)["aggregate"]["micro"]["f1"] == 1
    streamed = project.harness("score", *both, "--workers", "1")
    assert json.loads(streamed.out)["signature"] == json.loads(said.out)["signature"]


def test_a_cases_own_rules_hold_in_its_run_and_when_it_is_scored_again(project: Project) -> None:
    project.suite("a", "b")
    project.write({"ground_truth/notes/a.rules.yaml": "total: {any_of: [6]}\n"})
    for case in "ab":
        project.answer(case, json.dumps({"total": 6, "name": case}))
    assert project.harness("run", "-q").code == 0
    folder = project.run_folder()

    def scores() -> list[float]:
        found = stored_results(folder)
        return [case["f1"] for case in found["cases"]]

    assert scores() == [1, 0.5]
    assert project.harness("rescore", folder).code == 0
    assert scores() == [1, 0.5]
    assert "any_of" in project.harness("explain", folder, "a", "total").out
    said = project.harness("score", "ground_truth/notes", "evals/notes/answers/good")
    assert "micro F1    75.0 % (6/8)" in said.out


def test_rescoring_with_a_suite_stores_it_in_the_run(project: Project) -> None:
    project.suite("a")
    assert project.harness("run", "-q").code == 0
    folder = project.run_folder()
    project.write({"ground_truth/notes/a.json": '{"total": 7, "name": "a"}'})
    assert project.harness("rescore", folder, "--suite", "evals").code == 0
    stored = json.loads((folder / "cases.jsonl").read_text("utf-8"))
    assert stored["truth"]["total"] == 7
    before = (folder / "eval-results.json").read_bytes()
    assert project.harness("rescore", folder).code == 0
    assert (folder / "eval-results.json").read_bytes() == before
