"""Every command that reads a stored file, over every way in which the file can be broken.

Never a traceback: a message with the file, and its line where there is one; an exit code that says
whose fault it is; and nothing else of the project is touched by a command that refuses.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp.test_utils import TestClient, TestServer

from harness.view.server import application
from tests.cli.stored_project import StoredProject, folder, harness, stored_project
from tests.posix import IS_ROOT

OF_RUN: Final = (
    ("show", "good"),
    ("explain", "good", "n03", "total"),
    ("export", "good", "--format", "csv"),
    ("compare", "poor", "good"),
    ("tune", "good", "-o", "again.json"),
    ("route", "good"),
    ("ensemble", "poor", "good"),
    ("gate", "good", "--fail-under", "macro=0.1"),
    ("feedback", "good"),
    ("report", "good"),
    ("rescore", "good"),
    ("rescore", "good", "--thresholds", "thresholds.json"),
    ("history",),
    ("truth", "export", "good", "--all"),
    ("run", "--resume", "good", "-q"),
    ("view",),
)
OWN: Final = ("evals/notes", "-e", "own")
OF_PROMPT: Final = (
    ("prompt", "log", "prompts/notes"),
    ("feedback", "good"),
    ("holdout", *OWN),
    ("improve", *OWN, "--engine", "command:true"),
)
OF_SUITE: Final = (
    ("check",),
    ("rules", "evals"),
    ("split", "evals", "--dry-run"),
    ("prompt", "log", "prompts/notes"),
    ("prompt", "show", "n03"),
    ("truth", "status", "evals/notes"),
    ("truth", "log", "evals/notes", "n03"),
    ("truth", "settle", "evals/notes"),
    ("truth", "approve", "evals/notes", "n03"),
)
CHANGED: Final = (
    ("gate", "good", "--fail-under", "macro=0.1"),
    ("explain", "good", "n03", "total"),
    *OF_PROMPT[2:],
)
READERS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "run": OF_RUN,
    "results": (*OF_RUN[:10], OF_RUN[15]),
    "predictions": (OF_RUN[9], OF_RUN[10], OF_RUN[6], *OF_RUN[13:]),
    "cases": (OF_RUN[1], OF_RUN[6], OF_RUN[9], OF_RUN[10], OF_RUN[13], OF_RUN[15]),
    "asked prompt": (("compare", "poor", "good"), ("report", "good"), OF_RUN[15]),
    "answers": (("check",), ("run", "evals", "-q", "-e", "good")),
    "suite": (*OF_SUITE, *CHANGED),
    "schema": (*OF_SUITE, *CHANGED),
    "split": (*OF_SUITE[:3], ("compare", "poor", "good"), *OF_PROMPT[1:]),
    "document": (OF_SUITE[0], OF_SUITE[4], ("run", "evals", "-q", "-e", "good"), *OF_PROMPT[2:]),
    "truth": (*OF_SUITE, *CHANGED),
    "disputes": (*OF_SUITE[5:], ("truth", "list"), ("feedback", "good"), OF_RUN[13]),
    "decisions": (OF_SUITE[0], *OF_SUITE[5:]),
    "thresholds": (OF_RUN[11],),
    "ledger": (OF_SUITE[2], ("compare", "poor", "good"), *OF_PROMPT),
    "version": OF_PROMPT,
    "text of a version": OF_PROMPT,
    "prompt": (OF_SUITE[0], OF_SUITE[4], *OF_PROMPT),
}
"""Commands that read a file, by what the file is."""
BAD: Final[tuple[object, ...]] = (None, "x", -5, [], {}, True, 10**300, ["x"], {"x": 1}, "gone")
WHOLE_FILES: Final = {
    "empty": b"",
    "a blank line": b"\n",
    "a list": b"[]\n",
    "an object": b"{}\n",
    "a number": b"5\n",
    "null": b"null\n",
    "a text": b'"x"\n',
    "deep": b"[" * 100_000,
}
NODES: Final = 3
"""Places of a JSON file that are made wrong; the environment's `HARNESS_BROKEN` asks for so many
instead, and for every command over every way, where otherwise each way meets one or two in turn."""
NO_TEXT: Final = frozenset(
    {"truncated", "NUL", "not UTF-8", "UTF-16", "deep", "99999", "1e999", "NaN"}
)
"""Ways after which a file is none: who refuses it names it."""


def broken(data: bytes, name: str) -> Iterator[tuple[str, bytes | None]]:
    """Yield a file's content broken in every way; None for a folder in its place."""
    third = len(data) // 3
    yield from WHOLE_FILES.items()
    yield "truncated", data[: len(data) // 2]
    yield "NUL", data[:third] + b"\0\0" + data[third:]
    yield "not UTF-8", data[:third] + b"\xff\xe9" + data[third:]
    yield "BOM", b"\xef\xbb\xbf" + data
    yield "UTF-16", data.decode("utf-8", "replace").encode("utf-16")
    number = re.search(rb"(?<=[ :\[,])\d+(?=[,}\]\n])", data)
    if number is not None:
        for what in (b"9" * 5_000, b"1e999", b"NaN", b"-1", b'"5"'):
            yield what.decode()[:5], data[: number.start()] + what + data[number.end() :]
    yield "a folder", None
    if name.endswith((".json", ".jsonl")):
        yield from _nodes(data, name)


def _nodes(data: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    lines = [json.loads(line) for line in (data.splitlines() if name.endswith("l") else [data])]
    places = [(n, p) for n, line in enumerate(lines) for p in _places(line, ())]
    draw = random.Random(name)
    for number, path in draw.choices(places, k=int(os.environ.get("HARNESS_BROKEN", NODES))):
        value = draw.choice(BAD)
        made = [json.loads(json.dumps(line)) for line in lines]
        made[number] = _with(made[number], path, value)
        text = "".join(f"{json.dumps(line)}\n" for line in made)
        yield f"line {number + 1} {'.'.join(map(str, path))} = {str(value)[:20]}", text.encode()


def _places(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401  # JSON
    yield path
    within = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value[:2])
        if isinstance(value, list)
        else ()
    )
    for key, part in within:
        yield from _places(part, (*path, key))


def _with(value: Any, path: tuple[str | int, ...], new: Any) -> Any:  # noqa: ANN401  # as above
    if not path:
        return new
    inner = value
    for key in path[:-1]:
        inner = inner[key]
    if new == "gone":
        del inner[path[-1]]
    else:
        inner[path[-1]] = new
    return value


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> StoredProject:
    """The project as it is made; tests work on copies."""
    return stored_project(tmp_path_factory.mktemp("stored") / "project")


def restored(project: StoredProject, sound: dict[str, bytes]) -> None:
    """Make a project what it was: only what is otherwise is written."""
    for name, content in tree(project.root, also_looked=True).items():
        if sound.get(name) != content:
            (project.root / name).unlink()
    for name, content in sound.items():
        path = project.root / name
        if path.is_dir():
            path.rmdir()
        if not path.exists():
            path.write_bytes(content)


def run(command: tuple[str, ...]) -> tuple[BaseException | None, int, str]:
    """Return the error, the exit code and the output of a command; of `view`, of its pages."""
    if command != ("view",):
        done = harness(*command)
        return done.exception, done.exit_code, done.output
    (good,) = (path.parent.name for path in Path("reports").glob("*-good/run.json"))
    return None, *asyncio.run(_viewed(Path("reports").resolve(), good))


async def _viewed(reports: Path, good: str) -> tuple[int, str]:
    """Look at every page of a run as a browser does; 3 where one of them is refused."""
    pages = ("", "history.html", "progress", f"{good}/report.html", f"{good}/boxes.json?case=n03")
    pairs = (f"compare?run=poor&run={good}", f"{good}/page.png?case=n03&document=0&page=1")
    refused = []
    async with TestClient(TestServer(application(reports))) as client:
        for page in (*pages, *pairs):
            answer = await client.get(f"/{page}")
            if answer.status >= 500:
                return 1, f"within harness: {page} is answered with {answer.status}"
            refused += [await answer.text()] if answer.status == 409 else []
    return (3 if refused else 0), "\n".join([*refused, "[viewed]"])


def put(file: Path, content: bytes | None) -> None:
    if content is not None:
        file.write_bytes(content)
        return
    file.unlink(missing_ok=True)
    file.mkdir()


def tree(root: Path, *, also_looked: bool = False) -> dict[str, bytes]:
    """Return what is in a project, if asked to with what says when something was looked at."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in files
        if also_looked
        or ("index.sqlite" not in path.name and path.suffix != ".pyc" and path.name != ".lock")
    }


@pytest.mark.parametrize("what", READERS)
def test_a_broken_file_is_told_by_every_command_that_reads_it(
    sound: StoredProject, tmp_path: Path, what: str
) -> None:
    faults: list[str] = []
    project = StoredProject(tmp_path / "project")
    shutil.copytree(sound.root, project.root)
    whole = tree(project.root, also_looked=True)
    file = project.files()[what]
    for turn, (how, data) in enumerate(broken(file.read_bytes(), file.name)):
        restored(project, whole)
        put(file, data)
        before = tree(project.root)
        for command in _in_turn(READERS[what], turn):
            with folder(project.root):
                error, code, output = run(command)
            fault = _fault(error, code, output)
            if fault is None and code == 3 and how in NO_TEXT and file.name not in output:
                fault = f"does not name the file: {output[:200]}"
            after = tree(project.root)
            if fault is None and code in (2, 3) and after != before:
                changed = [k for k in {*after, *before} if after.get(k) != before.get(k)]
                fault = f"refuses, and changes {changed}"
            if fault is not None:
                faults.append(f"{' '.join(command)} | {how} | {fault}")
            if after != before:
                restored(project, whole)
                put(file, data)
    assert faults == []


def _in_turn(commands: tuple[tuple[str, ...], ...], turn: int) -> tuple[tuple[str, ...], ...]:
    if "HARNESS_BROKEN" in os.environ:
        return commands
    several = 2 if len(commands) > 4 else 1
    start = several * turn % len(commands)
    return (*commands, *commands)[start : start + several]


def _fault(error: BaseException | None, code: int, output: str) -> str | None:
    if error is not None and not isinstance(error, SystemExit):
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
        return f"{type(error).__name__}: {str(error)[:80]} at {where}"
    if "within harness" in output:
        return output[:300]
    if code not in (0, 1, 2, 3, 4, 5):
        return f"exit code {code}"
    is_said = re.search(r"\[[a-z-]+\]", output) or "Error: Invalid value for" in output  # click's
    if code in (2, 3) and not is_said:
        return f"exit code {code} without a slug: {output[:200]}"
    return None


@pytest.mark.skipif(os.name == "nt" or IS_ROOT, reason="root may read everything")
@pytest.mark.parametrize("what", READERS)
def test_a_file_that_may_not_be_read_is_told(
    sound: StoredProject, tmp_path: Path, what: str
) -> None:
    project = StoredProject(tmp_path / "project")
    shutil.copytree(sound.root, project.root)
    project.files()[what].chmod(0)
    for command in READERS[what]:
        with folder(project.root):
            error, code, output = run(command)
        assert _fault(error, code, output) is None, command
