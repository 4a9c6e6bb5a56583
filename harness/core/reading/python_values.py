"""Convert Python values to JSON: dates, decimals, enums, dataclasses, models, NumPy's scalars."""

from __future__ import annotations

from collections import UserString, deque
from collections.abc import Collection, Mapping, Sequence, ValuesView
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import chain
from math import isfinite
from typing import Any, Final
from uuid import UUID

from harness.core.inert_text import whole_text
from harness.core.values import FieldPath, Json, show
from harness.errors import HarnessError, Problem

_BEYOND: Final = 10**308
"""Integers from here on may not fit a double."""

_DEEPEST: Final = 200
"""Levels that a value which is not plain JSON may be nested."""

_TEXT: Final = frozenset({str})
_HOLDERS: Final = frozenset({list, dict})
_PLAIN: Final = frozenset({str, int, float, bool, type(None), list, dict})


_NO_LISTS: Final = (bytes, bytearray, memoryview, UserString)


class NotJsonError(Exception):
    """A value that JSON cannot hold. The message says which and where."""

    def __init__(self, path: FieldPath, why: str, *, too_deep: bool = False) -> None:
        super().__init__(f"{show(path)} {why}")
        self.too_deep = too_deep


def given_values(expected: Any, predicted: Any) -> tuple[Json, Json]:  # noqa: ANN401  # callers' values
    """Return both values of a case as JSON, the very same objects where both are JSON already.

    Raises HarnessError, which names side and path, for what has no JSON form.

    >>> given_values({"n": (1, 2)}, None)
    ({'n': [1, 2]}, None)
    """
    if is_json(expected, predicted):
        return expected, predicted
    expected = given_value(expected, "the expected value")
    return expected, given_value(predicted, "the predicted value")


def given_value(value: Any, side: str) -> Json:  # noqa: ANN401  # whatever a caller has
    """Return a caller's value as JSON; the very same object where it is JSON already.

    Raises HarnessError, which names the path, for what has no JSON form.

    >>> from datetime import date
    >>> given_value({"on": date(2024, 3, 31), "n": (1, float("nan"))}, "the expected value")
    {'on': '2024-03-31', 'n': [1, None]}
    """
    if is_json(value):
        known: Json = value
        return known
    try:
        return plain(value, _DEEPEST)
    except NotJsonError as error:
        code = "too-deep" if error.too_deep else "not-json"
        hint = "give dict, list, str, int, float, bool, None, or values that can be read as these"
        raise HarnessError(Problem(f"in {side}, {error}", code, hint=hint)) from None


def is_json(*values: object) -> bool:
    """Tell whether values hold nothing but the types of JSON, text keys and finite numbers.

    >>> is_json({"a": [1, None]}), is_json({"a": (1,)}), is_json({1: "a"}), is_json(float("nan"))
    (True, False, False, False)
    """
    try:
        return _holds_json(values)
    except RecursionError:
        return False  # whoever copies it says where it is too deep, or holds itself


def _holds_json(values: Collection[Any]) -> bool:
    """Tell whether values and all in them are JSON, level by level, each object once a level."""
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        return False
    if float in kinds and not all(map(isfinite, [v for v in values if v.__class__ is float])):
        return False
    if kinds.isdisjoint(_HOLDERS):
        return True
    objects = {id(v): v for v in values if v.__class__ is dict}.values() if dict in kinds else ()
    lists = {id(v): v for v in values if v.__class__ is list}.values() if list in kinds else ()
    if not _TEXT.issuperset(map(type, chain.from_iterable(objects))):
        return False
    below = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(lists)]
    return not below or _holds_json(below)


def plain(value: object, depth: int) -> Json:
    """Return the value as JSON, copied.

    Decimals become numbers, dates, moments and lengths of time ISO texts, enum members their
    values, tuples, sets, other sequences, arrays and Series arrays, models (by their fields'
    aliases), dataclasses and attrs' objects objects; whole-number keys are written as text. NaN,
    NaT and NA are missing: null.

    Raises:
        NotJsonError: something in it is not JSON, refers to itself or lies too deep.

    >>> plain({"a": (1, None)}, depth=9)
    {'a': [1, None]}
    >>> plain({"a": [b"x"]}, depth=9)
    Traceback (most recent call last):
    harness.core.reading.python_values.NotJsonError: a[0] is a bytes, which JSON has no place for
    """
    return _plain(value, (), depth, ())


def _plain(value: object, path: FieldPath, depth: int, around: tuple[int, ...]) -> Json:
    while isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, (str, bool, int, float)):
        return _scalar(value, path)
    if id(value) in around:
        raise NotJsonError(path, "refers to itself")
    inside = (*around, id(value))
    value = _shaped(value, path)
    if isinstance(value, (list, Mapping)) and len(around) >= depth:
        raise NotJsonError(path, f"is nested deeper than {depth} levels", too_deep=True)
    if isinstance(value, list):
        return [_plain(item, (*path, at), depth, inside) for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        properties: dict[str, Json] = {}
        for key, item in value.items():
            name = _key(key, path)
            if name in properties:
                raise NotJsonError(path, f"has the key {name!r} twice, as text and as a number")
            properties[name] = _plain(item, (*path, name), depth, inside)
        return properties
    if value is None or isinstance(value, (str, bool, int, float)):
        return _scalar(value, path)
    raise NotJsonError(path, f"is a {type(value).__name__}, which JSON has no place for")


def _shaped(value: object, path: FieldPath) -> object:
    """Return a value as a list, a mapping or a scalar; itself where it is none of them."""
    if isinstance(value, AbstractSet):
        return sorted(value, key=lambda item: (type(item).__name__, repr(item)))
    if isinstance(value, (Sequence, deque, ValuesView)) and not isinstance(value, _NO_LISTS):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    attributes = getattr(type(value), "__attrs_attrs__", None)
    if isinstance(attributes, tuple):
        return {one.name: getattr(value, one.name) for one in attributes}
    if callable(getattr(value, "model_dump", None)) and not isinstance(value, type):
        return _model(value, path)
    return _one(value, path)


def _one(value: object, path: FieldPath) -> object:
    """Return what a value that is no container stands for."""
    if isinstance(value, Decimal):
        return _number(value, path)
    if isinstance(value, (date, time)):
        return _moment(value)
    if isinstance(value, timedelta):
        return _length(value)
    return str(value) if isinstance(value, (UUID, UserString)) else _array(value)


def _number(value: Decimal, path: FieldPath) -> int | float | None:
    if value.is_nan():
        return None
    if value.is_infinite() or value.adjusted() > 307:  # noqa: PLR2004  # what a double holds
        raise NotJsonError(path, f"is {value!r}, which is not a JSON number")
    return int(value) if value == value.to_integral_value() else float(value)


def _moment(value: date | time) -> str | None:
    """Return a date, moment or time of day in ISO 8601; None for what pandas calls NaT."""
    if value != value:  # noqa: PLR0124  # so is NaT, and nothing else
        return None
    text = value.isoformat()
    return f"{text[:-6]}Z" if isinstance(value, datetime) and text.endswith("+00:00") else text


def _length(value: timedelta) -> str | None:
    """Return a length of time in ISO 8601; None for what pandas calls NaT."""
    if value != value:  # noqa: PLR0124  # so is NaT, and nothing else
        return None
    seconds = Decimal(value // timedelta(microseconds=1)) / 1_000_000
    return f"{'-' if seconds < 0 else ''}PT{abs(seconds).normalize():f}S"


def _model(value: Any, path: FieldPath) -> object:  # noqa: ANN401  # a Pydantic model
    try:
        return _with_numbers(
            value.model_dump(mode="json", by_alias=True), value.model_dump(by_alias=True)
        )
    except ValueError as error:
        raise NotJsonError(path, f"cannot be dumped by pydantic: {error}") from error


def _with_numbers(dumped: object, held: object) -> object:
    """Return what a model dumps as JSON, its decimals as numbers: Pydantic makes texts of them."""
    if isinstance(held, Decimal) and isinstance(dumped, str):
        return held
    if isinstance(dumped, dict) and isinstance(held, Mapping) and len(dumped) == len(held):
        pairs = zip(dumped.items(), held.values(), strict=True)
        return {key: _with_numbers(item, other) for (key, item), other in pairs}
    if isinstance(dumped, list) and isinstance(held, (list, tuple)) and len(dumped) == len(held):
        return [_with_numbers(*pair) for pair in zip(dumped, held, strict=True)]
    return dumped


def _array(value: Any) -> object:  # noqa: ANN401  # NumPy's, pandas' or another's
    """Return the values of arrays, Series and their scalars, which are no dependencies of ours."""
    kind = type(value).__name__
    if kind == "NAType":
        return None
    if kind == "datetime64":
        held = value.item()
        held = held if isinstance(held, date) else value.astype("datetime64[us]").item()
        return _moment(held) if isinstance(held, date) else None
    if hasattr(value, "dtype") and isinstance(getattr(value, "shape", None), tuple):
        narrow = str(value.dtype) in _NARROW_FLOATS
        return value.astype(str).astype(float).tolist() if narrow else value.tolist()
    return value


_NARROW_FLOATS: Final = ("float16", "float32")
"""Their 0.1 is another number than a double's: the digits they are shown with are meant."""


def _scalar(value: Json, path: FieldPath) -> Json:
    """Return the plain value of a string, number, boolean or null, subclasses included."""
    if isinstance(value, str):
        return whole_text(str.__str__(value))
    if isinstance(value, float):
        if value != value:  # noqa: PLR0124  # NaN
            return None
        if not isfinite(value):
            raise NotJsonError(path, f"is {float(value)!r}, which is not a JSON number")
        return float(value)
    if isinstance(value, int) and not -_BEYOND < value < _BEYOND:
        raise NotJsonError(path, "is an integer too large for a double")
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _key(key: object, path: FieldPath) -> str:
    while isinstance(key, Enum):
        key = key.value
    if isinstance(key, str):
        return whole_text(str.__str__(key))
    if isinstance(key, int) and not isinstance(key, bool):
        return str(int(key))
    whole = getattr(key, "__index__", None)
    if callable(whole) and not isinstance(key, bool) and hasattr(key, "dtype"):
        return str(whole())
    raise NotJsonError(path, f"has the key {key!r}, which is not a string")
