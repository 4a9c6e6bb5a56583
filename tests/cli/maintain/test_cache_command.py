"""`harness cache`: which answers of which project."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cases.files.places import project_at
from tests.cli.asked import asking
from tests.cli.conftest import Project
from tests.extract.server.serving import serving

MARKS = (".git", "pyproject.toml", "ground_truth")


@pytest.mark.parametrize("place", [".", "evals", "evals/asked", "evals/asked/documents/c000.txt"])
def test_the_cache_of_a_project_is_found_wherever_in_it_one_is(
    project: Project, place: str
) -> None:
    with serving() as server:
        asking(project, server, 1)
        assert project.harness("run", "-q").code == 0
    for mark in (".git", "pyproject.toml"):  # a project may have its truths to go by and no more
        assert not (project.root / mark).is_dir()
        (project.root / mark).unlink(missing_ok=True)
    assert server.url in project.harness("cache", "show", place).out
    assert project.harness("cache", "prune", place).out == "dropped 1 answer\n"


@pytest.mark.parametrize("place", [".", "evals", "evals/asked"])
def test_the_cache_of_suites_without_any_mark_is_where_their_runs_wrote_it(
    project: Project, place: str
) -> None:
    with serving() as server:
        asking(project, server, 1)
        for mark in (".git", "pyproject.toml"):
            (project.root / mark).unlink(missing_ok=True)
        (project.root / "ground_truth/asked").rename(project.root / "evals/asked/ground_truth")
        (project.root / "ground_truth").rmdir()
        assert project.harness("run", "-q").code == 0
    assert server.url in project.harness("cache", "show", place).out
    assert project.harness("cache", "prune", place).out == "dropped 1 answer\n"


@pytest.mark.parametrize("mark", MARKS)
def test_a_folder_with_a_mark_is_its_projects_root(tmp_path: Path, mark: str) -> None:
    suite = tmp_path / "work" / "evals" / "notes"
    suite.mkdir(parents=True)
    (suite / "suite.yaml").touch()
    root = tmp_path / "work"
    (root / mark).mkdir()
    assert {project_at(place) for place in (root, root / "evals", suite)} == {root}


def test_without_a_mark_a_folder_of_suites_is_the_project(tmp_path: Path) -> None:
    suite = tmp_path / "notes"
    suite.mkdir()
    (suite / "suite.yml").touch()
    assert project_at(suite) == project_at(tmp_path) == tmp_path


@pytest.mark.parametrize("what", ["folder", "text"])
def test_what_is_no_cache_is_left_alone_and_begins_no_run(
    project: Project, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = project.root / "mine"
    path.mkdir() if what == "folder" else path.write_text("Nobody must lose this text. " * 9)
    monkeypatch.setenv("HARNESS_CACHE", str(path))
    with serving() as server:
        asking(project, server, 1)
        said = project.harness("run", "-q")
        assert (said.code, "the cache cannot be used" in said.err) == (3, True)
        assert "delete" not in said.err
        assert project.harness("show").err.startswith("no runs in reports")
        assert not server.counts.calls
        assert project.harness("run", "-q", "--no-cache").code == 0
