"""Runs that have next to nothing to say: no scored case, only failures, only empty truths."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from tests.cli.conftest import Project
from tests.patience import PATIENCE


def page(project: Project) -> str:
    return (project.run_folder() / "report.html").read_text(encoding="utf-8")


def test_a_run_without_a_single_scored_case_has_a_report_and_no_numbers(project: Project) -> None:
    project.suite()
    for case in "abc":
        (project.root / f"evals/notes/answers/good/{case}.json").unlink()
    said = project.harness("run")
    assert said.code == 4
    assert said.out.startswith("Every case failed in the same way, so there is no score: 3 no rec")
    assert "F1          no case was answered: there is no score" in said.out
    aggregate = project.results()["aggregate"]
    assert aggregate["macro"] == {"precision": None, "recall": None, "f1": None}
    assert aggregate["null_floor"] is None
    assert (aggregate["eval_count"], aggregate["missing_cases"]) == (0, 3)
    assert project.results()["fields"] == []
    assert "Every case failed in the same way" in page(project)
    assert "nan" not in re.sub(r"<(script|style).*?</\1>", "", page(project), flags=re.DOTALL)
    index = (project.root / "reports/index.html").read_text(encoding="utf-8")
    assert "0 of 3 answered" in index


def test_a_run_of_failures_alone_is_no_score_of_0(project: Project) -> None:
    project.suite()
    for case in "abc":
        project.answer(case, "sorry")
    said = project.harness("run")
    assert (said.code, said.err) == (4, "")
    assert said.out.startswith(
        "Every case failed in the same way, so there is no score: 3 not JSON"
    )
    assert "macro F1" not in said.out
    assert said.out.count("no answer   ") == 3
    aggregate = project.results()["aggregate"]
    assert (aggregate["failed_cases"], aggregate["eval_count"]) == (3, 3)
    assert aggregate["perfect_documents"] == {"hits": 0, "of": 3}
    assert "sorry" in page(project)


@pytest.mark.parametrize(
    ("empty", "macro", "shown"), [("skip", None, "n/a"), ("zero", 0, "0 %"), ("one", 1, "100 %")]
)
def test_empty_truths_answered_by_nothing_are_worth_what_the_suite_says(
    project: Project, empty: str, macro: float | None, shown: str
) -> None:
    project.suite()
    for case in "abc":
        project.write({f"ground_truth/notes/{case}.json": '{"total": null, "rows": []}'})
        project.answer(case, "{}")
    suite = project.root / "evals/notes/suite.yaml"
    suite.write_text(suite.read_text() + f"empty: {empty}\n")
    said = project.harness("run")
    assert said.code == 0
    assert said.err.count("[empty-truth]") == 3
    assert f"macro F1    {shown}" in said.out
    assert "micro F1    n/a (0/0)" in said.out
    aggregate = project.results()["aggregate"]
    assert aggregate["macro"]["f1"] == macro
    assert aggregate["micro"]["f1"] is None
    assert aggregate["vacuous_cases"] == 3
    assert aggregate["perfect_documents"] == {"hits": 3, "of": 3}
    assert aggregate["intervals"]["macro_f1"] is None
    assert project.results()["complete"] is True
    assert page(project)


def test_an_empty_truth_answered_with_something_scores_0(project: Project) -> None:
    project.suite("a")
    project.write({"ground_truth/notes/a.json": "{}"})
    said = project.harness("run")
    assert said.code == 0
    # 2 hallucinations, nothing expected: F1 = 0/2.
    assert "micro F1    0 % (0/2)" in said.out


@pytest.mark.parametrize("truth", ["5", '"text"', "[1, 2]", "[]", "null", "true"])
def test_a_truth_need_not_be_an_object(project: Project, truth: str) -> None:
    project.suite("a")
    project.write({"ground_truth/notes/a.json": truth})
    project.answer("a", truth)
    said = project.harness("run")
    assert said.code == 0
    assert project.results()["aggregate"]["perfect_documents"] == {"hits": 1, "of": 1}
    assert page(project)


def test_a_suite_of_answers_without_documents_can_be_run(project: Project) -> None:
    project.suite()
    suite = project.root / "evals/notes/suite.yaml"
    suite.write_text(suite.read_text() + "documents: []\n")
    said = project.harness("run")
    assert (said.code, said.err) == (0, "")
    assert "micro F1    100 % (12/12)" in said.out


def test_an_empty_document_is_a_document_and_is_told(project: Project) -> None:
    project.suite()
    project.write({"evals/notes/documents/b.txt": ""})
    said = project.harness("run")
    assert said.code == 0
    assert said.err.startswith("warning: evals/notes/documents/b.txt: is empty")
    assert page(project)


@pytest.mark.parametrize("words", [("-o", "kept"), ("--report",), ("--csv", "kept.csv")])
def test_what_score_was_asked_to_write_is_there_though_nobody_reads_its_output(
    project: Project, words: tuple[str, ...]
) -> None:
    """As in `harness score ... | head`: the pipe is closed before the first line."""
    project.suite("a", "b")
    truths, answers = "ground_truth/notes", "evals/notes/answers/good"
    before = set(project.tree())
    _unread(project, "score", truths, answers, *words)
    made = {name.rpartition("/")[2] for name in set(project.tree()) - before}
    assert made >= ({"kept.csv"} if "--csv" in words else {"run.json", "eval-results.json"})


@pytest.mark.parametrize(
    ("words", "file"),
    [(("history",), "reports/history.html"), (("split", "evals"), "evals/notes/splits.json")],
)
def test_a_pipe_that_closes_costs_no_file(
    project: Project, words: tuple[str, ...], file: str
) -> None:
    project.suite(*"abcdefghijklmnopqrstuvwx")
    project.harness("run", "-q")
    _unread(project, *words)
    assert (project.root / file).is_file()


def _unread(project: Project, *words: str) -> None:
    read, write = os.pipe()
    os.close(read)
    process = project.start(*words, stdout=write, stderr=subprocess.DEVNULL)
    os.close(write)
    process.wait(PATIENCE)
