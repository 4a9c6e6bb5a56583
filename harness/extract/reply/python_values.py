"""Python values as JSON: what a user's function returned, and where it is not JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Final

from pydantic import BaseModel

from harness.core.values import FieldPath, Json, show
from harness.extract.reply.brackets import DEEPEST
from harness.extract.reply.json_text import whole_text

_BEYOND: Final = 10**308
"""Integers from here on may not fit a double."""


class NotJsonError(Exception):
    """A value that JSON cannot hold. The message says which and where."""

    def __init__(self, path: FieldPath, why: str, *, too_deep: bool = False) -> None:
        super().__init__(f"{show(path)} {why}")
        self.too_deep = too_deep


def plain(value: object, depth: int) -> Json:
    """Return the value as JSON, copied: tuples as arrays, pydantic models and dataclasses dumped.

    Raises:
        NotJsonError: something in it is not JSON, refers to itself or lies too deep.

    >>> plain({"a": (1, None)}, depth=9)
    {'a': [1, None]}
    >>> plain({"a": [{1, 2}]}, depth=9)
    Traceback (most recent call last):
    harness.extract.reply.python_values.NotJsonError: a[0] is a set, which JSON has no place for
    """
    return _plain(value, (), min(depth, DEEPEST), ())


def _plain(value: object, path: FieldPath, depth: int, around: tuple[int, ...]) -> Json:
    if value is None or isinstance(value, (str, bool, int, float)):
        return _scalar(value, path)
    if id(value) in around:
        raise NotJsonError(path, "refers to itself")
    inside = (*around, id(value))
    value = _dumped(value, path)
    if isinstance(value, (list, tuple, Mapping)) and len(around) == depth:
        raise NotJsonError(path, f"is nested deeper than {depth} levels", too_deep=True)
    if isinstance(value, (list, tuple)):
        return [_plain(item, (*path, at), depth, inside) for at, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {
            _key(key, path): _plain(item, (*path, str(key)), depth, inside)
            for key, item in value.items()
        }
    if value is None or isinstance(value, (str, bool, int, float)):
        return _scalar(value, path)
    raise NotJsonError(path, f"is a {type(value).__name__}, which JSON has no place for")


def _dumped(value: object, path: FieldPath) -> object:
    if isinstance(value, BaseModel):
        try:
            return value.model_dump(mode="json")
        except ValueError as error:
            raise NotJsonError(path, f"cannot be dumped by pydantic: {error}") from error
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return value


def _scalar(value: Json, path: FieldPath) -> Json:
    """Return the plain value of a string, number, boolean or null, enum members included."""
    if isinstance(value, str):
        return whole_text(str.__str__(value))
    if isinstance(value, float) and not isfinite(value):
        raise NotJsonError(path, f"is {value!r}, which is not a JSON number")
    if isinstance(value, int) and not -_BEYOND < value < _BEYOND:
        raise NotJsonError(path, "is an integer too large for a double")
    if isinstance(value, float):
        return float(value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _key(key: object, path: FieldPath) -> str:
    if isinstance(key, str):
        return whole_text(str.__str__(key))
    raise NotJsonError(path, f"has the key {key!r}, which is not a string")
