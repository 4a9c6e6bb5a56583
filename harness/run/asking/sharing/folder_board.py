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
        """Make the next lease's file, which only one process can, where none is held."""
        self._file(key, "lease").parent.mkdir(exist_ok=True)
        leases = self._leases(key)
        if self._file(key, "json").exists() or (leases and self._is_held(leases[-1])):
            return False
        lease = self._lease(key, len(leases))
        if not self._made(lease):
            return False
        if self._file(key, "json").exists():  # it was answered meanwhile, and its leases deleted
            lease.unlink(missing_ok=True)
            return False
        return True

    def _lease(self, key: str, number: int) -> Path:
        return self._file(key, f"lease-{number}" if number else "lease")

    def _leases(self, key: str) -> list[Path]:
        """Return the leases there were, in order; the last one counts.

        None is deleted before there is an answer: whoever finds one run out, however long ago,
        makes the one after it or fails, as somebody else has.
        """
        leases: list[Path] = []
        while (lease := self._lease(key, len(leases))).exists():
            leases.append(lease)
        return leases

    def _is_held(self, lease: Path) -> bool:
        try:
            return self._now() - lease.stat().st_mtime <= self._seconds
        except FileNotFoundError:
            return False

    def _made(self, lease: Path) -> bool:
        try:
            with lease.open("x", encoding="utf-8", newline="\n") as file:
                file.write(self.owner)
        except FileExistsError:
            return False
        return True

    def _forget(self, key: str) -> None:
        for lease in reversed(self._leases(key)):
            lease.unlink(missing_ok=True)

    def answer(self, key: str) -> str | None:
        """Return the answer's file."""
        try:
            return self._file(key, "json").read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return None

    def put(self, key: str, answer: str) -> str:
        """Write the answer's file unless there is one, then delete the leases."""
        file = self._file(key, "json")
        first = self.answer(key)
        if first is None:
            scratch = file.with_name(f".{file.name}.{self.owner}")
            write_atomically(scratch, answer)
            first = self._linked(scratch, file, answer)
        self._forget(key)
        return first

    def _linked(self, scratch: Path, file: Path, answer: str) -> str:
        """Give a whole file its name unless another has it; return what is under that name."""
        try:
            file.hardlink_to(scratch)
        except FileExistsError:
            return self.answer(file.stem) or answer
        except OSError:  # a file system without links
            scratch.replace(file)
        finally:
            scratch.unlink(missing_ok=True)
        return answer

    def release(self, key: str) -> None:
        """Let the lease run out if it is ours."""
        self._stamp(key, (0.0, 0.0))

    def renew(self, keys: Sequence[str]) -> None:
        """Touch the leases' files that are still ours."""
        for key in keys:
            self._stamp(key, None)

    def _stamp(self, key: str, times: tuple[float, float] | None) -> None:
        leases = self._leases(key)
        with contextlib.suppress(FileNotFoundError):
            if leases and leases[-1].read_text("utf-8") == self.owner:
                os.utime(leases[-1], times)

    def close(self) -> None:
        """Do nothing: no file is held open."""
