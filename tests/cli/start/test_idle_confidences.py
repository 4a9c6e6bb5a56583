"""Confidences of paths that their answer does not have are told once, on every way in."""

from __future__ import annotations

import json

import pytest

import harness
from harness.core.values import Json
from tests.cli.conftest import Project

WORDS = (
    "of no value of the answer, as 'totl' of case 'c0': nothing is made of them; write paths as"
    " `items[0].name`"
)
TRUTH: dict[str, Json] = {"total": 5, "items": [{"name": "x"}]}
SURE = {"totl": 0.9, "items[0].name": 0.8, "items[0]": 0.7, "items.0.name": 0.8}


def line(number: int) -> str:
    return json.dumps({"id": f"c{number}", "value": TRUTH, "confidences": SURE}) + "\n"


def answered(project: Project, count: int, line_of: object = line) -> None:
    assert callable(line_of)
    project.write(
        {
            "evals/notes/suite.yaml": "extractor: {kind: recorded, answers: answers.jsonl}\n",
            "evals/notes/answers.jsonl": "".join(map(line_of, range(count))),
            "truths.jsonl": "".join(
                json.dumps({"id": f"c{n}", "value": TRUTH}) + "\n" for n in range(count)
            ),
        }
    )
    for number in range(count):
        project.write(
            {
                f"evals/notes/documents/c{number}.txt": f"5 x {number}",
                f"ground_truth/notes/c{number}.json": json.dumps(TRUTH),
            }
        )


@pytest.mark.parametrize(("count", "idle", "of"), [(1, "2", "4"), (3, "6", "12")])
def test_a_run_and_its_report_say_which_confidences_are_of_nothing(
    project: Project, count: int, idle: str, of: str
) -> None:
    answered(project, count)
    said = project.harness("run", "evals")
    assert said.code == 0
    words = " ".join(said.out.split())
    assert words.count(f"{idle} of {of} confidences are {WORDS}") == 1
    stored = project.results()["confidence"]["extractor"]["idle"]
    assert stored == {"paths": int(idle), "of": int(of), "case": "c0", "path": "totl"}
    assert f"{idle} of {of} confidences are" in (project.run_folder() / "report.html").read_text()
    again = project.harness("rescore", "last")
    assert " ".join(again.out.split()).count(WORDS) == 1


@pytest.mark.parametrize("count", [3, 3_000])
def test_files_that_are_scored_say_it_once_whatever_their_number(
    project: Project, count: int
) -> None:
    project.write(
        {
            "truths.jsonl": "".join(
                json.dumps({"id": f"c{n}", "value": TRUTH}) + "\n" for n in range(count)
            ),
            "said.jsonl": "".join(map(line, range(count))),
        }
    )
    said = project.harness("score", "truths.jsonl", "said.jsonl")
    assert said.code == 0
    assert " ".join(said.out.split()).count(WORDS) == 1


def test_an_envelope_within_the_answer_says_it_too(project: Project) -> None:
    def stated(number: int) -> str:
        value = {"value": TRUTH, "confidences": SURE}
        return json.dumps({"id": f"c{number}", "value": value}) + "\n"

    answered(project, 2, stated)
    said = project.harness("run", "evals")
    assert f"4 of 8 confidences are {WORDS}" in " ".join(said.out.split())


def test_a_confidence_for_siblings_that_are_not_there_is_told(project: Project) -> None:
    def beside(number: int) -> str:
        value = {**TRUTH, "__confidence": {"total": 0.5, "totl": 0.9}}
        return json.dumps({"id": f"c{number}", "value": value}) + "\n"

    answered(project, 1, beside)
    said = project.harness("run", "evals")
    assert f"1 of 2 confidences is {WORDS}" in " ".join(said.out.split())


def test_a_corpus_in_python_says_it_among_its_warnings() -> None:
    wrapped = {"value": TRUTH, "confidences": SURE}
    for said in (wrapped, harness.Answer(TRUTH, confidences=tuple(SURE.items()))):
        report = harness.evaluate({"c0": TRUTH}, {"c0": said})
        assert report.warnings == (f"2 of 4 confidences are {WORDS}",)
        assert report.macro.f1 == 1.0


def test_values_that_thresholds_withhold_and_paths_that_are_right_are_not_told(
    project: Project,
) -> None:
    def right(number: int) -> str:
        sure = {"total": 0.1 * (number % 10), "items[0].name": 0.8, "items": 0.5, "items[0]": 0.5}
        return json.dumps({"id": f"c{number}", "value": TRUTH, "confidences": sure}) + "\n"

    answered(project, 3, right)
    said = project.harness("run", "evals")
    assert "of no value" not in said.out
    assert "idle" not in project.results()["confidence"]["extractor"]
