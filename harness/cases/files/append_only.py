"""Append-only files of lines: a line is written whole, or not at all."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from harness.errors import HarnessError, Problem, Where

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: two processes are not kept apart
    fcntl = None  # type: ignore[assignment]

DATA_SYNC: Final[Callable[[int], None]] = getattr(os, "fdatasync", os.fsync)
"""Puts what was written to a file descriptor on the disk."""
EXACT_BYTES: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Flags of `os.open`: POSIX has the first, Windows the second. Bytes are written as they are."""
OPEN_TO_WRITE: Final = os.O_RDWR | os.O_CREAT | EXACT_BYTES
"""Flags of `os.open` for a file that only grows."""
_CHUNK: Final = 65_536
LOCK_SECONDS: Final = 1.0
"""How long a line may be with the operating system only: what a power cut can take."""


class AppendOnlyFile:
    """Appends to a file nobody else appends to meanwhile; a line that was cut off is dropped.

    What was appended is on the disk about a second later: a thread sees to it, so that nobody has
    to wait for the disk.
    """

    def __init__(self, path: Path, sync: Callable[[int], None] = DATA_SYNC) -> None:
        """Open a file, or make it. Raises HarnessError if another process is writing it."""
        self._sync = sync
        self._fd = os.open(path, OPEN_TO_WRITE, 0o666)
        try:
            lock_now(self._fd)
        except OSError:
            os.close(self._fd)
            hint = "wait until it has ended"
            what = "another process is writing this run"
            raise HarnessError(Problem(what, "run-busy", Where(path.parent), hint)) from None
        self._folder = path.parent
        self._more, self._closing = threading.Event(), threading.Event()
        self.thread: threading.Thread | None = None
        self._failed: OSError | None = None
        self._is_found = False
        self.size = whole_lines(self._fd)
        os.ftruncate(self._fd, self.size)
        os.lseek(self._fd, self.size, os.SEEK_SET)

    def append(self, line: str) -> None:
        """Hand a line to the operating system, all of it or nothing.

        Raises OSError if there is no room for it, the disk did not take what came before, or the
        file was deleted.
        """
        if self._failed is not None:
            raise self._failed
        if not os.fstat(self._fd).st_nlink:
            raise FileNotFoundError(errno.ENOENT, "the file was deleted meanwhile")
        left = memoryview(line.encode())
        size = self.size + len(left)
        try:
            while left:
                left = left[os.write(self._fd, left) :]
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, self.size)
                os.lseek(self._fd, self.size, os.SEEK_SET)
            raise
        self.size = size
        if self.thread is None:
            self.thread = threading.Thread(target=self._make_sure, name="fsync", daemon=True)
            self.thread.start()
        if not self._more.is_set():
            self._more.set()

    def sync(self) -> None:
        """Return once the disk has every line. Raises OSError if it does not take them."""
        os.fsync(self._fd)
        sync_folder(self._folder)

    def close(self) -> None:
        """Make sure of the disk, and let go of the file. Raises OSError if the disk fails."""
        try:
            if self.thread is not None:
                self._closing.set()
                self._more.set()
                self.thread.join()
            os.fsync(self._fd)
        finally:
            os.close(self._fd)
        if self._failed is not None:
            raise self._failed

    def _make_sure(self) -> None:
        """See to it, while the file is open, that the disk has what is older than a second."""
        try:
            while self._more.wait() and not self._closing.wait(LOCK_SECONDS):
                self._more.clear()
                self._sync(self._fd)
                if not self._is_found:
                    sync_folder(self._folder)
                    self._is_found = True
        except OSError as error:
            self._failed = error


def whole_lines(fd: int) -> int:
    """Return the size of a file up to its last line's end."""
    end = os.fstat(fd).st_size
    while end > 0:
        start = max(0, end - _CHUNK)
        os.lseek(fd, start, os.SEEK_SET)
        at = os.read(fd, end - start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0


def lock_now(fd: int) -> None:
    """Lock a file against other processes, where the platform can. Raises OSError if one has it."""
    if fcntl is not None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


def wait_for_lock(fd: int) -> None:
    """Lock a file against other processes once none has it, where the platform can."""
    if fcntl is not None:
        fcntl.flock(fd, fcntl.LOCK_EX)


def sync_folder(folder: Path) -> None:
    """Make sure that a new file is found after a power cut; where folders cannot be synced, not."""
    with suppress(OSError):
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
