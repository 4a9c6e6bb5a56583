"""Measure `harness score` on JSONL files that do not fit: `python benchmarks/scale.py [--cases N]`.

Invoices of 22 items, 6.4 kB a pair, are written to a temporary folder and scored by one, two and
three workers, and once more while a worker is killed. Linux only: memory is the proportional share
(PSS) of the whole process tree, and CPU time is that of all its processes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import Final

import workload
from measure import Goal, table

from harness import Plan

DISTINCT: Final = 5_000
"""Documents that are made; a larger file repeats them under new ids."""
ALONE: Final = 1_000
"""Documents that the scorer alone is measured on."""
EVERY: Final = 0.1
"""Seconds between two looks at the process tree."""
TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Watched:
    """What a process and everything below it took."""

    wall: float = 0.0
    """Seconds."""
    memory: float = 0.0
    """Most megabytes at any look, all processes together."""
    cpu: dict[int, float] = field(default_factory=dict)
    """Seconds by process, when last seen."""
    output: bytes = b""
    exit_code: int = 0

    @property
    def seconds(self) -> float:
        """CPU seconds of all processes."""
        return sum(self.cpu.values())


def tree(root: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (stat := _stat(int(folder.name))):
            parents[int(folder.name)] = int(stat[1])
    found = [root]
    for process in found:
        found.extend(child for child, parent in parents.items() if parent == process)
    return found


def _stat(process: int) -> list[str]:
    """Return the fields of a process's `stat` behind its name; nothing if it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _megabytes(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def watch(arguments: Iterable[str], kills: Iterable[float] = ()) -> Watched:
    """Run the command line and watch it; kill its busiest worker after each of so many seconds."""
    seen, waiting = Watched(), sorted(kills, reverse=True)
    start = perf_counter()
    with (
        tempfile.TemporaryFile() as out,
        subprocess.Popen([sys.executable, "-m", "harness", *arguments], stdout=out) as process,  # noqa: S603  # ours
    ):
        while process.poll() is None:
            _look(process.pid, seen)
            if waiting and perf_counter() - start > waiting[-1]:
                workers = [p for p in tree(process.pid) if p != process.pid]
                if workers:  # else none has started yet
                    os.kill(max(workers, key=lambda p: seen.cpu.get(p, 0.0)), signal.SIGKILL)
                    waiting.pop()
            sleep(EVERY)
        seen.wall, seen.exit_code = perf_counter() - start, process.returncode
        out.seek(0)
        seen.output = out.read()
    return seen


def _look(root: int, seen: Watched) -> None:
    memory = 0.0
    for process in tree(root):
        memory += _megabytes(process)
        stat = _stat(process)
        if stat:
            seen.cpu[process] = (int(stat[11]) + int(stat[12])) / TICKS
    seen.memory = max(seen.memory, memory)


def documents(seed: int) -> Iterator[workload.Case]:
    """Yield the same documents for ever, made in small batches the first time."""
    made: list[workload.Case] = []
    for batch in range(DISTINCT // 100):
        fresh = workload.nested(100, seed=seed + batch).cases
        made.extend(fresh)
        yield from fresh
    yield from cycle(made)


def write(folder: Path, cases: int) -> tuple[str, ...]:
    """Write truths, predictions and schema; return the arguments that score them."""
    truths, predictions, schema = (folder / n for n in ("truths.jsonl", "said.jsonl", "schema"))
    schema.write_text(json.dumps(workload.nested(1).schema))
    with truths.open("w") as expected, predictions.open("w") as predicted:
        for number, case in enumerate(islice(documents(seed=100), cases)):
            name = f"case-{number:08}"
            expected.write(f"{json.dumps({'id': name, 'value': case.expected})}\n")
            predicted.write(f"{json.dumps({'id': name, 'value': case.predicted})}\n")
    return "score", str(truths), str(predictions), "--schema", str(schema), "--format", "json"


def alone() -> tuple[float, float]:
    """Return CPU milliseconds a document of `Plan.score`, and of `json.loads` of both sides."""
    work = workload.nested(ALONE, seed=50)
    plan = Plan(work.schema)
    start = process_time()
    for case in work.cases:
        plan.score(case.expected, case.predicted)
    scoring = process_time() - start
    texts = [(json.dumps(c.expected), json.dumps(c.predicted)) for c in work.cases]
    start = process_time()
    for expected, predicted in texts:
        json.loads(expected)
        json.loads(predicted)
    return 1000 * scoring / ALONE, 1000 * (process_time() - start) / ALONE


def report(runs: dict[str, Watched], cases: int) -> None:
    """Print what the runs took, and the goals."""
    first = next(iter(runs.values()))
    rows = [
        (
            name,
            f"{run.wall:.1f}",
            f"{run.seconds:.1f}",
            f"{1000 * run.seconds / cases:.2f}",
            f"{cases / run.wall:,.0f}",
            f"{run.memory:.0f}",
            "yes" if run.output == first.output and not run.exit_code else "NO",
        )
        for name, run in runs.items()
    ]
    head = ("run", "wall, s", "CPU, s", "CPU, ms a case", "cases a second", "peak PSS, MB")
    table((*head, "same bytes"), rows)
    two = runs["2 workers"]
    goals = [
        Goal("peak memory, two workers", 150, two.memory, "MB"),
        Goal("CPU of two workers, as a multiple of one", 1.15, two.seconds / first.seconds),
        Goal("results that differ", 0, sum(run.output != first.output for run in runs.values())),
    ]
    table(["figure", "goal", "measured", "met"], (goal.cells for goal in goals))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="cases of the files")
    cases = parser.parse_args().cases
    with tempfile.TemporaryDirectory() as folder:
        arguments = write(Path(folder), cases)
        scoring, reading = alone()
        size = sum(path.stat().st_size for path in Path(folder).glob("*.jsonl"))
        print(f"# {cases:,} nested cases, {size / 1e6:,.0f} MB\n")
        print(f"`Plan.score` alone: {scoring:.2f} ms of CPU a case; ", end="")
        print(f"`json.loads` of both sides: {reading:.2f} ms.\n", flush=True)
        runs = {f"{n} workers": watch((*arguments, "--workers", str(n))) for n in (1, 2, 3)}
        wall = runs["2 workers"].wall
        runs["2 workers, one killed"] = watch((*arguments, "--workers", "2"), [wall / 2])
        report(runs, cases)


if __name__ == "__main__":
    main()
