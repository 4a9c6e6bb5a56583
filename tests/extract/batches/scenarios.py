"""A run by batches in a project, through a crash or a fault, until it is complete."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.asked import asking
from tests.cli.conftest import Project
from tests.extract.batches.batch_server import BatchApp, BatchServed, Faults, serving_batches
from tests.patience import PATIENCE
from tests.run.stored_examples import stored_results

KINDS = ("openai", "anthropic", "gemini")
CASES = 6
RESUME = ("run", "--resume", "last", "--wait", "--poll", "0.02")


@dataclass(frozen=True)
class Outcome:
    """What became of a run."""

    code: int
    """Exit code of the session that met the fault; -9 where it was killed."""
    missing: int
    """Cases without an answer after that session."""
    kinds: tuple[str, ...]
    """Why, of those."""
    wrong: int
    """Verdicts that are not right, of any session."""
    last: int
    """Exit code of the session after it."""
    lost: int
    """Cases without an answer in the end."""
    twice: int
    """Questions that were answered, and so paid for, more than once."""


@dataclass(frozen=True)
class Stage:
    """A project, a server, and the kind of endpoint it is."""

    project: Project
    served: BatchServed
    kind: str

    @property
    def app(self) -> BatchApp:
        return self.served.app

    @property
    def folder(self) -> Path:
        return self.project.run_folder()

    def run(self, *arguments: str) -> int:
        """Run a command in this process; return its exit code."""
        return self.project.harness(*arguments).code

    def killed(self, when: str, step: str, *arguments: str) -> int:
        """Run a command as a process that the server kills; return its exit code."""
        victim: Future[int] = Future()
        self.app.faults.kill = (when, step, victim)
        process = self.project.start(*arguments)
        victim.set_result(process.pid)
        process.communicate(timeout=PATIENCE)
        self.app.faults.kill = None
        return process.returncode

    def said(self) -> dict[str, dict[str, Any]]:
        """Return the last prediction of each case."""
        path = self.folder / "predictions.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return {said["case_id"]: said["said"] for said in map(json.loads, lines)}

    def missing(self) -> list[str]:
        """Return why cases have no answer; cases that nobody said anything of count as well."""
        said = self.said()
        none = [each["kind"] for each in said.values() if each["status"] == "failed"]
        return none + ["never said"] * (CASES - len(said))

    def wrong(self) -> int:
        """Return how many verdicts are not right, missing answers apart."""
        if not (self.folder / "eval-results.json").exists():
            return 0
        cases = stored_results(self.folder)["cases"]
        verdicts = (each for case in cases for each in case.get("diffs") or ())
        return sum(each["outcome"] != "correct" for each in verdicts)


@contextlib.contextmanager
def stage(
    root: Path, kind: str, faults: Faults | None = None, cases: int = CASES
) -> Iterator[Stage]:
    """Make a project in a folder, and a server, and go there."""
    root = root.resolve() / "project"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    (root / "pyproject.toml").touch()
    with serving_batches(faults) as served, contextlib.chdir(root):
        project = Project(root)
        asking(project, served, cases, kind=kind)
        yield Stage(project, served, kind)


def finished(on: Stage, code: int) -> Outcome:
    """Go on with a run until it is complete; return what became of it."""
    missing, wrong = on.missing(), on.wrong()
    last = on.run(*RESUME)
    lost = len(on.missing())
    kinds = tuple(sorted(set(missing)))
    return Outcome(
        code, len(missing), kinds, wrong + on.wrong(), last, lost, len(on.served.twice())
    )


# --- crashes ------------------------------------------------------------------------------------


def _cut(path: Path, keep: Callable[[list[bytes]], list[bytes]], torn: bytes = b"") -> None:
    """Leave of a file what a crash would have left."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(keep(lines)) + torn)


def _before_intent(on: Stage) -> int:
    code = on.killed("before", "submit" if on.kind == "anthropic" else "upload", "run", "--batch")
    (on.folder / "batches.jsonl").write_bytes(b'{"do":"inte')
    return code


def _intended(on: Stage) -> int:
    return on.killed("before", "submit" if on.kind == "anthropic" else "upload", "run", "--batch")


def _uploaded(on: Stage) -> int:
    return on.killed("before", "submit", "run", "--batch")


def _made(on: Stage) -> int:
    return on.killed("after", "submit", "run", "--batch")


def _unwritten(on: Stage) -> int:
    code = on.run("run", "--batch")
    _cut(on.folder / "batches.jsonl", lambda lines: lines[:1], b'{"do":"sub')
    (on.folder / "predictions.jsonl").write_bytes(b"")
    return code


def _polled(on: Stage) -> int:
    return on.killed("before", "look", "run", "--batch", "--wait", "--poll", "0.02")


def _downloaded(on: Stage) -> int:
    return on.killed("after", "results", "run", "--batch", "--wait", "--poll", "0.02")


def _collected(on: Stage) -> bytes:
    """Collect everything; return what of the predictions was there before."""
    on.run("run", "--batch")
    before = (on.folder / "predictions.jsonl").read_bytes()
    assert on.run(*RESUME) == 0
    return before


def _half_written(on: Stage) -> int:
    before = _collected(on)
    _cut(on.folder / "exchanges.jsonl", lambda lines: lines[: len(lines) // 2], b'{"key":"ab')
    _cut(on.folder / "batches.jsonl", lambda lines: lines[:-1])
    (on.folder / "predictions.jsonl").write_bytes(before)
    return 4


def _unmarked(on: Stage) -> int:
    before = _collected(on)
    _cut(on.folder / "batches.jsonl", lambda lines: lines[:-1], b'{"do":"coll')
    (on.folder / "predictions.jsonl").write_bytes(before)
    return 4


def _unpredicted(on: Stage) -> int:
    before = _collected(on)
    (on.folder / "predictions.jsonl").write_bytes(before)
    return 4


CRASHES: dict[str, Callable[[Stage], int]] = {
    "before the intent is on disk": _before_intent,
    "after the intent": _intended,
    "after the upload, before the batch": _uploaded,
    "batch made, its id not received": _made,
    "id received, not written": _unwritten,
    "while polling": _polled,
    "results on their way": _downloaded,
    "half of the results written": _half_written,
    "all written, not marked": _unmarked,
    "marked, no prediction written": _unpredicted,
}
"""Where a process can end, and how a stage is brought there."""


def after_crash(root: Path, kind: str, crash: str) -> Outcome:
    """Return what becomes of a run whose process ends at a point."""
    with stage(root, kind) as on:
        return finished(on, CRASHES[crash](on))


# --- faults -------------------------------------------------------------------------------------

FAULTS: dict[str, Callable[[], Faults]] = {
    "none": Faults,
    "a line is refused (400)": lambda: Faults(line_errors={"Case 2": 400}),
    "a line meets 429": lambda: Faults(line_errors={"Case 2": 429}),
    "a line meets 500": lambda: Faults(line_errors={"Case 2": 500}),
    "a line meets 500 for good": lambda: Faults(line_errors={"Case 2": 500}, lasting=True),
    "two lines expire": lambda: Faults(expire=2),
    "half is cancelled": lambda: Faults(cancelled=True),
    "another order": lambda: Faults(shuffle=True),
    "every result twice": lambda: Faults(duplicates=True),
    "a result of nobody's": lambda: Faults(strangers=1),
    "a line without a result": lambda: Faults(absent=1),
    "the batch fails": lambda: Faults(failed="invalid_file: no"),
    "the queue is full": lambda: Faults(failed="token_limit_exceeded: enqueued"),
    "submitted, not answered": lambda: Faults(cut_submit=1),
    "not submitted, not answered": lambda: Faults(cut_before=1),
    "submission refused (401)": lambda: Faults(refuse=401),
    "429 and 500 while polling": lambda: Faults(polls=[429, 500, 500]),
    "429 for a long time": lambda: Faults(polls=[429] * 30),
    "completed before its files": lambda: Faults(no_files=3),
    "results not there at first": lambda: Faults(away=1),
    "the last line torn": lambda: Faults(torn=1),
    "bodies as text": lambda: Faults(shape="text"),
    "completions without a status": lambda: Faults(shape="bare"),
    "bodies without a response": lambda: Faults(shape="flat"),
    "an error before each answer": lambda: Faults(refused_first=True),
    "a clock behind, not answered": lambda: Faults(cut_submit=1, behind=36_000),
    "results not kept": lambda: Faults(gone=True),
    "completed, files long after": lambda: Faults(no_files=10**6, ahead=60),
    "not over in its time": lambda: Faults(slow=10**6, ahead=60),
    "completed, nothing answered": lambda: Faults(barren=True, ahead=60),
}
"""What can go wrong without a crash."""
HEALED = frozenset(
    {
        "a line meets 500 for good",
        "submission refused (401)",
        "results not kept",
        "the batch fails",
        "completed, files long after",
        "not over in its time",
    }
)
"""Faults that last until somebody mends them."""


def through_fault(root: Path, kind: str, fault: str) -> Outcome:
    """Return what becomes of a run that meets a fault, which then is mended."""
    with stage(root, kind, FAULTS[fault]()) as on:
        code = on.run("run", "--batch", "--wait", "--poll", "0.02")
        if fault in HEALED:
            on.app.faults = Faults()
        return finished(on, code)
