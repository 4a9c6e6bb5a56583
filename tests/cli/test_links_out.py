"""Links that lead out of the project are refused by name, whatever file they stand for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import Project

OUTSIDE = '{"secret": "outside-7781"}'
LINKS = {
    "a document": "evals/notes/documents/b.txt",
    "a truth": "ground_truth/notes/b.json",
    "the schema": "evals/notes/schema.json",
    "a schema of a case": "evals/notes/schemas/b.json",
    "a recorded answer": "evals/notes/answers/good/b.json",
    "a file of recorded answers": "evals/notes/answers.jsonl",
    "a folder of recorded answers": "evals/notes/answers/good",
    "the rules of a case": "ground_truth/notes/b.rules.yaml",
    "the splits": "evals/notes/splits.json",
    "the prompt": "prompts/notes/user.md",
    "an example of the prompt": "prompts/notes/examples/one.json",
    "the suite": "evals/notes/suite.yaml",
    "the log of a reviewer": "ground_truth/notes/review/ann.jsonl",
    "the disputes": "ground_truth/notes/disputes.jsonl",
}


def linked(project: Project, name: str, target: Path) -> None:
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        path.rename(project.root.parent / "moved")
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def suite(project: Project, what: str) -> None:
    project.suite()
    kept = "answers.jsonl" if what == "a file of recorded answers" else "answers/good"
    project.write(
        {
            "evals/notes/suite.yaml": (
                f"prompt: ../../prompts/notes\nextractor: {{kind: recorded, answers: {kept}}}\n"
            ),
            "prompts/notes/user.md": "{{ document }}",
        }
    )


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("what", LINKS)
def test_a_link_out_of_the_project_is_refused_by_name(
    project: Project, what: str, command: str
) -> None:
    suite(project, what)
    outside = project.root.parent / "outside"
    outside.mkdir()
    (outside / "b.json").write_text(OUTSIDE)
    target = outside if what == "a folder of recorded answers" else outside / "b.json"
    linked(project, LINKS[what], target)
    said = project.harness(command, "evals")
    assert (said.code, "outside-7781" in said.out + said.err) == (3, False)
    assert "leads outside the project [outside-project]" in said.err, said.err
    assert not (project.root / "reports").exists()


@pytest.mark.parametrize("what", LINKS)
def test_a_link_within_the_project_is_followed(project: Project, what: str) -> None:
    suite(project, what)
    good = project.root / LINKS[what]
    if not good.exists():
        pytest.skip("there is none of it in a plain suite")
    elsewhere = project.root / "elsewhere"
    good.rename(elsewhere)
    good.symlink_to(elsewhere)
    assert project.harness("check", "evals").code == 0


@pytest.mark.parametrize("count", [3, 3_000])
def test_links_among_many_answers_are_found(project: Project, count: int) -> None:
    suite(project, "")
    outside = project.root.parent / "outside.json"
    outside.write_text(OUTSIDE)
    answers = project.root / "evals/notes/answers/good"
    for number in range(count):
        (answers / f"x{number}.json").write_text("{}")
    (answers / f"x{count - 1}.json").unlink()
    (answers / f"x{count - 1}.json").symlink_to(outside)
    said = project.harness("check", "evals")
    assert said.code == 3
    assert f"x{count - 1}.json: is a link that leads outside the project" in said.err


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize("side", ["truths", "answers"])
@pytest.mark.parametrize("count", [3, 3_000])
def test_links_out_of_a_folder_that_is_scored_are_refused_all_at_once(
    project: Project, side: str, count: int
) -> None:
    outside = project.root.parent / "outside.json"
    outside.write_text(OUTSIDE)
    for name in ("truths", "answers"):
        (project.root / name).mkdir()
        for number in range(count):
            (project.root / name / f"x{number}.json").write_text('{"total": 5}')
    for number in (0, count - 1):
        (project.root / side / f"x{number}.json").unlink()
        (project.root / side / f"x{number}.json").symlink_to(outside)
    said = project.harness("score", "truths", "answers")
    assert (said.code, "outside-7781" in said.out + said.err) == (3, False)
    for number in (0, count - 1):
        what = f"{side}/x{number}.json: is a link that leads outside the project"
        assert what in said.err.replace(os.sep, "/")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_that_is_named_itself_is_scored_and_so_are_links_within(project: Project) -> None:
    elsewhere = project.root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.json").write_text('{"total": 5}')
    (elsewhere / "b.json").symlink_to("a.json")
    (project.root / "latest").symlink_to(elsewhere)
    (project.root / "latest.json").symlink_to(elsewhere / "a.json")
    for named in ("latest", "latest.json"):
        said = project.harness("score", named, named)
        assert said.code == 0, said.err
