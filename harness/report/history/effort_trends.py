"""Effort trends: seconds of an answer and dollars, from run to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.history.history_table import Run
from harness.run.history.history_row import Past

_HEIGHT: Final = 56
_TOP: Final = 10


@dataclass(frozen=True, slots=True)
class EffortDot:
    """Dot of one run in a chart of seconds or dollars."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class EffortTrend:
    """One measure over the runs of a suite; lengths are in pixels."""

    name: str
    height: int
    floor: float
    most: str
    """What the top of the chart stands for; its floor is nothing."""
    lines: tuple[tuple[str, str, tuple[EffortDot, ...]], ...]
    """Of each extractor: dash, `points` of a polyline, and its runs."""


def effort_trends(
    runs: Sequence[Run], x: Callable[[int], float], dashes: Sequence[str]
) -> Iterator[EffortTrend]:
    """Yield what two or more runs say they took; `x` is where the run at a place stands.

    `dashes` are those of the chart of F1, one an extractor in the order in which they appear.
    """
    measures: tuple[tuple[str, Callable[[Past], float | None], Callable[[float], str]], ...] = (
        ("Seconds of an answer, median", lambda past: past.p50_seconds, number_text.seconds),
        ("Dollars of the run", lambda past: past.usd, number_text.money),
    )
    for name, of, write in measures:
        known = [
            (place, run, took)
            for place, run in enumerate(runs)
            if (took := of(run.past)) is not None
        ]
        most = max((took for _, _, took in known), default=0.0)
        if len(known) > 1 and most > 0:
            lines = _lines(known, (x, most, write), dashes)
            yield EffortTrend(name, _TOP + _HEIGHT + 4, _TOP + _HEIGHT, write(most), tuple(lines))


def _lines(
    known: Sequence[tuple[int, Run, float]],
    drawn: tuple[Callable[[int], float], float, Callable[[float], str]],
    dashes: Sequence[str],
) -> Iterator[tuple[str, str, tuple[EffortDot, ...]]]:
    x, most, write = drawn
    names = dict.fromkeys(run.past.extractor for _, run, _ in known)
    for number, name in enumerate(names):
        dots = tuple(
            EffortDot(
                x(place),
                round(_TOP + _HEIGHT * (1 - took / most), 1),
                f"{inert(name)}, {number_text.moment(run.past.started)}, {write(took)}",
            )
            for place, run, took in known
            if run.past.extractor == name
        )
        points = " ".join(f"{dot.x},{dot.y}" for dot in dots)
        yield dashes[number % len(dashes)], points, dots
