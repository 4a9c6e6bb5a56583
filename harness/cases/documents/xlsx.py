"""XLSX: every visible sheet as a page, its rows as a table, values as they were last calculated."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cases.documents.pages import Bounds, Pages, broken, join_pages, lacking, too_much

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell


def read(data: bytes, file: Path, bounds: Bounds) -> Pages:
    """Return the text of a workbook. Raises HarnessError if it cannot be read or holds too much."""
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  # an extra, wanted by few suites
    except ImportError:
        raise lacking(file, "XLSX", "openpyxl") from None
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # noqa: BLE001  # it raises whatever a broken file makes it trip over
        raise broken(file, "a workbook", error) from None
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if len(sheets) > bounds.pages:
            what = f"has {len(sheets):,} sheets, the limit is {bounds.pages:,}"
            raise too_much(file, what, "pages")
        pages = []
        left = bounds.characters
        for sheet in sheets:
            sheet.reset_dimensions()  # what the file says of its size need not be true
            try:
                page = _sheet(sheet.title, sheet.rows, left)
            except Exception as error:  # noqa: BLE001  # as above
                raise broken(file, "a workbook", f"sheet {sheet.title!r}: {error}") from None
            if page is None:
                what = f"holds more than {bounds.characters:,} characters"
                raise too_much(file, what, "document_bytes")
            left -= len(page)
            pages.append(page)
        return Pages(join_pages(pages))
    finally:
        book.close()


def _sheet(title: str, rows: Iterable[tuple[Cell | MergedCell, ...]], most: int) -> str | None:
    """Return a sheet's rows, empty ones left out; None if they are more than so many characters."""
    lines = [f"# {title}"]
    for row in rows:
        cells = [_shown(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append(f"| {' | '.join(cells)} |")
            most -= len(lines[-1]) + 1
            if most < 0:
                return None
    return "\n".join(lines)


def _shown(cell: Cell | MergedCell) -> str:
    """Return a cell's value: dates in ISO form, per cent where the cell shows per cent."""
    value = cell.value
    match value:
        case None:
            shown = ""
        case bool():
            shown = str(value).upper()
        case datetime():
            midnight = value.time() == time()
            shown = value.date().isoformat() if midnight else value.isoformat(" ")
        case date() | time():
            shown = value.isoformat()
        case int() | float() if "%" in (cell.number_format or ""):
            shown = f"{value * 100:.10g}%"
        case float():
            shown = f"{value:.15g}"
        case _:
            shown = " ".join(str(value).split()).replace("|", "\\|")
    return shown
