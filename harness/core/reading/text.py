"""Text comparison: folding of case, space and typography, and similarity of two texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Protocol

from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from harness.core.inert_text import FORMAT_CHARACTERS
from harness.core.reading.similarity_measures import Similarity

_WIDTHS: Final[Mapping[int, str]] = MappingProxyType(
    {
        code: chr(int(kind.split()[1], 16))
        for code in range(0xFF00, 0xFFF0)
        if (kind := unicodedata.decomposition(chr(code))).startswith(("<wide>", "<narrow>"))
    }
)
"""Full-width and half-width characters, each with the one of ordinary width."""
_FORMAT: Final = re.compile(f"[{FORMAT_CHARACTERS}]+")
_LOOKS: Final[Mapping[int, str]] = MappingProxyType(
    dict.fromkeys(
        map(ord, "\u2018\u2019\u201a\u201b\u2032\u02b9\u02bb\u02bc\u02bd\u02c8\u0060\u00b4"), "'"
    )
    | dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb"), '"')
    | dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"), "-")
)
"""Typographic quotes and dashes, each with its plain form."""
_TYPOGRAPHY: Final[Mapping[int, str]] = MappingProxyType(
    {**_LOOKS, **{code: _LOOKS.get(ord(plain), plain) for code, plain in _WIDTHS.items()}}
)


def plain_typography(text: str) -> str:
    r"""Normalize typography, for readers of numbers, money and dates.

    Format characters and variation selectors are dropped; width, quotes, dashes and spaces are
    made plain. Letter case and the number of spaces stay.

    >>> plain_typography("\u200eCHF\u00a01\u2019234\uff0e50"), plain_typography("10\u00b2")
    ("CHF 1'234.50", '10\xb2')
    """
    if text.isascii():
        return text.replace("`", "'")
    plain = _FORMAT.sub("", unicodedata.normalize("NFC", text)).translate(_TYPOGRAPHY)
    return unicodedata.normalize("NFC", _SPACE.sub(" ", plain))


def ascii_digits(text: str) -> str:
    r"""Write the decimal digits of any script as ASCII digits.

    >>> ascii_digits("\u0661\u0660:\u0663\u0660"), ascii_digits("10\u00b2")
    ('10:30', '10\xb2')
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


_SPACE: Final = re.compile(r"[^\S\n]")


def fold(text: str) -> str:
    r"""Fold a text: drop the differences in form that do not change what it says.

    Unicode composition (NFC, never NFKC: 10\u00b2 is not 102), letter case, white space and line
    wraps, typographic quotes and dashes, width, format characters and variation selectors.

    >>> fold("ACME\u00a0 Corp\u200b"), fold("O\u2019Brien\n& Co")
    ('acme corp', "o'brien & co")
    >>> fold("10\u00b2") == fold("102")
    False
    """
    if text.isascii():
        return " ".join(text.replace("`", "'").lower().split())
    return _folded(text) if len(text) <= _KEPT_LENGTH else _fold_unicode(text)


def fold_all(texts: Sequence[str]) -> list[str]:
    """Fold many texts, plain ones all at once.

    >>> fold_all(["ACME  Corp ", "Oslo"]), fold_all(["`a`", "B"])
    (['acme corp', 'oslo'], ["'a'", 'b'])
    """
    joined = "`".join(texts)
    if (
        not joined.isascii()
        or joined.count("`") >= len(texts)
        or any(map(joined.__contains__, _SPACES_BUT_ONE))
    ):
        return [fold(text) for text in texts]
    folded = joined.lower()
    while "  " in folded:
        folded = folded.replace("  ", " ")
    return folded.strip(" ").replace(" `", "`").replace("` ", "`").split("`")


_SPACES_BUT_ONE: Final = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f"
"""The ASCII characters besides the space that `str.split` takes for white space."""


def _fold_unicode(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(plain_typography(text).split()).casefold())


def folds_alike(one: str, other: str) -> bool:
    """Tell whether two texts are the same once folded; plain texts are compared as they come.

    >>> folds_alike("ACME  Corp", "Acme corp"), folds_alike("O`Brien", "O'Brien")
    (True, True)
    """
    if one.isascii() and other.isascii() and "`" not in one and "`" not in other:
        one, other = one.lower(), other.lower()
        return one == other or one.split() == other.split()
    return fold(one) == fold(other)


_KEPT_LENGTH: Final = 200
"""Longer texts are folded anew each time rather than kept."""

_folded = lru_cache(maxsize=8192)(_fold_unicode)
"""Aligning a list and judging its pairs folds the same texts several times."""


def identifier(text: str) -> str:
    """Return an identifier without separators and case; one of separators only stays as it is.

    Signs are no separators: `A+` is not `A-`, `-5` not 5, `1.5` not 15, `C#` not C.

    >>> identifier("INV-10 045/a"), identifier("007"), identifier("--")
    ('inv10045a', '007', '--')
    >>> identifier("A+"), identifier("A-"), identifier("1.5"), identifier("< 5")
    ('a+', 'a-', '1.5', '<5')
    """
    folded = fold(text)
    if _DECIMAL.fullmatch(folded):
        return folded
    bare = _SEPARATORS.sub("", folded)
    return bare if any(map(str.isalnum, bare)) else folded


_DECIMAL: Final = re.compile(r"[+\-]?\d+[.,]\d+")
_SEPARATORS: Final = re.compile(
    r"""[\s./\\,;:_|'"()\[\]{}\u00b7\u2022\u3001]|(?<=[^\W_])-+(?=\W*[^\W_])|(?<=\s)-+(?=\s)|\A\#"""
)
"""A dash separates only between letters or digits, `#` only stands for "number" before one."""


class _Measure(Protocol):
    """A scorer of rapidfuzz."""

    def __call__(
        self, one: Sequence[Hashable], other: Sequence[Hashable], /, *, score_cutoff: float | None
    ) -> float: ...


_MEASURES: Final[Mapping[Similarity, tuple[_Measure, int]]] = MappingProxyType(
    {
        "ratio": (fuzz.ratio, 100),
        "token_set": (fuzz.token_set_ratio, 100),
        "token_sort": (fuzz.token_sort_ratio, 100),
        "partial": (fuzz.partial_ratio, 100),
        "wratio": (fuzz.WRatio, 100),
        "jaro_winkler": (JaroWinkler.similarity, 1),
    }
)
"""Each measure, and what it gives two equal texts."""


def similarity(one: str, other: str, measure: Similarity = "ratio") -> float:
    """Return how near two folded texts are, in [0, 1] (rapidfuzz).

    >>> similarity("abcdefghij", "abcdexxxxx")
    0.5
    """
    if len(one) * len(other) > _LARGEST[measure]:
        return _by_words(one, other)
    scorer, whole = _MEASURES[measure]
    return float(scorer(one, other, score_cutoff=None)) / whole


_LARGEST: Final[Mapping[Similarity, int]] = MappingProxyType(
    dict.fromkeys(_MEASURES, 10**9) | {"partial": 10**6, "wratio": 10**6, "jaro_winkler": 10**8}
)
"""The most pairs of letters that each measure compares. Texts beyond that are compared word by word
as `ratio` does: never more alike than by their best part, so a long text is not flattered."""


def _by_words(one: str, other: str) -> float:
    """Return how near two very long texts are, word by word, in [0, 1]."""
    first, second = one.split(), other.split()
    longest = max(len(first), len(second), 1)
    share = min(1.0, _MOST_WORDS / longest)
    return share * fuzz.ratio(first[:_MOST_WORDS], second[:_MOST_WORDS]) / 100


_MOST_WORDS: Final = 100_000
"""What stands behind so many words is not compared and counts as different."""


def similar(
    one: str, others: Sequence[str], at_least: float, measure: Similarity = "ratio"
) -> Iterator[tuple[int, float]]:
    """Return the places of the texts that are similar enough, and how near they are.

    >>> list(similar("anna", ["anne", "bob"], 0.5))
    [(0, 0.75)]
    """
    if others and len(one) * max(map(len, others)) > _LARGEST[measure]:
        alike = ((at, similarity(one, other, measure)) for at, other in enumerate(others))
        return ((at, near) for at, near in alike if near >= at_least)
    scorer, whole = _MEASURES[measure]
    cutoff = at_least * whole * (1 - _CUTOFF_SLACK)
    matches = process.extract(one, others, scorer=scorer, score_cutoff=cutoff, limit=None)
    return ((at, score / whole) for _, score, at in matches)


_CUTOFF_SLACK: Final = 1e-9
"""The search's own cut-off lies a little lower, so that rounding there leaves nothing out."""
