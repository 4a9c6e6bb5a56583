"""Untyped cells, as in CSV: read as the type that the other values of their field have.

A type is settled once for a field, over both sides, so that no format error is the reader's work.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from harness.core.rules.rule_names import ITEM, FieldSteps
from harness.core.schema.resolving import Schemas
from harness.core.values import Json, json_type
from harness.errors import HarnessError

SettledTypes: TypeAlias = Literal["number", "boolean", "date", "moment", "text"]

_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d{0,299})(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
_INTEGER: Final = re.compile(r"-?(?:0|[1-9]\d{0,299})")
_CODE: Final = re.compile(r"[+-]?0\d+")
"""Digits with zeros in front: a code, whose zeros count."""
_MIDNIGHT: Final = "T00:00:00"
_LONG_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_DIGITS: Final = 15
"""Digits that every double holds."""


class UntypedCell(str):
    """The text of a cell whose type nobody has said."""

    __slots__ = ()


class MomentCell(UntypedCell):
    """A cell that holds a moment at midnight, as programs store what is a date."""

    __slots__ = ()


@dataclass(slots=True)
class _Column:
    """Types seen in a column; each flag is over all values of one side or of both."""

    typed_truths: set[str]
    typed_answers: set[str]
    truth_cells: bool = False
    answer_cells: bool = False
    number_truths: bool = True
    number_answers: bool = True
    boolean_truths: bool = True
    boolean_answers: bool = True
    codes: bool = False
    """A code is among the cells, or a number that a double would bend."""
    moments: bool = False
    """A text or cell has a time of day."""


def settle_cells(
    truths: Sequence[Json], answers: Sequence[Json], schema: Json
) -> Iterator[list[Json]]:
    """Yield truths and answers with every cell read as what its field holds.

    The schema's type comes first, then the type of typed values of the truths, then of the answers,
    then what every cell of the field can be read as: a number, a boolean, or else text. Fields with
    codes (`007`) or numbers of more digits than a double holds are text.

    >>> list(settle_cells([{"n": UntypedCell("12.50")}], [{"n": 12.5}], None))
    [[{'n': 12.5}], [{'n': 12.5}]]
    >>> truths = [{"n": UntypedCell("007")}, {"n": UntypedCell("12")}]
    >>> list(settle_cells(truths, [{"n": UntypedCell("7")}], None))
    [[{'n': '007'}, {'n': '12'}], [{'n': '7'}]]
    """
    types = CellTypes()
    for side, values in enumerate((truths, answers)):
        for value in values:
            types.note(value, side)
    kinds = types.settled(schema)
    for values in (truths, answers):
        yield [with_cell_types(value, kinds) for value in values]


class CellTypes:
    """Learns, value by value, what the cells of each field are to be read as."""

    def __init__(self) -> None:
        self._columns: dict[FieldSteps, _Column] = {}

    def note(self, value: Json, side: int) -> None:
        """Take a truth (side 0) or an answer (side 1) into account."""
        _note(value, (), self._columns, side)

    def settled(self, schema: Json) -> dict[FieldSteps, SettledTypes]:
        """Return what each field's cells are read as."""
        schema_kinds = _schema_kinds(schema, self._columns)
        return {
            steps: _settled(column, schema_kinds.get(steps))
            for steps, column in self._columns.items()
        }


def with_cell_types(value: Json, kinds: Mapping[FieldSteps, SettledTypes]) -> Json:
    """Return a value with every cell read as what its field holds."""
    return _with_types(value, (), kinds)


def _note(value: Json, steps: FieldSteps, columns: dict[FieldSteps, _Column], side: int) -> None:
    if isinstance(value, dict):
        for key, below in value.items():
            _note(below, (*steps, key), columns, side)
    elif isinstance(value, list):
        for item in value:
            _note(item, (*steps, ITEM), columns, side)
    elif value is not None:
        column = columns.setdefault(steps, _Column(set(), set()))
        if isinstance(value, UntypedCell):
            _note_cell(value, column, side)
        else:
            kind = json_type(value)
            own = column.typed_answers if side else column.typed_truths
            own.add("number" if kind == "integer" else kind)
        if isinstance(value, str) and not isinstance(value, MomentCell):
            column.moments |= _LONG_MOMENT.match(value) is not None


def _note_cell(cell: UntypedCell, column: _Column, side: int) -> None:
    is_number = _NUMBER.fullmatch(cell) is not None and not isinstance(cell, MomentCell)
    is_boolean = cell.lower() in ("true", "false")
    column.codes |= _CODE.fullmatch(cell) is not None or (is_number and not _is_exact(cell))
    if side:
        column.answer_cells = True
        column.number_answers &= is_number
        column.boolean_answers &= is_boolean
    else:
        column.truth_cells = True
        column.number_truths &= is_number
        column.boolean_truths &= is_boolean


def _is_exact(text: str) -> bool:
    """Tell whether a number is the same once it is a JSON number in memory."""
    if len(text) <= _DIGITS or _INTEGER.fullmatch(text):
        return True
    return Decimal(text) == Decimal(repr(float(text)))


def _settled(column: _Column, schema_kinds: frozenset[str] | None) -> SettledTypes:
    typed = (
        schema_kinds
        or column.typed_truths
        or (column.typed_answers if column.truth_cells else None)
    )
    if typed:
        if typed & {"number", "integer"} and not (schema_kinds and "string" in schema_kinds):
            return "number"
        if "boolean" in typed:
            return "boolean"
        return _text(column)
    # of both sides without a type, the truths say what the field is
    by_truths = column.truth_cells
    numbers = column.number_truths if by_truths else column.number_answers
    booleans = column.boolean_truths if by_truths else column.boolean_answers
    if numbers and not column.codes:
        return "number"
    return "boolean" if booleans else _text(column)


def _text(column: _Column) -> SettledTypes:
    return "moment" if column.moments else "date"


def _with_types(value: Json, steps: FieldSteps, kinds: Mapping[FieldSteps, SettledTypes]) -> Json:
    if isinstance(value, dict):
        return {key: _with_types(below, (*steps, key), kinds) for key, below in value.items()}
    if isinstance(value, list):
        return [_with_types(item, (*steps, ITEM), kinds) for item in value]
    return _READ[kinds[steps]](value) if isinstance(value, UntypedCell) else value


def _as_number(cell: UntypedCell) -> Json:
    if not _NUMBER.fullmatch(cell):
        return _as_date(cell)
    return int(cell) if _INTEGER.fullmatch(cell) else float(cell)


def _as_boolean(cell: UntypedCell) -> Json:
    word = cell.lower()
    return word == "true" if word in ("true", "false") else _as_date(cell)


def _as_date(cell: UntypedCell) -> Json:
    return str(cell).removesuffix(_MIDNIGHT) if isinstance(cell, MomentCell) else str(cell)


def _as_moment(cell: UntypedCell) -> Json:
    return str(cell)


_READ: Final[Mapping[SettledTypes, Callable[[UntypedCell], Json]]] = {
    "number": _as_number,
    "boolean": _as_boolean,
    "date": _as_date,
    "moment": _as_moment,
    "text": _as_moment,
}


def _schema_kinds(schema: Json, fields: Iterable[FieldSteps]) -> dict[FieldSteps, frozenset[str]]:
    """Return the JSON types that a schema names for each field it knows."""
    if not isinstance(schema, dict):
        return {}
    schemas = Schemas(schema)
    kinds_by_field: dict[FieldSteps, frozenset[str]] = {}
    for steps in fields:
        kinds = _kinds_at(schemas, steps)
        if kinds:
            kinds_by_field[steps] = kinds
    return kinds_by_field


def _kinds_at(schemas: Schemas, steps: FieldSteps) -> frozenset[str]:
    at = schemas.root
    try:
        for step in steps:
            here, _ = schemas.resolve(at, ())
            inside = here.get("items") if step == ITEM else here.get("properties")
            at = inside if step == ITEM else inside.get(step) if isinstance(inside, dict) else None
            if at is None:
                return frozenset()
        here, _ = schemas.resolve(at, ())
    except HarnessError:
        return frozenset()  # whoever scores by it says what is wrong with it
    json_type = here.get("type")
    named = json_type if isinstance(json_type, list) else [json_type]
    return frozenset(name for name in named if isinstance(name, str) and name != "null")
