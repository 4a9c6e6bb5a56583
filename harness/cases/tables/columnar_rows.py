"""Parquet: typed columns, read by pyarrow; decimals, moments and float32 keep what they say."""

from __future__ import annotations

import importlib
import struct
from collections.abc import Mapping
from datetime import datetime, time
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any, Final

from harness.cases.files.places import at
from harness.cases.tables.untyped_cells import MomentCell, UntypedCell
from harness.core.reading.python_values import NotJsonError, plain
from harness.core.values import Json
from harness.errors import HarnessError, Problem, Where

_DEEPEST: Final = 100
_FLOAT32_DIGITS: Final = range(6, 10)


def pyarrow_modules(where: Where | None = None, instead: str = "") -> tuple[Any, Any]:
    """Return the modules `pyarrow` and `pyarrow.parquet`.

    Raises HarnessError where they are not installed; `instead` is what the hint offers beside
    installing them.
    """
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        hint = f"pip install 'extraction-harness[parquet]'{instead}"
        raise HarnessError(Problem("Parquet needs pyarrow", "no-pyarrow", where, hint)) from None


def read_columnar(data: bytes, file: Path) -> tuple[list[str], list[list[Json]]]:
    """Return the column names and the rows of a Parquet file.

    Raises HarnessError where pyarrow is not installed, the file is damaged, or a value has no form
    in JSON.
    """
    arrow, parquet = pyarrow_modules(at(file))
    try:
        table = parquet.read_table(arrow.BufferReader(data))
        columns = [
            [typed(value, field.type) for value in table.column(n).to_pylist()]
            for n, field in enumerate(table.schema)
        ]
    except (arrow.ArrowException, ValueError, OSError) as error:
        reason = str(error).split("\n")[0]
        raise HarnessError(Problem(f"is not Parquet: {reason}", "bad-table", at(file))) from None
    except NotJsonError as error:
        raise HarnessError(
            Problem(f"holds what is not JSON: {error}", "not-json", at(file))
        ) from None
    names = [name for name in table.column_names if name != "__index_level_0__"]
    columns_read = [columns[n] for n, name in enumerate(table.column_names) if name in names]
    return names, [list(row) for row in zip(*columns_read, strict=True)]


def typed(value: object, kind: Any) -> Json:  # noqa: ANN401  # pyarrow's type
    """Return a value as JSON; what another writer might have written otherwise becomes a cell."""
    if isinstance(value, Mapping):
        return {str(k): typed(v, kind.field(str(k)).type) for k, v in value.items()}
    if isinstance(value, list):
        if str(kind).startswith("map"):
            return {str(k): typed(v, kind.item_type) for k, v in value}
        return [typed(item, kind.value_type) for item in value]
    if isinstance(value, float) and str(kind) == "float":
        return shortest(value)
    return scalar_of(value)


def scalar_of(value: object) -> Json:
    """Return a value of a typed table as JSON: a number of many digits, or a moment, as a cell."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, Decimal) and value.is_finite():
        held = int(value) if value == value.to_integral_value() else float(value)
        return held if Decimal(repr(held)) == value else UntypedCell(f"{value.normalize():f}")
    if isinstance(value, datetime) and value.time() == time() and value.tzinfo is None:
        return MomentCell(value.isoformat())
    if isinstance(value, float) and not isfinite(value):
        return None if value != value else str(value)  # noqa: PLR0124  # NaN is missing
    return plain(value, _DEEPEST)


def shortest(value: float) -> float | None:
    """Return a number of 32 bits by the fewest digits that mean it: 0.1, not 0.10000000149011612.

    >>> shortest(0.10000000149011612), shortest(16777216.0)
    (0.1, 16777216.0)
    """
    if not isfinite(value):
        return None
    for digits in _FLOAT32_DIGITS:
        short = float(f"{value:.{digits}g}")
        if struct.unpack("f", struct.pack("f", short))[0] == value:
            return short
    return value
