"""Candidate JSON values in a reply, told from brackets in prose.

A stretch is looked at from every brace, and from every bracket that is followed by what may follow
it in JSON, up to where it closes. Nothing inside a stretch is looked at again, so that a value is
always an outermost one; what holds an object and is no JSON is never prose around that object.

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
from harness.extract.reply.json_text import (
    Broken,
    ParsedJson,
    is_cut_short,
    json_within,
    parse_shallow,
    same,
)
from harness.extract.reply.string_repairs import with_quotes_escaped

_OPENING: Final = re.compile(
    r"""\{"""
    r"""|(?<!<!\[CDATA)\[(?=\s*+(?:[\[{"'\]/\d-]|\Z|(?:true|false|null|NaN|Infinity|True|False|None)\b))"""
    r"""|^[ \t]*+(?P<loose>\[)|(?P<within>\[)(?=[^\[\]{}\n]{1,200}+\{\s*+["'])""",
    re.MULTILINE,
)
_OBJECT: Final = re.compile(r"""\{\s*+["']""")
_OBJECT_FIRST: Final = re.compile(r"""(?:\[\s*+)?\{\s*+["']""")
_ESCAPED: Final = re.compile(r"""(?:\[\s*+)?\{\s*+\\+\"""")
"""An object inside JSON text whose quotes are still escaped."""
_TARGET: Final = re.compile(r"\]\((?:https?:|#|/|\.|mailto:|www\.)", re.IGNORECASE)
"""What makes a bracket a link's text."""
_MOST: Final = 5
"""Different values after which there is no point in looking further."""
_MOST_STRETCHES: Final = 5_000
"""Stretches looked at before a reply is given up."""
_RESCANS: Final = 2
"""Times the length of a reply that may be read over for brackets that never close."""


@dataclass(frozen=True, slots=True)
class JsonCandidate:
    """A value and where it stands in the text."""

    start: int
    end: int
    parsed: ParsedJson


@dataclass(slots=True)
class Distinct:
    """Different values in the order they were met."""

    values: list[JsonCandidate] = field(default_factory=list)
    repeated: bool = False
    last_end: int = 0
    """Where the last of them ends, repetitions included."""

    def add(self, one: JsonCandidate) -> None:
        """Take in one more value, once if it is there already."""
        self.last_end = one.end
        if any(same(one.parsed.value, known.parsed.value) for known in self.values):
            self.repeated = True
        else:
            self.values.append(one)


@dataclass(slots=True)
class CandidateSearch:
    """JSON candidates in a text."""

    values: Distinct = field(default_factory=Distinct)
    faint: list[JsonCandidate] = field(default_factory=list)
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
            or len(self.values.values) >= _MOST
        )


def search(text: str, depth: int) -> CandidateSearch:
    """Look through a text in time linear in its length."""
    candidates = CandidateSearch()
    at = 0
    left = _MOST_STRETCHES
    budget = _RESCANS * len(text) + 65_536
    while not candidates.is_over and (opening := _OPENING.search(text, at)):
        start = opening.end() - 1
        end, stop = close(text, start, depth)
        left -= 1
        budget -= stop - start
        if left < 0 or budget < 0:
            candidates.tangled = True
        elif _ESCAPED.match(text, start):
            at = _escaped(text, start, depth, candidates)
        elif opening["loose"] or opening["within"]:
            at = _loose(text, start, (end, stop), candidates)
        elif end is End.TOO_DEEP:
            candidates.too_deep = stop
        elif end is End.CLOSED:
            at = _closed(text, start, stop, candidates)
        else:
            at = _unclosed(text, start, (end, stop), candidates)
    return candidates


def _escaped(text: str, start: int, depth: int, into: CandidateSearch) -> int:
    """Read an object that is still as it stood in JSON text: what it says is in the text."""
    end = max(text.rfind("}", start), text.rfind("]", start)) + 1
    if end <= start:
        into.cut_short = start
        return len(text)
    quoted = json_within(text[start:end], depth)
    if isinstance(quoted, ParsedJson):
        into.values.add(JsonCandidate(start, end, quoted))
    else:
        _broken(start, quoted, into)
    return end


def _loose(text: str, start: int, ending: tuple[End, int], into: CandidateSearch) -> int:
    """Return where to go on behind a bracket that begins as prose: an object in it is not all."""
    end, stop = ending
    if end is End.CLOSED and _TARGET.match(text, stop - 1):
        return start + 1
    if not _OBJECT.search(text, start, stop) or (end is not End.CLOSED and not _leads(text, start)):
        return start + 1
    why = parse_shallow(text[start : stop if end is End.CLOSED else len(text)])
    if isinstance(why, Broken):
        _broken(start, why, into)
    return stop if end is End.CLOSED else len(text)


def _leads(text: str, at: int) -> bool:
    """Tell whether a bracket is the first thing on its line."""
    return not text[text.rfind("\n", 0, at) + 1 : at].strip()


def _closed(text: str, start: int, end: int, into: CandidateSearch) -> int:
    """Take in a bracketed stretch, and return where to go on."""
    stretch = text[start:end]
    if stretch[0] == "[" and _TARGET.match(text, end - 1) and _OBJECT_FIRST.match(stretch):
        return start + 1
    parsed = parse_shallow(stretch)
    if isinstance(parsed, Broken):
        return _misspelt(text, (start, end), parsed, into)
    if holds_object(parsed.value) or len(stretch) == len(text):
        into.values.add(JsonCandidate(start, end, parsed))
    else:
        into.faint.append(JsonCandidate(start, end, parsed))
    return end


def _misspelt(text: str, place: tuple[int, int], why: Broken, into: CandidateSearch) -> int:
    """Read a stretch whose mistake can be mended in one way only; note it as broken otherwise."""
    start, end = place
    stretch = text[start:end]
    inner = stretch[1:-1].strip("\r\n")
    if inner[:1] == "{" == stretch[0] and not isinstance(twice := parse_shallow(inner), Broken):
        at = text.index(inner, start + 1)
        into.values.add(JsonCandidate(at, at + len(inner), twice))
        return end
    mended = with_quotes_escaped(text, start)
    if mended is not None and not isinstance(read := parse_shallow(mended[0]), Broken):
        repairs = ("unescaped_quote", *read.repairs)
        into.values.add(JsonCandidate(start, mended[1], ParsedJson(read.value, repairs)))
        return mended[1]
    if _OBJECT.search(stretch):
        _broken(start, why, into)
    return end


def _unclosed(text: str, start: int, ending: tuple[End, int], into: CandidateSearch) -> int:
    """Return where to go on: nothing inside a stretch that began as JSON may be taken for it."""
    end, stop = ending
    if end is End.UNCLOSED and is_cut_short(text[start:]):
        into.cut_short = start
        return len(text)
    objects = stop if text[start] == "[" else len(text)
    mismatched = end is End.MISMATCH or text[start] == "{"
    if not (mismatched and _OBJECT.search(text, start, objects)) and not _OBJECT_FIRST.match(
        text, start
    ):
        return start + 1
    why = parse_shallow(text[start:])
    return _misspelt(text, (start, len(text)), why, into) if isinstance(why, Broken) else len(text)


def _broken(start: int, why: Broken, into: CandidateSearch) -> None:
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
