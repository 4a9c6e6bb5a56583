"""Runs view: any number of runs side by side, with the choice, fields, cases and settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Final

from harness.core import number_text
from harness.core.inert_text import cut, inert
from harness.core.statistics.intervals import mean
from harness.report.comparison.scatter import Scatter, scatters
from harness.report.page.drawn_shares import Scale, scale_of
from harness.report.tables.table import Table, TableColumn, as_cell
from harness.report.words import comparison_claims
from harness.report.words.choice_sentences import AMOUNTS, choice
from harness.report.words.page_links import case_link
from harness.report.words.verdicts import tag_word
from harness.run.comparison.changed_settings import (
    ChangedSetting,
    TextDiff,
    changed_settings,
    changed_texts,
)
from harness.run.comparison.compare import Comparison
from harness.run.comparison.side import Arm, f1s_of
from harness.run.comparison.standings import Contender, Standings, field_f1s, standings

_LONGEST: Final = 60
_SHADES: Final = 3
_PALE: Final = 0.1
"""Difference of F1 up to which a cell has the palest shade; it doubles from shade to shade."""
_FIRST: Final = 50
"""Cases that the page lists without JavaScript."""
_NO_ANSWER: Final = "\u2013"


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a line."""

    letter: str
    name: str
    run_id: str
    figures: Contender
    scale: Scale | None
    difference: Comparison | None
    """From the base; None of the base itself."""
    unanswered: str
    """Cases without a usable answer; empty for none."""
    best_for: str
    """What it is on the frontier of; empty where another run has more for as little."""


@dataclass(frozen=True, slots=True)
class F1Cell:
    """The F1 of a field or case in one run."""

    f1: str
    points: str
    """From the base; empty where they are equal, or either is unknown."""
    css: str
    note: str
    """Replicates or why there is no answer; empty where there is nothing to add."""


@dataclass(frozen=True, slots=True)
class MatrixLine:
    """One field or case across the runs."""

    name: str
    link: str
    cells: tuple[F1Cell, ...]
    worst: float
    """The greatest loss of a run from the base, negative; what lines are sorted by."""
    f1s: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class RunsView:
    """Any number of runs, the first being the base."""

    suite: str
    count: str
    choice: tuple[str, ...]
    runs: tuple[RunLine, ...]
    scatters: tuple[Scatter, ...]
    fields: tuple[MatrixLine, ...]
    """What lost most first."""
    cases: tuple[MatrixLine, ...]
    """All, what lost most first."""
    settings: tuple[ChangedSetting, ...]
    texts: tuple[TextDiff, ...]
    has_replicates: bool

    @property
    def letters(self) -> tuple[str, ...]:
        """Letters that runs are called by in narrow columns."""
        return tuple(run.letter for run in self.runs)

    @property
    def ranked(self) -> tuple[RunLine, ...]:
        """The runs, the best first."""
        return tuple(sorted(self.runs, key=lambda run: -(run.figures.macro or 0.0)))

    @property
    def moved(self) -> tuple[MatrixLine, ...]:
        """The first cases that are not the same in all runs."""
        return tuple(line for line in self.cases if len(set(line.f1s)) > 1)[:_FIRST]


def runs_view(
    comparisons: Sequence[Comparison],
    names: Sequence[str],
    folders: Sequence[Path],
    target: float | None = None,
) -> RunsView:
    """Return the runs of comparisons with one base, `names` and `folders` the base's first.

    `target` is the macro F1 that is wanted; the suite's own where None.
    """
    base = comparisons[0].base
    arms = (base, *(each.new for each in comparisons))
    wanted = base.results["target_f1"] if target is None else target
    placed = standings(arms, names, wanted)
    letters = tuple(map(_letter, range(len(arms))))
    cases = number_text.counted(placed.cases, "case")
    count = f"{cases} that all of them scored"
    if placed.left_out:
        count += f", {number_text.count(placed.left_out)} left out"
    records = [arm.run for arm in arms]
    return RunsView(
        suite=str(comparisons[-1].new.results["suite"]),
        count=count,
        choice=choice(placed),
        runs=tuple(_run_lines(placed, arms, comparisons, letters)),
        scatters=scatters(placed, letters),
        fields=_ranked(_field_lines(arms, base.critical)),
        cases=_ranked(_case_lines(arms)),
        settings=changed_settings(records),
        texts=changed_texts(folders, records),
        has_replicates=any(len(of) > 1 for arm in arms for of in arm.cases.values()),
    )


def _letter(place: int) -> str:
    rest, last = divmod(place, len(ascii_uppercase))
    return (_letter(rest - 1) if rest else "") + ascii_uppercase[last]


def _run_lines(
    placed: Standings,
    arms: Sequence[Arm],
    comparisons: Sequence[Comparison],
    letters: Sequence[str],
) -> Iterator[RunLine]:
    best = {by: placed.frontier(by) for by in ("usd", "seconds")}
    goals = () if placed.target is None else (("target", placed.target),)
    for place, (arm, one) in enumerate(zip(arms, placed.contenders, strict=True)):
        failed = arm.results["aggregate"].get("failed_cases") or 0
        failed += arm.results["aggregate"].get("missing_cases") or 0
        words = {"usd": "cost", "seconds": "time"}
        yield RunLine(
            letter=letters[place],
            name=one.name,
            run_id=str(arm.run["run_id"]),
            figures=one,
            scale=scale_of(one.macro, one.interval, goals),
            difference=comparisons[place - 1] if place else None,
            unanswered=number_text.count(failed) if failed else "",
            best_for=", ".join(words[by] for by in best if place in best[by]),
        )


def _field_lines(arms: Sequence[Arm], critical: frozenset[str]) -> Iterator[MatrixLine]:
    for name, f1s in field_f1s(arms).items():
        cells = tuple(_cell(f1, f1s[0], "") for f1 in f1s)
        shown = f"{name} (critical)" if name in critical else name
        yield MatrixLine(shown, "", cells, _worst(f1s), f1s)


def _case_lines(arms: Sequence[Arm]) -> Iterator[MatrixLine]:
    for case in sorted({case for arm in arms for case in (*arm.cases, *arm.missing)}):
        f1_of_runs = [_case_f1s(arm, case) for arm in arms]
        f1s = tuple(mean(of) for of in f1_of_runs)
        cells = tuple(
            _cell(f1, f1s[0], _note(arm, case, of))
            for f1, arm, of in zip(f1s, arms, f1_of_runs, strict=True)
        )
        yield MatrixLine(case, case_link(case), cells, _worst(f1s), f1s)


def _case_f1s(arm: Arm, case: str) -> list[float]:
    f1s = f1s_of(arm.cases.get(case, ()), "f1", arm.results["empty"])
    return [1.0 if f1 is None else f1 for f1 in f1s]


def _note(arm: Arm, case: str, f1s: Sequence[float]) -> str:
    if case not in arm.cases:
        return tag_word(arm.missing.get(case, "not in the run"))
    failures = [one["failure"]["kind"] for one in arm.cases[case] if one["failure"]]
    if len(f1s) > 1 and len(set(f1s)) > 1:
        return f"{number_text.bare_percent(min(f1s))}\u2013{number_text.percent(max(f1s))}"
    return tag_word(failures[0]) if failures else ""


def _cell(f1: float | None, base: float | None, note: str) -> F1Cell:
    delta = 0.0 if f1 is None or base is None else f1 - base
    css = ""
    if delta:
        shade = 1 + max(0, math.ceil(math.log2(abs(delta) / _PALE)))
        css = f"{'up' if delta > 0 else 'down'}-{min(shade, _SHADES)}"
    shown = _NO_ANSWER if f1 is None else number_text.percent(f1)
    return F1Cell(shown, number_text.gain(delta) if delta else "", css, note)


def _worst(f1s: Sequence[float | None]) -> float:
    """Return the greatest loss from the base; no answer where there was one loses all of it."""
    base = f1s[0]
    if base is None:
        return 0.0
    return min((0.0 if f1 is None else f1) - base for f1 in f1s[1:])


def _ranked(lines: Iterator[MatrixLine]) -> tuple[MatrixLine, ...]:
    return tuple(sorted(lines, key=lambda line: (line.worst, line.name)))


def standings_table(view: RunsView) -> Table:
    """Return a row for each run: quality, difference from the base, and what an answer takes."""
    columns = [
        TableColumn("run", "run", inert),
        TableColumn("macro", "macro F1", number_text.percent, right=True),
        TableColumn("interval", "95 % interval", number_text.interval, right=True, rank=3),
        TableColumn("delta", "points", _gain, right=True),
        TableColumn("p", "p, corrected", _p, right=True, rank=2),
        TableColumn("verdict", "verdict"),
        TableColumn("lenient", "lenient F1", number_text.percent, right=True, rank=5),
        TableColumn("micro", "micro F1", number_text.percent, right=True, rank=4),
    ]
    figures = [run.figures for run in view.runs]
    if view.has_replicates:
        columns.append(TableColumn("spread", "replicates", _interval, right=True, rank=3))
    if any(one.usd is not None for one in figures):
        columns.append(TableColumn("usd", "cost", _money, right=True, rank=1))
    if any(one.seconds is not None for one in figures):
        columns.append(TableColumn("seconds", "time", _seconds, right=True, rank=1))
    if any(run.best_for for run in view.runs):
        columns.append(TableColumn("best_for", "most for its", str, rank=2))
    return Table(tuple(columns), tuple(_standing(run) for run in view.ranked))


def _standing(run: RunLine) -> dict[str, object]:
    one, difference = run.figures, run.difference
    return {
        "run": f"{run.letter} {run.name}",
        "macro": one.macro,
        "interval": one.interval,
        "delta": difference.macro.delta if difference else None,
        "p": difference.p_adjusted if difference else None,
        "verdict": comparison_claims.verdict_word(difference) if difference else "base",
        "lenient": one.lenient,
        "micro": one.micro,
        "spread": one.spread,
        "usd": one.usd,
        "seconds": one.seconds,
        "best_for": run.best_for,
    }


def _gain(delta: float | None) -> str:
    return "" if delta is None else number_text.gain(delta)


def _p(p: float | None) -> str:
    return "" if p is None else number_text.p_value(p)


def _interval(bounds: tuple[float, float] | None) -> str:
    return "" if bounds is None else number_text.interval(bounds)


def _money(usd: float | None) -> str:
    return "?" if usd is None else AMOUNTS["usd"](usd)


def _seconds(seconds: float | None) -> str:
    return "?" if seconds is None else AMOUNTS["seconds"](seconds)


def matrix_table(view: RunsView, what: str, lines: Sequence[MatrixLine]) -> Table:
    """Return fields or cases as rows, the F1 of every run in a column of its letter."""
    columns = (
        TableColumn("name", what, as_cell, tail=True),
        *(
            TableColumn(letter, letter, number_text.percent, right=True, rank=place)
            for place, letter in enumerate(view.letters)
        ),
        TableColumn("worst", "worst", number_text.gain, right=True),
    )
    rows = (
        {"name": line.name, "worst": line.worst, **dict(zip(view.letters, line.f1s, strict=True))}
        for line in lines
    )
    return Table(columns, tuple(rows))


def settings_table(view: RunsView) -> Table:
    """Return the settings that differ, the value of every run in a column of its letter."""
    columns = (
        TableColumn("name", "setting", as_cell, tail=True),
        *(
            TableColumn(letter, letter, _short, rank=place, twin=True)
            for place, letter in enumerate(view.letters)
        ),
    )
    rows = (
        {"name": one.name, **dict(zip(view.letters, one.values, strict=True))}
        for one in view.settings
    )
    return Table(columns, tuple(rows))


def _short(text: str) -> str:
    return inert(cut(text, _LONGEST))
