"""A truth that seems wrong under one prompt only is not suspected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.values import Json
from harness.improve.diagnosis.study import StudyScope, study
from harness.improve.feedback.bundle import Bundle
from harness.improve.feedback.bundle_of_run import bundle_of
from harness.improve.feedback.task_md import task_text
from tests.improve.projects import Notes

TEXT = "Seven paid in Bergen, not in Voss."


@pytest.fixture
def notes(tmp_path: Path) -> Notes:
    return Notes(tmp_path)


def run(notes: Notes, prompt: str, *answers: str) -> Path:
    """Run with a prompt that has its own answers."""
    notes.write({"prompts/notes/user.md": f"{prompt}\n{{{{ document }}}}\n"})
    for number, said in enumerate(answers):
        notes.case(f"n{number}", TEXT, {"city": "Oslo"}, {"city": said})
    return notes.run()


def told(notes: Notes, folder: Path) -> Bundle:
    return bundle_of(study(folder, notes.suite(), StudyScope()), StudyScope())


def doubted(notes: Notes, folder: Path) -> dict[str, int]:
    found = told(notes, folder)
    return {row.case_id: row.prompts for each in found.error_reports for row in each.suspects}


def test_what_every_prompt_got_is_suspect_and_said_to_be(notes: Notes) -> None:
    run(notes, "One", "Bergen", "Bergen")
    run(notes, "Two", "Bergen", "Bergen")
    last = run(notes, "Three", "Bergen", "Bergen")
    assert doubted(notes, last) == {"n0": 2, "n1": 2}
    assert "also      said under 2 other prompts" in task_text(told(notes, last))


def test_one_prompt_that_got_something_else_takes_the_suspicion_away(notes: Notes) -> None:
    run(notes, "One", "Bergen", "Voss")
    last = run(notes, "Two", "Bergen", "Bergen")
    assert doubted(notes, last) == {"n0": 1}


def test_the_same_prompt_again_another_document_and_a_broken_run_prove_nothing(
    notes: Notes,
) -> None:
    run(notes, "One", "Voss")
    broken = run(notes, "Two", "Voss")
    (broken / "predictions.jsonl").write_text("{", encoding="utf-8")
    other = run(notes, "Three", "Voss")
    record = json.loads((other / "run.json").read_text("utf-8"))
    digests: dict[str, Json] = dict.fromkeys(record["documents"], "0" * 64)
    (other / "run.json").write_text(json.dumps({**record, "documents": digests}), "utf-8")
    last = run(notes, "One", "Bergen")
    assert doubted(notes, last) == {"n0": 0}


def test_a_case_that_another_prompt_got_no_answer_to_proves_nothing(notes: Notes) -> None:
    folder = run(notes, "One", "Voss")
    notes.write({"evals/notes/answers/n0.txt": "I would rather not."})
    assert run(notes, "Two").is_dir()
    (folder / "run.json").unlink()
    last = run(notes, "Three", "Bergen")
    assert doubted(notes, last) == {"n0": 0}
