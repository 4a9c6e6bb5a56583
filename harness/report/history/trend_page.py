"""Trend page: a chart and a table of F1 from run to run, for each suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from harness.core import number_text
from harness.core.inert_text import inert
from harness.report.history.effort_trends import EffortTrend, effort_trends
from harness.report.history.history_table import Run, prompt_version, reviewed_share
from harness.report.page.past_runs import PastRun, Spark, field_spark
from harness.report.rendering.html_page import fill
from harness.report.words.visible import well_formed

_STEP: Final = 68
_WIDEST: Final = 600
_HEIGHT: Final = 160
_LEFT: Final = 48
_TOP: Final = 16
_LETTER: Final = 6.7
"""Pixels that a letter of a day or a time takes under a chart."""
_GAP: Final = 5
_MOST_FIELDS: Final = 12
_MOST_RUNS: Final = 20
_LEAST_RANGE: Final = 0.2
"""Height of the chart in F1: what is smaller would make noise look like a mountain."""
_MOST_TICKS: Final = 5
_DASHES: Final = ("none", "6 3", "2 3", "9 3 2 3", "12 4", "1 4")
"""Lines are told apart by dashes, and by letters at their ends: colour alone tells some nothing."""


@dataclass(frozen=True, slots=True)
class TrendMark:
    """One run in a chart."""

    x: float
    y: float
    words: str
    link: str
    bounds: tuple[float, float] | None
    """Ends of the interval of macro F1, the lower one first; None where it is not known."""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """The runs of one extractor, in stretches that one ruler measured."""

    name: str
    letter: str
    dash: str
    stretches: tuple[str, ...]
    """`points` of polylines."""
    marks: tuple[TrendMark, ...]


@dataclass(frozen=True, slots=True)
class TrendRow:
    """A run in the table."""

    link: str
    started: str
    extractor: str
    prompt: str | None
    ruler: str
    f1: str
    interval: str
    few: str | None
    """What so few documents cannot tell; None where there are enough."""
    change: str
    lenient: str
    unanswered: str
    cost: str
    """Of the run; empty where it is not known."""
    took: str
    """Seconds of an answer, median; empty where it is not known."""
    reviewed: str
    """`182 of 210 fields reviewed`; empty where every truth is taken for right."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The history of one suite; lengths are in pixels."""

    suite: str
    count: str
    width: int
    height: int
    left: int
    lines: tuple[TrendLine, ...]
    ticks: tuple[tuple[float, str], ...]
    breaks: tuple[tuple[float, str], ...]
    """Where another ruler begins, and its letter."""
    target: tuple[float, str] | None
    dates: tuple[tuple[float, str], ...]
    """Where days stand on the axis across."""
    efforts: tuple[EffortTrend, ...]
    """What the runs took."""
    fields: tuple[tuple[str, Spark], ...]
    """Fields of the newest run with their course, what moved most first."""
    rows: tuple[TrendRow, ...]
    is_mixed: bool
    """Whether more than one ruler was used."""


def render_trends(
    runs: Sequence[Run], fields: Mapping[str, Mapping[str, float | None]] = MappingProxyType({})
) -> str:
    """Return the page of a history as HTML, to be written beside the run folders.

    Suites follow each other by their newest run; lines link to the runs' reports. `fields` is the
    F1 of every field by run, as far as it is at hand.
    """
    suites: dict[str, list[Run]] = {}
    for run in runs:
        suites.setdefault(run.past.suite, []).append(run)
    newest = sorted(suites.values(), key=lambda some: some[-1].past.started, reverse=True)
    charts = tuple(_chart(some, fields) for some in newest)
    return fill(
        "trends.html.j2", (), {"charts": charts, "count": number_text.counted(len(runs), "run")}
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Frame of a chart, from a run's place and score to coordinates."""

    low: float
    high: float
    step: float

    def x(self, place: int) -> float:
        return round(_LEFT + self.step * (place + 0.5), 1)

    def y(self, f1: float) -> float:
        share = (f1 - self.low) / (self.high - self.low)
        return round(_TOP + _HEIGHT * (1 - share), 1)


def _chart(runs: Sequence[Run], fields: Mapping[str, Mapping[str, float | None]]) -> Chart:
    frame = _frame(runs)
    moments = number_text.moments([run.past.started for run in runs])
    last = runs[-1].past
    target = last.target_f1
    return Chart(
        suite=last.suite,
        count=number_text.counted(len(runs), "run"),
        width=round(_LEFT + frame.step * len(runs) + _LEFT / 2),
        height=_TOP + _HEIGHT + 2 * _TOP,
        left=_LEFT,
        lines=tuple(_lines(runs, frame)),
        ticks=tuple(_ticks(frame)),
        breaks=tuple(_breaks(runs, frame)),
        target=None if target is None else (frame.y(target), number_text.goal(target)),
        dates=tuple(_dates(runs, frame)),
        efforts=tuple(effort_trends(runs, frame.x, _DASHES)),
        fields=tuple(_field_lines(runs, fields)),
        rows=tuple(map(_row, reversed(runs), reversed(moments))),
        is_mixed=len({run.ruler for run in runs}) > 1,
    )


def _frame(runs: Sequence[Run]) -> _Frame:
    """Return a frame whose edges are tenths around scores, intervals and the newest target."""
    scores = (score for run in runs for score in (run.f1, run.past.macro_low, run.past.macro_high))
    known = [score for score in (*scores, runs[-1].past.target_f1) if score is not None] or [0.0]
    low, high = floor(min(known) * 10 + 0.001) / 10, ceil(max(known) * 10 - 0.001) / 10
    high = min(1.0, max(high, low + _LEAST_RANGE))
    return _Frame(min(low, high - _LEAST_RANGE), high, min(_STEP, _WIDEST / len(runs)))


def _lines(runs: Sequence[Run], frame: _Frame) -> Iterator[TrendLine]:
    by_name: dict[str, list[tuple[int, Run, float]]] = {}
    for place, run in enumerate(runs):
        if run.f1 is not None:
            by_name.setdefault(run.past.extractor, []).append((place, run, run.f1))
    for number, (name, some) in enumerate(by_name.items()):
        stretches: dict[str, list[str]] = {}
        for place, run, f1 in some:
            stretches.setdefault(run.ruler, []).append(f"{frame.x(place)},{frame.y(f1)}")
        yield TrendLine(
            name=name,
            letter=str(number + 1),
            dash=_DASHES[number % len(_DASHES)],
            stretches=tuple(" ".join(points) for points in stretches.values()),
            marks=tuple(
                TrendMark(
                    frame.x(place), frame.y(f1), _words(run, f1), _link(run), _bounds(run, frame)
                )
                for place, run, f1 in some
            ),
        )


def _bounds(run: Run, frame: _Frame) -> tuple[float, float] | None:
    low, high = run.past.macro_low, run.past.macro_high
    if low is None or high is None:
        return None
    return frame.y(low), frame.y(high)


def _dates(runs: Sequence[Run], frame: _Frame) -> list[tuple[float, str]]:
    """Return what stands under the chart: days or times, as many as have room, the last of all.

    Of several runs of a day the first has the day, the others their time, with seconds in a minute.
    """
    dates: list[tuple[float, str, str]] = []
    for place, run in enumerate(runs):
        x, started = frame.x(place), run.past.started
        if place == len(runs) - 1 and len(dates) > 1 and not _has_room(dates, x, started):
            dates.pop()
        if _has_room(dates, x, started):
            dates.append((x, _date(dates, started), started))
    return [(x, label) for x, label, _ in dates]


def _date(before: Sequence[tuple[float, str, str]], started: str) -> str:
    """Return the day of a run, or its time where the label before it is of the same day."""
    last = before[-1][2] if before else ""
    if last[:10] != started[:10]:
        return started[:10]
    return started[11:16] if last[11:16] != started[11:16] else started[11:19]


def _has_room(before: Sequence[tuple[float, str, str]], x: float, started: str) -> bool:
    if not before:
        return True
    letters = len(before[-1][1]) + len(_date(before, started))
    return x - before[-1][0] >= letters * _LETTER / 2 + _GAP


def _field_lines(
    runs: Sequence[Run], fields: Mapping[str, Mapping[str, float | None]]
) -> Iterator[tuple[str, Spark]]:
    """Yield the line of each field over the newest run's like, what moved most first."""
    last = runs[-1]
    alike = [
        run for run in runs
        if run.past.extractor == last.past.extractor and run.past.run_id in fields
    ][-_MOST_RUNS:]  # fmt: skip
    if len(alike) < 2 or alike[-1].past.run_id != last.past.run_id:  # noqa: PLR2004  # one is no line
        return
    past: list[PastRun] = [
        {"run_id": run.past.run_id, "f1": run.f1, "fields": dict(fields[run.past.run_id]),
         "is_alike": run.ruler == last.ruler}
        for run in alike[:-1]
    ]  # fmt: skip
    now = fields[last.past.run_id]
    before = past[-1]["fields"]
    moved = sorted(now, key=lambda name: (-abs((now[name] or 0) - (before.get(name) or 0)), name))
    for name in moved[:_MOST_FIELDS]:
        spark = field_spark(past, name, now[name])
        if spark is not None:
            yield name, spark


def _words(run: Run, f1: float) -> str:
    past = run.past
    parts = [
        inert(past.extractor),
        number_text.moment(past.started),
        f"macro F1 {number_text.percent(f1)}",
    ]
    prompt = prompt_version(past)
    return ", ".join([*parts, f"prompt {inert(prompt)}"] if prompt else parts)


def _link(run: Run) -> str:
    return quote(well_formed(run.past.run_id), safe="") + "/report.html"


def _ticks(frame: _Frame) -> Iterator[tuple[float, str]]:
    low, high = round(frame.low * 10), round(frame.high * 10)
    for tenth in range(low, high + 1, 1 if high - low <= _MOST_TICKS else 2):
        yield frame.y(tenth / 10), f"{tenth * 10} %"


def _breaks(runs: Sequence[Run], frame: _Frame) -> Iterator[tuple[float, str]]:
    for place in range(1, len(runs)):
        if runs[place].ruler != runs[place - 1].ruler:
            yield round(frame.x(place) - frame.step / 2, 1), runs[place].ruler


def _row(run: Run, started: str) -> TrendRow:
    past = run.past
    both = past.macro_low is not None and past.macro_high is not None
    bounds = [past.macro_low or 0.0, past.macro_high or 0.0] if both else None
    change = "" if run.change is None else number_text.points(run.change)
    return TrendRow(
        link=_link(run),
        started=started,
        extractor=past.extractor,
        prompt=prompt_version(past),
        ruler=run.ruler,
        f1=number_text.percent(run.f1),
        interval=number_text.interval(bounds) if bounds else "",
        few=number_text.few_documents_note(past.cases) if bounds else None,
        change=f"+{change}" if run.change is not None and run.change > 0 else change,
        lenient=number_text.percent(past.lenient_macro_f1),
        unanswered=number_text.count(past.unanswered) if past.unanswered else "",
        cost="" if past.usd is None else number_text.money(past.usd),
        took="" if past.p50_seconds is None else number_text.seconds(past.p50_seconds),
        reviewed=f"{share} fields reviewed" if (share := reviewed_share(past)) else "",
    )
