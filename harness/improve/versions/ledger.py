"""Ledger of a prompt: every step tried and its result, a line each, added to and never changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, TypeVar, get_args, get_type_hints

from pydantic import TypeAdapter

from harness.cases.files.append_only import lock_now
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where
from harness.run.stored.stored_json import decode_stored, parse_stored
from harness.run.stored.stored_ledger import LedgerStep

LEDGER: Final = "ledger.jsonl"

_CODE: Final = "bad-ledger"
_HINT: Final = "the ledger is only ever added to: restore the file"
_SHAPES: Final[Mapping[object, TypeAdapter[Any]]] = MappingProxyType(
    {
        name: TypeAdapter(step)
        for step in get_args(LedgerStep)
        for name in get_args(get_type_hints(step)["step"])
    }
)
"""By the name of a step."""

_Step = TypeVar("_Step", bound=Mapping[str, object])


class PromptLedger:
    """Append-only ledger of one prompt. Nothing in it comes from a clock or from chance."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[LedgerStep]:
        """Return all steps in order; a last line that was cut off in writing is left out.

        Raises HarnessError where a whole line is no step: somebody has edited the file.
        """
        if not self.path.is_file():
            return []
        steps: list[LedgerStep] = []
        *lines, _torn = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines, start=1):
            steps.append(_step(line, Where(self.path, number)))
        return steps

    def append(self, entry: Mapping[str, object]) -> None:
        """Write a step and make sure of the disk; a torn last line is cut away first."""
        line = json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            file.truncate(_whole(file))
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


def _step(line: bytes, where: Where) -> LedgerStep:
    """Return the step that a line holds. Raises HarnessError with what is wrong with it."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise HarnessError(Problem("is not UTF-8 text", _CODE, where, _HINT)) from None
    try:
        entry = decode_stored(text, where, _CODE)
        kind = entry.get("step") if isinstance(entry, dict) else None
        shape = _SHAPES.get(kind) if isinstance(kind, str) else None
        step: LedgerStep | None = shape and parse_stored(text, shape, where, _CODE)
    except HarnessError as error:
        raise HarnessError(*(replace(problem, hint=_HINT) for problem in error.problems)) from None
    if step is None:
        raise HarnessError(Problem("not a step of a ledger", _CODE, where, _HINT))
    return step


def _whole(file: IO[bytes]) -> int:
    """Return where the last whole line ends."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1))
    if file.read(1) in (b"", b"\n"):
        return size
    file.seek(0)
    return file.read().rfind(b"\n") + 1


class LedgerSession:
    """One improvement: its steps are taken from the ledger as far as they were made already.

    Whoever runs the same steps again gets the same answers, so that a process that was killed is
    resumed by starting it again.
    """

    def __init__(self, ledger: PromptLedger, number: int, past: list[LedgerStep]) -> None:
        self.number = number
        self._ledger = ledger
        self._past = past
        self._next = 0

    @property
    def replaying(self) -> bool:
        """True while the steps come from the ledger."""
        return self._next < len(self._past)

    def step(self, kind: str, make: Callable[[], _Step]) -> _Step:
        """Return the next step as the ledger has it; else make it, write it and return it.

        Raises HarnessError where the ledger has another step here: files were changed meanwhile.
        """
        if self.replaying:
            entry = self._past[self._next]
            self._next += 1
            if entry["step"] != kind:
                what = f"session {self.number} went on with {entry['step']!r}, not with {kind!r}"
                hint = "what it works on was changed since: begin a new one with --fresh"
                raise HarnessError(Problem(what, "diverged", Where(self._ledger.path), hint))
            known: Any = entry
        else:
            known = {"session": self.number, "step": kind, **_plain(make())}
            self._ledger.append(known)
        step: _Step = known
        return step


def open_session(
    ledger: PromptLedger, start: Mapping[str, object], *, fresh: bool = False
) -> LedgerSession:
    """Return the last session if it began like this and has not stopped, or else a new one."""
    entries = ledger.entries()
    number = max((_session_of(entry) for entry in entries), default=0)
    past = [entry for entry in entries if _session_of(entry) == number]
    begun = {"session": number, "step": "start", **_plain(start)}
    if past and not fresh and past[0] == begun and past[-1]["step"] != "stop":
        session = LedgerSession(ledger, number, past)
    else:
        session = LedgerSession(ledger, number + 1, [])
    session.step("start", lambda: start)
    return session


def _session_of(entry: LedgerStep) -> int:
    return entry.get("session", 0)


def _plain(entry: Mapping[str, object]) -> dict[str, Json]:
    """Return an entry as it reads after a journey through JSON, so that replays compare equal."""
    plain = json.loads(json.dumps(dict(entry)))
    assert isinstance(plain, dict)  # noqa: S101  # it was one
    return plain


class Lock:
    """Keeps a second improvement of the same prompt from starting, where the platform can."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None

    def __enter__(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab")
        try:
            lock_now(self._file.fileno())
        except OSError:
            self._file.close()
            what = "another improvement of this prompt is running"
            raise HarnessError(Problem(what, "locked", Where(self._path))) from None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
