"""An agent that edits a copy: what it may bring back, and what stops it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from tests.extract.server.behaviour import Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import USER, answer, write_project

GOOD = """\
from pathlib import Path
task = Path("TASK.md").read_text()
assert "paper-02" not in task, "the holdout is never shown"
assert Path("feedback.json").is_file()
fields = Path("prompts/toy/fields")
if not fields.exists():
    fields.mkdir()
    (fields / "when.md").write_text("Written as YYYY-MM-DD.")
    (fields / "currency.md").write_text("An ISO 4217 code.")
Path("notes.txt").write_text("not for you")
"""

LEARNING = """\
from pathlib import Path
task, fields = Path("TASK.md").read_text(), Path("prompts/toy/fields")
fields.mkdir(exist_ok=True)
if "Tried before: `fields/when.md: In words.`: `reject: " in task:
    (fields / "when.md").write_text("Written as YYYY-MM-DD.")
    (fields / "currency.md").write_text("An ISO 4217 code.")
else:
    (fields / "when.md").write_text("In words.")
"""

TAMPER = """\
from pathlib import Path
Path(__file__).parent.joinpath("project/ground_truth/toy/paper-00.json").write_text("{}")
"""


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_KEY", "hushhush")


def improve(folder: Path, *programs: str) -> Result:
    """Improve with one program after the other as the agent; return how the last ended."""
    script = folder / "agent.py"
    engine = f"command:{shlex.join([sys.executable, str(script)])} {{task}}"

    def run(program: str) -> Result:
        script.write_text(program, encoding="utf-8")
        return CliRunner().invoke(
            main, ["improve", str(suite), "--engine", engine, "--target=0.99"]
        )

    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(folder / "project", 18, server.url)
        return [run(program) for program in programs][-1]


def test_an_agent_gets_the_task_and_brings_back_nothing_but_the_prompt(tmp_path: Path) -> None:
    found = improve(tmp_path, GOOD)
    prompt = tmp_path / "project" / "prompts" / "toy"
    assert found.exit_code == 0, found.output
    assert (prompt / "fields" / "currency.md").read_text("utf-8") == "An ISO 4217 code."
    assert sorted(path.name for path in prompt.rglob("*") if path.is_file()) == [
        *("currency.md", "user.md", "when.md"),
    ]


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        ("", 1, "refused: nothing is changed"),
        ("raise SystemExit('no key')", 4, "the agent ended with exit code 1: no key"),
        ("from pathlib import Path; Path('prompts/toy/user.md').unlink()", 3, "[missing-file]"),
        (
            "from pathlib import Path; Path('prompts/toy/user.md').write_text('No document')",
            1,
            "`{{ document }}` is gone",
        ),
        (
            TAMPER,
            3,
            "[out-of-reach]",
        ),
    ],
)
def test_an_agent_that_does_harm_changes_nothing(
    tmp_path: Path, program: str, code: int, said: str
) -> None:
    found = improve(tmp_path, program)
    assert (found.exit_code, said in found.output) == (code, True), found.output
    assert (tmp_path / "project/prompts/toy/user.md").read_text("utf-8") == USER


def test_an_agent_that_failed_is_called_again_and_what_was_answered_is_not_asked_again(
    tmp_path: Path,
) -> None:
    found = improve(tmp_path, "raise SystemExit(3)", GOOD)
    assert found.exit_code == 0, found.output
    assert "session 1" in found.output, "the same, gone on with"


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("command:no-such-agent {task}", "'no-such-agent' is not there"),
        ("command:'unclosed", "cannot be read: no closing quotation"),
        ("command:", "no command is named"),
    ],
)
def test_a_command_that_cannot_be_run_is_refused_before_anything_is_asked(
    tmp_path: Path, engine: str, said: str
) -> None:
    suite = write_project(tmp_path, 2, "http://127.0.0.1:9/v1")
    found = CliRunner().invoke(main, ["improve", str(suite), "--engine", engine])
    assert (found.exit_code, said in found.output) == (2, True), found.output
    assert not (tmp_path / "reports").exists()


def test_recorded_answers_are_not_improved(tmp_path: Path) -> None:
    suite = write_project(tmp_path, 2, "http://127.0.0.1:9/v1")
    settings = (suite / "suite.yaml").read_text("utf-8")
    recorded = "extractors:\n  old: {kind: recorded, answers: answers}\n"
    (suite / "answers").mkdir()
    (suite / "suite.yaml").write_text(settings.replace("extractors:\n", recorded), "utf-8")
    found = CliRunner().invoke(main, ["improve", str(suite), "-e", "old"])
    assert (found.exit_code, "are recorded" in found.output) == (2, True), found.output


def test_an_agent_is_told_what_its_earlier_edits_came_to(tmp_path: Path) -> None:
    found = improve(tmp_path, LEARNING)
    assert found.exit_code == 0, found.output
    assert "reject" in found.output
