"""Excerpts of a long document: the parts around its evidence, and where each stood in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from harness.core import number_text

_CONTEXTS: Final = (1_500, 400, 100, 0)
"""Characters kept on both sides of a value, the most that there is room for."""
_BETWEEN: Final = 64
"""Characters of a line that says what is left out, at most."""
_LINE: Final = 200
"""Characters that a part is made longer by at most, to begin and end with a whole line."""


class ExcerptPart(NamedTuple):
    """A part of a document in its excerpt."""

    start: int
    """In the document."""
    end: int
    at: int
    """Where it begins in the excerpt."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Parts of a document, in its order, with a line between them that says what is left out."""

    text: str
    parts: tuple[ExcerptPart, ...]
    unseen: int
    """Values that found no room."""

    def moved(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where a span of the document stands in the excerpt; None for nowhere."""
        place = bisect_right(self.parts, start, key=lambda part: part.start) - 1
        if place < 0 or end > self.parts[place].end:
            return None
        part = self.parts[place]
        return start - part.start + part.at, end - part.start + part.at


def parts_around(text: str, spans: Iterable[tuple[int, int]], most: int) -> Excerpt | None:
    r"""Return the parts of a text around spans, of `most` characters; None where none has room.

    >>> found = parts_around("-" * 5000 + "42" + "-" * 5000, [(5000, 5002)], 300)
    >>> found.moved(5000, 5002), found.text.splitlines()[0]
    ((140, 142), '[… 4\u202f900 characters left out, page 1 …]')
    """
    inside = sorted({(start, end) for start, end in spans if 0 <= start < end <= len(text)})
    parts: list[tuple[int, int]] = []
    for context in _CONTEXTS:
        parts = _merged(text, inside, context)
        if sum(end - start + _BETWEEN for start, end in parts) <= most:
            break
    pieces: list[tuple[int, int]] = []
    for start, end in parts:
        if end - start + _BETWEEN <= most:
            pieces.append((start, end))
            most -= end - start + _BETWEEN
    if not pieces:
        return None
    made = _joined(text, pieces)
    return Excerpt(made.text, made.parts, sum(made.moved(*span) is None for span in inside))


def _merged(text: str, spans: Sequence[tuple[int, int]], context: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        low, high = max(0, start - context), min(len(text), end + context)
        line = text.rfind("\n", max(0, low - _LINE), low)
        low = line + 1 if line >= 0 else low
        line = text.find("\n", high, high + _LINE)
        high = line if line >= 0 else high
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged


def _joined(text: str, spans: Sequence[tuple[int, int]]) -> Excerpt:
    pieces: list[str] = []
    parts: list[ExcerptPart] = []
    size, done, page = 0, 0, 1
    for start, end in spans:
        page += text.count("\f", done, start)
        between = _left_out(start - done, page, first=not parts)
        pieces += (between, text[start:end])
        parts.append(ExcerptPart(start, end, size + len(between)))
        size += len(between) + end - start
        page += text.count("\f", start, end)
        done = end
    pieces.append(_left_out(len(text) - done, None, first=False))
    return Excerpt("".join(pieces), tuple(parts), 0)


def _left_out(size: int, page: int | None, *, first: bool) -> str:
    """Return the line that stands for so many characters, and says which page comes after it."""
    if not size:
        return ""
    after = "" if page is None else f", page {page}"
    line = f"[\u2026 {number_text.counted(size, 'character')} left out{after} \u2026]\n"
    return line if first else f"\n{line}"
