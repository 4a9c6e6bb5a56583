"""Locations of a text word by word: plurals, hyphens, legal forms and split formulas folded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from harness.core.reading.text import fold

_WORD: Final = re.compile(r"(?:(?<![\w)])[-\u2212](?=\d))?\d+(?:[.,]\d+)*|[^\W\d_]+")
_JOIN: Final = re.compile(r"[\s()\-\u2010-\u2014_/'\u2019\"&,]*\.?[\s,]?\s*")
_LEGAL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "incorporated": "inc",
        "corporation": "corp",
        "limited": "ltd",
        "company": "co",
        "and": "&",
    }
)
_SHORTEST: Final = 4
"""Letters of a word from which its ending is taken for a plural."""


class Word(NamedTuple):
    """A word of a text, its number and legal form folded."""

    root: str
    start: int
    end: int


def folded_words(text: str) -> list[Word]:
    """Return the words of a text; digits and letters are words apart.

    >>> [word.root for word in folded_words("Batteries, Co3O4 Inc.")]
    ['battery', 'co', '3', 'o', '4', 'inc']
    """
    return [Word(_root(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]


def _root(word: str) -> str:
    folded = word.lower() if word.isascii() else fold(word)
    if not folded.isalpha() or not folded.isascii():
        return folded
    if len(folded) >= _SHORTEST and not folded.endswith(("ss", "us", "is")):
        if folded.endswith("ies"):
            folded = f"{folded[:-3]}y"
        elif folded.endswith(("ses", "xes", "zes", "ches", "shes")):
            folded = folded[:-2]
        elif folded.endswith("s"):
            folded = folded[:-1]
    return _LEGAL.get(folded, folded)


def same_words(one: str, other: str) -> bool:
    """Return whether two texts have the same words, in any order.

    >>> same_words("Smith, John", "john smith"), same_words("NIKE, Inc.", "Nike Incorporated")
    (True, True)
    """
    first, second = (sorted(word.root for word in folded_words(text)) for text in (one, other))
    return bool(first) and first == second


class WordPlaces:
    """The words of a document, found when first asked.

    >>> WordPlaces("made by NIKE, Inc. of Co 3 O 4 powder").find("Nike Incorporated")
    [(8, 17)]
    >>> WordPlaces("made of Co 3 O 4 powders").find("Co3O4 powder"), WordPlaces("a 2").find("CO2")
    ([(8, 24)], [])
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _words(self) -> list[Word]:
        return folded_words(self.text)

    @cached_property
    def _by_root(self) -> Mapping[str, list[int]]:
        by_root: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self._words):
            by_root[word.root].append(at)
        return by_root

    def find(self, value: str) -> list[tuple[int, int]]:
        """Return where the words of a value stand one after another; no bare numbers."""
        wanted = [word.root for word in folded_words(value)]
        if not any(root.isalpha() for root in wanted) or not all(map(self._may_hold, wanted)):
            return []
        rarest = min(range(len(wanted)), key=lambda i: len(self._by_root.get(wanted[i], ())))
        return list(self._standing(wanted, rarest))

    def _may_hold(self, root: str) -> bool:
        """Tell whether a word may be in the text, without taking the text apart."""
        if not self._lower.isascii() or root in _LEGAL.values():
            return True
        return root.removesuffix("y") in self._lower

    @cached_property
    def _lower(self) -> str:
        return self.text.lower()

    def _standing(self, wanted: list[str], rarest: int) -> Iterator[tuple[int, int]]:
        for hit in self._by_root.get(wanted[rarest], ()):
            words = self._words[max(0, hit - rarest) : hit - rarest + len(wanted)]
            if hit >= rarest and [w.root for w in words] == wanted and self._is_whole(words):
                yield words[0].start, words[-1].end

    def _is_whole(self, words: list[Word]) -> bool:
        """Tell whether little stands between words, and the first and last are not cut."""
        text, start, end = self.text, words[0].start, words[-1].end
        cut = (start > 0 and text[start - 1].isalnum()) or text[end : end + 1].isalnum()
        between = pairwise(words)
        return not cut and all(_JOIN.fullmatch(text[a.end : b.start]) for a, b in between)
