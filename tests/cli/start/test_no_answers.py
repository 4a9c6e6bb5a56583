"""A run in which nothing was answered never looks like a score of 0."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Project

# Ways in which every case of a run can fail, by how the extractor is set up, and what is said.
WAYS = {
    "a program that ends badly": ("{kind: command, command: [sh, -c, 'exit 7']}", "3 exit code"),
    "a program that says nothing": ("{kind: command, command: ['true']}", "3 empty"),
    "a program that talks": ("{kind: command, command: [echo, sorry]}", "3 not JSON"),
    "no recordings": ("{kind: recorded, answers: answers/none}", "3 no recording"),
}


def set_up(project: Project, spec: str) -> None:
    project.suite("a", "b", "c")
    project.extractors(it=spec)
    project.write({"evals/notes/answers/none/zz.json": "{}"})


@pytest.mark.parametrize("way", sorted(WAYS))
def test_a_run_without_one_answer_begins_with_the_reason_and_ends_with_4(
    project: Project, way: str
) -> None:
    spec, kind = WAYS[way]
    set_up(project, spec)
    said = project.harness("run")
    assert said.code == 4
    first = said.out.split("\n")[0]
    assert first.startswith(f"Every case failed in the same way, so there is no score: {kind}")
    for line in said.out.split("\n"):
        assert not line.startswith(("macro F1", "micro F1"))
    assert " 0 %" not in said.out.split("errors")[0]
    page = (project.run_folder() / "report.html").read_text("utf-8")
    assert "<strong>Incomplete.</strong> Every case failed in the same way" in page
    assert "macro F1 n/a (incomplete)</title>" in page
    gate = project.harness("gate", "last", "--fail-under", "macro=0")
    assert gate.code == 4
    assert "3 of 3 cases never answered, nothing passes" in gate.err


def test_quiet_runs_say_it_on_standard_error(project: Project) -> None:
    set_up(project, WAYS["a program that talks"][0])
    said = project.harness("run", "-q")
    assert said.code == 4
    assert said.err.startswith("warning: Every case failed in the same way")


def test_different_failures_of_all_cases_are_counted(project: Project) -> None:
    project.suite("a", "b", "c")
    project.answer("a", "sorry")
    project.answer("b", "")
    project.answer("c", "neither")
    said = project.harness("run")
    assert said.code == 4
    first = said.out.split("\n")[0]
    assert first.startswith("No case was answered, so there is no score: 2 not JSON, 1 empty")


@pytest.mark.parametrize(("wrong", "share"), [(2, None), (3, "75.0 % (3/4)"), (4, "")])
def test_a_run_that_failed_mostly_says_the_share_first(
    project: Project, wrong: int, share: str | None
) -> None:
    project.suite("a", "b", "c", "d")
    for case in "abcd"[:wrong]:
        project.answer(case, "sorry")
    said = project.harness("run")
    first = said.out.split("\n")[0]
    if share is None:
        assert (said.code, first.startswith("notes")) == (0, True)
    elif share:
        assert said.code == 0, "the figures stand, for what they are"
        assert first.startswith(f"{share} of the cases got no usable answer")
        assert "macro F1" in said.out
    else:
        assert said.code == 4


@pytest.mark.parametrize("count", [3, 3000])
@pytest.mark.parametrize("stream", [False, True])
def test_files_without_one_answer_are_no_score_either(
    project: Project, count: int, *, stream: bool
) -> None:
    truths = (json.dumps({"id": f"{n:04}", "value": {"x": n}}) for n in range(count))
    said = (json.dumps({"id": f"{n:04}", "raw": "sorry"}) for n in range(count))
    project.write({"t.jsonl": "\n".join(truths), "p.jsonl": "\n".join(said)})
    found = project.harness("score", "t.jsonl", "p.jsonl", *(("-j", "1") if stream else ()))
    assert found.code == 4
    first = found.out.split("\n")[0]
    assert "so there is no score" in first
    assert "macro F1" not in found.out


def test_silence_where_nothing_is_expected_is_an_answer(project: Project) -> None:
    project.suite("a", "b")
    for case in "ab":
        project.write({f"ground_truth/notes/{case}.json": "{}"})
        project.answer(case, "{}")
    assert project.harness("run", "-q").code == 0
