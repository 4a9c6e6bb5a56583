"""An agent that edits a copy: what it may bring back, and what stops it."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.improve.editors.agent_isolation import has_sandbox
from tests.extract.server.behaviour import Behaviour
from tests.extract.server.serving import serving
from tests.improve.toy import USER, answer, write_project
from tests.patience import wait_until

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


def improve(folder: Path, *programs: str, options: Sequence[str] = ()) -> Result:
    """Improve with one program after the other as the agent; return how the last ended."""
    script = folder / "agent.py"
    engine = f"command:{shlex.join([sys.executable, str(script)])} {{task}}"

    def run(program: str) -> Result:
        script.write_text(program, encoding="utf-8")
        return CliRunner().invoke(
            main, ["improve", str(suite), "--engine", engine, "--target=0.99", *options]
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
        ("from pathlib import Path; Path('prompts/toy/user.md').unlink()", 1, "[missing-file]"),
        ("import shutil; shutil.rmtree('prompts')", 1, "the prompt's files are gone"),
        ("open('prompts/toy/evil.py', 'w').close()", 1, "evil.py"),
        ("import os; os.symlink('/etc/passwd', 'prompts/toy/system.md')", 1, "system.md"),
        ("import os; os.mkfifo('prompts/toy/system.md')", 1, "refused: "),
        (
            "from pathlib import Path; Path('prompts/toy/user.md').write_text('No document')",
            1,
            "`{{ document }}` is gone",
        ),
    ],
)
def test_an_agent_that_does_harm_changes_nothing(
    tmp_path: Path, program: str, code: int, said: str
) -> None:
    found = improve(tmp_path, program)
    assert (found.exit_code, said in found.output) == (code, True), found.output
    assert (tmp_path / "project/prompts/toy/user.md").read_text("utf-8") == USER


@pytest.mark.parametrize(
    "target",
    [
        "ground_truth/toy/paper-00.json",
        "evals/other/suite.yaml",
        "prompts/toy/user.md",
        ".git/hooks/pre-commit",
    ],
)
def test_what_an_agent_changes_outside_its_folder_stops_all_and_is_named(
    tmp_path: Path, target: str
) -> None:
    program = f"""\
from pathlib import Path
file = Path({str(tmp_path / "project" / target)!r})
file.parent.mkdir(parents=True, exist_ok=True)
file.write_text("{{}}")
"""
    found = improve(tmp_path, program, options=["--sandbox", "none"])
    assert found.exit_code == 3, found.output
    assert "[out-of-reach]" in found.output
    assert target in found.output


LOOK_ROUND = """\
import os, sys
from pathlib import Path
project = Path(__file__).parent / "project"
names = [n for n in os.environ if "KEY" in n or "TOKEN" in n]
seen = [p.name for n in ("ground_truth", "evals", ".git") for p in (project / n).rglob("*")]
try:
    (project / "prompts/toy/user.md").write_text("")
    wrote = True
except OSError:
    wrote = False
sys.exit(f"sees {sorted(names)} {seen} {wrote}")
"""


@pytest.mark.skipif(not has_sandbox(), reason="bwrap does not work here")
def test_in_a_sandbox_an_agent_sees_no_truths_and_writes_nowhere_else(tmp_path: Path) -> None:
    found = improve(tmp_path, LOOK_ROUND, options=["--sandbox", "required"])
    assert "agent    in a sandbox (bwrap)" in found.output
    assert "ended with exit code 1: sees [] [] False" in found.output


def test_an_agent_gets_the_keys_it_is_given_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_KEY", "for-the-agent")
    monkeypatch.setenv("OTHER_TOKEN", "not-for-the-agent")
    options = ["--sandbox", "none", "--agent-env", "AGENT_KEY"]
    found = improve(tmp_path, LOOK_ROUND, options=options)
    assert "agent    runs with your rights" in found.output
    assert "sees ['AGENT_KEY'] [" in found.output


ESCAPING = """\
import subprocess, sys
late = "import time; time.sleep(600)"
subprocess.Popen([sys.executable, "-c", late, MARK], start_new_session=True)
open(MARK, "w").close()
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc to find processes in")
def test_what_an_agent_leaves_running_ends_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    improve(tmp_path, ESCAPING.replace("MARK", repr(str(mark))), options=["--sandbox=none"])
    assert mark.exists(), "it was begun"
    wait_until(lambda: not any(str(mark).encode() in line for line in command_lines()))


@pytest.mark.parametrize("sandbox", ["none", "auto"])
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_an_agent_ends_with_harness_however_that_ends_and_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str, how: str
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    mark, agent = tmp_path / "home" / "mark", tmp_path / "agent.py"
    agent.write_text(
        "import os, subprocess, sys, time\nfrom pathlib import Path\n"
        "if sys.argv[1:]:\n    time.sleep(600)\n"
        "subprocess.Popen([sys.executable, __file__, 'child'], start_new_session=True)\n"
        "(Path.home() / 'mark').write_text(os.getcwd())\ntime.sleep(600)\n"
    )
    with serving(Behaviour(answer=answer)) as server:
        suite = write_project(tmp_path / "project", 6, server.url)
        engine = f"command:{shlex.join([sys.executable, str(agent)])}"
        words = ["improve", str(suite), "--engine", engine, "--sandbox", sandbox]
        heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        main = f"{heeding}\nfrom harness.cli.main import main; main()"
        command = [sys.executable, "-c", main, *words]
        harness = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: mark.exists() and mark.read_text() != "")
            scratch = Path(mark.read_text())
            assert scratch.is_dir()
        finally:
            harness.send_signal(signal.Signals[how])
            harness.wait()
    wait_until(lambda: not scratch.exists())
    wait_until(lambda: not any(str(agent).encode() in line for line in command_lines()))


def command_lines() -> Iterator[bytes]:
    """Yield the command of every process, where the system tells."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield file.read_bytes()


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


@pytest.mark.parametrize("option", ["--agent-env=MY_KEY", "--sandbox=required"])
def test_what_is_said_of_an_agent_is_refused_where_there_is_none(
    tmp_path: Path, option: str
) -> None:
    suite = write_project(tmp_path, 2, "http://127.0.0.1:9/v1")
    found = CliRunner().invoke(main, ["improve", str(suite), option])
    assert (found.exit_code, "for an engine that is a command" in found.output) == (2, True)


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
