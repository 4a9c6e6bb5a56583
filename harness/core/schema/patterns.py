"""Regular expressions of schemas, matched in linear time whatever the pattern and the text.

RE2 matches them where it can; what it cannot read (look-around, back-references) goes to Python's
own engine, unless repetition inside repetition could keep that one busy for ever.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from re import _constants, _parser  # type: ignore[attr-defined]  # how Python reads a pattern: no public way
from typing import Any, Final

import re2  # type: ignore[import-untyped]  # brings no types

from harness.errors import HarnessError, Problem

PatternMatcher = Callable[[str], bool]
"""Tells whether a pattern is found in a text."""


@lru_cache(maxsize=1024)
def pattern_matcher(pattern: str) -> PatternMatcher:
    r"""Return what searches a text for a schema's regular expression, read as Python reads it.

    Raises HarnessError where it cannot be read, or could not be matched in bounded time.

    >>> found = pattern_matcher(r"^(\w+\s?)*$")
    >>> found("abc def"), found("abcdefghijklmnopqrstuvwxyz" * 1000 + "!")
    (True, False)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # what may change in a later Python is read as in this one
            parsed = _parser.parse(pattern)
            plain = re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        what = f"schema: {pattern!r} is not a regular expression that Python can read: {error}"
        raise HarnessError(Problem(what, "bad-schema")) from None
    written = _as_re2(parsed)
    linear = None if written is None else _linear(written)
    if linear is not None:
        return linear
    if _can_explode(parsed):
        what = f"schema: {pattern!r} could take for ever to match"
        hint = (
            "write it without look-around or back-references, or without repetition in repetition"
        )
        raise HarnessError(Problem(what, "bad-schema", hint=hint))
    return lambda text: plain.search(text) is not None


def _linear(written: str) -> PatternMatcher | None:
    """Return RE2's search for a pattern; None where it cannot read it."""
    options = re2.Options()
    options.log_errors = False
    try:
        matcher = re2.compile(written, options)
    except re2.error:
        return None

    def search(text: str) -> bool:
        # RE2 takes UTF-8, which has no lone surrogates.
        return matcher.search(text.encode("utf-8", "replace").decode("utf-8")) is not None

    return search


_CLASSES: Final = {
    "CATEGORY_DIGIT": r"\p{Nd}",
    "CATEGORY_NOT_DIGIT": r"\P{Nd}",
    "CATEGORY_WORD": r"\p{L}\p{N}_",
    "CATEGORY_SPACE": r"\s\x{1c}-\x{1f}\x{85}\p{Z}",
}
_OUTSIDE: Final = {
    "CATEGORY_NOT_WORD": r"\p{L}\p{N}_",
    "CATEGORY_NOT_SPACE": r"\s\x{1c}-\x{1f}\x{85}\p{Z}",
}
_MOST_REPEATS: Final = 1000
"""RE2 reads no larger count."""


class _UnreadableError(Exception):
    """A part of a pattern that RE2 has no words for."""


def _as_re2(parsed: Any) -> str | None:  # noqa: ANN401  # the parser's own tree
    """Write a parsed pattern for RE2 with Python's meaning; None where RE2 has no words for it."""
    if parsed.state.flags & ~re.UNICODE:
        return None
    try:
        return "".join(_part(str(op), value) for op, value in parsed)
    except _UnreadableError:
        return None


def _part(op: str, value: Any) -> str:  # noqa: ANN401, PLR0911  # one kind of part a line
    if op == "LITERAL":
        return _literal(value)
    if op == "NOT_LITERAL":
        return f"[^{_literal(value)}]"
    if op == "ANY":
        return r"[^\n]"
    if op == "IN":
        return _class(value)
    if op == "BRANCH":
        return f"(?:{'|'.join(_sequence(branch) for branch in value[1])})"
    if op == "SUBPATTERN" and not value[1] and not value[2]:
        return f"(?:{_sequence(value[3])})"
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        return _repeat(*value, lazy=op == "MIN_REPEAT")
    if op == "AT" and str(value) in _ANCHORS:
        return _ANCHORS[str(value)]
    raise _UnreadableError


_ANCHORS: Final = {
    "AT_BEGINNING": r"\A",
    "AT_BEGINNING_STRING": r"\A",
    "AT_END": r"(?:\n?\z)",
    "AT_END_STRING": r"\z",
}


def _sequence(parts: Any) -> str:  # noqa: ANN401  # the parser's own tree
    return "".join(_part(str(op), value) for op, value in parts)


def _repeat(least: int, most: Any, parts: Any, *, lazy: bool) -> str:  # noqa: ANN401
    endless = most is _constants.MAXREPEAT
    if least > _MOST_REPEATS or (not endless and int(most) > _MOST_REPEATS):
        raise _UnreadableError
    bound = "" if endless else int(most)
    return f"(?:{_sequence(parts)}){{{least},{bound}}}{'?' if lazy else ''}"


def _literal(code: int) -> str:
    return f"\\x{{{code:x}}}"


def _class(members: Any) -> str:  # noqa: ANN401  # the parser's own tree
    inverted, written = "", ""
    for op, value in members:
        name = str(op)
        if name == "NEGATE":
            inverted = "^"
        elif name == "LITERAL":
            written += _literal(value)
        elif name == "RANGE":
            written += f"{_literal(value[0])}-{_literal(value[1])}"
        elif name == "CATEGORY" and str(value) in _CLASSES:
            written += _CLASSES[str(value)]
        elif name == "CATEGORY" and str(value) in _OUTSIDE and len(members) == 1:
            return f"[^{_OUTSIDE[str(value)]}]"
        else:
            raise _UnreadableError
    return f"[{inverted}{written}]"


_FEW: Final = 8
"""Up to so many repetitions inside one another stay few in all."""


def _can_explode(parts: Any, *, inside: bool = False) -> bool:  # noqa: ANN401
    """Tell whether a pattern repeats something that repeats, or branches, many times itself."""
    for op, value in parts:
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            many = value[1] is _constants.MAXREPEAT or int(value[1]) > _FEW
            if many and inside:
                return True
            below: list[Any] = [value[2]]
            if any(_can_explode(part, inside=inside or many) for part in below):
                return True
        elif name == "BRANCH":
            if inside or any(_can_explode(part, inside=inside) for part in value[1]):
                return True
        else:
            below = [part for part in _below(value) if _can_explode(part, inside=inside)]
            if below:
                return True
    return False


def _below(value: Any) -> list[Any]:  # noqa: ANN401  # the parser's own tree
    """Return the sequences that a part holds."""
    if isinstance(value, _parser.SubPattern):
        return [value]
    if isinstance(value, tuple | list):
        return [part for part in value if isinstance(part, _parser.SubPattern)]
    return []
