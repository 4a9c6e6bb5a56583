"""`harness explain --sum`: what the statements of a case add up to."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Project

RULES = (
    "rules:\n"
    "  statements: {align: position, cumulative: true}\n"
    "  statements[].people: {align: entity, match: [name]}\n"
    "extractors: {good: {kind: recorded, answers: answers/good}}\n"
)


def told(project: Project) -> Path:
    """Leave a run of one case, told in two statements."""
    project.suite("a")
    truth = [
        {"people": [{"id": 1, "name": "Ann"}]},
        {"people": [{"id": 1, "age": 9, "name": "Ann"}]},
    ]
    said = [{"people": [{"id": 7, "name": "Ann", "age": 8}]}, {"people": []}]
    project.write(
        {
            "evals/notes/suite.yaml": RULES,
            "ground_truth/notes/a.json": json.dumps({"statements": truth}),
            "evals/notes/answers/good/a.json": json.dumps({"statements": said}),
        }
    )
    assert project.harness("run", "-q").code == 0
    return project.run_folder()


def test_a_verdict_on_the_sum_is_explained_like_any_other(project: Project) -> None:
    folder = told(project)
    age = "statements[0].people[0].age"
    summed = project.harness("explain", folder, "a", age, "--sum")
    assert (summed.code, summed.err) == (0, "")
    assert f"{age}: wrong value" in summed.out
    assert "note: This is what the statements add up to" in summed.out
    assert "statements add up" not in project.harness("explain", folder, "a", age).out


def test_a_case_without_statements_has_no_sum(project: Project) -> None:
    project.suite("a")
    assert project.harness("run", "-q").code == 0
    said = project.harness("explain", project.run_folder(), "a", "total", "--sum")
    assert said.code == 2
    assert "no rule says `cumulative`" in said.err


def test_the_terminal_tells_of_the_sum(project: Project) -> None:
    folder = told(project)
    said = project.harness("rescore", folder)
    # The sum expects a name and an age; the name is right, the age is not.
    assert "summed up   macro F1 50.0 % \u00b7 micro F1 50.0 %" in said.out
    assert "100 % (2/2)" in said.out
