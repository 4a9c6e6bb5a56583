"""Answers that were no sound JSON and were mended are counted where they are scored."""

from __future__ import annotations

import json

import pytest

import harness
from tests.cli.conftest import Project

MENDED = "2 of {} answers were mended before they were scored: 2 trailing comma, 1 comment"


def texts(count: int) -> dict[str, tuple[str, str]]:
    """Return truth and answer by case; two answers are mended, one of them twice."""
    whole = {f"c{number:04}": '{"total": 5}' for number in range(count)}
    broken = {"c0000": '{"total": 5,}', "c0001": '{"total": 5, /* sum */}'}
    return {case: (truth, broken.get(case, truth)) for case, truth in whole.items()}


def counted(count: int) -> str:
    return MENDED.format("3\u202f000" if count == 3000 else count)


@pytest.mark.parametrize("count", [3, 3000])
def test_a_run_says_how_many_answers_were_mended_and_how(project: Project, count: int) -> None:
    project.suite(*texts(count))
    for case, (truth, answer) in texts(count).items():
        project.write({f"ground_truth/notes/{case}.json": truth})
        project.answer(case, answer)
    done = project.harness("run", "evals/notes")
    assert f"mended      {counted(count)}\n" in done.out
    assert f"<span>{counted(count)}</span>" in (project.run_folder() / "report.html").read_text(
        "utf-8"
    )
    assert f"mended      {counted(count)}\n" in project.harness("rescore", "last").out


@pytest.mark.parametrize("count", [3, 3000])
def test_scoring_folders_and_streams_says_the_same(project: Project, count: int) -> None:
    lines: tuple[list[str], list[str]] = ([], [])
    for case, (truth, answer) in texts(count).items():
        project.write({f"truths/{case}.json": truth, f"answers/{case}.json": answer})
        lines[0].append(json.dumps({"id": case, "value": json.loads(truth)}))
        lines[1].append(json.dumps({"id": case, "raw": answer}))
    project.write({"truths.jsonl": "\n".join(lines[0]), "answers.jsonl": "\n".join(lines[1])})
    for files in (("truths", "answers"), ("truths.jsonl", "answers.jsonl")):
        done = project.harness("score", *files)
        assert done.code == 0
        assert done.err == f"warning: {files[1]}: {counted(count)} [mended-answers]\n"


def test_sound_answers_are_not_said_to_be_mended(project: Project) -> None:
    project.suite()
    assert "mended" not in project.harness("run", "evals/notes").out
    page = (project.run_folder() / "report.html").read_text("utf-8")
    assert "mended before" not in page


def test_keys_renamed_by_the_suite_are_no_mending(project: Project) -> None:
    project.suite("a", "b", "c")
    spec = "{kind: recorded, answers: answers/good, rename: {sum: total}}"
    project.extractors(good=spec)
    for case in "abc":
        project.answer(case, json.dumps({"sum": 5, "name": case}))
    done = project.harness("run", "evals/notes")
    assert (done.code, "mended" in done.out) == (0, False)


def test_a_report_in_python_warns_of_them() -> None:
    report = harness.evaluate({"a": {"n": 1}}, {"a": '{"n": 1,}'})
    assert report.warnings == ("1 of 1 answer was mended before it was scored: 1 trailing comma",)
