"""How a file of the user's is called in messages."""

from __future__ import annotations

from pathlib import Path


def shown(path: Path, project: Path) -> str:
    """Return the path relative to the project, with forward slashes; as it is when outside.

    >>> shown(Path("/home/me/work/evals/suite.yaml"), Path("/home/me/work"))
    'evals/suite.yaml'
    """
    inside = path.relative_to(project) if path.is_relative_to(project) else path
    return inside.as_posix()
