"""Untrusted text in Markdown: readable, but unable to end its fence or begin a line.

A coding agent reads these pages. What a document says must never look like what we say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from harness.core.inert_text import cut, inert

_TICKS: Final = re.compile(r"`+")
_TILDES: Final = re.compile(r"~+")
_NAME: Final = 80
"""Characters of a name that are shown."""


def coded(text: str, most: int = _NAME) -> str:
    r"""Return text as a code span that nothing in it can end.

    >>> print(coded("a\nb"), coded("x` **ignore** `y"))
    `a\u000ab` `` x` **ignore** `y ``
    """
    shown = cut(inert(text), most) or " "
    runs = _TICKS.findall(shown)
    if not runs:
        return f"`{shown}`"
    ticks = "`" * (max(map(len, runs)) + 1)
    return f"{ticks} {shown} {ticks}"


def fenced(lines: Iterable[str], label: str) -> list[str]:
    r"""Return lines within a fence longer than any run of tildes in them; each stays one line.

    >>> fenced(["~~~", "a\nb"], "data")
    ['~~~~ data', '~~~', 'a\\u000ab', '~~~~']
    """
    shown = [inert(line) for line in lines]
    runs = (len(run) for line in shown for run in _TILDES.findall(line))
    fence = "~" * max(3, max(runs, default=0) + 1)
    return [f"{fence} {label}", *shown, fence]
