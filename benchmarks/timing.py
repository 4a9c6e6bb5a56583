"""CPU time of several tools on the same documents, interleaved, and what is read off it."""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from statistics import median
from time import process_time
from typing import Final

from tools import HARNESS, OURS, Scorer, Tool
from workload import Case, Workload, nested


@dataclass
class Timing:
    """What one tool took, round by round."""

    milliseconds: list[float] = field(default_factory=list)
    """CPU a document, one figure a round."""
    ratios: list[float] = field(default_factory=list)
    """CPU as a multiple of what harness took for the same documents, one figure a round."""
    tried: int = 0
    raised: int = 0

    @property
    def cost(self) -> float | None:
        """Median CPU milliseconds a document; None where no document was scored."""
        return median(self.milliseconds) if self.milliseconds else None

    @property
    def ratio(self) -> float | None:
        """Median multiple of harness; None where no document was scored."""
        return median(self.ratios) if self.ratios else None


def compare(
    tools: Sequence[Tool],
    make: Callable[[int], Workload],
    rounds: int,
    limit: float,
) -> dict[str, Timing]:
    """Run tools in turn over the documents of each round; harness is the measure and goes first.

    Each round has documents of its own, `make(round)`, so that no tool knows a text from before. A
    tool gets `limit` CPU seconds in all and is left out of what remains once they are spent.
    """
    timings = {tool.name: Timing() for tool in tools}
    spent = dict.fromkeys(timings, 0.0)
    known, schema = make(0).cases, make(0).schema
    scorers = {tool.name: tool.start(schema) for tool in tools}
    for number in range(rounds):
        cases = make(number + 1).cases
        ours: list[float | None] = []
        for tool in tools:
            if tool is not HARNESS and spent[tool.name] >= limit:
                continue
            gc.collect()
            if tool in OURS:
                forget()
            warm_up(scorers[tool.name], [tool.prepare(c) for c in known])
            taken = run(scorers[tool.name], [tool.prepare(c) for c in cases], limit)
            ours = taken if tool is HARNESS else ours
            spent[tool.name] += sum(t for t in taken if t is not None)
            _enter(timings[tool.name], taken, ours)
    return timings


def _enter(timing: Timing, taken: list[float | None], ours: list[float | None]) -> None:
    pairs = [(a, b) for a, b in zip(taken, ours, strict=False) if a is not None and b is not None]
    timing.tried += len(taken)
    timing.raised += sum(t is None for t in taken)
    if pairs:
        timing.milliseconds.append(1000 * sum(a for a, _ in pairs) / len(pairs))
        timing.ratios.append(sum(a for a, _ in pairs) / sum(b for _, b in pairs))


def run(score: Scorer, cases: Sequence[Case], limit: float) -> list[float | None]:
    """Return the CPU seconds of each case, None where the tool raised; stop past the limit.

    What a tool prints goes to standard error, so that it does not stand in our tables.
    """
    taken: list[float | None] = []
    begin = process_time()
    with redirect_stdout(sys.stderr):
        for case in cases:
            start = process_time()
            try:
                score(case)
            except Exception:  # noqa: BLE001  # whatever a peer raises is a finding
                taken.append(None)
            else:
                taken.append(process_time() - start)
            if process_time() - begin > limit:
                break
    return taken


def warm_up(score: Scorer, cases: Sequence[Case]) -> None:
    """Let a tool score other documents for some milliseconds, as in the midst of a run."""
    begin = process_time()
    for case in cycle(cases):
        with suppress(Exception):
            score(case)
        if process_time() - begin > WARM:
            return


@cache
def _filler() -> tuple[Scorer, list[Case]]:
    work = nested(200, seed=9)
    return HARNESS.start(work.schema), work.cases


def forget() -> None:
    """Fill harness' cache of folded texts with others, as new documents would."""
    score, cases = _filler()
    for case in cases:
        score(case)


WARM: Final = 0.02
"""CPU seconds of warming up; one document at least."""

GROWTH: Final = 3.0
"""CPU seconds after which no further round of the growth table is begun."""

SIZES: Final = (10, 40, 160, 640)
"""List lengths that growth is measured at."""


@dataclass(frozen=True)
class Growth:
    """CPU seconds a document by list length, round by round.

    Lengths that would take too long are missing.
    """

    rounds: list[dict[int, float]]

    def seconds(self, size: int) -> float | None:
        """Return the median CPU seconds of a document with a list of this length."""
        found = [seconds[size] for seconds in self.rounds if size in seconds]
        return median(found) if found else None

    def exponent(self, small: int, large: int) -> float | None:
        """Return the power of the length that CPU time grows with between two lengths."""
        ratios = [s[large] / s[small] for s in self.rounds if small in s and large in s]
        return math.log(median(ratios), large / small) if ratios else None


def exponent(costs: Mapping[int, float], small: int, large: int) -> float:
    """Return the power of the length that a cost grows with between two lengths."""
    return math.log(costs[large] / costs[small], large / small)


def growth(tool: Tool, limit: float, rounds: int) -> Growth:
    """Measure one tool at growing list lengths, as far as a document stays under the limit.

    A round goes through all lengths, so that a change of the machine's speed meets them alike;
    there are no more rounds than a few seconds hold.
    """
    found: list[dict[int, float]] = []
    begin = process_time()
    while len(found) < rounds and process_time() - begin < GROWTH:
        seconds: dict[int, float] = {}
        for size in SIZES:
            longest = max(seconds, default=size)
            if seconds and seconds[longest] * (size / longest) ** 2 > limit:
                break
            documents = min(16, SIZES[-1] // size)
            work = nested(documents, seed=size + len(found), typed=True, items=(size, size))
            gc.collect()
            taken = [t for t in run(tool.start(work.schema), work.cases, 0.1) if t is not None]
            if not taken:
                break
            seconds[size] = median(taken)
        found.append(seconds)
    return Growth(found)
