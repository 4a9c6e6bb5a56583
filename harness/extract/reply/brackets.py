"""Bracket matching in one pass and without recursion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

DEEPEST: Final = 200
"""Levels beyond which no limit a user sets may go: the JSON parser below is recursive."""

_TOKEN: Final = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?'  # a string, or what there is of one
    r"|//[^\n]*+"
    r"|/\*[^*]*+(?:\*(?!/)[^*]*+)*+(?:\*/)?"
    r"|[\[\]{}]",
    re.DOTALL,
)
_OPENED_BY: Final[Mapping[str, str]] = MappingProxyType({"]": "[", "}": "{"})


class End(StrEnum):
    """Results of searching for a closing bracket."""

    CLOSED = "closed"
    MISMATCH = "mismatch"
    UNCLOSED = "unclosed"
    TOO_DEEP = "too_deep"


def close(text: str, start: int, depth: int) -> tuple[End, int]:
    """Return how the bracket at `start` ends, and where.

    The offset is behind the closing bracket, at the bracket that does not fit or lies deeper than
    `depth` levels, or the end of the text. Brackets in strings and comments do not count.

    >>> close('{"a": "}"} and so on', 0, depth=9)
    (<End.CLOSED: 'closed'>, 10)
    >>> close("[1, {2]", 0, depth=9), close("[[[", 0, depth=2)
    ((<End.MISMATCH: 'mismatch'>, 6), (<End.TOO_DEEP: 'too_deep'>, 2))
    """
    deepest = min(depth, DEEPEST)
    opened: list[str] = []
    for token in _TOKEN.finditer(text, start):
        at = token.start()
        mark = text[at]
        if mark in "[{":
            if len(opened) == deepest:
                return End.TOO_DEEP, at
            opened.append(mark)
        elif mark in "]}":
            if opened.pop() != _OPENED_BY[mark]:
                return End.MISMATCH, at
            if not opened:
                return End.CLOSED, at + 1
    return End.UNCLOSED, len(text)
