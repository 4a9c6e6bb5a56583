"""A suite in a temporary folder, with runs of recorded answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cases.decisions.decision import Act, Decision, Slots
from harness.cli.main import main
from harness.core.values import Json
from harness.review.reviewed_suite import ReviewedSuite
from tests.files_on_disk import empty_project

NAMES = ("one", "two", "three")
"""The suite's extractors."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A project with one suite, `notes`."""

    root: Path

    def suite(self, truths: dict[str, Json], settings: str = "", texts: str = "Total 5") -> None:
        """Write the suite: one document a case."""
        for case, truth in truths.items():
            self.write(f"evals/notes/documents/{case}.txt", f"{texts} {case}")
            if truth is not None:
                self.write(f"ground_truth/notes/{case}.json", json.dumps(truth))
        named = "\n".join(f"  {n}: {{kind: recorded, answers: {n}}}" for n in NAMES)
        self.write("evals/notes/suite.yaml", f"extractors:\n{named}\n{settings}\n")
        for name in NAMES:
            (self.root / "evals/notes" / name).mkdir(exist_ok=True)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def truth(self, case: str) -> Json:
        """Return what a truth file says."""
        found: Json = json.loads((self.root / f"ground_truth/notes/{case}.json").read_text("utf-8"))
        return found

    def run(self, name: str, answers: dict[str, Json], *options: str) -> Path:
        """Run recorded answers and return the run's folder."""
        for case, answer in answers.items():
            self.write(f"evals/notes/{name}/{case}.json", json.dumps(answer))
        before = set(self.root.glob("reports/*/run.json"))
        done = self.harness("run", "evals/notes", "--extractor", name, *options)
        assert done.exit_code in (0, 4), done.output
        (made,) = set(self.root.glob("reports/*/run.json")) - before
        return made.parent

    def harness(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    def open(self, *runs: Path) -> ReviewedSuite:
        return ReviewedSuite.open(Path("evals/notes"), runs)


def approve(suite: ReviewedSuite, case: str, *places: Slots, person: str = "ann") -> None:
    """Approve fields of a case as they are; all of them where none is named."""
    seen = suite.case(case)
    fields = tuple((f.slots, f.digest) for f in seen.fields if not places or f.slots in places)
    suite.decide(person, case, [decision(Act.APPROVE, fields=fields)])


def decision(do: Act, path: Slots = (), to: Json = None, **more: object) -> Decision:
    """Return a decision as a browser sends it."""
    return Decision("", "", "", "", do, path=path, to=to)._replace(**more)  # type: ignore[arg-type]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty project whose root is marked and the current directory."""
    return Desk(empty_project(tmp_path, monkeypatch))
