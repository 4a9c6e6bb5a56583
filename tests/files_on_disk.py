"""Files of a test's project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest


def write_files(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, whose paths start at a folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def empty_project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty project whose root is marked, and the current directory; return its root."""
    root = folder.resolve() / "project"
    root.mkdir()
    (root / "pyproject.toml").touch()
    monkeypatch.chdir(root)
    return root
