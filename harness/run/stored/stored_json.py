"""Stored JSON read back, checked at every level: a file that broke is an error with its line."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from harness.cases.files.strict_json import line_of_offset, strict_json_lines
from harness.core.values import show
from harness.errors import HarnessError, Problem, Where

_Shape = TypeVar("_Shape")

_MOST_DIGITS: Final = 4_300
"""Of a whole number: Python reads no more."""


def stored_text(path: Path, code: str) -> str:
    """Return a file's text. Raises HarnessError where it is none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        what = f"cannot be read: {(error.strerror or str(error)).lower()}"
        raise HarnessError(Problem(what, code, Where(path))) from None
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text: byte {error.start:,}"
        raise HarnessError(Problem(what, code, Where(path))) from None


def decode_stored(text: str, where: Where, code: str) -> Any:  # noqa: ANN401  # JSON
    """Return the JSON in a text. Raises HarnessError with the line where it is none."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        what = "is empty, not JSON" if not text.strip() else f"is not JSON: {error}"
        raise HarnessError(Problem(what, code, _at(where, line))) from None


def parse_stored(text: str, shape: TypeAdapter[_Shape], where: Where, code: str) -> _Shape:
    """Return what a text holds, as it is stored: later versions may write more.

    Raises HarnessError with the line of what is not as it should be.
    """
    return sound_stored(decode_stored(text, where, code), shape, (text, where), code)


def sound_stored(
    value: Any,  # noqa: ANN401  # JSON
    shape: TypeAdapter[_Shape],
    origin: tuple[str, Where],
    code: str,
) -> _Shape:
    """Return what was decoded from a text at a place, once it is seen to be sound."""
    text, where = origin
    sound: _Shape = value
    if not isinstance(value, dict):
        raise HarnessError(Problem("must hold a JSON object", code, where))
    try:
        shape.validate_python(value, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        path = first["loc"]
        line = line_of_offset(strict_json_lines(text), path) or 1
        what = f"{show(path)}: {first['msg'][:1].lower()}{first['msg'][1:]}"
        raise HarnessError(Problem(what, code, _at(where, line))) from None
    return sound


def _at(where: Where, line: int) -> Where:
    """Return the place of a line of a text; a text that is a line itself has its own."""
    return where if where.line is not None else Where(where.file, line)


def _finite(token: str) -> float:
    value = float(token)
    if math.isinf(value):
        raise ValueError(f"{token[:20]} is beyond any number")
    return value


def _whole(token: str) -> int:
    if len(token) > _MOST_DIGITS:
        raise ValueError(f"a whole number of {len(token):,} digits")
    return int(token)


def _refuse(token: str) -> float:
    raise ValueError(f"{token} is no number")


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
