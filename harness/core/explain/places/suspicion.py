"""Suspect ground truth: documents that speak for a wrong value and against the truth."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

from harness.core.explain.places.word_places import folded_words, same_words
from harness.core.outcomes import FieldDiff, Outcome
from harness.core.reading.currencies import same_currency
from harness.core.reading.dates import read_date
from harness.core.reading.numbers import read_number

_CHOSEN: Final = frozenset(("enum", "boolean"))
"""Comparators of values that are chosen, not copied: no document has to hold them."""
_LONGEST: Final = 12
"""Words up to which a text is copied rather than written by whoever made the truth."""
_DIGITS: Final = 3
_LETTERS: Final = 3
"""Characters from which a value that stands somewhere is not there by chance."""


def is_truth_doubtful(
    diff: FieldDiff, expected: Sequence[object], predicted: Sequence[object]
) -> bool:
    """Return whether a document holds the predicted value and not the expected one.

    `expected` and `predicted` are the places of either. The same value in another spelling, script
    or calendar notation speaks against nobody, a short number that stands about is chance, and a
    zero is what is written nowhere.

    >>> wrong = FieldDiff("a", "a", Outcome.WRONG_VALUE, "Acme Ltd", "Zenith plc")
    >>> is_truth_doubtful(wrong, [], [(0, 10)])
    True
    >>> is_truth_doubtful(wrong._replace(predicted="ACME Limited."), [], [(0, 10)])
    False
    """
    if diff.outcome is not Outcome.WRONG_VALUE or expected or not predicted:
        return False
    if diff.comparator in _CHOSEN or isinstance(diff.expected, bool) or diff.expected == 0:
        return False
    one, other = _plain(str(diff.expected)), _plain(str(diff.predicted))
    if len(folded_words(one)) > _LONGEST or _is_chance(other, len(predicted)):
        return False
    return not is_same_value(one, other)


def is_same_value(one: str, other: str) -> bool:
    r"""Return whether two texts are one value in two spellings.

    >>> is_same_value("4567", "\u0664\u0665\u0666\u0667")
    True
    >>> is_same_value("2026-03-12", "20260312")
    True
    >>> is_same_value("BaTiO3", "Ba Ti O 3"), is_same_value("2026-03-12", "12 March 2027")
    (True, False)
    """
    first, second = _plain(one), _plain(other)
    days = _days(first), _days(second)
    if days[0] & days[1]:
        return True
    numbers = _numbers(first), _numbers(second)
    if numbers[0] & numbers[1]:
        return True
    bare = ["".join(c for c in text.casefold() if c.isalnum()) for text in (first, second)]
    numeric = any(numbers)
    same = bool(bare[0]) and bare[0] == bare[1] and not numeric
    return same or (not numeric and same_words(first, second)) or same_currency(one, other)


def _plain(text: str) -> str:
    """Return a text with digits of every script as 0 to 9."""
    return "".join(
        str(unicodedata.digit(c)) if c.isdigit() and unicodedata.category(c) == "Nd" else c
        for c in text.strip()
    )


def _days(text: str) -> set[tuple[int, ...]]:
    compact = text.strip()
    if len(compact) == len("20260312") and compact.isdigit():
        compact = f"{compact[:4]}-{compact[4:6]}-{compact[6:]}"
    days = {read_date(compact), read_date(compact, "dmy"), read_date(compact, "mdy")}
    return {day[:3] for day in days if day is not None and len(day) >= len("ymd")}


def _numbers(text: str) -> set[int | float]:
    numbers = {read_number(text), read_number(text, ",")}
    return {number for number in numbers if number is not None}


def _is_chance(text: str, places: int) -> bool:
    """Tell whether a value may stand in a document for another reason."""
    digits = "".join(c for c in text if c.isdigit())
    if _numbers(text):
        return len(digits.strip("0")) < _DIGITS or places > 1
    return len(text) < _LETTERS
