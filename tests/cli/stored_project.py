"""A small project with everything that harness keeps: runs, logs, ledger, thresholds, decisions."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from harness.cli.main import main

SUITE = """\
name: notes
prompt: ../../prompts/notes
extractors:
  good: {kind: recorded, answers: answers/good.jsonl}
  poor: {kind: recorded, answers: answers/poor.jsonl}
  own: {kind: command, command: [PYTHON, own.py, "{document}"]}
"""
SCHEMA = {
    "type": "object",
    "properties": {
        "total": {"type": "number"},
        "city": {"type": "string"},
        "kind": {"enum": ["bill", "note"]},
    },
}
EDIT = """\
from pathlib import Path
(file,) = Path.cwd().rglob("user.md")
file.write_text(file.read_text() + "Write totals as numbers.\\n")
"""
OWN = """\
import sys
total, _, _, city, *_ = open(sys.argv[1]).read().replace(",", "").split()
print('{"total": %d, "city": "%s", "kind": "bill"}' % (int(total) + 1, city))
"""
CASES = 14


@dataclass(frozen=True, slots=True)
class StoredProject:
    """The project, by what is stored where."""

    root: Path

    @property
    def runs(self) -> dict[str, Path]:
        """Run folders by extractor."""
        folders = (self.root / "reports").glob("*/run.json")
        return {path.parent.name.rpartition("-")[2]: path.parent for path in sorted(folders)}

    def files(self) -> dict[str, Path]:
        """Return every file that some command reads, by what it is."""
        good = self.runs["good"]
        evals = self.root / "evals" / "notes"
        (ledger,) = self.root.glob("prompts/.history/*/ledger.jsonl")
        (decisions,) = self.root.glob("ground_truth/notes/review/*.jsonl")
        return {
            "run": good / "run.json",
            "results": good / "eval-results.json",
            "predictions": good / "predictions.jsonl",
            "cases": good / "cases.jsonl",
            "asked prompt": good / "prompt.json",
            "answers": evals / "answers" / "good.jsonl",
            "suite": evals / "suite.yaml",
            "schema": evals / "schema.json",
            "split": evals / "splits.json",
            "document": evals / "documents" / "n03.txt",
            "truth": self.root / "ground_truth" / "notes" / "n03.json",
            "disputes": self.root / "ground_truth" / "notes" / "disputes.jsonl",
            "decisions": decisions,
            "thresholds": self.root / "thresholds.json",
            "ledger": ledger,
            "version": min(ledger.parent.glob("versions/*.json")),
            "text of a version": min(ledger.parent.glob("files/*")),
            "prompt": self.root / "prompts" / "notes" / "user.md",
        }


@contextmanager
def folder(path: Path) -> Iterator[None]:
    """Make a folder the current one."""
    before = Path.cwd()
    os.chdir(path)
    try:
        yield
    finally:
        os.chdir(before)


def harness(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, arguments)


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def stored_project(root: Path) -> StoredProject:
    """Make the project in an empty folder, by the commands that users run."""
    cases = {f"n{n:02}": (n + 100, f"City{n:02}") for n in range(CASES)}
    sure = {"total": 0.9, "city": 0.8, "kind": 0.7}
    good, poor = [], []
    for key, (total, city) in cases.items():
        truth = {"total": total, "city": city, "kind": "bill"}
        write(root, {f"evals/notes/documents/{key}.txt": f"{total} paid in {city}, a bill.\n"})
        write(root, {f"ground_truth/notes/{key}.json": json.dumps(truth, indent=1)})
        wrong = {**truth, "total": total + int(key[1:]) % 3}
        guess = {**sure, "total": 0.9 if wrong == truth else 0.2}
        good.append(json.dumps({"id": key, "value": wrong, "confidences": guess}))
        poor.append(json.dumps({"id": key, "value": {**wrong, "city": "x"}, "confidences": guess}))
    write(
        root,
        {
            "pyproject.toml": "",
            "evals/notes/suite.yaml": SUITE.replace("PYTHON", sys.executable),
            "evals/notes/schema.json": json.dumps(SCHEMA),
            "evals/notes/answers/good.jsonl": "\n".join(good) + "\n",
            "evals/notes/answers/poor.jsonl": "\n".join(poor) + "\n",
            "prompts/notes/user.md": "Give total, city, kind as JSON.\n{{ document }}\n",
            "evals/notes/own.py": OWN,
            "edit.py": EDIT,
        },
    )
    engine = f"command:{sys.executable} {root / 'edit.py'}"
    with folder(root):
        for arguments in (
            ("split", "evals/notes"),
            ("run", "evals", "-q", "-e", "poor"),
            ("run", "evals", "-q", "-e", "good"),
            ("tune", "good", "-o", "thresholds.json"),
            ("truth", "approve", "evals/notes", "n01", "n02", "--yes", "--as", "ann"),
            ("truth", "dispute", "good", "n00", "total", "--why", "blurred"),
            ("feedback", "good"),
            ("improve", "evals/notes", "--engine", engine, "-e", "own"),
        ):
            done = harness(*arguments)
            assert done.exit_code in (0, 1), (arguments, done.output)
    return StoredProject(root)
