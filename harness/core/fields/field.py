"""Fields: places of the schema that judge a pair of values; scalar places, and ignored ones.

The compiled plan is a tree of these. Scoring walks it beside the two values and never looks at the
schema again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias

from harness.core.comparators.comparator import as_text
from harness.core.comparators.delimited import read_items
from harness.core.fields.scalar import (
    KIND,
    UNREAD,
    Cell,
    Loose,
    Readings,
    Scalar,
    Spare,
)
from harness.core.fields.verdict_ledger import Ledger
from harness.core.outcomes import (
    ABSTENTION,
    CORRECT,
    FORMAT_ERROR,
    FORMAT_ONLY,
    HALLUCINATION,
    OMISSION,
    WRONG_VALUE,
    Tag,
)
from harness.core.reading.text import fold
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json, Path, Steps, is_blank


class _Absent(str):
    """A missing key, where a rule tells it from null. As a text it is empty, hence blank."""

    __slots__ = ()


ABSENT: Final[Json] = _Absent()

NEVER_BLANK: Final = frozenset({int, float, bool})
"""Of texts, those are sure not to be blank that begin with a visible ASCII character."""

EXPECTED: Final = 0
PREDICTED: Final = 1
"""The two sides a cell can be read on."""


class Field(Protocol):
    """A place in the schema."""

    @property
    def path(self) -> Path:
        """Path of the field."""
        ...

    @property
    def missing(self) -> Json:
        """Value a missing key is passed as: None, or ABSENT where a rule tells the two apart."""
        ...

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge every field here and below: expected, predicted, and where each stands."""
        ...

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the cells that stand here and below, blank ones left out."""
        ...


class List(Field, Protocol):
    """A place where a list stands."""

    @property
    def item(self) -> Field:
        """The place of every item."""
        ...

    @property
    def rule(self) -> FieldRule:
        """Rule by which the items are paired."""
        ...


Column: TypeAlias = "Leaf | List | tuple[Leaf | List, Steps]"
"""A leaf or a nested list, with the map keys on the way to it where there are any."""
ItemCells: TypeAlias = "dict[Column, Cell | list[Json]]"
"""The present cells of one item of a list; a nested list stands for itself."""


class Leaf:
    """A scalar field."""

    __slots__ = (
        "blank",
        "dynamic",
        "known",
        "make",
        "missing",
        "path",
        "plain",
        "rule",
        "scalar",
    )

    def __init__(
        self, path: Path, scalar: Scalar, rule: FieldRule, make: Callable[[Path], Field]
    ) -> None:
        self.path = path
        self.scalar = scalar
        self.rule = rule
        self.make = make
        """From this path to the field that takes over where the truth holds a container."""
        self.plain = rule.blank is None and not rule.placeholders
        """True where no rule says what counts as blank."""
        self.blank = is_blank if self.plain else _blank_by(rule)
        self.missing: Json = None if self.plain else ABSENT
        self.dynamic: Field | None = None
        self.known: dict[type, Readings] = {
            kind: Readings(scalar.cell) for kind in (str, float, int, bool)
        }
        """By JSON type, since 1 is not true, what scalars were read as."""

    def read(self, value: Json) -> Cell:
        """Return the cell of a scalar, from memory where it was read before."""
        known = self.known.get(value.__class__)
        return self.scalar.cell(value) if known is None else known[value]

    def diff(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge one pair of values."""
        kind, other = expected.__class__, predicted.__class__
        if kind is list or kind is dict or ((other is list or other is dict) and predicted):
            self._containers(expected, predicted, at_expected, at_predicted, ledger)
            return
        if predicted is None and self.plain:
            code = ABSTENTION if is_blank(expected) else OMISSION
        elif kind is other and expected == predicted:
            silent = (kind is str or expected is None or kind is _Absent) and self.blank(expected)
            code = ABSTENTION if silent else CORRECT
        elif self.blank(expected):
            code = ABSTENTION if self.blank(predicted) else HALLUCINATION
        elif self.blank(predicted):
            code = OMISSION
        else:
            code = self.scalar.judge(expected, predicted)
        ledger.verdicts.append((code, self, at_expected, at_predicted, expected, predicted))

    def quick_code(self, value: Json, answer: Json) -> int | None:
        """Return the verdict on two scalars that both say something, or are left out; else None.

        It is the one that `diff` writes where no rule says what counts as blank.
        """
        kind, other = value.__class__, answer.__class__
        if answer is not None and not (
            other in NEVER_BLANK or (other is str and "!" <= answer < "\x7f")  # type: ignore[operator]  # a text
        ):
            return None
        if value is None:
            return ABSTENTION if answer is None else HALLUCINATION
        if kind in NEVER_BLANK or (kind is str and "!" <= value < "\x7f"):  # type: ignore[operator]  # a text
            if answer is None:
                return OMISSION
            is_same = kind is other and value == answer
            return CORRECT if is_same else self.scalar.judge(value, answer)
        return None

    def _containers(
        self,
        expected: Json,
        predicted: Json,
        at_expected: Steps,
        at_predicted: Steps,
        ledger: Ledger,
    ) -> None:
        """Judge where one side holds a list or an object and a scalar should stand."""
        if isinstance(expected, (list, dict)) or self.blank(expected):
            if self.dynamic is None:
                self.dynamic = self.make(self.path)
            held = expected if isinstance(expected, (list, dict)) else self.missing
            self.dynamic.diff(held, predicted, at_expected, at_predicted, ledger)
        elif not has_leaf(predicted) or self._holds_blanks(predicted):
            ledger.verdicts.append(
                (OMISSION, self, at_expected, at_predicted, expected, self.missing)
            )
        else:
            alone = only_item(predicted)
            if alone is None or isinstance(alone, (list, dict)):
                same = isinstance(predicted, list) and self._is_listed(expected, predicted)
                code = FORMAT_ONLY if same else FORMAT_ERROR
                ledger.verdicts.append((code, self, at_expected, at_predicted, expected, predicted))
            else:
                reframe(self, (expected, alone), at_expected, ledger, Tag.WRAPPED)

    def _holds_blanks(self, value: Json) -> bool:
        """Tell whether a list holds nothing but what a rule takes for blank."""
        if self.plain or not isinstance(value, list):
            return False
        return all(not isinstance(item, (list, dict)) and self.blank(item) for item in value)

    def _is_listed(self, expected: Json, predicted: Sequence[Json]) -> bool:
        """Tell whether a list holds what the expected text holds between its delimiters."""
        if not isinstance(expected, str):
            return False
        texts = [text for item in predicted if (text := as_text(item)) is not None]
        if len(texts) < len(predicted):
            return False
        delimiter = self.rule.delimiter
        if self.scalar.name in ("set", "bag"):
            read = self.scalar.comparator_of(expected).read
            own = read(expected)
            return own is not None and own == read((delimiter or "\n").join(texts))
        return read_items(expected, delimiter) == tuple(map(fold, texts))

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add the value under this field."""
        if value.__class__ is list or value.__class__ is dict:
            if self.dynamic is None:
                self.dynamic = self.make(self.path)
            self.dynamic.cells(value, side, at, row)
            return
        cell = self.read(value)
        if not self.plain and cell is None:
            cell = (UNREAD, (UNREAD, KIND.get(value.__class__)))
        if cell is not None and (self.plain or not self.blank(value)):
            row[(self, at) if at else self] = cell


def _blank_by(rule: FieldRule) -> Callable[[Json], bool]:
    """Return what counts as blank under a rule that narrows or widens it."""
    blank = frozenset(rule.blank if rule.blank is not None else ("missing", "null", "empty_string"))
    placeholders = frozenset(map(fold, rule.placeholders or ()))

    def check(value: Json) -> bool:
        if value is ABSENT:
            return True
        if value is None:
            return "null" in blank
        if not isinstance(value, str):
            return isinstance(value, (list, dict)) and not value
        words = fold(value)
        return words in placeholders or ("empty_string" in blank and is_blank(value))

    return check


def only_item(value: Json) -> Json:
    """Return the only item of a list that holds anything; None for any other value.

    >>> only_item(["a", None]), only_item(["a", "b"]), only_item("a")
    ('a', None, None)
    """
    present = [item for item in value if has_leaf(item)] if isinstance(value, list) else []
    return present[0] if len(present) == 1 else None


_LONGEST_ENCODED: Final = 1_000_000


def decoded(value: Json, shape: type[list[Json] | dict[str, Json]]) -> Json:
    """Return the list or the object that a JSON text holds; None where it holds none.

    >>> decoded('["a", "b"]', list), decoded("a, b", list), decoded('{"a": 1}', list)
    (['a', 'b'], None, None)
    """
    opening = "[" if shape is list else "{"
    if not isinstance(value, str) or len(value) > _LONGEST_ENCODED:
        return None
    if not value.lstrip().startswith(opening):
        return None
    try:
        parsed: Json = json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, shape) else None


def _no_constant(name: str) -> Json:
    raise ValueError(name)


_REFRAMED: Final[Mapping[int, int]] = MappingProxyType(
    {CORRECT: FORMAT_ONLY, OMISSION: FORMAT_ERROR, WRONG_VALUE: FORMAT_ERROR}
)


def reframe(field: Field, pair: tuple[Json, Json], at: Steps, ledger: Ledger, tag: Tag) -> None:
    """Judge a pair whose frame is wrong (wrapped, encoded): nothing below can be correct."""
    ledger.kept.append(pair)
    start = len(ledger.verdicts)
    field.diff(*pair, at, at, ledger)
    for index in range(start, len(ledger.verdicts)):
        code, *_ = verdict = ledger.verdicts[index]
        ledger.verdicts[index] = (_REFRAMED.get(code, code), *verdict[1:])
    ledger.mark(start, tag)


def misshape(field: Field, pair: tuple[Json, Json], at: Steps, ledger: Ledger) -> None:
    """Judge a prediction of another shape: every expected leaf below is a format error.

    Where rules take all that is expected for blank, what is predicted is made up.
    """
    start, ignored = len(ledger.verdicts), ledger.ignored
    field.diff(pair[0], field.missing, at, at, ledger)
    is_blank_by_rule = ledger.ignored == ignored
    for index in range(start, len(ledger.verdicts)):
        ledger.marks.pop(index, None)
        code, leaf, at_expected, at_predicted, e, _ = ledger.verdicts[index]
        if code == OMISSION:
            is_blank_by_rule = False
            ledger.verdicts[index] = (FORMAT_ERROR, leaf, at_expected, at_predicted, e, pair[1])
    if is_blank_by_rule:
        del ledger.verdicts[start:]
        field.diff(field.missing, pair[1], at, at, ledger)


def is_said(field: Field, value: Json, at: Steps = ()) -> bool:
    """Tell whether a value says something: nulls and empty texts do where a rule says so.

    `at` is where it stands in its list: items of a tuple go by the rules of their position.
    """
    if has_leaf(value):
        return True
    if value is field.missing or (not value and isinstance(value, (list, dict))):
        return False
    scratch = Ledger()
    field.diff(value, field.missing, at, at, scratch)
    return any(code == OMISSION for code, *_ in scratch.verdicts)


def misframe(field: Field, pair: tuple[Json, Json], at: Steps, ledger: Ledger) -> None:
    """Judge a prediction that is no object where one is expected: wrapped, encoded, or other."""
    expected, predicted = pair
    alone, value = only_item(predicted), decoded(predicted, dict)
    if isinstance(alone, dict):
        reframe(field, (expected, alone), at, ledger, Tag.WRAPPED)
    elif value is not None:
        reframe(field, (expected, value), at, ledger, Tag.ENCODED)
    else:
        misshape(field, pair, at, ledger)


def encoded_cells(field: Field, value: Json, at: Steps, row: ItemCells) -> None:
    """Add the loose cells of an object that was sent as text."""
    inner = decoded(value, dict)
    if inner is None:
        return
    cells: ItemCells = {}
    field.cells(inner, PREDICTED, at, cells)
    for column, cell in cells.items():
        row[column] = cell if isinstance(cell, (list, Loose, Spare)) else Loose(cell, value)


class IgnoredField:
    """A field a rule leaves out: nothing below is judged, what was expected is counted."""

    __slots__ = ("missing", "path")

    def __init__(self, path: Path) -> None:
        self.path = path
        self.missing: Json = None

    def diff(self, e: Json, _p: Json, _eat: Steps, _pat: Steps, ledger: Ledger) -> None:
        """Count the expected leaves as left out."""
        ledger.ignored += count_leaves(e)

    def cells(self, value: Json, side: int, at: Steps, row: ItemCells) -> None:
        """Add nothing: what is ignored pairs no items."""


def has_leaf(value: Json) -> bool:
    """Tell whether a value holds a present scalar.

    >>> has_leaf({"a": [None, {"b": "x"}]}), has_leaf({"a": [None, ""]})
    (True, False)
    """
    if isinstance(value, dict):
        return any(map(has_leaf, value.values()))
    if isinstance(value, list):
        return any(map(has_leaf, value))
    return not is_blank(value)


def count_leaves(value: Json) -> int:
    """Count the present scalars in a value.

    >>> count_leaves({"a": [1, None, {"b": "x"}], "c": ""})
    2
    """
    if isinstance(value, dict):
        return sum(map(count_leaves, value.values()))
    if isinstance(value, list):
        return sum(map(count_leaves, value))
    return int(not is_blank(value))
