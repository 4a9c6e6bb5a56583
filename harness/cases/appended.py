"""A file that only grows, line by line, and never keeps a line by half."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from harness.errors import HarnessError, Problem, Where

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: two processes are not kept apart
    fcntl = None  # type: ignore[assignment]


class Appended:
    """Appends to a file nobody else appends to meanwhile; a line that was cut off is dropped."""

    def __init__(self, path: Path) -> None:
        """Open a file, or make it. Raises HarnessError if another process is writing it."""
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            if fcntl is not None:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._fd)
            hint = "wait until it has ended"
            what = "another process is writing this run"
            raise HarnessError(Problem(what, "run-busy", Where(path.parent), hint)) from None
        self.size = self._whole()
        os.ftruncate(self._fd, self.size)
        os.lseek(self._fd, self.size, os.SEEK_SET)

    def append(self, line: str) -> None:
        """Hand a line to the operating system, all of it or nothing.

        Raises OSError if there is no room for it.
        """
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

    def close(self) -> None:
        """Make sure of the disk, and let go of the file."""
        try:
            os.fsync(self._fd)
        finally:
            os.close(self._fd)

    def _whole(self) -> int:
        """Return the size up to the last line's end."""
        size = end = os.fstat(self._fd).st_size
        while end > 0:
            start = max(0, end - 65_536)
            at = os.pread(self._fd, end - start, start).rfind(b"\n")
            if at >= 0:
                return start + at + 1
            end = start
        return 0 if size else size
