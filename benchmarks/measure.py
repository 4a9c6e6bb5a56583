"""Measure harness, and the peers that are installed, on the same documents; print Markdown.

`peers.py` runs this where all peers are installed. Alone, it measures harness by itself.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from statistics import median
from time import process_time
from typing import Any, Final

import tools
import workload
from families import families
from timing import SIZES, Growth, Timing, compare, growth
from tools import Tool

from harness import Counts, Plan

NO_FIGURE: Final = "-"


@dataclass(frozen=True)
class Effort:
    """How much is measured."""

    rounds: int
    flat: int
    """Flat documents a round."""
    nested: int
    """Nested documents a round."""
    limit: float
    """CPU seconds a tool gets for one kind of document, and for one list of the growth table."""


FULL: Final = Effort(rounds=7, flat=60, nested=3, limit=18.0)
QUICK: Final = Effort(rounds=3, flat=30, nested=2, limit=2.0)


@dataclass(frozen=True)
class Goal:
    """A bound on a measured figure."""

    name: str
    bound: float
    figure: float | None
    unit: str = "x"
    at_least: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        """What the goal's row of the table says."""
        sign = "≥" if self.at_least else "≤"
        bound = f"{sign} {self.bound:g} {self.unit}".rstrip()
        if self.figure is None:
            return self.name, bound, NO_FIGURE, "not measured"
        met = self.figure >= self.bound if self.at_least else self.figure <= self.bound
        return (
            self.name,
            bound,
            f"{_short(self.figure)} {self.unit}".rstrip(),
            "yes" if met else "NO",
        )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print("|" + "|".join(f" {cell} " for cell in head) + "|")
    print("|" + "---|" * len(head))
    for row in rows:
        print("|" + "|".join(f" {cell} " for cell in row) + "|")
    print(flush=True)


def _short(figure: float | None) -> str:
    """Write a figure with three digits that count."""
    if figure is None:
        return NO_FIGURE
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


Kind = tuple[str, Callable[[int], workload.Workload]]
Compared = dict[str, dict[str, Timing]]
"""Timings by kind of document and tool."""


def _kinds(effort: Effort) -> list[Kind]:
    flat, nested = workload.flat, partial(workload.nested, items=(22, 22))
    return [
        ("flat", lambda seed: flat(effort.flat, seed)),
        ("flat, typed", lambda seed: flat(effort.flat, seed, typed=True)),
        ("nested", lambda seed: nested(effort.nested, seed)),
        ("nested, typed", lambda seed: nested(effort.nested, seed, typed=True)),
        ("families", lambda seed: families(effort.nested, seed)),
    ]


def compare_tools(effort: Effort, peers: Sequence[Tool]) -> Compared:
    """Measure every tool on every kind of document and print the table."""
    kinds = _kinds(effort)
    everyone = [tools.HARNESS, tools.DIFFS, *peers]
    compared = {kind: compare(everyone, make, effort.rounds, effort.limit) for kind, make in kinds}
    print("## CPU milliseconds a document (multiple of harness: counts)\n")
    print(
        "Flat: 20 scalars. Nested: 12 header fields and 22 items of 6. *Typed*: the same documents "
        "without mistyped and reformatted values, for tools that refuse those. Families: people, "
        "events and couples that refer to each other by ids; only harness knows what an id is.\n"
    )
    rows = []
    for tool in everyone:
        timings = [compared[kind][tool.name] for kind, _ in kinds]
        rows.append([tool.name, *(_timing(t) for t in timings)])
    table(["tool", *(kind for kind, _ in kinds)], rows)
    return compared


def _timing(timing: Timing) -> str:
    text = f"{_short(timing.cost)} ({_short(timing.ratio)}x)" if timing.cost else ""
    if timing.raised:
        text = f"{text}; raised on {timing.raised}/{timing.tried}".removeprefix("; ")
    return text or NO_FIGURE


def compare_counts() -> float | None:
    """Print on how many documents omni-extract-bench counts what harness counts, return it in %.

    Both pair rows so that most values are equal, so right values, and values of each side, must
    be as many. Its F1 has no classes of error: harness' strict one is made of the same counts.
    """
    if tools.OMNI not in tools.peers():
        return None
    print("## Documents counted alike by omni-extract-bench\n")
    rows, alike, of = [], 0, 0
    for work in (workload.flat(60), workload.nested(60), workload.nested(60, typed=True)):
        score, plan = tools.OMNI.start(work.schema), Plan(work.schema)
        same = 0
        for case in work.cases:
            found: Any = score(case)
            counts = plan.score(case.expected, case.predicted).counts
            said = counts.true_positives + counts.false_positives
            ours = counts.correct, counts.expected, said
            gold = found["matched"] + found["misread"] + found["unfound"]
            same += ours == (found["matched"], gold, found["asserted"])
        rows.append([work.name, f"{same} of {len(work.cases)}"])
        alike, of = alike + same, of + len(work.cases)
    table(["documents", "alike"], rows)
    return 100 * alike / of


def compare_growth(effort: Effort, peers: Sequence[Tool]) -> Growth:
    """Measure growth with the list's length, print the table, return harness' own."""
    print("## Growth with the length of a list (nested, typed)\n")
    print(
        f"CPU milliseconds a document; {NO_FIGURE} where one document would take over "
        f"{effort.limit:g} s. Exponent: the power of the length that CPU time grows with.\n"
    )
    everyone = (tools.HARNESS, *peers)
    measured = {tool.name: growth(tool, effort.limit, effort.rounds) for tool in everyone}
    steps = list(pairwise(SIZES))
    rows = []
    for name, found in measured.items():
        costs = (found.seconds(size) for size in SIZES)
        cells = [_short(None if cost is None else 1000 * cost) for cost in costs]
        rows.append([name, *cells, *(_short(found.exponent(a, b)) for a, b in steps)])
    sizes = (f"{size} items" for size in SIZES)
    table(["tool", *sizes, *(f"exponent {a} to {b}" for a, b in steps)], rows)
    return measured[tools.HARNESS.name]


def long_list(repeats: int) -> float:
    """Score the long list, print what came of it, return the median CPU seconds."""
    work = workload.long_list(5000)
    case, plan = work.cases[0], Plan(work.schema)
    taken = []
    result = plan.score(None, None)
    for _ in range(repeats):
        start = process_time()
        result = plan.score(case.expected, case.predicted)
        taken.append(process_time() - start)
    exactness = "approximate" if result.approximate else "exact"
    print("## One list of 5,000 shuffled rows x 5 columns, 10 % of the cells changed\n")
    print(f"harness: {_short(median(taken))} s of CPU; the pairing is {exactness}.\n")
    _oracle([work])
    return median(taken)


OUTCOMES: Final = ("correct", "omission", "wrong_value", "format_error", "hallucination")


def oracle() -> list[float]:
    """Print planted mistakes beside those found; return the largest miss of each kind, in %."""
    print("## Mistakes planted and found\n")
    return _oracle([workload.flat(400), workload.nested(80)])


def _oracle(works: Sequence[workload.Workload]) -> list[float]:
    rows, worst = [], []
    for work in works:
        plan = Plan(work.schema)
        found, planted = Counts(), workload.Planted()
        for case in work.cases:
            found += plan.score(case.expected, case.predicted).counts
            planted += case.planted
        pairs = [(planted[name], int(getattr(found, name))) for name in OUTCOMES]
        worst.append(100 * max(abs(b - a) / a for a, b in pairs if a))
        rows.append([work.name, *(f"{b:,} of {a:,}" for a, b in pairs)])
    table(["found of planted", *OUTCOMES], rows)
    return worst


@dataclass(frozen=True)
class Measured:
    """All that was measured, as far as a goal speaks of it."""

    peers: Compared
    alike: float | None
    """Documents that omni-extract-bench counts as we do, in %; None where it is not installed."""
    grown: Growth
    seconds: float
    """For the long list."""
    misses: Sequence[float]


def goals(all_of: Measured) -> None:
    """Print each goal beside what was measured."""
    peers, grown = all_of.peers, all_of.grown

    def beats(kind: str, tool: Tool) -> float | None:
        timing = peers[kind].get(tool.name)
        return timing.ratio if timing else None

    full, anls, deep = tools.STICKLER_FULL, tools.ANLS_STAR, tools.DEEPDIFF
    more = partial(Goal, at_least=True)
    print("## Goals\n")
    rows = [
        more("stickler, full, flat typed", 100, beats("flat, typed", full)),
        more("anls-star, flat", 90, beats("flat", anls)),
        more("stickler, full, nested typed", 400, beats("nested, typed", full)),
        more("anls-star, nested", 400, beats("nested", anls)),
        more("deepdiff, flat", 10, beats("flat", deep)),
        more("omni-extract-bench, flat", 1, beats("flat", tools.OMNI)),
        more("omni-extract-bench, nested", 1, beats("nested", tools.OMNI)),
        more("documents omni-extract-bench counts alike", 100, all_of.alike, "%"),
        more("deepdiff, nested typed", 100, beats("nested, typed", deep)),
        more("deepdiff, families", 5, beats("families", deep)),
        Goal("5,000 rows", 2.5, all_of.seconds, "s"),
        Goal("exponent 40 to 160 items", 1.2, grown.exponent(40, 160), ""),
        Goal("exponent 40 to 640 items", 1.2, grown.exponent(40, 640), ""),
        *(
            Goal(f"planted counts missed by, {kind}", bound, figure, "%")
            for kind, bound, figure in zip(("flat", "nested"), (0, 1.5), all_of.misses, strict=True)
        ),
    ]
    table(["figure", "goal", "measured", "met"], (goal.cells for goal in rows))


def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} not installed"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, in under a minute")
    effort = QUICK if parser.parse_args().quick else FULL
    warnings.simplefilter("ignore")
    peers = tools.peers()
    gc.collect()
    gc.freeze()
    print("# harness beside its peers\n")
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    print("with " + ", ".join(_version(name) for name in ("rapidfuzz", *tools.PINS)) + ".\n")
    compared = compare_tools(effort, peers)
    alike = compare_counts()
    grown = compare_growth(effort, peers)
    seconds = long_list(min(effort.rounds, 5))
    goals(Measured(compared, alike, grown, seconds, oracle()))


if __name__ == "__main__":
    main()
