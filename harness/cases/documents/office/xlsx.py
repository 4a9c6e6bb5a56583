"""XLSX: every visible sheet as a page, its rows as a table, values as they were last calculated."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from harness.cases.documents.office.archive import OfficeFile
from harness.cases.documents.office.number_format import shown_duration, shown_number
from harness.cases.documents.pages import (
    PageLimits,
    Pages,
    broken,
    join_pages,
    lacking,
    too_much,
    warning,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell

    from harness.errors import Problem

_Row: TypeAlias = "tuple[Cell | MergedCell, ...]"
_UNCALCULATED: Final = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^<>]*/>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</|</(?:\w+:)?c>)"
)
"""A formula that nothing follows: as programs write it that do not calculate."""
_MARK: Final = "[not calculated: "
_ROW: Final = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br\s*=\s*[\"']\s*0*(\d{7,})")
_LAST_ROW: Final = 1_048_576


def read(office: OfficeFile, file: Path, bounds: PageLimits) -> Pages:
    """Return the text of a workbook. Raises HarnessError if it cannot be read or holds too much.

    A formula that was never calculated stands there as itself: an empty cell would be a lie.
    """
    try:
        import openpyxl  # noqa: F401, PLC0415  # an extra, wanted by few suites
    except ImportError:
        raise lacking(file, "XLSX", "openpyxl") from None
    for name, part in office.parts.items():
        for row in _ROW.finditer(part):
            if len(row[1]) > len(str(_LAST_ROW)) or int(row[1]) > _LAST_ROW:
                what = f"{name} has a row beyond {_LAST_ROW:,}, the last of a sheet"
                raise broken(file, "a workbook", what)
    is_doubtful = any(_UNCALCULATED.search(part) for part in office.parts.values())
    data = office.zipped()
    values = _opened(data, file, "values")
    formulas = _opened(data, file, "formulas") if is_doubtful else None
    try:
        pages = list(_pages(values, formulas, file, bounds))
    finally:
        values.close()
        if formulas is not None:
            formulas.close()
    text = join_pages(pages)
    missing = text.count(_MARK) if is_doubtful else 0
    return Pages(text, warnings=(_without_values(missing, file),) if missing else ())


def _without_values(count: int, file: Path) -> Problem:
    formulas = "a formula has" if count == 1 else f"{count:,} formulas have"
    what = f"{formulas} no value: the program that wrote the file did not calculate"
    hint = "open it in a spreadsheet program and save it again, so that it holds their values"
    return warning(file, what, "uncalculated-formula", hint)


def _opened(data: bytes, file: Path, what: Literal["values", "formulas"]) -> Workbook:
    from openpyxl import load_workbook  # noqa: PLC0415  # as above

    only = what == "values"
    try:
        return load_workbook(io.BytesIO(data), read_only=True, data_only=only, keep_links=False)
    except Exception as error:  # noqa: BLE001  # it raises whatever a broken file makes it trip over
        raise broken(file, "a workbook", error) from None


def _pages(
    values: Workbook, formulas: Workbook | None, file: Path, bounds: PageLimits
) -> Iterator[str]:
    sheets = [sheet for sheet in values.worksheets if sheet.sheet_state == "visible"]
    if len(sheets) > bounds.pages:
        what = f"has {len(sheets):,} sheets, the limit is {bounds.pages:,}"
        raise too_much(file, what, "pages")
    left = bounds.characters
    for sheet in sheets:
        beside = formulas[sheet.title] if formulas is not None else None
        for each in filter(None, (sheet, beside)):
            each.reset_dimensions()  # what the file says of its size need not be true
        rows = zip(sheet.rows, beside.rows if beside is not None else repeat(()), strict=False)
        try:
            page = _sheet(sheet.title, rows, left)
        except Exception as error:  # noqa: BLE001  # as above
            raise broken(file, "a workbook", f"sheet {sheet.title!r}: {error}") from None
        if page is None:
            what = f"holds more than {bounds.characters:,} characters"
            raise too_much(file, what, "document_bytes")
        left -= len(page)
        yield page


def _sheet(title: str, rows: Iterable[tuple[_Row, _Row]], most: int) -> str | None:
    """Return a sheet's rows, empty ones left out; None if they are more than so many characters.

    Beside each row stand its formulas, if it may have any without a value.
    """
    lines = [f"# {title}"]
    for row, formulas in rows:
        cells = [_shown(cell) for cell in row]
        for place, formula in enumerate(formulas):
            if not cells[place] and _is_uncalculated(row[place], formula):
                cells[place] = f"{_MARK}{_formula(formula)}]"
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append(f"| {' | '.join(cells)} |")
            most -= len(lines[-1]) + 1
            if most < 0:
                return None
    return "\n".join(lines)


def _shown(cell: Cell | MergedCell) -> str:
    """Return a cell's value: dates in ISO form, numbers with the zeros and units they show."""
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
        case timedelta():
            shown = shown_duration(value)
        case int() | float():
            shown = shown_number(value, cell.number_format or "").replace("|", "\\|")
        case _:
            shown = " ".join(str(value).split()).replace("|", "\\|")
    return shown


def _is_uncalculated(cell: Cell | MergedCell, formula: Cell | MergedCell) -> bool:
    """Tell whether a cell has a formula without a value: `str` says that its value is no text."""
    return cell.value is None and cell.data_type != "str" and formula.data_type == "f"


def _formula(cell: Cell | MergedCell) -> str:
    formula = cell.value
    text = formula if isinstance(formula, str) else getattr(formula, "text", None) or "a formula"
    return " ".join(str(text).split()).replace("|", "\\|")
