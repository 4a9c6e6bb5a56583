"""A shared run's board in a folder that all machines see."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError, Problem, Where
from harness.run.asking.sharing.lease_board import QUESTION_LEASE
from harness.run.store import write_atomically


class FolderBoard:
    """A folder that all machines see. Its file system's clock is the only one that is asked."""

    def __init__(self, folder: Path, seconds: float = QUESTION_LEASE) -> None:
        """Use a folder, made where there is none. Raises HarnessError where it cannot be."""
        self.folder, self._seconds = folder, seconds
        self.owner = uuid.uuid4().hex
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._now()
        except OSError as error:
            what = f"cannot be shared: {(error.strerror or str(error)).lower()}"
            raise HarnessError(Problem(what, "unwritable", Where(folder))) from None

    def _file(self, key: str, ending: str) -> Path:
        return self.folder / key[:2] / f"{key}.{ending}"

    def _now(self) -> float:
        clock = self.folder / f"clock-{self.owner}"
        clock.touch()
        return clock.stat().st_mtime

    def take(self, key: str) -> bool:
        """Make the lease's file, which only one process can; one that ran out is moved away."""
        lease = self._file(key, "lease")
        lease.parent.mkdir(exist_ok=True)
        if self._file(key, "json").exists():
            return False
        if self._made(lease):
            return self._is_open(key)
        try:
            if self._now() - lease.stat().st_mtime <= self._seconds:
                return False
            old = lease.with_name(f"{lease.name}.{self.owner}")
            lease.rename(old)  # of several processes one succeeds
            old.unlink()
        except FileNotFoundError:
            return False
        return self._made(lease) and self._is_open(key)

    def _made(self, lease: Path) -> bool:
        try:
            with lease.open("x", encoding="utf-8", newline="\n") as file:
                file.write(self.owner)
        except FileExistsError:
            return False
        return True

    def _is_open(self, key: str) -> bool:
        """Tell whether a question we have just leased is still without an answer."""
        if not self._file(key, "json").exists():
            return True
        self.release(key)
        return False

    def answer(self, key: str) -> str | None:
        """Return the answer's file."""
        try:
            return self._file(key, "json").read_text("utf-8")
        except FileNotFoundError:
            return None

    def put(self, key: str, answer: str) -> None:
        """Write the answer's file, then give up the lease."""
        write_atomically(self._file(key, "json"), answer)
        self.release(key)

    def release(self, key: str) -> None:
        """Delete the lease's file if it is ours."""
        lease = self._file(key, "lease")
        with contextlib.suppress(FileNotFoundError):
            if lease.read_text("utf-8") == self.owner:
                lease.unlink()

    def renew(self, keys: Sequence[str]) -> None:
        """Touch the leases' files that are still ours."""
        for key in keys:
            lease = self._file(key, "lease")
            with contextlib.suppress(FileNotFoundError):
                if lease.read_text("utf-8") == self.owner:
                    os.utime(lease)

    def close(self) -> None:
        """Do nothing: no file is held open."""
