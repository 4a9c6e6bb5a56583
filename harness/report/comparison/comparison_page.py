"""Comparison page: one HTML file with the runs side by side, flips first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from markupsafe import Markup

from harness.core import number_text
from harness.core.statistics.intervals import Interval
from harness.report.comparison.comparison_view import ComparisonView, FlipRow, page
from harness.report.comparison.matrix_data import matrix_blocks
from harness.report.comparison.runs_view import RunsView, runs_view, standings_table
from harness.report.embedded.long_texts import DocumentSource
from harness.report.embedded.passages import Snippet, snippets
from harness.report.rendering.html_page import fill
from harness.report.tables.table import Table
from harness.report.words.comparison_claims import labels
from harness.report.words.page_links import case_link, ready_command
from harness.report.words.visible import well_formed
from harness.run import store
from harness.run.comparison.compare import Comparison, compare_arms
from harness.run.comparison.side import Arm, read_arm
from harness.run.comparison.verdict import Terms

COMPARISON_SCRIPTS: Final = ("dom.js", "data.js", "copies.js", "matrix.js")
"""What the script of a comparison is made of."""
ON_PAGE: Final = 500
"""Flips of each kind that the page lists, of all runs together."""
_LEAST: Final = 20
"""That it lists of a run, however many there are."""
_ROWS: Final = 100
"""Rows of a table of one pair; the matrix of cases lists every case."""
_HALF: Final = 50
"""Percent of the drawing's width on either side of no difference."""


@dataclass(frozen=True, slots=True)
class DifferenceBar:
    """A difference on a line whose middle is no difference, as SVG percentages."""

    low: str
    width: str
    point: str
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One comparison with what only a page shows."""

    page: ComparisonView
    drawings: tuple[DifferenceBar | None, ...]
    """One for each row of the scores."""
    base_report: str
    """Relative address of the run's own report."""
    new_report: str
    sources: Mapping[str, Sequence[DocumentSource]]
    """Documents by case id, for what stands around a value."""

    def snippets(self, row: FlipRow) -> tuple[Snippet, ...]:
        """Return where a flip's values stand in the documents."""
        return snippets(row.stored, self.sources.get(row.case, ())) if row.stored else ()


def sheet(shown_page: ComparisonView, base: Path, new: Path, out: Path) -> Sheet:
    """Return a comparison of two run folders as it is shown in a page at `out`."""
    bounds = [row["interval"] for row in shown_page.scores.rows]
    wide = max((abs(end) for both in bounds if both for end in both), default=0.0)
    shown = {row.case for flips in shown_page.flips for row in flips.rows}
    return Sheet(
        page=shown_page,
        drawings=tuple(
            _drawn(row["interval"], row["delta"], wide) for row in shown_page.scores.rows
        ),
        base_report=address(base, out),
        new_report=address(new, out),
        sources=dict(_documents(new, shown)),
    )


def _drawn(bounds: Interval | None, delta: float | None, wide: float) -> DifferenceBar | None:
    if bounds is None or delta is None or not wide:
        return None
    low, high, point = (_HALF + _HALF * value / wide for value in (*bounds, delta))
    label = f"{number_text.gain(delta)} points, interval {number_text.gains(bounds)}"
    return DifferenceBar(f"{low:.2f}%", f"{high - low:.2f}%", f"{point:.2f}%", label)


def address(folder: Path, out: Path) -> str:
    """Return the relative address of a run's report; seen from a page."""
    report = Path(os.path.relpath((folder / store.REPORT).resolve(), out.resolve().parent))
    return "/".join(quote(well_formed(step), safe="") for step in report.parts)


def _beside(folder: Path, out: Path) -> str:
    """Return the address of the folder that holds a run; empty where it holds the page, too."""
    return address(folder, out).removesuffix(
        f"{quote(folder.resolve().name, safe='')}/{store.REPORT}"
    )


def _documents(folder: Path, cases: set[str]) -> Iterator[tuple[str, list[DocumentSource]]]:
    run = store.read_run(folder)
    for case in store.read_cases(folder, run["schemas"]):
        if case.id in cases:
            yield case.id, [{"name": d.name, "text": d.text} for d in case.documents]


def table_cells(table: Table, most: int | None = None) -> list[list[tuple[str, bool]]]:
    """Return a table's rows as texts, and whether each stands at the right; `most` of them."""
    return [[(c.show(row[c.key]), c.right) for c in table.columns] for row in table.rows[:most]]


def render_runs(
    comparisons: Sequence[Comparison],
    names: Sequence[str],
    folders: Sequence[Path],
    out: Path,
    target: float | None = None,
) -> str:
    """Return the page of run folders compared with the first of them, to be shown at `out`.

    `names` tell the runs apart; `target` is as in `runs_view`.
    """
    base, *others = folders
    sheets = [
        sheet(page(each, (names[0], name), max(_LEAST, ON_PAGE // len(others))), base, folder, out)
        for each, name, folder in zip(comparisons, names[1:], others, strict=True)
    ]
    view = runs_view(comparisons, names, folders, target)
    arms = (comparisons[0].base, *(each.new for each in comparisons))
    reports = [address(folder, out) for folder in folders]
    return render_comparison(sheets, view, arms, reports, _beside(folders[-1], out))


def render_comparison(
    sheets: Sequence[Sheet],
    view: RunsView,
    arms: Sequence[Arm],
    reports: Sequence[str],
    beside: str = "",
) -> str:
    """Return the page of runs compared with one base.

    `arms` and `reports`, the addresses of the runs' own reports, stand in the order of the view's
    runs; `beside` is the address of the folder that holds the runs.
    """
    known = [
        {"letter": run.letter, "name": run.name, "report": report}
        for run, report in zip(view.runs, reports, strict=True)
    ]
    blocks = [
        (name, block.encoding, Markup(block.text))  # noqa: S704  # JSON with `<` escaped, or base64
        for name, block in matrix_blocks(arms, known)
    ]
    content = {
        "sheets": sheets,
        "view": view,
        "reports": reports,
        "beside": beside,
        "standings": standings_table(view),
        "command": ready_command("harness", "compare", *(run.run_id for run in view.runs)),
        "blocks": blocks,
        "cells": table_cells,
        "rows_shown": _ROWS,
        "case_link": case_link,
    }
    return fill("comparison.html.j2", COMPARISON_SCRIPTS, content)


def render_compared(folders: Sequence[Path], out: Path, *, allow_unlike: bool = False) -> str:
    """Return the page that compares run folders with the first of them, to be shown at `out`.

    Raises HarnessError where the runs asked different questions, unless that is allowed.
    """
    base, *news = map(read_arm, folders)
    comparisons = compare_arms(base, news, Terms(allow_unlike=allow_unlike))
    return render_runs(comparisons, labels(base, news), folders, out)
