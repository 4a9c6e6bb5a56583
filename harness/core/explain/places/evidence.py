"""Evidence: locations of a value in a document, exact, folded, as a number, as a date."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from harness.core.explain.places.item_places import Lines
from harness.core.explain.places.number_places import NumberOffsets, number_places
from harness.core.explain.places.time_places import TimeOfDay, time_of, time_places
from harness.core.explain.places.word_places import WordPlaces
from harness.core.reading.currencies import CODES, currencies
from harness.core.reading.dates import DateParts, read_date
from harness.core.reading.numbers import read_number
from harness.core.reading.text import fold
from harness.core.values import Json

MOST_PLACES: Final = 5
"""Places reported for one value; where there are more, their number is given."""

NEAR: Final = 0.8
"""Similarity (rapidfuzz partial ratio) from which a long text nearly stands in a document."""

NEAR_FROM: Final = 40
"""Least length, folded, of a text searched approximately: shorter ones are similar to too much."""

NEAR_UP_TO: Final = 1_000
"""Greatest length of such a text: the search costs the product of both lengths."""

_AMOUNT: Final = re.compile(
    r"(?:[A-Za-z]{3}|[^\w\s\d.,'()+-])?\s?[-+\u2212(]?\s?\d[\d.,'\u00a0\u202f ]*\)?\s?"
    r"(?:[A-Za-z]{3}|%|[^\w\s\d.,'()])?"
)
"""A text that is a number and perhaps a currency or a sign of percent, and nothing else."""
_CURRENCY_SIGN: Final = re.compile(r"[$\u00a3\u00a5\u20a0-\u20bf\uffe5]")
_DIVISION: Final = re.compile(r"[-\u00ad\u2010](?<=[^\W\d_].)\r?\n[^\S\n]*(?=[^\W\d_])")
_DATES: Final = re.compile(
    r"""(?<!\w)(?:
      \d{1,4}+[./\-]\d{1,2}+[./\-]\d{1,4}+
    | \d{1,2}+(?:st|nd|rd|th)?\.?[\s\-]++(?:(?:day\s+)?of\s+)?[A-Za-z]{3,9}+\.?,?[\s\-]++\d{4}
    | [A-Za-z]{3,9}+\.?(?:\s++\d{1,2}+(?:st|nd|rd|th)?,?|,?)\s++\d{4}(?![./\-]\d)
    )(?!\w)""",
    re.VERBOSE,
)
_DIGIT_DATES: Final = re.compile(r"\d(?<!\w\d)\d{0,3}+[./\-]\d{1,2}+[./\-]\d{1,4}+(?!\w)")
"""Dates of digits alone: many times faster to look for, as they begin with one."""
_YEAR: Final = re.compile(r"\d{4}(?!\w)(?<=[A-Za-z\d.,\s\-][\s\-]\d{4})")
"""The end of a date with a month's name; a text without one has dates of digits alone."""


class Near(NamedTuple):
    """Approximate match of a text in a document."""

    span: NumberOffsets
    similarity: float
    """In [0, 1]."""


class TextSource:
    r"""A document's text, indexed when first asked.

    >>> TextSource("Total due: 1,234.50 EUR by 31 March 2024").find(1234.5)
    ((11, 19),)
    >>> TextSource("Total due: 1,234.50 EUR by 31 March 2024").find("2024-03-31")
    ((27, 40),)
    >>> TextSource("ACME\n  Corp").find("Acme Corp"), TextSource("256").find("56")
    (((0, 11),), ())
    >>> TextSource("the insu-\n  rance of ships").find("Insurance of")
    ((4, 20),)
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, value: Json) -> tuple[NumberOffsets, ...]:
        """Return where a value stands, in the document's order; empty if nowhere."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return ()
        return self._number(value)

    def near(self, value: str) -> Near | None:
        r"""Return where a long text stands most nearly, in whole words; None below `NEAR`.

        >>> text = "The lessee pays all\nbusiness rates and water charges promptly."
        >>> TextSource(text).near("lessee pays all business rates and watercharges")
        Near(span=(4, 52), similarity=0.9787234042553191)
        """
        wanted, folded = fold(value), self._folded_text
        if not NEAR_FROM <= len(wanted) <= NEAR_UP_TO or len(wanted) > len(folded):
            return None
        alignment = fuzz.partial_ratio_alignment(wanted, folded, score_cutoff=100 * NEAR)
        if alignment is None or alignment.dest_start >= alignment.dest_end:
            return None
        start = alignment.dest_start
        if wanted[0].isalnum() and not folded[start - 1 : start].isspace():
            begun = folded.find(wanted.split(" ", 1)[0], start, start + NEAR_FROM // 2)
            start = max(start, begun)
        return Near(self._unfolded(start, alignment.dest_end), alignment.score / 100)

    def _text(self, value: str) -> tuple[NumberOffsets, ...]:
        stripped = value.strip()
        if not stripped:
            return ()
        bare = _AMOUNT.fullmatch(stripped) is not None
        spans = tuple(_whole_words(stripped, self.text))
        if spans and bare:
            number = read_number(value)
            named = () if number is None else self._number(number)
            return tuple(_inside(spans, named)) or spans
        spans = spans or tuple(self._folded(value))
        if spans:
            return spans
        time, day = time_of(value), read_date(value)
        if time is not None:
            spans = tuple(self._times.get(time, ()))
        elif day is not None:
            spans = tuple(self._dates.get(day[:3], ()))
        if spans:
            return spans
        if bare:
            number = read_number(value)
            return () if number is None else self._number(number)
        words = tuple(self._by_word.find(value)) or tuple(self._hyphenated(value))
        return words or (tuple(self._signs(value)) if value in CODES else ())

    def _signs(self, code: str) -> Iterator[NumberOffsets]:
        """Yield the signs that stand for a currency's code, and for no other currency."""
        for match in _CURRENCY_SIGN.finditer(self.text):
            if currencies(match[0]) == frozenset((code,)):
                yield match.span()

    def _hyphenated(self, value: str) -> Iterator[NumberOffsets]:
        """Yield where a text stands of which a line's end divides a word."""
        cuts, whole = self._undivided
        for start, end in whole.find(value) if cuts else ():
            yield self._divided(start), self._divided(end - 1) + 1

    def _divided(self, at: int) -> int:
        """Return where a character of the undivided text stands."""
        cuts, _ = self._undivided
        place = bisect_right(cuts, at, key=lambda cut: cut[0]) - 1
        return at if place < 0 else at + cuts[place][1]

    @cached_property
    def _undivided(self) -> tuple[list[tuple[int, int]], TextSource]:
        """The text with words that lines divide put together: where, how far on it then stands."""
        cuts: list[tuple[int, int]] = []
        pieces: list[str] = []
        done = gone = 0
        for match in _DIVISION.finditer(self.text):
            pieces.append(self.text[done : match.start()])
            done, gone = match.end(), gone + len(match[0])
            cuts.append((match.end() - gone, gone))
        return cuts, TextSource("".join((*pieces, self.text[done:])) if cuts else "")

    def _number(self, value: float) -> tuple[NumberOffsets, ...]:
        plain, parts = self._numbers
        return tuple(plain.get(value) or parts.get(value) or ())

    @cached_property
    def _by_word(self) -> WordPlaces:
        return WordPlaces(self.text)

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    def _folded(self, value: str) -> Iterator[NumberOffsets]:
        wanted = fold(value)
        for start, end in _whole_words(wanted, self._folded_text) if wanted else ():
            yield self._unfolded(start, end)

    def _unfolded(self, start: int, end: int) -> NumberOffsets:
        """Return where a piece of the folded text stands in the text, in whole words."""
        if self._is_in_place:
            folded = self._folded_text
            last = folded.find(" ", end - 1)
            return folded.rfind(" ", 0, start) + 1, last if last >= 0 else len(folded)
        starts, words = self._words
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, end - 1) - 1
        return words[first][0], words[last][1]

    @cached_property
    def _is_in_place(self) -> bool:
        """Tell whether each word stands at the same offset in the text and in the folded text."""
        return self._is_plain and len(self._folded_text) == len(self.text.rstrip())

    @cached_property
    def _folded_text(self) -> str:
        if self._is_plain:
            return " ".join(self.text.lower().split())
        return " ".join(filter(None, map(fold, self.text.split())))

    @cached_property
    def _is_plain(self) -> bool:
        """Tell whether words are folded by their case alone, which keeps their length."""
        return self.text.isascii() and "`" not in self.text

    @cached_property
    def _words(self) -> tuple[list[int], list[NumberOffsets]]:
        """Words of the text: their starts in the folded text, and their places in the text."""
        words = [match.span() for match in re.finditer(r"\S+", self.text)]
        sizes = [end - start for start, end in words]
        if not self._is_plain:
            sizes = [len(fold(self.text[start:end])) for start, end in words]
            words = [word for word, size in zip(words, sizes, strict=True) if size]
        return list(accumulate((size + 1 for size in sizes if size), initial=0)), words

    @cached_property
    def _numbers(self) -> tuple[Mapping[int | float, list[NumberOffsets]], ...]:
        spans = sorted({span for spans in self._dates.values() for span in spans})
        return number_places(self.text, spans)

    @cached_property
    def _times(self) -> Mapping[TimeOfDay, list[NumberOffsets]]:
        return time_places(self.text)

    @cached_property
    def _dates(self) -> Mapping[DateParts, list[NumberOffsets]]:
        by_day: dict[DateParts, list[NumberOffsets]] = defaultdict(list)
        pattern = _DATES if _YEAR.search(self.text) else _DIGIT_DATES
        for match in pattern.finditer(self.text):
            text = " ".join(match[0].split())
            for day in {read_date(text), read_date(text, "dmy"), read_date(text, "mdy")} - {None}:
                by_day[day[:3]].append(match.span())  # type: ignore[index]  # None is taken out
        return by_day


def _inside(
    spans: Sequence[NumberOffsets], others: Sequence[NumberOffsets]
) -> Iterator[NumberOffsets]:
    """Yield the spans that begin inside one of others, which stand in the text's order."""
    starts = [start for start, _ in others]
    for span in spans:
        at = bisect_right(starts, span[0]) - 1
        if at >= 0 and span[0] < others[at][1]:
            yield span


def _whole_words(wanted: str, text: str) -> list[NumberOffsets]:
    """Return where a text stands that does not begin or end inside a word."""
    places: list[NumberOffsets] = []
    first, last = wanted[0], wanted[-1]
    numeric = first.isdigit() or last.isdigit()
    start, looked = text.find(wanted), 0
    while start >= 0:
        end = start + len(wanted)
        cut_before = start > 0 and text[start - 1].isalnum() and first.isalnum()
        cut_after = text[end : end + 1].isalnum() and last.isalnum()
        if not (cut_before or cut_after or (numeric and _cuts_number(text, start, end))):
            places.append((start, end))
        looked += len(wanted)
        start = text.find(wanted, _next_start(text, start, end, far=looked > _LOOKED_AT_ONCE))
    return places


def _next_start(text: str, start: int, end: int, *, far: bool) -> int:
    """Return from where to look for a text again: a run of one thing holds it at every place."""
    if far:
        return end
    inside = start > 0 and text[start - 1].isalnum() and text[start].isalnum()
    word = _WORD_END.search(text, start + 1) if inside else None
    return start + 1 if word is None else word.start() + 1


_WORD_END: Final = re.compile(r"[\W_]")
_LOOKED_AT_ONCE: Final = 1_000_000
"""Characters compared from which on only places that do not overlap are looked at."""


def _cuts_number(text: str, start: int, end: int) -> bool:
    """Tell whether a text begins or ends inside a number: 2 in 2.5."""
    ahead, behind = text[max(0, start - 2) : start], text[end : end + 2]
    return (
        (text[start].isdigit() and ahead[:1].isdigit() and ahead[1:] in ".,")
        or (text[end - 1].isdigit() and behind[1:].isdigit() and behind[:1] in ".,")
    ) and not (ahead[1:] == "," or behind[:1] == ",")
