"""Scatter plot of quality against cost, time or tokens of an answer, as SVG positions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from harness.core import number_text
from harness.report.words.choice_sentences import AMOUNTS
from harness.run.comparison.standings import Expense, Standings

_TITLES: Final[dict[Expense, str]] = {
    "usd": "Macro F1 against cost of an answer",
    "seconds": "Macro F1 against time of an answer",
    "tokens": "Macro F1 against tokens of an answer",
}
_HEIGHT: Final = 260
_TOP: Final = 18
_FOOT: Final = 26
_LEFT: Final = 14.0
"""Percent of the width, as `_RIGHT`: what is drawn across scales with the page, texts do not."""
_RIGHT: Final = 94.0
_LEAST_RANGE: Final = 0.2
_MOST_TICKS: Final = 5
_ROOM: Final = 1.3
_STEPS: Final = (1, 2, 5)
_TWO: Final = 2


@dataclass(frozen=True, slots=True)
class Spot:
    """One run."""

    letter: str
    x: str
    y: float
    low: float
    high: float
    """Ends of the interval; both `y` where there is none."""
    words: str
    is_best: bool
    """On the frontier."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """One drawing; heights are pixels, widths percents."""

    title: str
    height: int
    floor: float
    spots: tuple[Spot, ...]
    """Those on the frontier last, so that they lie on top."""
    steps: tuple[tuple[str, float, str, float], ...]
    """The frontier as lines."""
    rows: tuple[tuple[float, str], ...]
    """Grid lines of F1."""
    columns: tuple[tuple[str, str], ...]
    target: tuple[float, str] | None
    unknown: str
    """Runs that cannot be drawn, since what they take is not known; empty for none."""


def scatters(standings: Standings, letters: Sequence[str]) -> tuple[Scatter, ...]:
    """Return a drawing for cost and one for time, tokens where neither is known."""
    known: list[Expense] = [by for by in ("usd", "seconds") if _is_known(standings, by)]
    if not known and _is_known(standings, "tokens"):
        known = ["tokens"]
    return tuple(_scatter(standings, letters, by) for by in known)


def _is_known(standings: Standings, by: Expense) -> bool:
    return (
        sum(bool(one.expense(by)) and one.macro is not None for one in standings.contenders) >= _TWO
    )


@dataclass(frozen=True, slots=True)
class _Axes:
    low: float
    high: float
    """Of F1."""
    least: float
    most: float

    def y(self, f1: float) -> float:
        share = (f1 - self.low) / (self.high - self.low)
        return round(_TOP + (_HEIGHT - _TOP - _FOOT) * (1 - share), 1)

    def across(self, amount: float) -> float:
        share = math.log(amount / self.least) / math.log(self.most / self.least)
        return _LEFT + share * (_RIGHT - _LEFT)

    def x(self, amount: float) -> str:
        return f"{self.across(amount):.2f}%"


def _scatter(standings: Standings, letters: Sequence[str], by: Expense) -> Scatter:
    drawn = [
        (place, amount, one.macro)
        for place, one in enumerate(standings.contenders)
        if (amount := one.expense(by)) and one.macro is not None
    ]
    amounts = [amount for _, amount, _ in drawn]
    axes = _axes(standings, amounts, [place for place, *_ in drawn])
    best = standings.frontier(by)
    spots = [
        _spot(
            standings,
            axes,
            (place, amount, f1),
            (letters[place], AMOUNTS[by](amount), place in best),
        )
        for place, amount, f1 in drawn
    ]
    left = [letters[p] for p in range(len(standings.contenders)) if p not in {d[0] for d in drawn}]
    target = standings.target
    return Scatter(
        title=_TITLES[by],
        height=_HEIGHT,
        floor=_HEIGHT - _FOOT,
        spots=tuple(sorted(spots, key=lambda spot: spot.is_best)),
        steps=tuple(_steps([(a, f) for p in best for q, a, f in drawn if p == q], axes)),
        rows=tuple(_rows(axes)),
        columns=tuple((axes.x(a), AMOUNTS[by](a)) for a in _ticks(axes, amounts)),
        target=None if target is None else (axes.y(target), number_text.goal(target)),
        unknown=", ".join(left),
    )


def _axes(standings: Standings, amounts: Sequence[float], places: Sequence[int]) -> _Axes:
    ends = [standings.contenders[place].macro or 0.0 for place in places]
    for place in places:
        ends.extend(standings.contenders[place].interval or ())
    if standings.target is not None:
        ends.append(standings.target)
    low, high = math.floor(min(ends) * 10 + 0.001) / 10, math.ceil(max(ends) * 10 - 0.001) / 10
    high = min(1.0, max(high, low + _LEAST_RANGE))
    return _Axes(min(low, high - _LEAST_RANGE), high, min(amounts) / _ROOM, max(amounts) * _ROOM)


def _spot(
    standings: Standings, axes: _Axes, drawn: tuple[int, float, float], texts: tuple[str, str, bool]
) -> Spot:
    (place, amount, f1), (letter, text, is_best) = drawn, texts
    one = standings.contenders[place]
    bounds = one.interval or (f1, f1)
    words = f"{letter}, {one.name}: macro F1 {number_text.percent(f1)}"
    if one.interval:
        words += f", interval {number_text.interval(one.interval)}"
    words += f", {text} an answer{', on the frontier' if is_best else ''}"
    return Spot(letter, axes.x(amount), axes.y(f1), axes.y(bounds[0]), axes.y(bounds[1]), words,
                is_best)  # fmt: skip


def _steps(
    best: Sequence[tuple[float, float]], axes: _Axes
) -> Iterator[tuple[str, float, str, float]]:
    """Yield the frontier as a stair: what so much can buy, up to where more buys more."""
    for (amount, f1), (more, higher) in pairwise(best):
        yield axes.x(amount), axes.y(f1), axes.x(more), axes.y(f1)
        yield axes.x(more), axes.y(f1), axes.x(more), axes.y(higher)
    if best:
        amount, f1 = best[-1]
        yield axes.x(amount), axes.y(f1), f"{_RIGHT:.2f}%", axes.y(f1)


def _rows(axes: _Axes) -> Iterator[tuple[float, str]]:
    tenths = range(round(axes.low * 10), round(axes.high * 10) + 1)
    step = -(-len(tenths) // _MOST_TICKS)
    for tenth in tenths[::step]:
        yield axes.y(tenth / 10), number_text.percent(tenth / 10)


def _ticks(axes: _Axes, amounts: Sequence[float]) -> list[float]:
    """Return round amounts on the axis, the ends of what was measured where there are none."""
    lowest, highest = math.floor(math.log10(axes.least)), math.ceil(math.log10(axes.most))
    ticks = [
        step * 10.0**power for power in range(lowest, highest + 1) for step in _STEPS
        if axes.least <= step * 10.0**power <= axes.most
    ]  # fmt: skip
    if len(ticks) > _MOST_TICKS:
        ticks = ticks[:: -(-len(ticks) // _MOST_TICKS)]
    return ticks if len(ticks) >= _TWO else sorted({min(amounts), max(amounts)})
