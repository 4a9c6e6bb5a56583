"""Markup tokenizer: tags and texts in one pass and linear time, however broken the markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple, TypeAlias

_PLAIN: Final = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,100})([^\"'>]*+)>")
"""A whole tag without a quote in it, which most are."""
_TAG: Final = re.compile(r"</?([a-zA-Z][^\s/>]{0,100})")
_STOP: Final = re.compile(r"[\"'>]")
_ATTRIBUTE: Final = re.compile(r"([^\s=/\"'>]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
_RAW: Final = frozenset({"script", "style"})
"""Elements whose content is no markup, up to their own end."""


class MarkupTag(NamedTuple):
    """The beginning or the end of an element."""

    name: str
    closes: bool
    inside: str
    """What stands between its name and its end."""

    def attributes(self) -> dict[str, str]:
        """Return its attributes by name in lower case; those without a value are empty."""
        attributes: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(self.inside):
            value = (match[2] or "").strip("\"'")
            attributes.setdefault(match[1].lower(), unescape(value))
        return attributes


Piece: TypeAlias = str | MarkupTag


def pieces(markup: str) -> Iterator[Piece]:
    """Yield texts, their character references resolved, and tags; comments are left out.

    >>> [p if isinstance(p, str) else p.name for p in pieces("a &lt; <b class='>'>c<!-- d -->")]
    ['a < ', 'b', 'c']
    """
    at = 0
    while at < len(markup):
        start = markup.find("<", at)
        if start < 0:
            yield unescape(markup[at:])
            return
        if start > at:
            yield unescape(markup[at:start])
        if (plain := _PLAIN.match(markup, start)) is not None:
            closes, name, inside = plain.groups()
            name, at = name.lower(), plain.end()
            yield MarkupTag(name, bool(closes), inside)
            if name in _RAW and not closes:
                at = _past_raw(markup, name, at)
            continue
        match = _TAG.match(markup, start)
        if match is None:
            at = _past_other(markup, start)
            if at == start + 1:
                yield "<"
            continue
        end = _end(markup, match.end())
        if end < 0:
            yield unescape(markup[start:])
            return
        name = match[1].lower()
        tag = MarkupTag(name, markup[start + 1] == "/", markup[match.end() : end])
        yield tag
        at = end + 1
        if name in _RAW and not tag.closes:
            at = _past_raw(markup, name, at)


def _past_other(markup: str, start: int) -> int:
    """Return where a comment or declaration ends; the next place where it is just a character."""
    if markup.startswith("<!--", start):
        end = markup.find("-->", start + 4)
        return len(markup) if end < 0 else end + 3
    if markup.startswith(("<!", "<?", "</"), start):
        end = markup.find(">", start)
        return len(markup) if end < 0 else end + 1
    return start + 1


def _end(markup: str, at: int) -> int:
    """Return where a tag ends, quoted values passed over; -1 where it never does."""
    while (stop := _STOP.search(markup, at)) is not None:
        at = stop.end()
        if stop[0] == ">":
            return stop.start()
        closing = markup.find(stop[0], at)
        if closing >= 0:  # where there is none, none is looked for again
            at = closing + 1
    return -1


def _past_raw(markup: str, name: str, at: int) -> int:
    match = re.compile(f"</{name}", re.IGNORECASE).search(markup, at)
    return match.start() if match else len(markup)
