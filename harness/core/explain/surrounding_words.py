"""The few words of a document around a value."""

from __future__ import annotations

import re
from typing import Final

from harness.core.inert_text import cut

_AROUND: Final = 60
"""Characters shown on either side."""

_LONGEST_VALUE: Final = 160

_SPACE: Final = re.compile(r"\s+")


def around(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Return what stands before a span, in it and after it, in whole words and on one line.

    >>> around("Net revenue was 12,300 in the year.", 16, 22)
    ('Net revenue was ', '12,300', ' in the year.')
    """
    left = max(0, start - _AROUND)
    right = min(len(text), end + _AROUND)
    before, after = text[left:start], text[end:right]
    if left:
        before = "\u2026 " + before.partition(" ")[2]
    if right < len(text):
        after = after.rpartition(" ")[0] + " \u2026"
    return _line(before), _line(cut(text[start:end], _LONGEST_VALUE)), _line(after)


def _line(text: str) -> str:
    return _SPACE.sub(" ", text)
