"""What a task says of the rules, and what the guards say to an edit: the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.core.values import Json
from tests.improve.projects import Notes


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Notes:
    """A suite that was run, whose answers say the city otherwise than the truths do."""
    monkeypatch.chdir(tmp_path)
    found = Notes(tmp_path)
    for number, city in enumerate(("Bergen", "Tromsdalen", "Kirkenes", "Longyearbyen")):
        text = f"Note {number}: paid in {city} and nowhere else at all."
        truth: Json = {"total": number + 100, "city": f"XX-{city[:4]}"}
        found.case(f"n{number:02}", text, truth, {"total": f"{number + 100}", "city": city})
    return found


def harness(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)


def task_of(notes: Notes) -> str:
    run = notes.run()
    assert harness("feedback", run, "--suite", notes.folder).exit_code == 0
    return (run / "feedback" / "TASK.md").read_text("utf-8")


def check_of(task: str) -> list[str]:
    """Return the command that a task names to check an edit with."""
    found = re.search(r"`harness (prompt check [^`]+)`", task)
    assert found is not None
    return found[1].split()


def test_the_command_that_a_task_names_tells_what_the_guards_say(notes: Notes) -> None:
    check = check_of(task_of(notes))
    fields = notes.root / "prompts" / "notes" / "user.md"
    before = fields.read_text("utf-8")
    unchanged = harness(*check)
    assert (unchanged.exit_code, "refused  nothing is changed" in unchanged.output) == (1, True)
    fields.write_text(before + "The total is a bare number.\n", encoding="utf-8")
    passed = harness(*check)
    assert (passed.exit_code, "passed   nothing was asked" in passed.output) == (0, True)
    assert "changed  user.md" in passed.output
    fields.write_text("Of paid in Tromsdalen and nowhere else.", encoding="utf-8")
    refused = harness(*check)
    assert refused.exit_code == 1
    assert "refused  `{{ document }}` is gone from the templates" in refused.output
    assert "refused  user.md: copies a document" in refused.output


def test_a_longer_prompt_and_a_value_of_a_truth_can_be_allowed(notes: Notes) -> None:
    check = check_of(task_of(notes))
    user = notes.root / "prompts" / "notes" / "user.md"
    user.write_text(user.read_text("utf-8") + "Write XX-Trom.\n" + "so " * 2000, encoding="utf-8")
    assert harness(*check).output.count("refused") == 2
    assert harness(*check, "--allow", "XX-Trom", "--max-prompt-tokens", "9000").exit_code == 0


def test_without_a_version_to_check_against_it_says_how_to_name_one(notes: Notes) -> None:
    task_of(notes)
    found = harness("prompt", "check", notes.folder)
    assert (found.exit_code, "[no-earlier-version]" in found.output) == (3, True)


def test_the_prompt_that_a_task_is_about_can_be_put_back(notes: Notes) -> None:
    version = check_of(task_of(notes))[-1]
    user = notes.root / "prompts" / "notes" / "user.md"
    before = user.read_bytes()
    user.write_text("{{ document }}", encoding="utf-8")
    assert harness("prompt", "rollback", notes.root / "prompts/notes", version).exit_code == 0
    assert user.read_bytes() == before


def test_a_task_says_how_far_an_edit_may_go_and_how_it_is_judged(notes: Notes) -> None:
    task = task_of(notes)
    assert "a right value of 6 characters or more, 5 words in a row of a document" in task
    assert re.search(r"come to \d+ tokens, .+; more than \d+ are refused", task)
    assert "It takes the place of what the schema says of the field" in task
    assert re.search(r"`harness run \S+ -e answers` and `harness compare \S+ last`", task)


def test_what_is_only_named_can_be_seen_in_full(notes: Notes) -> None:
    run = notes.run()
    harness("feedback", run, "--suite", notes.folder, "--top", "1")
    task = (run / "feedback" / "TASK.md").read_text("utf-8")
    found = re.search(r"To see them in full: `harness (feedback [^`]+)`", task)
    assert found is not None
    assert harness(*found[1].split(), "--suite", notes.folder).exit_code == 0
    assert "## Cluster 2" in (run / "feedback" / "TASK.md").read_text("utf-8")


def test_truths_that_differ_alike_in_many_documents_are_a_convention_to_be_told(
    notes: Notes,
) -> None:
    task = task_of(notes)
    assert "In 4 places the answer stands in the document and the truth does not." in task
    assert 'expected  "XX-Berg"\ngot       "Bergen"' in task
    assert "Do not teach these to the prompt" not in task


def test_a_target_that_doubtful_truths_keep_away_is_called_out_of_reach(notes: Notes) -> None:
    for number in (0, 1):
        (notes.folder / "answers" / f"n{number:02}.txt").unlink()
        (notes.folder / "documents" / f"n{number:02}.txt").unlink()
        (notes.folder / "ground_truth" / f"n{number:02}.json").unlink()
    run = notes.run()
    harness("feedback", run, "--suite", notes.folder, "--target", "0.9")
    task = (run / "feedback" / "TASK.md").read_text("utf-8")
    assert "Do not teach these to the prompt" in task
    assert "50.0 % is the most that can be reached: 90 % is out of reach for any edit" in task
