"""A project in a temporary folder, and the command line run in it as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from harness.cli.main import main
from tests.files_on_disk import empty_project, write_files
from tests.run.stored_examples import stored_results

REPOSITORY = Path(__file__).parents[2]
_WHOLE = 1_000_000
"""Bytes up to which a file's content is compared; beyond, its size is."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one command said, and how it ended."""

    code: int
    out: str
    err: str
    """Less the next commands."""
    next: tuple[str, ...] = ()
    """The commands that were named to go on with, as they are typed."""


_NEXT = re.compile(r"^next {8}harness .*\n(?: {12}harness .*\n)*", re.MULTILINE)


def parted(err: str) -> tuple[str, tuple[str, ...]]:
    """Return what was said on standard error, and the next commands told at its end."""
    found = _NEXT.search(err)
    if found is None:
        return err, ()
    commands = tuple(line[12:] for line in found[0].splitlines())
    return err[: found.start()] + err[found.end() :], commands


@dataclass(frozen=True, slots=True)
class Project:
    """A folder that is the current directory."""

    root: Path

    def write(self, files: Mapping[str, str | bytes]) -> None:
        """Write files, whose paths start at the project."""
        write_files(self.root, files)

    def suite(self, *cases: str, name: str = "notes") -> None:
        """Write a suite whose extractor `good` gives the right answer to every case."""
        answers = "{kind: recorded, answers: answers/good}"
        self.write({f"evals/{name}/suite.yaml": f"extractors:\n  good: {answers}\n"})
        for case in cases or ("a", "b", "c"):
            truth = json.dumps({"total": 5, "name": case})
            self.write(
                {
                    f"evals/{name}/documents/{case}.txt": f"Total 5 for {case}\n",
                    f"evals/{name}/answers/good/{case}.json": truth,
                    f"ground_truth/{name}/{case}.json": truth,
                }
            )

    def extractors(self, **said: str) -> None:
        """Replace the extractors of the suite `notes`."""
        lines = [f"  {name}: {spec}\n" for name, spec in said.items()]
        self.write({"evals/notes/suite.yaml": "".join(["extractors:\n", *lines])})

    def answer(self, case: str, reply: str) -> None:
        """Replace what `good` answers to a case of the suite `notes`."""
        self.write({f"evals/notes/answers/good/{case}.json": reply})

    def tree(self) -> dict[str, bytes | int | str]:
        """Return every path below the project with its content, size or target."""
        found: dict[str, bytes | int | str] = {}
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if path.is_symlink():
                found[name] = str(path.readlink())
            elif path.is_dir():
                found[name] = "folder"
            else:
                size = path.stat().st_size
                found[name] = path.read_bytes() if size <= _WHOLE else size
        return found

    def harness(self, *arguments: str | Path) -> Said:
        """Run a command in this process; an exception that gets out of it fails the test.

        Escape sequences are left in what it says, as on a terminal.
        """
        result = CliRunner().invoke(
            main, [str(argument) for argument in arguments], catch_exceptions=False, color=True
        )
        told, commands = parted(result.stderr)
        return Said(result.exit_code, result.stdout, told, commands)

    def start(self, *arguments: str | Path, **streams: int) -> subprocess.Popen[str]:
        """Start a command as a process of its own."""
        command = [sys.executable, "-W", "error", "-m", "harness", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen(
            command,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
            stdout=pipes["stdout"],
            stderr=pipes["stderr"],
        )

    def run_folder(self) -> Path:
        """Return the only run folder there is."""
        (record,) = (self.root / "reports").glob("*/run.json")
        return record.parent

    def results(self) -> dict[str, Any]:
        """Return the results of the only run there is."""
        found: dict[str, Any] = stored_results(self.run_folder())
        return found

    def stored(self, name: str) -> dict[str, Any]:
        """Return a JSON object out of the only run folder there is."""
        value = json.loads((self.run_folder() / name).read_text(encoding="utf-8"))
        assert isinstance(value, dict)
        return value


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project whose root is marked."""
    root = empty_project(tmp_path, monkeypatch)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return Project(root)
