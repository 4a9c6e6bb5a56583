"""Where run folders go, and that every command looks for them there, wherever it is typed."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import Project
from tests.train.lined_suite import write_suite


def own_suite(project: Project, suite: str, cases: int = 3) -> None:
    """Write a suite that holds all it needs, answers included, below a folder without a mark."""
    (project.root / "pyproject.toml").unlink()
    files = {f"{suite}/suite.yaml": "extractors:\n  good: {kind: recorded, answers: answers}\n"}
    for number in range(cases):
        files[f"{suite}/documents/d{number}.txt"] = f"total {number}\n"
        files[f"{suite}/ground_truth/d{number}.json"] = json.dumps({"total": number})
        files[f"{suite}/answers/d{number}.json"] = json.dumps({"total": 0})
    project.write(files)


@pytest.mark.parametrize(
    ("suite", "here"),
    [
        ("evals/bills", "."),
        ("evals/bills", "evals"),
        ("evals/bills", "evals/bills"),
        ("evals/bills", "evals/bills/documents"),
        ("my/own/bills", "."),
        ("bills", "."),
        ("bills", "elsewhere"),
    ],
)
@pytest.mark.parametrize("mark", ["", "pyproject.toml", "evals/pyproject.toml"])
def test_a_run_is_found_where_it_was_typed(
    suite: str, here: str, mark: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_suite(project, suite)
    if mark:
        project.write({mark: ""})
    (project.root / here).mkdir(exist_ok=True)
    monkeypatch.chdir(project.root / here)
    ran = project.harness("run", project.root / suite)
    assert ran.code == 0, ran.err
    (record,) = project.root.rglob("run.json")
    for command in ran.next:
        assert project.harness(*shlex.split(command)[1:]).code == 0, command
    last = project.harness("show", "last")
    is_of_another_project = mark == "evals/pyproject.toml" and here == "." and "evals" in suite
    assert (last.code == 2) is is_of_another_project
    if is_of_another_project:
        assert f"harness show {record.parent.relative_to(project.root)} " in ran.next[0]


def test_training_tells_the_run_that_can_stand_beside_it(project: Project) -> None:
    (project.root / "pyproject.toml").unlink()
    suite = write_suite(project.root)
    assert project.harness("train", suite, "-o", "model").next == ("harness run evals/articles",)
    answers = {p.name: p.read_text() for p in (suite / "ground_truth").iterdir()}
    project.write({f"evals/articles/answers/{name}": text for name, text in answers.items()})
    said = json.loads((suite / "suite.yaml").read_text())
    said["extractor"] = {"kind": "recorded", "answers": "answers"}
    (suite / "suite.yaml").write_text(json.dumps(said))
    assert project.harness("run", "evals/articles").code == 0
    (folder,) = Path("reports").glob("2*")
    (told,) = project.harness("train", "evals/articles", "-o", "other").next
    assert told == f"harness train evals/articles -o other --beside {folder.name}"
    again = project.harness(*shlex.split(told.replace("-o other", "-o third"))[1:])
    assert again.code == 0
