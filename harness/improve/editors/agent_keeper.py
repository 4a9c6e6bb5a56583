"""Agent keeper: a process that ends the agent, and all it started, when harness ends.

Run as a script: `agent_keeper.py PARENT SECONDS FOLDER PROGRAM ARGUMENT...`. When the process with
the id PARENT is gone, however it went, the time is up or SIGTERM comes, everything below is killed;
the scratch folder of a parent that is gone is removed. Uses nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

LATE: Final = 124
"""Exit code when the time was up, as of the program `timeout`."""
_LOOK: Final = 0.2
"""Seconds between looks at whether the parent is there."""
_SUBREAPER: Final = 36
"""Linux's PR_SET_CHILD_SUBREAPER: orphans below become our children, in whatever session."""


def keep(parent: int, seconds: float, folder: Path, words: list[str]) -> int:
    """Run a program until it ends, its time is up or the parent is gone. Returns its exit code."""
    with suppress(
        OSError, AttributeError, TypeError
    ):  # Linux has it; on Windows None is no library
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    try:
        program = subprocess.Popen(words)  # noqa: S603  # the user's own command
    except OSError as error:
        print(f"{words[0]}: {error.strerror}", file=sys.stderr)  # noqa: T201
        return 127
    signal.signal(signal.SIGTERM, _end_with_all)
    end = time.monotonic() + seconds
    code: int | None = None
    while code is None:
        with suppress(subprocess.TimeoutExpired):
            code = program.wait(_LOOK)
        if os.getppid() != parent:
            _end_all()
            shutil.rmtree(folder, ignore_errors=True)
            return 1
        if code is None and time.monotonic() > end:
            code = LATE
    _end_all()
    return code if code >= 0 else 128 - code


def _end_with_all(_signal: int, _frame: object) -> None:
    _end_all()
    sys.exit(128 + signal.SIGTERM)


def _end_all() -> None:
    """Kill every process below this one, until there is none."""
    for _ in range(100):
        below = _descendants()
        if not below:
            return
        for process in below:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _descendants() -> set[int]:
    """Return the processes below this one that run, where the system tells (Linux)."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            state, parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            if state != "Z":
                parents[int(stat.parent.name)] = int(parent)
    below = {os.getpid()}
    while more := {process for process, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {os.getpid()}


if __name__ == "__main__":
    sys.exit(keep(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]))
