"""How a run is named, or left unnamed, and where runs are looked for."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from tests.cli.conftest import Project


def twice(project: Project) -> None:
    """Run the suite with an extractor that is wrong, and then with one that is right."""
    project.suite("a")
    project.extractors(
        bad="{kind: recorded, answers: answers/bad}", good="{kind: recorded, answers: answers/good}"
    )
    project.write({"evals/notes/answers/bad/a.json": '{"total": 7, "name": "a"}'})
    for name in ("bad", "good"):
        assert project.harness("run", "-q", "-e", name).code == 0


def test_the_last_run_is_meant_where_none_is_named(project: Project) -> None:
    twice(project)
    assert "notes-good" in project.harness("report").out
    assert project.harness("rescore").code == 0
    assert project.harness("explain", "a", "total").out.startswith("notes \u00b7 good \u00b7 a\n")
    assert "notes \u00b7 bad" in project.harness("explain", "bad", "a", "total").out
    assert project.harness("feedback").code == 0
    assert '"extractor": "good"' in project.harness("truth", "export", "--all").out
    assert "noted in" in project.harness("truth", "dispute", "bad", "a", "total").out
    assert project.harness("compare", "bad").out.startswith("notes \u00b7 bad \u2192 good")


def test_the_last_run_is_not_compared_with_itself(project: Project) -> None:
    twice(project)
    said = project.harness("compare", "last")
    assert (said.code, said.out) == (2, "")
    assert "is the last run itself [same-run]" in said.err


def test_runs_are_found_from_a_folder_inside_the_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice(project)
    monkeypatch.chdir(project.root / "evals" / "notes")
    assert project.harness("show").code == 0
    assert project.harness("history").code == 0


@pytest.mark.parametrize("command", ["history", "view"])
def test_a_folder_of_reports_that_is_not_there_is_refused(project: Project, command: str) -> None:
    twice(project)
    before = project.tree()
    said = project.harness(command, "--reports", "reprots")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("there is no folder 'reprots' [no-reports]\n")
    assert "did you mean 'reports'?" in said.err
    assert "is no folder" in project.harness(command, "--reports", "pyproject.toml").err
    assert project.tree() == before


@pytest.mark.parametrize("words", [("help",), ("help", "run"), ("help", "prompt", "diff")])
def test_help_can_be_asked_for_as_a_command(project: Project, words: tuple[str, ...]) -> None:
    said = project.harness(*words)
    assert (said.code, said.out) == (0, project.harness(*words[1:], "--help").out)


def test_every_command_says_what_it_does_in_a_line_that_is_not_cut(project: Project) -> None:
    for words in ((), ("prompt",), ("truth",), ("cache",)):
        said = project.harness(*words, "--help")
        assert said.code == 0
        assert "..." not in said.out.partition("--help")[2]


def test_an_empty_story_is_said_to_be_empty(project: Project) -> None:
    project.suite("a")
    project.write({"prompts/read.md": "Read it."})
    told = project.harness("prompt", "log", "prompts/read.md")
    assert (told.code, told.out) == (0, "")
    assert told.err.startswith("prompts/read.md: nothing is recorded yet")
    told = project.harness("truth", "list")
    assert (told.code, told.out, told.err) == (0, "", "no disputes under evals\n")


def test_the_tab_key_completes_commands_options_and_runs(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    twice(project)
    monkeypatch.setenv("_HARNESS_COMPLETE", "bash_complete")
    for typed, there in (("sho", "show"), ("show la", "last"), ("show --er", "--errors")):
        monkeypatch.setenv("COMP_WORDS", f"harness {typed}")
        monkeypatch.setenv("COMP_CWORD", str(len(typed.split())))
        said = CliRunner().invoke(main, prog_name="harness")
        assert f"plain,{there}" in said.stdout.splitlines()


def test_last_counts_back_and_takes_a_name(project: Project) -> None:
    twice(project)
    assert "notes-good" in project.harness("report", "last").out
    assert "notes-bad" in project.harness("report", "last~1").out
    assert "notes-bad" in project.harness("report", "last:bad").out
    twice(project)
    assert "notes-bad" in project.harness("report", "last~3").out
    first, second = (project.harness("report", named).out for named in ("last:bad~1", "last:bad"))
    assert first != second
    assert "notes-bad" in first
    said = project.harness("report", "last~4")
    assert (said.code, said.out) == (2, "")
    assert "'last~4' goes back too far: there are 4 such runs [no-run]" in said.err
    assert "no run in reports is called 'nobody'" in project.harness("report", "last:nobody").err


def test_a_name_of_several_runs_means_the_newest_and_of_other_suites_none(project: Project) -> None:
    twice(project)
    twice(project)
    newest = project.harness("report", "bad").out
    assert newest == project.harness("report", "last:bad").out
    said = project.harness("report", "notes")
    assert (said.code, said.out) == (2, "")
    assert "4 runs have 'notes' in their names [many-runs]" in said.err


@pytest.mark.parametrize("name", ["good", "last"])
def test_a_folder_that_holds_no_run_hides_none(project: Project, name: str) -> None:
    twice(project)
    there = project.harness("report", name)
    (project.root / name).mkdir()
    assert (there.code, project.harness("report", name).out) == (0, there.out)
    (project.root / "nothing").mkdir()
    said = project.harness("report", "nothing")
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith("nothing: this is no run folder [no-run]")


def test_new_reports_are_kept_out_of_git_and_others_are_left_alone(project: Project) -> None:
    twice(project)
    assert (project.root / "reports" / ".gitignore").read_text("utf-8") == "*\n"
    (project.root / "reports" / ".gitignore").unlink()
    assert project.harness("run", "-q", "-e", "good").code == 0
    assert not (project.root / "reports" / ".gitignore").exists()
