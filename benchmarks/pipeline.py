"""Measure the command line: `python benchmarks/pipeline.py [--cases N]`.

Start-up of `harness --help`, then `harness run` over a suite of recorded answers in a temporary
folder: time, memory and the size of the report.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import workload
from measure import Goal, table

HARNESS: Final = (sys.executable, "-m", "harness")
SUITE: Final = """\
name: recorded
documents: documents
schema: schema.json
extractors:
  model: {kind: recorded, answers: answers}
"""


@dataclass(frozen=True)
class Spent:
    """What one process and those it waited for took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system."""
    memory: float
    """Peak resident megabytes."""


def spend(*arguments: str, runs: int = 1) -> Spent:
    """Return the medians over several runs of the command line with these arguments."""
    found = [_spend(arguments) for _ in range(runs)]
    return Spent(
        median(s.wall for s in found), median(s.cpu for s in found), median(s.memory for s in found)
    )


def _spend(arguments: Sequence[str]) -> Spent:
    start = perf_counter()
    with subprocess.Popen([*HARNESS, *arguments], stdout=subprocess.DEVNULL) as process:  # noqa: S603  # ours
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"harness {' '.join(arguments)} exited with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    memory = usage.ru_maxrss * unit / 1e6
    return Spent(perf_counter() - start, usage.ru_utime + usage.ru_stime, memory)


def write_suite(project: Path, work: workload.Workload) -> Path:
    """Write a suite of cases, each with a document, a truth and an answer; return it."""
    suite = project / "evals" / "recorded"
    truths = project / "ground_truth" / "recorded"
    documents, answers = suite / "documents", suite / "answers"
    for folder in (truths, documents, answers):
        folder.mkdir(parents=True)
    (suite / "suite.yaml").write_text(SUITE, encoding="utf-8")
    _write(suite / "schema.json", work.schema)
    for number, case in enumerate(work.cases):
        name = f"case-{number:05}"
        _write(truths / f"{name}.json", case.expected)
        _write(answers / f"{name}.txt", case.predicted)
        (documents / f"{name}.txt").write_text(_document(case.expected), encoding="utf-8")
    return suite


def _write(path: Path, value: workload.Record) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def _document(record: workload.Record) -> str:
    """Return a letter that says what the record says, a line a field and a line an item."""
    lines: list[str] = []
    for key, value in record.items():
        if isinstance(value, list):
            lines.extend(" | ".join(map(str, item.values())) for item in value)
        else:
            lines.append(f"Please note that {key.replace('_', ' no. ')} reads: {value}.")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000, help="cases of the suite")
    cases = parser.parse_args().cases
    start = spend("--help", runs=10)
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder) / "reports"
        suite = write_suite(Path(folder), workload.flat(cases))
        whole = spend("run", str(suite), "--quiet", "--reports", str(reports))
        pages = [page.stat().st_size for page in reports.rglob("report.html")]
    print(f"# The command line, {cases:,} recorded cases of 20 fields\n")
    table(
        ["command", "wall, s", "CPU, s", "peak memory, MB"],
        [
            [name, f"{s.wall:.2f}", f"{s.cpu:.2f}", f"{s.memory:.0f}"]
            for name, s in (("harness --help", start), ("harness run", whole))
        ],
    )
    rows = [
        Goal("harness --help, wall", 0.25, start.wall, "s"),
        Goal("harness run, wall", 4, whole.wall, "s"),
        Goal("harness run, peak memory", 150, whole.memory, "MB"),
        Goal("report.html", 2, sum(pages) / 1e6 if pages else None, "MB"),
    ]
    table(["figure", "goal", "measured", "met"], (goal.cells for goal in rows))


if __name__ == "__main__":
    main()
