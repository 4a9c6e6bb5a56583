"""A comparison as one HTML page: both runs side by side, what flipped first."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from harness.core import number_text
from harness.core.statistics.intervals import Interval
from harness.report.comparison.comparison_view import FlipRow, Page, overview_table
from harness.report.embedded.passages import Snippet, snippets
from harness.report.html_page import fill
from harness.report.tables import Table
from harness.report.words.page_links import case_link
from harness.report.words.verdicts import Record
from harness.report.words.visible import well_formed
from harness.run import store

_HALF: Final = 50
"""Percent of the drawing's width on either side of no difference."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A difference on a line whose middle is no difference, as SVG percentages."""

    low: str
    width: str
    point: str
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One comparison with what only a page shows."""

    page: Page
    drawings: tuple[Drawn | None, ...]
    """One for each row of the scores."""
    base_report: str
    """Relative address of the run's own report."""
    new_report: str
    sources: Mapping[str, Sequence[Record]]
    """Documents by case id, for what stands around a value."""

    def snippets(self, row: FlipRow) -> tuple[Snippet, ...]:
        """Return where a flip's values stand in the documents."""
        return snippets(row.evidence, self.sources.get(row.case, ()))


def sheet(page: Page, base: Path, new: Path, out: Path) -> Sheet:
    """Return a comparison of two run folders as it is shown in a page at `out`."""
    bounds = [row["interval"] for row in page.scores.rows]
    wide = max((abs(end) for both in bounds if both for end in both), default=0.0)
    shown = {row.case for flips in page.flips for row in flips.rows}
    return Sheet(
        page=page,
        drawings=tuple(_drawn(row["interval"], row["delta"], wide) for row in page.scores.rows),
        base_report=address(base, out),
        new_report=address(new, out),
        sources=dict(_documents(new, shown)),
    )


def _drawn(bounds: Interval | None, delta: float | None, wide: float) -> Drawn | None:
    if bounds is None or delta is None or not wide:
        return None
    low, high, point = (_HALF + _HALF * value / wide for value in (*bounds, delta))
    label = f"{number_text.gain(delta)} points, interval {number_text.gains(bounds)}"
    return Drawn(f"{low:.2f}%", f"{high - low:.2f}%", f"{point:.2f}%", label)


def address(folder: Path, out: Path) -> str:
    """Return the relative address of a run's report; seen from a page."""
    report = Path(os.path.relpath((folder / store.REPORT).resolve(), out.resolve().parent))
    return "/".join(quote(well_formed(step), safe="") for step in report.parts)


def _documents(folder: Path, cases: set[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    run = store.read_run(folder)
    for case in store.read_cases(folder, run["schemas"]):
        if case.id in cases:
            yield case.id, [{"name": d.name, "text": d.text} for d in case.documents]


def cells(table: Table) -> list[list[tuple[str, bool]]]:
    """Return a table's rows as texts, and whether each stands at the right."""
    return [[(c.show(row[c.key]), c.right) for c in table.columns] for row in table.rows]


def render_comparison(sheets: Sequence[Sheet]) -> str:
    """Return the page of one or several comparisons with one base."""
    pages = [sheet.page for sheet in sheets]
    content = {
        "sheets": sheets,
        "overview": overview_table(pages) if len(pages) > 1 else None,
        "cells": cells,
        "case_link": case_link,
    }
    return fill("comparison.html.j2", (), content)
