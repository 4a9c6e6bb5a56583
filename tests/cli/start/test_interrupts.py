"""Ctrl-C and worse, against real processes whose answers the test holds back.

The extractor says that it has begun through one named pipe and waits for leave to answer at
another, so nothing here depends on how fast anything is.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.cli.conftest import Project, parted
from tests.patience import PATIENCE
from tests.posix import needs_posix

pytestmark = needs_posix

RIGHT = """printf '{"total": 5, "name": "%s"}' "$HARNESS_CASE_ID" """


class Held:
    """A suite of four cases whose extractor answers a and b at once and is held at c and d."""

    def __init__(self, project: Project) -> None:
        self.project = project
        project.suite("a", "b", "c", "d", "e", "f")
        self.began, self.leave = project.root / "began", project.root / "leave"
        for pipe in (self.began, self.leave):
            os.mkfifo(pipe)
        hold = f"echo $HARNESS_CASE_ID > {self.began}; read x < {self.leave}"
        script = f"cat > /dev/null; case $HARNESS_CASE_ID in [ab]) ;; *) {hold};; esac; {RIGHT}"
        command = json.dumps(["sh", "-c", script])
        held = f"{{kind: command, command: {command}, seconds: 60}}"
        project.extractors(held=held, second=held)
        # Both ends stay open here, so that neither side ever waits for the other to open its end.
        self._ends = [os.open(pipe, os.O_RDWR) for pipe in (self.began, self.leave)]
        self._told: IO[str] = os.fdopen(os.dup(self._ends[0]), encoding="utf-8")

    def waiting(self, count: int) -> set[str]:
        """Return the next cases that have begun and wait, once there are so many."""
        return {self._told.readline().strip() for _ in range(count)}

    def let_go(self, count: int) -> None:
        os.write(self._ends[1], b"\n" * count)

    def close(self) -> None:
        self.let_go(100)
        self._told.close()
        for end in self._ends:
            os.close(end)


@pytest.fixture
def held(project: Project) -> Iterator[Held]:
    suite = Held(project)
    yield suite
    suite.close()


@contextlib.contextmanager
def started(held: Held) -> Iterator[subprocess.Popen[str]]:
    """Start a run of two cases at a time, and wait until a and b are answered, c and d begun."""
    process = held.project.start("run", "-j", "2")
    try:
        assert held.waiting(2) == {"c", "d"}
        yield process
    finally:
        process.kill()
        process.communicate()


def told_of_stopping(process: subprocess.Popen[str]) -> str:
    """Return the line that says what is waited for; on a slow machine progress stands before it."""
    assert process.stderr
    return next(line for line in process.stderr if not line.startswith("notes \u00b7 "))


def answered(folder: Path) -> list[str]:
    lines = (folder / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    return sorted(json.loads(line)["case_id"] for line in lines)


def test_ctrl_c_waits_for_what_is_in_flight_and_leaves_a_whole_partial_run(held: Held) -> None:
    project = held.project
    with started(held) as process:
        assert process.stderr
        process.send_signal(signal.SIGINT)
        stopping = told_of_stopping(process)
        assert stopping == "stopping: waiting for 2 cases; Ctrl-C again gives up on them\n"
        held.let_go(2)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 4
    told, following = parted(err)
    assert told == (
        "incomplete: some cases were never answered; see the report\n"
        "interrupted: 1 more run not begun\n"
    )
    assert following == (f"harness run evals/notes --resume {project.run_folder().name}",)
    assert "INCOMPLETE  4 of 6 answered" in out
    assert answered(project.run_folder()) == ["a", "b", "c", "d"]
    assert project.results()["aggregate"]["missing_cases"] == 2
    assert project.results()["aggregate"]["micro"]["f1"] == 1
    assert (project.run_folder() / "report.html").is_file()
    assert (project.root / "reports/index.html").is_file()


def test_a_second_ctrl_c_gives_up_what_is_in_flight_and_keeps_what_arrived(held: Held) -> None:
    project = held.project
    with started(held) as process:
        assert process.stderr
        process.send_signal(signal.SIGINT)
        told_of_stopping(process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)  # nobody was let go
    assert process.returncode == 4
    assert "Traceback" not in err
    assert "child process" not in err, "asyncio knows every program it started"
    assert "INCOMPLETE  2 of 6 answered" in out
    assert answered(project.run_folder()) == ["a", "b"]
    kinds = [case["failure"] and case["failure"]["kind"] for case in project.results()["cases"]]
    assert kinds == [None, None, *["interrupted"] * 4]
    assert (project.run_folder() / "report.html").is_file()


@pytest.mark.parametrize("end", [signal.SIGTERM, getattr(signal, "SIGHUP", None)])
def test_sigterm_and_a_closed_terminal_are_like_one_ctrl_c_and_leave_no_program_running(
    held: Held, end: signal.Signals
) -> None:
    if signal.getsignal(end) is signal.SIG_IGN:
        pytest.skip("the signal is ignored here, as under nohup, and so it is by what we start")
    with started(held) as process:
        assert process.stderr
        process.send_signal(end)
        assert told_of_stopping(process).startswith("stopping: waiting for 2 cases")
        process.send_signal(end)
        out, err = process.communicate(timeout=PATIENCE)  # nobody was let go
    assert process.returncode == 4, err
    assert "INCOMPLETE  2 of 6 answered" in out
    assert not list(running(str(held.began)))


def running(text: str) -> Iterator[str]:
    """Yield the processes whose command line holds a text."""
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has just ended
            if text.encode() in file.read_bytes():
                yield file.parent.name


def test_after_kill_9_every_answer_that_arrived_is_there_and_can_be_scored(held: Held) -> None:
    project = held.project
    with started(held) as process:
        process.kill()
        process.communicate(timeout=PATIENCE)
    project.suite("x", name="other")
    folder = project.run_folder()
    assert answered(folder) == ["a", "b"]
    assert project.stored("run.json")["complete"] is False

    assert project.harness("run", "evals/other", "-q", "--reports", folder.parent).code == 0
    index = (project.root / "reports/index.html").read_text(encoding="utf-8")
    assert folder.name in index, "the next run's index names the one that was killed"
    assert "Not ended: at work, or stopped" in index

    said = project.harness("report", folder)
    assert said.code == 3
    assert said.err.endswith(f"hint: score it first: harness rescore {folder}\n")

    said = project.harness("rescore", folder)
    assert said.code == 4
    assert "INCOMPLETE  2 of 6 answered" in said.out
    assert answered(folder) == ["a", "b"]
    assert (folder / "report.html").is_file()
    assert not list(folder.glob(".*")), "no scratch file is left behind"


def test_ctrl_c_before_anyone_is_asked_ends_the_way_shells_expect(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    project.suite()
    project.write({"evals/notes/interrupts_harness.py": "raise KeyboardInterrupt\n"})
    project.extractors(py='{kind: python, function: "interrupts_harness:ask"}')
    said = project.harness("run")
    assert (said.code, said.out, said.err) == (130, "", "interrupted\n")
    assert not (project.root / "reports").exists()
