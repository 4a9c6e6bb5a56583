"""Measure scoring, streaming and runs as multiples of `json.loads` of the same JSON.

`python benchmarks/parsing.py [--quick]`. CPU time of one process; what is measured and json.loads
take turns, on documents of their own in each round; medians of the rounds. Start-up is left out of
commands: they run on fewer cases and on more, and the difference counts.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final

import pipeline
import workload
from families import families
from measure import Goal, table
from timing import exponent, forget
from workload import Case, Workload

from harness import Plan


@dataclass(frozen=True)
class Shape:
    """One kind of document, and what scoring it may cost as a multiple of parsing it."""

    name: str
    make: Callable[[int, int], Workload]
    """From how many documents and a seed to the documents."""
    goal: float
    documents: int
    """How many a round holds."""
    has_schema: bool = True


def _items(low: int, *, framed: bool = False) -> Callable[[int, int], Workload]:
    return partial(workload.nested, items=(low, low), framed=framed)


SHAPES: Final = (
    Shape("flat, 20 fields", workload.flat, 3, 200),
    Shape("flat, no schema", workload.flat, 3, 200, has_schema=False),
    Shape("22 items", _items(22), 8, 20),
    Shape("22 items, no schema", _items(22), 12, 20, has_schema=False),
    Shape("22 items, some values wrapped", _items(22, framed=True), 8, 20),
    Shape("300 items", _items(300), 8, 2),
    Shape("300 items, no schema", _items(300), 12, 2, has_schema=False),
    Shape("300 items, some values wrapped", _items(300, framed=True), 8, 2),
    Shape("families, no rules", families, 15, 20, has_schema=False),
    Shape("families, entity rules", families, 12, 20),
)

STREAMED: Final = (
    Shape("flat, 20 fields", workload.flat, 6, 12_000, has_schema=False),
    Shape("22 items", _items(22), 14, 1_200, has_schema=False),
    Shape("families", families, 18, 900, has_schema=False),
)
"""So many that starting up, about a second, is little of what is measured."""


def _texts(cases: Sequence[Case]) -> list[tuple[str, str]]:
    return [(json.dumps(case.expected), json.dumps(case.predicted)) for case in cases]


def score(shape: Shape, rounds: int) -> tuple[float, float]:
    """Return CPU milliseconds a document, and the multiple of parsing it."""
    plan = Plan(shape.make(1, 0).schema if shape.has_schema else None)
    costs, ratios = [], []
    for number in range(rounds + 1):
        texts = _texts(shape.make(shape.documents, 100 + number).cases)
        forget()
        gc.collect()
        start = process_time()
        pairs = [(json.loads(one), json.loads(other)) for one, other in texts]
        parsed = process_time()
        for expected, predicted in pairs:
            _ = plan.score(expected, predicted).counts
        scored = process_time()
        if number:  # the first round warms up
            costs.append(1000 * (scored - parsed) / len(texts))
            ratios.append((scored - parsed) / (parsed - start))
    return median(costs), median(ratios)


def scores(rounds: int) -> list[Goal]:
    """Print what scoring costs by kind of document; return the goals."""
    print("## Counts of one document, as a multiple of json.loads of both sides\n")
    rows, goals = [], []
    for shape in SHAPES:
        cost, ratio = score(shape, rounds)
        rows.append([shape.name, f"{cost:.3f}", f"{ratio:.1f}x", f"{shape.goal:g}x"])
        goals.append(Goal(f"counts, {shape.name}", shape.goal, ratio))
    table(["documents", "CPU, ms", "json.loads", "goal"], rows)
    return goals


def loads(cases: Sequence[Case]) -> float:
    """Return CPU seconds of parsing both sides of cases once, the median of five times."""
    texts = [text for pair in _texts(cases) for text in pair]
    taken = []
    for _ in range(5):
        start = process_time()
        for text in texts:
            json.loads(text)
        taken.append(process_time() - start)
    return median(taken)


def _write_lines(folder: Path, cases: Sequence[Case]) -> tuple[str, ...]:
    folder.mkdir()
    sides = {
        "truths.jsonl": [case.expected for case in cases],
        "said.jsonl": [case.predicted for case in cases],
    }
    for name, values in sides.items():
        lines = (json.dumps({"id": f"c{n:06}", "value": v}) for n, v in enumerate(values))
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = (str(folder / name) for name in sides)
    return ("score", *files, "--workers", "1", "--format", "json")


def _write_suite(folder: Path, work: Workload) -> tuple[str, ...]:
    folder.mkdir()
    suite = pipeline.write_suite(folder, work)
    return ("run", str(suite), "--quiet", "--reports", str(folder / "reports"))


def _difference(few: Sequence[str], many: Sequence[str], runs: int) -> float:
    """Return the CPU seconds by which one command takes longer than another."""
    return pipeline.spend(*many, runs=runs).cpu - pipeline.spend(*few, runs=runs).cpu


def streams(root: Path, runs: int) -> list[Goal]:
    """Print what streaming costs; return the goals."""
    print("## harness score --workers 1 on JSONL, no schema, as a multiple of json.loads\n")
    rows, goals = [], []
    for number, shape in enumerate(STREAMED):
        cases = shape.make(shape.documents, 7).cases
        few = _write_lines(root / f"few-{number}", cases[: len(cases) // 5])
        many = _write_lines(root / f"many-{number}", cases)
        more = cases[len(cases) // 5 :]
        taken = _difference(few, many, runs)
        ratio = taken / loads(more)
        rows.append([shape.name, f"{1000 * taken / len(more):.3f}", f"{ratio:.1f}x"])
        goals.append(Goal(f"streaming, {shape.name}", shape.goal, ratio))
    table(["documents", "CPU, ms a case", "json.loads"], rows)
    return goals


def recorded(root: Path, runs: int) -> list[Goal]:
    """Print what a whole run costs, and what its results take; return the goals."""
    print("## harness run on recorded answers: evidence, results and report included\n")
    rows, goals = [], []
    for shape in (replace(SHAPES[0], documents=500), replace(SHAPES[2], documents=100)):
        work = shape.make(shape.documents, 7)
        fewer = len(work.cases) // 5
        few = _write_suite(root / f"{shape.name} few", replace(work, cases=work.cases[:fewer]))
        many = _write_suite(root / f"{shape.name} many", work)
        more = work.cases[fewer:]
        taken = _difference(few, many, runs)
        ratio = taken / loads(more)
        stored = min((root / f"{shape.name} many").rglob("eval-results.json")).stat().st_size
        data = sum(len(text) for pair in _texts(work.cases) for text in pair)
        cells = [f"{1000 * taken / len(more):.2f}", f"{ratio:.0f}x", f"{stored / data:.1f}x"]
        rows.append([shape.name, *cells])
        goals.append(Goal(f"harness run, {shape.name}", 100, ratio))
        goals.append(Goal(f"eval-results.json, {shape.name}, of the data", 4, stored / data))
    head = ["documents", "CPU, ms a case", "json.loads", "eval-results.json, of the data"]
    table(head, rows)
    return goals


def _steps(rounds: int) -> Iterator[tuple[int, float]]:
    for size in (40, 160, 640):
        shape = Shape(f"{size} items", _items(size, framed=True), 0, max(1, 640 // size))
        yield size, score(shape, rounds)[0]


def growth(rounds: int) -> list[Goal]:
    """Print how scoring grows with the length of a list; return the goal."""
    print("## Growth with the length of a list, some values wrapped\n")
    costs = dict(_steps(rounds))
    table([f"{size} items, CPU ms" for size in costs], [[f"{cost:.2f}" for cost in costs.values()]])
    return [Goal("exponent, 40 to 640 items", 1.2, exponent(costs, 40, 640), "")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    quick = parser.parse_args().quick
    rounds, runs = (3, 1) if quick else (9, 3)
    gc.freeze()
    print("# harness beside json.loads\n")
    goals = [*scores(rounds), *growth(rounds)]
    with tempfile.TemporaryDirectory() as folder:
        goals += [*streams(Path(folder), runs), *recorded(Path(folder), runs)]
    print("## Goals\n")
    table(["figure", "goal", "measured", "met"], (goal.cells for goal in goals))


if __name__ == "__main__":
    main()
