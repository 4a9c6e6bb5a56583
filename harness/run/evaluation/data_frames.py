"""Data frames of pandas and Polars, neither of them a dependency: records in, verdicts out."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

FrameLibrary: TypeAlias = Literal["pandas", "polars"]
_LIBRARIES: Final[tuple[FrameLibrary, ...]] = ("pandas", "polars")


def is_frame(values: object) -> bool:
    """Tell whether a value is a data frame: it has columns, and is no mapping."""
    return hasattr(values, "columns") and not isinstance(values, Mapping)


def frame_records(frame: Any, ids: str | None) -> tuple[list[Any], list[dict[Any, Any]]]:  # noqa: ANN401  # of a library we do not depend on
    """Return the ids in a column, and a record for each row without that column.

    Without `ids` there are no ids. Raises ValueError where there is no such column.
    """
    if ids is not None and ids not in list(frame.columns):
        known = ", ".join(map(repr, frame.columns))
        raise ValueError(f"the frame has no column {ids!r}; it has {known}")
    if hasattr(frame, "to_dicts"):
        rows: list[dict[Any, Any]] = frame.to_dicts()
    else:
        rows = frame.to_dict("records")
    named = [row.pop(ids) for row in rows] if ids is not None else []
    return named, rows


def data_frame(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], library: FrameLibrary | None
) -> Any:  # noqa: ANN401  # of a library we do not depend on
    """Return rows as a data frame, values as they are; of pandas where both are installed.

    Raises ImportError where the library is not installed.
    """
    for name in (library,) if library else _LIBRARIES:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        if name == "pandas":
            return module.DataFrame(list(rows), columns=list(columns), dtype=object)
        given = {"expected": module.Object, "predicted": module.Object}
        text = {"similarity": module.Float64, "value_equal": module.Boolean}
        kinds = {column: given.get(column) or text.get(column, module.String) for column in columns}
        return module.DataFrame(list(rows), schema=kinds)
    wanted = library or "pandas"
    either = "" if library else " or polars"
    raise ImportError(f"to_frame needs {wanted}{either}: pip install {wanted}")
