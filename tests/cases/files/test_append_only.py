"""Lines that are appended: whole, in order, and soon on the disk."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from harness.cases.files.append_only import AppendOnlyFile
from harness.errors import HarnessError
from tests.patience import PATIENCE


def test_what_was_cut_off_is_dropped_and_what_follows_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"one\ntw")
    lines = AppendOnlyFile(path)
    lines.append("three\n")
    lines.close()
    assert path.read_bytes() == b"one\nthree\n"


def test_nobody_else_appends_meanwhile(tmp_path: Path) -> None:
    lines = AppendOnlyFile(tmp_path / "lines")
    with pytest.raises(HarnessError, match="another process"):
        AppendOnlyFile(tmp_path / "lines")
    lines.close()


def test_the_disk_has_a_line_though_none_follows_it_and_the_file_stays_open(
    tmp_path: Path,
) -> None:
    synced, twice = threading.Event(), threading.Event()

    def sync(fd: int) -> None:
        os.fsync(fd)
        (twice if synced.is_set() else synced).set()

    lines = AppendOnlyFile(tmp_path / "lines", sync)
    lines.append("one\n")
    assert synced.wait(PATIENCE)
    assert not twice.is_set()
    lines.append("two\n")
    assert twice.wait(PATIENCE)
    lines.close()


def test_a_disk_that_fails_is_told_before_more_is_paid_for(
    tmp_path: Path,
) -> None:
    def sync(_fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    lines = AppendOnlyFile(tmp_path / "lines", sync)
    lines.append("one\n")
    assert lines.thread is not None
    lines.thread.join(PATIENCE)
    with pytest.raises(OSError, match="Input/output"):
        lines.append("two\n")
    with pytest.raises(OSError, match="Input/output"):
        lines.close()
    assert (tmp_path / "lines").read_text("utf-8") == "one\n"


def test_a_file_that_nothing_was_appended_to_needs_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    lines = AppendOnlyFile(tmp_path / "lines")
    assert threading.active_count() == before
    lines.close()
