"""Tests of what only POSIX has: signals, named pipes, permissions, `sh`, limits on resources."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

needs_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="needs signals, pipes, permissions or a shell of POSIX"
)
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
"""Root may read and write everything, whatever the permissions are."""


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file grow larger, which is how a full disk looks. Skips where that cannot be done."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
