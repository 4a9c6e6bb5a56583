"""The few words of a document around a value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from harness.report.verdicts import Record
from harness.report.visible import cut

_AROUND: Final = 60
"""Characters shown on either side."""

_LONGEST_VALUE: Final = 160

_SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A value where it stands in a document."""

    side: str
    """`expected` or `predicted`: whose value is marked."""
    document: str
    before: str
    value: str
    after: str


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


def snippets(diff: Record, documents: Sequence[Record]) -> tuple[Snippet, ...]:
    """Return the first place of the expected and of the predicted value, where they stand."""
    evidence = diff.get("evidence") or {}
    texts = {document["name"]: document["text"] for document in documents}
    found: list[Snippet] = []
    seen: set[tuple[str, int, int]] = set()
    for side in ("expected", "predicted"):
        for span in (evidence.get(side) or ())[:1]:
            place = (span["document"], span["start"], span["end"])
            text = texts.get(place[0])
            if text is not None and place not in seen and 0 <= place[1] < place[2] <= len(text):
                seen.add(place)
                found.append(Snippet(side, place[0], *around(text, place[1], place[2])))
    return tuple(found)


def absence(diff: Record) -> str | None:
    """Return what it means that somebody looked for a value and did not find it."""
    evidence = diff.get("evidence") or {}
    nowhere = [
        side
        for side in ("expected", "predicted")
        if side in diff and evidence.get(side) is not None and not evidence[side]
    ]
    if len(nowhere) > 1:
        return "Neither value stands in the documents."
    return f"The {nowhere[0]} value does not stand in the documents." if nowhere else None
