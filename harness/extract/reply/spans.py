"""Spans of JSON leaves in a reply's text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.core.values import FieldPath, Json
from harness.extract.reply.json_text import same

_PIECE: Final = re.compile(
    rb'\s*("(?:[^"\\]|\\.)*"|[-+0-9.eE]+|true|false|null|[\[\]{},:])', re.DOTALL
)
_OPENING: Final = re.compile(rb"[\[{]")
_TRIES: Final = 20
"""Most brackets at which a value is looked for."""


@dataclass(frozen=True, slots=True)
class Span:
    """A leaf, an empty list or object, or the bracket that closes an object with members."""

    path: FieldPath
    start: int
    """Bytes before it; a string's quotes are left out unless nothing is between them."""
    end: int
    is_closing: bool = False


def spans(text: bytes, value: Json) -> tuple[Span, ...]:
    """Return where the leaves of a value stand in the text it was read out of.

    Empty where the value is a scalar, or was mended, so that no part of the text says just it.

    >>> [(s.path, s.start, s.end) for s in spans(b'{"a": "x", "b": [1]}', {"a": "x", "b": [1]})]
    [(('a',), 7, 8), (('b', 0), 17, 18), ((), 19, 20)]
    """
    for number, opening in enumerate(_OPENING.finditer(text)):
        if number == _TRIES:
            break
        reading = _Reading(text, opening.start())
        try:
            places = tuple(reading.value(()))
            parsed: Json = json.loads(text[opening.start() : reading.at])
        except (ValueError, RecursionError):
            continue
        if same(parsed, value):
            return places
    return ()


@dataclass(slots=True)
class _Reading:
    """A place in a text."""

    text: bytes
    at: int

    def value(self, path: FieldPath) -> Iterator[Span]:
        piece, start = self._next()
        if piece not in (b"{", b"["):
            inner = piece.startswith(b'"') and piece != b'""'
            yield Span(path, start + inner, self.at - inner)
            return
        closing = b"}" if piece == b"{" else b"]"
        before = self.at
        again, _ = self._next()
        if again == closing:
            yield Span(path, start, self.at)
            return
        self.at = before
        yield from self._members(path, is_object=piece == b"{")
        if piece == b"{":
            yield Span(path, self.at - 1, self.at, is_closing=True)

    def _members(self, path: FieldPath, *, is_object: bool) -> Iterator[Span]:
        index = 0
        separator = b","
        while separator == b",":
            step: str | int = index
            if is_object:
                step = self._key()
            yield from self.value((*path, step))
            separator, _ = self._next()
            index += 1

    def _key(self) -> str:
        key, _ = self._next()
        self._next()
        return str(json.loads(key))

    def _next(self) -> tuple[bytes, int]:
        match = _PIECE.match(self.text, self.at)
        if match is None:
            raise ValueError(self.at)
        self.at = match.end()
        return match[1], match.start(1)
