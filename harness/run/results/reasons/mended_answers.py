"""Mended answers: replies whose JSON was repaired before it was scored, counted by repair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from harness.core import number_text
from harness.core.inert_text import inert

_WHOLE: Final = "answers"
"""Key of the number of mended answers, among those of repairs."""
_NO_MENDING: Final = frozenset(
    {
        "renamed_keys",
        "stated_confidence",
        "byte_order_mark",
        "duplicate_key",
        "duplicate_key_conflict",
        "lone_surrogate",
    }
)
"""What is noted of sound JSON; a key that stands twice with two values has a warning of its own."""


def mended_answers(repairs: Iterable[Iterable[str]]) -> Counter[str]:
    """Return how many answers each repair was made to, and under `answers` how many were mended.

    `repairs` are those of each answer.

    >>> mended_answers([("trailing_comma", "comment"), (), ("trailing_comma",)])
    Counter({'trailing_comma': 2, 'answers': 2, 'comment': 1})
    """
    met: Counter[str] = Counter()
    for each in repairs:
        if kinds := {note.partition(":")[0] for note in each} - _NO_MENDING:
            met.update([*sorted(kinds, reverse=True), _WHOLE])
    return met


def mended_words(met: Mapping[str, int], answers: int) -> str | None:
    """Return how many answers, of so many, were mended and how; None where none was.

    >>> mended_words({"trailing_comma": 2, "answers": 2, "comment": 1}, 12)
    '2 of 12 answers were mended before they were scored: 2 trailing comma, 1 comment'
    """
    number = met.get(_WHOLE, 0)
    if not number:
        return None
    kinds = sorted((-times, name) for name, times in met.items() if name != _WHOLE)
    how = ", ".join(f"{number_text.count(-n)} {inert(name.replace('_', ' '))}" for n, name in kinds)
    verb = "was" if number == 1 else "were"
    of = f"{number_text.count(number)} of {number_text.counted(answers, 'answer')}"
    return f"{of} {verb} mended before {'it was' if number == 1 else 'they were'} scored: {how}"
