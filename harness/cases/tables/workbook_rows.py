"""Excel: the first visible sheet with a row of column names, values with the types they have."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.cases.documents.office.archive import open_office
from harness.cases.documents.office.number_format import shown_duration, shown_number
from harness.cases.documents.pages import PageLimits, broken, lacking
from harness.cases.files.places import at
from harness.cases.tables.columnar_rows import scalar_of
from harness.cases.tables.untyped_cells import Cell
from harness.core.values import Json
from harness.errors import HarnessError, Problem

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.cell.cell import MergedCell

_BOUNDS: Final = PageLimits(100_000_000, 1_000)
_INTEGRAL: Final = 2**53


def read_workbook(data: bytes, file: Path) -> tuple[list[str], list[tuple[int, list[Json]]], str]:
    """Return the column names, each row's number and cells, and which sheet they are from.

    Raises HarnessError where openpyxl is not installed, the file is damaged, or a formula was never
    calculated.
    """
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  # an extra
    except ImportError:
        raise lacking(file, "XLSX", "openpyxl") from None
    office = open_office(data, file, _BOUNDS)
    try:
        book = load_workbook(io.BytesIO(office.zipped()), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()
            rows = list(_rows(sheet.rows))
            if rows:
                return _table(rows, f"sheet {sheet.title!r} of {len(sheets)}", file)
    except HarnessError:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever a broken file makes it
        raise broken(file, "a workbook", error) from None
    raise HarnessError(Problem("no visible sheet holds a row", "no-truth", at(file)))


def _rows(rows: Any) -> Iterator[tuple[int, list[Json]]]:  # noqa: ANN401  # openpyxl's iterator
    for number, row in enumerate(rows, start=1):
        cells = [_value(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _table(
    rows: list[tuple[int, list[Json]]], sheet: str, file: Path
) -> tuple[list[str], list[tuple[int, list[Json]]], str]:
    (_, head), *below = rows
    names = ["" if name is None else str(name).strip() for name in head]
    wide = [number for number, cells in below if len(cells) > len(names)]
    if wide:
        what = "has a cell beyond the last column name"
        raise HarnessError(Problem(what, "bad-table", at(file, wide[0])))
    padded = [(number, cells + [None] * (len(names) - len(cells))) for number, cells in below]
    return names, padded, sheet


def _value(cell: SheetCell | MergedCell) -> Json:
    value = cell.value
    if isinstance(value, str):
        return Cell(value) if value.strip() else None  # numbers of many digits are texts there
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value, cell.number_format or "")
    if isinstance(value, timedelta):
        return shown_duration(value)
    if isinstance(value, datetime) and value.time() != time():
        return value.isoformat(timespec="seconds")
    return scalar_of(value)


def _number(value: float, number_format: str) -> Json:
    shown = shown_number(value, number_format)
    if shown.startswith("0") and shown.isdigit() and len(shown) > 1:
        return Cell(shown)  # `00042`: a code by its format
    is_whole = float(value).is_integer() and abs(value) < _INTEGRAL
    return int(value) if is_whole else value
