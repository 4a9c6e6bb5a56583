"""Which stretches of a reply are JSON values, and which are brackets in prose.

A stretch is looked at where a bracket is followed by what may follow it in JSON, up to where that
bracket closes; nothing inside a stretch is looked at again, so a value is always an outermost one.

- A *value* is an object, an array that holds an object, or whatever makes up the whole reply.
- A *faint* value is any other array, or `{}`: `[797]` is more often a citation. It is for the
  reader to decide what its surroundings must be like.
- A *broken* stretch is not JSON but has an object in it, so it may be the answer misspelt.
- Everything else is prose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from harness.core.values import Json
from harness.extract.reply.brackets import End, close
from harness.extract.reply.json_text import Broken, Parsed, is_cut_short, parse_shallow, same

_OPENING: Final = re.compile(
    r"""\{(?=\s*+(?:["'}/]|\Z|[A-Za-z_$][\w$]*+\s*+:))"""
    r"""|\[(?=\s*+(?:[\[{"'\]/\d-]|\Z|(?:true|false|null|NaN|Infinity|True|False|None)\b))"""
)
_OBJECT: Final = re.compile(r"""\{\s*+["']""")
_OBJECT_FIRST: Final = re.compile(r"""(?:\[\s*+)?\{\s*+["']""")
_MOST: Final = 5
"""Different values after which there is no point in looking further."""
_MOST_STRETCHES: Final = 5_000
"""Stretches looked at before a reply is given up."""
_RESCANS: Final = 2
"""Times the length of a reply that may be read over for brackets that never close."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it stands in the text."""

    start: int
    end: int
    parsed: Parsed


@dataclass(slots=True)
class Distinct:
    """Different values in the order they were met."""

    found: list[Found] = field(default_factory=list)
    repeated: bool = False
    last_end: int = 0
    """Where the last of them ends, repetitions included."""

    def add(self, one: Found) -> None:
        """Take in one more value, once if it is there already."""
        self.last_end = one.end
        if any(same(one.parsed.value, known.parsed.value) for known in self.found):
            self.repeated = True
        else:
            self.found.append(one)


@dataclass(slots=True)
class Search:
    """What a text was found to hold."""

    values: Distinct = field(default_factory=Distinct)
    faint: list[Found] = field(default_factory=list)
    broken: list[tuple[int, Broken]] = field(default_factory=list)
    """Start of each broken stretch and why it is broken, at an offset of the whole text."""
    cut_short: int | None = None
    """Where the value begins that the text ends inside of; None if there is none."""
    too_deep: int | None = None
    tangled: bool = False
    """The search was given up: too many brackets."""

    @property
    def is_over(self) -> bool:
        """True once nothing further on in the text can change the reading."""
        return (
            self.tangled
            or self.cut_short is not None
            or self.too_deep is not None
            or len(self.values.found) >= _MOST
        )


def search(text: str, depth: int) -> Search:
    """Look through a text in time linear in its length."""
    found = Search()
    at = 0
    left = _MOST_STRETCHES
    budget = _RESCANS * len(text) + 65_536
    while not found.is_over and (opening := _OPENING.search(text, at)):
        start = opening.start()
        end, stop = close(text, start, depth)
        left -= 1
        budget -= stop - start
        if left < 0 or budget < 0:
            found.tangled = True
        elif end is End.TOO_DEEP:
            found.too_deep = stop
        elif end is End.CLOSED:
            _closed(text, start, stop, found)
            at = stop
        else:
            at = _unclosed(text, start, (end, stop), found)
    return found


def _closed(text: str, start: int, end: int, into: Search) -> None:
    stretch = text[start:end]
    parsed = parse_shallow(stretch)
    if isinstance(parsed, Broken):
        if _OBJECT.search(stretch):
            _broken(start, parsed, into)
    elif holds_object(parsed.value) or len(stretch) == len(text):
        into.values.add(Found(start, end, parsed))
    else:
        into.faint.append(Found(start, end, parsed))


def _unclosed(text: str, start: int, ending: tuple[End, int], into: Search) -> int:
    """Return where to go on: nothing inside a stretch that began as JSON may be taken for it."""
    end, stop = ending
    if end is End.UNCLOSED and is_cut_short(text[start:]):
        into.cut_short = start
        return len(text)
    mismatched = end is End.MISMATCH and _OBJECT.search(text, start, stop)
    if not mismatched and not _OBJECT_FIRST.match(text, start):
        return start + 1
    why = parse_shallow(text[start:])
    if isinstance(why, Broken):
        _broken(start, why, into)
    return len(text)


def _broken(start: int, why: Broken, into: Search) -> None:
    if len(into.broken) < _MOST:
        into.broken.append((start, Broken(why.why, start + why.offset)))


def holds_object(value: Json) -> bool:
    """Tell whether a value is an object with members, or an array with an object in it.

    >>> holds_object({"a": 1}), holds_object([[{}]]), holds_object({}), holds_object([797])
    (True, True, False, False)
    """
    if isinstance(value, list):
        return any(isinstance(item, dict) or holds_object(item) for item in value)
    return isinstance(value, dict) and bool(value)


def only_numbers(value: Json) -> bool:
    """Tell whether a value is a number or an array of nothing but numbers, at least one.

    >>> only_numbers([797, [1]]), only_numbers([]), only_numbers(["797"])
    (True, False, False)
    """
    if isinstance(value, list):
        return bool(value) and all(only_numbers(item) for item in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)
