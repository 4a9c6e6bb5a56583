r"""Strings misspelt in a way that can be read in one way only: `bad_escape`, `unescaped_quote`.

- `bad_escape`: a backslash before a mark that needs none, as in Markdown (`\$`, `\_`, `\'`). It is
  left out. Before a letter, a digit or a bracket it may belong to the text (`C:\Users`, `\d`):
  nothing is done.
- `unescaped_quote`: quotes inside a string, in pairs or behind a digit (inches), each of which
  stands where no string can begin or end.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

_STRING: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NEEDLESS: Final = re.compile(r"""\\(?:(?P<needless>[$_&#%*+<@'-])|.)""", re.DOTALL)
_QUOTE: Final = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_BEHIND: Final = re.compile(r"\s*+[,:}\]]")
_BEFORE: Final = frozenset(",:{[")
_OPERATORS: Final = " \t+&.|"
_LONGEST: Final = 2_000
"""Characters of a string with quotes in it; a longer one is more than one string."""


def with_plain_marks(text: str) -> str:
    r"""Return JSON without backslashes before marks that need none.

    >>> print(with_plain_marks(r'{"a": "\$5 \n C:\Users"}'))
    {"a": "$5 \n C:\Users"}
    """
    if "\\" not in text:
        return text
    return _STRING.sub(
        lambda string: _NEEDLESS.sub(lambda one: one["needless"] or one[0], string[0]), text
    )


def with_quotes_escaped(text: str, start: int) -> tuple[str, int] | None:
    r"""Return the bracketed stretch at `start` with quotes in its strings escaped, and its end.

    None where there is no such quote, or more than one way to read them.

    >>> with_quotes_escaped('{"a": "The "X" Inn"} and so on', 0)
    ('{"a": "The \\"X\\" Inn"}', 20)
    """
    pieces: list[str] = []
    depth, at, mended = 0, start, 0
    while at < len(text):
        mark = text[at]
        if mark == '"':
            string = _string(text, at)
            if string is None:
                return None
            spelled, end = string
            mended += len(spelled) != end - at
            pieces.append(spelled)
            at = end
            continue
        pieces.append(mark)
        at += 1
        depth += (mark in "[{") - (mark in "]}")
        if depth == 0:
            return ("".join(pieces), at) if mended else None
    return None


def _string(text: str, start: int) -> tuple[str, int] | None:
    """Return a string as JSON spells it and where it ends; None where that cannot be told."""
    inner: list[int] = []
    at = start + 1
    while (match := _QUOTE.match(text, at)) and match.end() - start <= _LONGEST:
        quote = match.end() - 1
        if _BEHIND.match(text, quote + 1):
            return _spelled(text, start, quote, inner)
        inner.append(quote)
        at = quote + 1
    return None


def _spelled(text: str, start: int, end: int, inner: list[int]) -> tuple[str, int] | None:
    if not inner:
        return text[start : end + 1], end + 1
    if "\n" in text[start:end] or _are_several(text, inner):
        return None
    if any(_may_begin(text, start, quote) for quote in inner):
        return None
    in_pairs = len(inner) % 2 == 0
    if not in_pairs and not all(text[quote - 1].isdigit() for quote in inner):
        return None
    spelled = [text[a:b] for a, b in zip([start, *inner], [*inner, end + 1], strict=True)]
    return "\\".join(spelled), end + 1


def _are_several(text: str, inner: list[int]) -> bool:
    """Tell whether nothing but an operator stands between two quotes: strings side by side."""
    return any(not text[one + 1 : two].strip(_OPERATORS) for one, two in pairwise(inner))


def _may_begin(text: str, start: int, quote: int) -> bool:
    before = text[start + 1 : quote].rstrip()
    return bool(before) and before[-1] in _BEFORE
