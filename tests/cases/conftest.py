"""A project in a temporary folder, which is the current directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cases.load import load_suites
from harness.cases.suite import Suite
from harness.errors import HarnessError
from tests.files_on_disk import empty_project, write_files


@dataclass(frozen=True, slots=True)
class Project:
    """A folder to put suites in."""

    root: Path

    def write(self, files: dict[str, str | bytes]) -> None:
        """Write files, whose paths start at the project."""
        write_files(self.root, files)

    def suite(self, settings: str = "") -> None:
        """Write the suite `notes` with one case, `a`."""
        self.write(
            {
                "evals/notes/suite.yaml": settings,
                "evals/notes/documents/a.txt": "Total 5",
                "ground_truth/notes/a.json": '{"total": 5}',
            }
        )

    def load(self, path: str = "evals") -> Suite:
        """Load the only suite there is."""
        (suite,) = load_suites(Path(path))
        return suite

    def refusal(self, path: str = "evals") -> str:
        """Return what a user is told about a path that cannot be loaded."""
        with pytest.raises(HarnessError) as caught:
            load_suites(Path(path))
        return str(caught.value)

    def warnings(self, path: str = "evals") -> str:
        return "\n".join(map(str, self.load(path).warnings))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project whose root is marked."""
    return Project(empty_project(tmp_path, monkeypatch))
