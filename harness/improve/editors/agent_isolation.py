"""Agent sandbox: no keys it was not given, no truths and documents, no outliving harness.

Where the program bwrap (bubblewrap) works, the agent sees the machine read-only, an empty folder in
place of truths, suites, runs and the cache, and may write to its scratch folder and the user's home
only, where agents keep their sessions. Elsewhere it runs with the user's rights, which is said.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

from harness.cases.files.places import reports_of
from harness.cases.suite import Suite
from harness.errors import Problem, UsageError
from harness.improve.editors import agent_keeper
from harness.run.asking.run_session import cache_file

_GIVEN: Final = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|XDG_\w+"
    r"|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|NODE_EXTRA_CA_CERTS|(HTTPS?|NO|ALL)_PROXY"
    r"|SYSTEMROOT|COMSPEC|PATHEXT|APPDATA|LOCALAPPDATA|USERPROFILE|WINDIR",
    re.IGNORECASE,
)
Sandbox: TypeAlias = Literal["auto", "none", "required"]
"""Whether an agent runs in a sandbox: where there is one, never, or not without."""
_PROBE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Isolation:
    """Isolation of an agent."""

    suite: Suite
    given: tuple[str, ...] = ()
    """Names of variables of the environment that it gets beside the plain ones."""
    sandbox: Sandbox = "auto"

    def arguments(self, words: Sequence[str], scratch: Path, seconds: float) -> tuple[str, ...]:
        """Return the command that runs an agent in its scratch folder, and ends it with us."""
        keeper = (sys.executable, "-I", "-S", agent_keeper.__file__)
        if os.name != "posix":
            return tuple(words)
        command = (*keeper, str(os.getpid()), str(seconds), str(scratch))
        return (*command, *(self._sandbox(scratch) if self.is_sandboxed else ()), *words)

    @property
    def is_sandboxed(self) -> bool:
        """True where the agent sees no truths."""
        return self.sandbox != "none" and has_sandbox()

    def environment(self) -> Mapping[str, str]:
        """Return the variables an agent gets: none that could hold a key, unless it was given."""
        return {
            name: value
            for name, value in os.environ.items()
            if _GIVEN.fullmatch(name) or name in self.given
        }

    def hidden(self) -> tuple[Path, ...]:
        """Return the folders and files an agent sees nothing of, where there is a sandbox."""
        project = self.suite.project
        names = ("ground_truth", "evals", "reports", ".git")
        folders = [self.suite.folder, *(project / name for name in names)]
        folders.append(reports_of(self.suite.folder))
        folders += {file.parent for file in self.suite.truth_files.values()}
        folders.append(cache_file(project).parent)
        there = sorted({folder.resolve() for folder in folders if folder.is_dir()})
        return tuple(f for f in there if not any(f.is_relative_to(o) for o in there if o != f))

    def _sandbox(self, scratch: Path) -> Iterable[str]:
        home, project = Path.home().resolve(), self.suite.project.resolve()
        yield from ("bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc")
        yield from ("--unshare-pid", "--unshare-ipc", "--die-with-parent")
        if home.is_dir() and home != Path("/"):
            yield from ("--bind", str(home), str(home))
        yield from ("--ro-bind", str(project), str(project))
        for folder in self.hidden():
            yield from ("--tmpfs", str(folder))
        yield from ("--bind", str(scratch), str(scratch), "--chdir", str(scratch), "--")


@cache
def has_sandbox() -> bool:
    """Tell whether bwrap is installed and may do its work here."""
    program = shutil.which("bwrap")
    if program is None:
        return False
    view = ("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid")
    try:
        done = subprocess.run(  # noqa: S603  # a program of the system, and our own words
            [program, *view, "--", "/bin/sh", "-c", ":"],
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def check_sandbox(sandbox: Sandbox) -> None:
    """Refuse to run an agent without the sandbox that is required. Raises UsageError."""
    if sandbox == "required" and not has_sandbox():
        hint = "install bubblewrap, where the system allows user namespaces; or leave --sandbox out"
        raise UsageError(
            Problem("there is no sandbox: bwrap does not work here", "no-sandbox", hint=hint)
        )


def isolation_words(sandbox: Sandbox) -> str:
    """Return what keeps an agent from truths and documents, in a line for the user."""
    if sandbox != "none" and has_sandbox():
        return "in a sandbox (bwrap): no truths, documents, runs or keys are within its reach"
    return (
        "runs with your rights, without your keys: it can read truths and documents"
        " (bubblewrap, where it works, makes a sandbox)"
    )
