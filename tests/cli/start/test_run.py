"""`harness run`: what is run, what is said, and what lies in the reports folder afterwards."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Project, parted
from tests.patience import PATIENCE

RUN_FILES = {"cases.jsonl", "eval-results.json", "predictions.jsonl", "report.html", "run.json"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("path", ["evals", "evals/notes", "evals/notes/suite.yaml"])
def test_a_suite_can_be_named_by_folder_and_by_file(project: Project, path: str) -> None:
    project.suite()
    said = project.harness("run", path)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("notes \u00b7 good \u00b7 3 cases")
    assert "micro F1    100 % (12/12)" in said.out
    assert names(project.run_folder()) == RUN_FILES
    assert names(project.root / "reports") == {
        project.run_folder().name,
        ".gitignore",
        "history.html",
        "index.html",
    }
    assert f"report      reports/{project.run_folder().name}/report.html" in said.out


@pytest.mark.parametrize("path", ["evals/notes/documents/b.txt", "ground_truth/notes/b.json"])
def test_one_document_or_ground_truth_means_its_case_alone(project: Project, path: str) -> None:
    project.suite()
    said = project.harness("run", path)
    assert said.code == 0
    assert [case["id"] for case in project.results()["cases"]] == ["b"]


def test_a_folder_of_suites_is_run_suite_by_suite_and_extractor_by_extractor(
    project: Project,
) -> None:
    project.suite("x", name="alpha")
    project.suite()
    good = "{kind: recorded, answers: answers/good}"
    project.extractors(good=good, again=good)
    said = project.harness("run")
    assert said.code == 0
    lines = said.out.splitlines()
    heads = [line for line in lines if line.count(" \u00b7 ") >= 2 and "case" in line]
    assert [line.split(" \u00b7 ")[:2] for line in heads] == [
        ["alpha", "good"],
        ["notes", "good"],
        ["notes", "again"],
    ]
    table = said.out[said.out.index("suite  extractor") :]
    assert table.splitlines()[-1] == "all runs   reports/index.html"
    index = (project.root / "reports" / "index.html").read_text(encoding="utf-8")
    assert len(set(re.findall(r'href="([^"]*/report\.html)"', index))) == 3


def test_only_the_extractors_named_are_run(project: Project) -> None:
    project.suite()
    good = "{kind: recorded, answers: answers/good}"
    project.extractors(one=good, two=good, three=good)
    said = project.harness("run", "-e", "three", "--extractor", "one", "-q")
    assert said.code == 0
    assert [Path(line).parent.name.split("-")[-1] for line in said.out.splitlines()] == [
        "one",
        "three",
    ]


def test_an_unknown_extractor_gets_the_nearest_name_and_nothing_is_run(project: Project) -> None:
    project.suite()
    before = project.tree()
    said = project.harness("run", "-e", "good", "-e", "goood")
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "no suite has an extractor 'goood' [unknown-extractor]\n  hint: did you mean 'good'?\n"
    )
    assert project.tree() == before


def test_run_folders_go_where_the_option_says(project: Project) -> None:
    project.suite()
    said = project.harness("run", "-q", "--reports", "out/of the way")
    assert said.code == 0
    (page,) = map(Path, said.out.splitlines())
    assert page.parts[:2] == ("out", "of the way")
    assert names(page.parent) == RUN_FILES
    assert (project.root / "out/of the way/index.html").is_file()
    assert not (project.root / "reports").exists()


def test_quiet_prints_the_path_of_the_report_alone(project: Project) -> None:
    project.suite()
    said = project.harness("run", "--quiet")
    expected = f"reports/{project.run_folder().name}/report.html\n"
    assert (said.code, said.out, said.err) == (0, expected, "")


def test_two_runs_in_one_second_get_a_folder_each(project: Project) -> None:
    project.suite()
    good = "{kind: recorded, answers: answers/good}"
    project.write({"evals/notes/suite.yaml": f"extractors: {{a b: {good}, a_b: {good}}}\n"})
    said = project.harness("run", "-q")
    assert said.code == 0
    assert len(set(said.out.splitlines())) == 2


@pytest.mark.parametrize("concurrency", ["1", "2", "1000"])
def test_results_do_not_depend_on_concurrency(project: Project, concurrency: str) -> None:
    project.suite(*"abcdef")
    project.answer("d", '{"total": 6}')
    assert project.harness("run", "-j", concurrency).code == 0
    found = [(case["id"], case["correct_fields"]) for case in project.results()["cases"]]
    assert found == [("a", 2), ("b", 2), ("c", 2), ("d", 0), ("e", 2), ("f", 2)]


def test_warnings_go_to_standard_error_and_do_not_stop_a_run(project: Project) -> None:
    project.suite()
    project.write({"ground_truth/notes/b.json": "{}"})
    said = project.harness("run", "-q")
    assert said.code == 0
    assert said.err == (
        "warning: ground_truth/notes/b.json: expects nothing: no value is present [empty-truth]\n"
    )


def test_a_case_without_a_recorded_answer_makes_the_run_incomplete(project: Project) -> None:
    project.suite()
    (project.root / "evals/notes/answers/good/b.json").unlink()
    said = project.harness("run")
    assert said.code == 4
    assert "INCOMPLETE  2 of 3 answered" in said.out
    assert "not asked   b: no recording" in said.out
    assert said.err == "incomplete: some cases were never answered; see the report\n"
    assert project.results()["complete"] is False
    assert project.stored("run.json")["complete"] is False


def test_an_answer_that_cannot_be_read_is_a_failure_and_the_run_is_complete(
    project: Project,
) -> None:
    project.suite()
    project.answer("b", "I am sorry, I cannot do that.")
    said = project.harness("run")
    assert (said.code, said.err) == (0, "")
    assert "no answer   b: " in said.out
    assert project.results()["aggregate"]["counts"]["omission"] == 2


def test_predictions_are_kept_as_they_came(project: Project) -> None:
    project.suite("a")
    project.answer("a", '```json\n{"total": 5,}\n```')
    assert project.harness("run", "-q").code == 0
    (line,) = (project.run_folder() / "predictions.jsonl").read_text().splitlines()
    stored = json.loads(line)
    assert stored["case_id"] == "a"
    assert stored["said"]["raw"] == '```json\n{"total": 5,}\n```'
    assert stored["said"]["repairs"] == ["code_fence", "trailing_comma"]
    assert stored["seconds"] >= 0


@pytest.mark.parametrize("broken", ['{"a', "{}", "[]", '{"run_id": 5}'])
def test_a_broken_run_folder_does_not_spoil_the_runs_after_it(
    project: Project, broken: str
) -> None:
    project.suite()
    project.write({"reports/20200101-000000-old/run.json": broken})
    said = project.harness("run")
    assert said.code == 0
    assert "100 %" in said.out
    index = (project.root / "reports" / "index.html").read_text("utf-8")
    assert "reports/20200101-000000-old/run.json" in index


def test_a_suite_and_an_extractor_with_very_long_names_get_a_folder(project: Project) -> None:
    project.suite()
    name = "\u00e9" * 50  # as many bytes as a name may have
    good = "{kind: recorded, answers: answers/good}"
    truths = "ground_truth: ../../ground_truth/notes"
    project.write({"evals/notes/suite.yaml": f"name: {name}\n{truths}\nextractors: {{{name * 3}: {good}}}"})  # fmt: skip # noqa: E501
    assert project.harness("run", "-q").code == 0
    assert len(project.run_folder().name.encode()) < 255
    assert project.results()["suite"] == name


def test_what_it_says_can_be_printed_in_ascii(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    project.suite()
    project.answer("a", '{"total": 5, "name": "caf\u00e9"}')
    process = project.start("run")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, parted(err)[0]) == (0, "")
    assert "macro F1" in out
    assert out.isascii()
