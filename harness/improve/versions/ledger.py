"""What was tried on a prompt and what came of it: one line a step, added to and never changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where
from harness.run.stored.stored_ledger import LedgerStep

LEDGER: Final = "ledger.jsonl"

_Step = TypeVar("_Step", bound=Mapping[str, object])


class PromptLedger:
    """The append-only story of one prompt. Nothing in it comes from a clock or from chance."""

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
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                entry = None
            if not isinstance(entry, dict) or not isinstance(entry.get("step"), str):
                what = "not a step of a ledger"
                hint = "the ledger is only ever added to: restore the file"
                raise HarnessError(Problem(what, "bad-ledger", Where(self.path, number), hint))
            steps.append(_as_step(entry))
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


def _as_step(entry: Any) -> LedgerStep:  # noqa: ANN401  # JSON that we wrote, or an earlier version
    step: LedgerStep = entry
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
    if number and not fresh and past[0] == begun and past[-1]["step"] != "stop":
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
        with suppress(ImportError):
            import fcntl  # noqa: PLC0415  # not on every platform

            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab")
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._file.close()
                what = "another improvement of this prompt is running"
                raise HarnessError(Problem(what, "locked", Where(self._path))) from None

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
