"""Excel: one sheet with a row of column names, values with the types they have."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from harness.cases.documents.office.archive import open_office
from harness.cases.documents.office.number_format import shown_duration, shown_number
from harness.cases.documents.pages import PageLimits, broken, lacking
from harness.cases.files.places import at
from harness.cases.tables.columnar_rows import scalar_of
from harness.cases.tables.untyped_cells import UntypedCell
from harness.core.values import Json
from harness.errors import HarnessError, Problem, UsageError, did_you_mean

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as SheetCell
    from openpyxl.cell.cell import MergedCell

_BOUNDS: Final = PageLimits(100_000_000, 1_000)
_INTEGRAL: Final = 2**53


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A sheet as it was read."""

    names: Sequence[str]
    """Of the columns."""
    rows: Sequence[tuple[int, Sequence[Json]]]
    """The number and cells of each row."""
    title: str
    others: tuple[str, ...]
    """The other visible sheets."""


def read_workbook(data: bytes, file: Path, title: str | None = None) -> SheetTable:
    """Return the sheet of that title; without one, the first visible sheet that holds a row.

    Raises HarnessError where openpyxl is not installed, the file is damaged, or a formula was never
    calculated; UsageError where no sheet has that title.
    """
    try:
        from openpyxl import load_workbook  # noqa: PLC0415  # an extra
    except ImportError:
        raise lacking(file, "XLSX", "openpyxl") from None
    office = open_office(data, file, _BOUNDS)
    try:
        book = load_workbook(io.BytesIO(office.zipped()), read_only=True, data_only=True)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in visible if title is None else _called(title, book.worksheets, file):
            sheet.reset_dimensions()
            rows = list(_rows(sheet.rows))
            if rows:
                names, below = _table(rows, file)
                others = tuple(each.title for each in visible if each.title != sheet.title)
                return SheetTable(names, below, sheet.title, others)
    except HarnessError:
        raise
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever a broken file makes it
        raise broken(file, "a workbook", error) from None
    what = "no visible sheet holds a row" if title is None else f"sheet {title!r} holds no row"
    raise HarnessError(Problem(what, "no-truth", at(file)))


def _called(title: str, sheets: Sequence[Any], file: Path) -> list[Any]:
    """Return the sheet of a title. Raises UsageError where there is none."""
    matches = [sheet for sheet in sheets if sheet.title == title]
    if not matches:
        hint = did_you_mean(title, [sheet.title for sheet in sheets])
        raise UsageError(Problem(f"no sheet is called {title!r}", "no-sheet", at(file), hint))
    return matches


def _rows(rows: Any) -> Iterator[tuple[int, list[Json]]]:  # noqa: ANN401  # openpyxl's iterator
    for number, row in enumerate(rows, start=1):
        cells = [_value(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield number, cells


def _table(
    rows: list[tuple[int, list[Json]]], file: Path
) -> tuple[list[str], list[tuple[int, list[Json]]]]:
    (_, head), *below = rows
    names = ["" if name is None else str(name).strip() for name in head]
    wide = [number for number, cells in below if len(cells) > len(names)]
    if wide:
        what = "has a cell beyond the last column name"
        raise HarnessError(Problem(what, "bad-table", at(file, wide[0])))
    padded = [(number, cells + [None] * (len(names) - len(cells))) for number, cells in below]
    return names, padded


def _value(cell: SheetCell | MergedCell) -> Json:
    value = cell.value
    if isinstance(value, str):
        # numbers of many digits are texts there
        return UntypedCell(value) if value.strip() else None
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
        return UntypedCell(shown)  # `00042`: a code by its format
    is_whole = float(value).is_integer() and abs(value) < _INTEGRAL
    return int(value) if is_whole else value
