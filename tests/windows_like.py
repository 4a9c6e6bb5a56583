"""Run with a Python that lacks what Windows lacks: `windows_like.py import`, or a harness command.

Our code is imported after the names are gone; the standard library has what it bound before.
"""

from __future__ import annotations

import asyncio.subprocess
import concurrent.futures.process
import importlib
import multiprocessing.pool
import multiprocessing.resource_tracker
import os
import pkgutil
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import tempfile
from importlib.abc import MetaPathFinder
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

BOUND_BEFORE: Final = (
    asyncio.subprocess,
    concurrent.futures.process,
    multiprocessing.pool,
    multiprocessing.resource_tracker,
    shutil,
    sqlite3,
    ssl,
    subprocess,
    tempfile,
)
"""Modules of the standard library that choose by the platform when they are imported."""
MODULES: Final = frozenset({"fcntl", "grp", "pty", "pwd", "readline", "resource", "termios", "tty"})
OS_NAMES: Final = frozenset(
    (  # noqa: SIM905  # forty words, not forty lines
        "O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK WNOHANG chown fchmod fchown fdatasync fork"
        " forkpty getegid geteuid getgid getloadavg getpgid getpgrp getuid killpg lchown mkfifo"
        " nice pread preadv pwrite sched_getaffinity setpgid setsid statvfs sync uname wait wait3"
    ).split()
)
SIGNAL_NAMES: Final = frozenset({"SIGALRM", "SIGCHLD", "SIGHUP", "SIGPIPE", "SIGUSR1", "setitimer"})
"""Less SIGKILL, without which `subprocess` cannot end a process here."""


class NoPosixModules(MetaPathFinder):
    """Finds none of the modules that only POSIX has."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Raise ModuleNotFoundError for a module that only POSIX has."""
        del path, target
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def lack_posix() -> None:
    """Take away the modules and names."""
    sys.meta_path.insert(0, NoPosixModules())
    for module in MODULES:
        sys.modules.pop(module, None)
    for owner, names in ((os, OS_NAMES), (signal, SIGNAL_NAMES)):
        for name in names:
            if hasattr(owner, name):
                delattr(owner, name)


def import_everything() -> int:
    """Import every module of harness. Returns how many there are."""
    package = importlib.import_module("harness")
    names = [module.name for module in pkgutil.walk_packages(package.__path__, "harness.")]
    for name in names:
        if name != "harness.__main__":
            importlib.import_module(name)
    return len(names)


if __name__ == "__main__":
    lack_posix()
    if sys.argv[1:] == ["import"]:
        sys.stdout.write(f"{import_everything()}\n")
    else:
        importlib.import_module("harness.cli.main").main()
