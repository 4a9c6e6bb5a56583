"""Windows lacks modules, names and line ends of POSIX: nothing needs them unasked."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.files_on_disk import write_files
from tests.windows_like import MODULES, OS_NAMES, SIGNAL_NAMES

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "harness"
SOURCES = sorted(PACKAGE.rglob("*.py"))
GUARDED = {
    "scale/pools.py os.sched_getaffinity": "behind `hasattr`",
    "extract/programs/process.py os.killpg": "behind `hasattr`",
    "extract/programs/process.py signal.SIGKILL": "behind `hasattr(os, 'killpg')`",
    "run/asking/runner.py signal.SIGHUP": "behind `hasattr`",
    "improve/editors/agent_keeper.py signal.SIGKILL": "of processes that only /proc lists",
    "improve/editors/agent_keeper.py os.WNOHANG": "likewise",
}
"""Names that only POSIX has, with what keeps them from being asked for elsewhere."""
CASES = 3


def windows_like(*arguments: str, folder: Path, code: int = 0) -> str:
    """Return what a command prints where POSIX is missing."""
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "HOME": str(folder)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.windows_like", *arguments],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


def test_every_module_can_be_imported_where_posix_is_missing(tmp_path: Path) -> None:
    assert int(windows_like("import", folder=tmp_path)) >= len(SOURCES) - 1


def test_files_are_scored_where_posix_is_missing(tmp_path: Path) -> None:
    write_files(tmp_path, {"truth.json": '{"n": 1, "m": 2}', "answer.json": '{"n": 1, "m": 3}'})
    assert "50.0 % (2/4)" in windows_like("score", "truth.json", "answer.json", folder=tmp_path)


def test_recorded_answers_run_rescored_and_shown_where_posix_is_missing(tmp_path: Path) -> None:
    suite = {f"evals/s/documents/{n}.txt": f"n is {n}" for n in range(CASES)}
    suite |= {f"evals/s/ground_truth/{n}.json": json.dumps({"n": n}) for n in range(CASES)}
    suite |= {f"evals/s/answers/{n}.json": json.dumps({"n": min(n, 1)}) for n in range(CASES)}
    suite["evals/s/suite.yaml"] = (
        "name: s\nextractors:\n  fake:\n    kind: recorded\n    answers: answers\n"
    )
    write_files(tmp_path, suite)
    windows_like("run", folder=tmp_path)
    (folder,) = (path.parent for path in tmp_path.rglob("run.json"))
    assert len((folder / "predictions.jsonl").read_bytes().splitlines()) == CASES
    windows_like("rescore", str(folder), folder=tmp_path)
    rows = json.loads(windows_like("show", str(folder), "--format", "json", folder=tmp_path))
    assert [(row["correct"], row["wrong_value"]) for row in rows] == [(CASES - 1, 1)]


def _attributes(source: Path) -> set[str]:
    return {
        f"{source.relative_to(PACKAGE).as_posix()} {node.value.id}.{node.attr}"
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (
            (node.value.id == "os" and node.attr in OS_NAMES)
            or (node.value.id == "signal" and node.attr in {*SIGNAL_NAMES, "SIGKILL"})
        )
    }


def test_names_that_only_posix_has_are_guarded() -> None:
    assert set().union(*map(_attributes, SOURCES)) == GUARDED.keys()


def test_modules_that_only_posix_has_are_imported_where_they_may_be_missing() -> None:
    """The tests are collected on every platform, too."""
    bare = [
        f"{source.relative_to(REPOSITORY).as_posix()} {alias.name}"
        for source in (*SOURCES, *(REPOSITORY / "tests").rglob("*.py"))
        for node in ast.parse(source.read_text("utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
        if alias.name in MODULES
    ]
    assert bare == []


def test_text_is_written_with_the_same_line_ends_on_every_platform() -> None:
    """Digests are made of files, and what one machine wrote another must find unchanged."""
    platform_ends = [
        f"{source.relative_to(PACKAGE).as_posix()}:{node.lineno}"
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and _writes_text(node)
        and not any(keyword.arg == "newline" for keyword in node.keywords)
    ]
    assert platform_ends == []


def _writes_text(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    modes = [each.value for each in call.args if isinstance(each, ast.Constant)]
    return name == "write_text" or (
        name in ("open", "fdopen", "NamedTemporaryFile")
        and any(m in ("w", "a", "x") for m in modes)
    )


def test_what_an_encoding_lacks_is_escaped_not_a_traceback(tmp_path: Path) -> None:
    write_files(tmp_path, {"truth.json": '{"n": "→ é"}', "answer.json": '{"n": "→ e"}'})
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "harness",
            "score",
            "truth.json",
            "answer.json",
        ],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONIOENCODING": "ascii",
        },
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"\\xe9" in done.stdout
