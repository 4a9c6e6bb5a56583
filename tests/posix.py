"""Tests of what only POSIX has: signals, named pipes, permissions, `sh`."""

from __future__ import annotations

import sys

import pytest

needs_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="needs signals, pipes, permissions or a shell of POSIX"
)
