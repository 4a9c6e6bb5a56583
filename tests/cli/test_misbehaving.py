"""Extractors that raise, hang, flood or die: the case fails, the run goes on."""

from __future__ import annotations

import json
import shutil
import sys
from typing import Any

import pytest

from tests.cli.conftest import Project
from tests.patience import LIMITS, PATIENCE
from tests.posix import needs_posix

pytestmark = needs_posix

MODULE = "misbehaving_for_harness"
RIGHT = 'return {"total": 5, "name": case.id}'


def only_b(project: Project, said: str) -> None:
    """Run a Python function that does something of its own for case b alone."""
    lines = ["import asyncio, time", "def ask(case):", f"    if case.id == 'b': {said}"]
    project.suite()
    project.write({f"evals/notes/{MODULE}.py": "\n".join([*lines, f"    {RIGHT}", ""])})


@pytest.fixture(autouse=True)
def a_fresh_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))


PYTHON = [
    ("raise RuntimeError('no luck')", "exception", "RuntimeError: no luck"),
    ("raise SystemExit(3)", "exception", "SystemExit: 3"),
    ("raise asyncio.CancelledError", "exception", "CancelledError"),
    ("return {'total': float('inf')}", "not_json", "total is inf"),
    ("return {'total': object()}", "not_json", "total"),
    ("return ''", "empty", "the reply is empty"),
]


@pytest.mark.parametrize(("body", "kind", "message"), PYTHON)
def test_a_function_that_misbehaves_fails_its_own_case_alone(
    project: Project, body: str, kind: str, message: str
) -> None:
    only_b(project, body)
    project.extractors(py=f"{{kind: python, function: '{MODULE}:ask', seconds: {PATIENCE}}}")
    said = project.harness("run", "-j", "1")
    assert said.code == 0
    found = {case["id"]: case for case in project.results()["cases"]}
    assert found["b"]["failure"]["kind"] == kind
    assert message in found["b"]["failure"]["message"]
    assert found["b"]["counts"]["omission"] == 2
    assert found["a"]["f1"] == found["c"]["f1"] == 1


PROGRAMS = [
    ("echo no key >&2; exit 3", "exit_code", "exit code 3; the end of its standard error:\nno key"),
    ("kill -KILL $$", "exit_code", "ended by SIGKILL"),
    ("exec sleep 600", "timeout", " s; the program was killed"),
    ("head -c 50000000 /dev/zero | tr '\\0' x", "too_large", "at most 10000000 are read"),
    ("printf '\\377\\376\\000'", "not_json", ""),
    (":", "empty", "the reply is empty"),
]


@pytest.mark.parametrize(("script", "kind", "message"), PROGRAMS)
def test_a_program_that_misbehaves_fails_its_own_case_alone(
    project: Project, script: str, kind: str, message: str
) -> None:
    project.suite()
    right = """printf '{"total": 5, "name": "%s"}' "$HARNESS_CASE_ID" """
    whole = f'cat > /dev/null; if [ "$HARNESS_CASE_ID" = b ]; then {script}; else {right}; fi'
    command = json.dumps(["sh", "-c", whole])
    found: dict[str, Any] = {}
    for seconds in LIMITS if kind == "timeout" else (PATIENCE,):
        project.extractors(program=f"{{kind: command, seconds: {seconds}, command: {command}}}")
        shutil.rmtree(project.root / "reports", ignore_errors=True)
        said = project.harness("run")
        assert said.code == 0
        assert project.results()["complete"] is True
        found = {case["id"]: case for case in project.results()["cases"]}
        assert found["b"]["failure"]["kind"] == kind
        assert message in found["b"]["failure"]["message"]
        if found["a"]["f1"] == found["c"]["f1"] == 1:
            break  # the limit was long enough for what misbehaves in nothing
    assert found["a"]["f1"] == found["c"]["f1"] == 1
    stored = project.run_folder() / "predictions.jsonl"
    assert stored.stat().st_size < 200_000, "of a flood only the ends are kept"


def test_a_function_that_never_returns_is_given_up_and_the_command_ends(project: Project) -> None:
    only_b(project, "time.sleep(600)")
    project.extractors(py=f"{{kind: python, function: '{MODULE}:ask', seconds: 0.3}}")
    process = project.start("run", "-q")
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert project.results()["cases"][1]["failure"]["kind"] == "timeout"


def test_what_a_program_says_stands_in_the_terminal_in_one_line(project: Project) -> None:
    project.suite("a")
    command = json.dumps(["sh", "-c", "printf '\\n\\033[3' >&2; exit 1"])
    project.extractors(program=f"{{kind: command, command: {command}}}")
    said = project.harness("run")
    assert "\x1b" not in said.out
    assert "no answer   a: exit code  the program ended with exit code 1" in said.out
    assert "standard error: \\u001b[" in said.out
