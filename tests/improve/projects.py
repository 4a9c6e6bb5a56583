"""A project with a suite whose answers lie in files, run once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner

from harness.cases.load import load_suites
from harness.cases.suite import Suite
from harness.cli.main import main
from harness.core.values import Json

SUITE = "name: notes\nprompt: ../../prompts/notes\nextractor: {kind: recorded, answers: answers}\n"


class Notes:
    """A suite of notes, under construction."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "evals" / "notes"
        self.write({"pyproject.toml": "", "evals/notes/suite.yaml": SUITE})
        self.write({"prompts/notes/user.md": "Give total and city as JSON.\n{{ document }}\n"})

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def case(self, name: str, text: str, truth: Json, answer: Json) -> None:
        self.write(
            {
                f"evals/notes/documents/{name}.txt": text,
                f"evals/notes/ground_truth/{name}.json": json.dumps(truth),
                f"evals/notes/answers/{name}.txt": json.dumps(answer),
            }
        )

    def many(self, number: int) -> None:
        """Add cases that all have the total as text, and each its own city."""
        for n in range(number):
            city = f"City{n:02}ville"
            text = f"Note {n}: {n + 100} paid in {city}."
            truth: Json = {"total": n + 100, "city": city}
            self.case(f"n{n:02}", text, truth, {"total": f"{n + 100}", "city": city})

    def suite(self) -> Suite:
        (suite,) = load_suites(self.folder)
        return suite

    def run(self) -> Path:
        return run_suite(self.folder, self.root / "reports")


def run_suite(suite: Path, reports: Path, extractor: str = "default") -> Path:
    """Run one extractor of a suite and return the run folder."""
    named = () if extractor == "default" else ("-e", extractor)
    asked = ["run", str(suite), "-q", "--reports", str(reports), *named]
    done = CliRunner().invoke(main, asked, catch_exceptions=False)
    assert done.exit_code in (0, 4), done.output  # 4 where nothing was answered
    return Path(done.stdout.strip().splitlines()[-1]).parent.resolve()
