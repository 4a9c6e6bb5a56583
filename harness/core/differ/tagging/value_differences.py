"""Differences between two values: the detectors of "why is it wrong", each with its tolerance.

Error tags, causes and feedback name errors by these, so that one error has one explanation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from harness.core.comparators.comparator import as_text
from harness.core.entities.reference_ids import Link
from harness.core.outcomes import Tag
from harness.core.reading.numbers import read_number
from harness.core.reading.text import fold
from harness.core.values import Json

_SCRAP: Final = 2
"""Letters of another word that tell nothing: `c` of `cl` may be a code of its own."""
_SPELLING_RATIO: Final = 80
"""rapidfuzz ratio from which two texts are two spellings of one."""
_TELLING_LENGTH: Final = 2
"""Characters a value must have before its standing elsewhere means anything."""
_SCALES: Final = (10, 100, 1000, 1_000_000, 1_000_000_000)
_SCALE_DIGITS: Final = 3
"""Significant digits to which one of two figures on two scales may have been rounded."""
_FINITE: Final = 1e200
"""Larger figures have no scale: products must stay finite."""
_DATES: Final = ("date", "datetime")


def is_telling(value: Json) -> bool:
    """Tell whether a scalar is long enough that finding it elsewhere means something.

    >>> is_telling("Oslo"), is_telling(12), is_telling("x"), is_telling(True), is_telling(None)
    (True, True, False, False, False)
    """
    if isinstance(value, bool | list | dict | Link) or value is None:
        return False
    return len(as_text(value) or "") >= _TELLING_LENGTH


def is_same_key(one: str, other: str) -> bool:
    """Tell whether two keys are two spellings of one name, in whatever case and order of words.

    >>> is_same_key("built_year", "yearBuilt"), is_same_key("net sales", "Net_Sales")
    (True, True)
    >>> is_same_key("net sales", "revenue")
    False
    """
    first, second = _key_words(one), _key_words(other)
    return first == second or any(
        fuzz.ratio("".join(a), "".join(b)) >= _SPELLING_RATIO
        for a, b in ((first, second), (sorted(first), sorted(second)))
    )


def _key_words(key: str) -> list[str]:
    spaced = "".join(f" {c}" if c.isupper() else c for c in key) if not key.isupper() else key
    return fold("".join(c if c.isalnum() else " " for c in spaced)).split()


def is_misspelling(expected: str, predicted: str) -> bool:
    """Tell whether a text is nearly another one; texts that differ in digits only are not.

    >>> is_misspelling("Jonathan Smithers", "Jonathon Smithers"), is_misspelling("2024", "2025")
    (True, False)
    """
    if _without_digits(expected) == _without_digits(predicted):
        return False
    return fuzz.ratio(fold(expected), fold(predicted)) >= _SPELLING_RATIO


def differ_in_digits_only(expected: str, predicted: str) -> bool:
    """Tell whether two texts are alike without their digits: two numbers, two dates."""
    return _without_digits(expected) == _without_digits(predicted)


def _without_digits(text: str) -> str:
    return "".join(c for c in text if not c.isdigit())


def is_opposite(expected: Json, predicted: Json) -> bool:
    """Tell whether two numbers differ in their sign only; the predicted one may be text.

    >>> is_opposite(12, -12), is_opposite(12, "(12)"), is_opposite(0, 0), is_opposite("12", "-12")
    (True, True, False, False)
    """
    figures = _figures(expected, predicted)
    return figures is not None and figures[0] == -figures[1]


def scale_factor(expected: Json, predicted: Json) -> int:
    """Return how many times too large a number is, negative if too small; 0 for no such factor.

    One of the two may be rounded to three significant digits. Factors are 10, 100, 1000, a million
    and a billion.

    >>> scale_factor(1.2, 1200), scale_factor(18378, 18.4), scale_factor(0.15, "15%")
    (1000, -1000, 100)
    >>> scale_factor(20, 199), scale_factor(5, -5000), scale_factor(5, 7)
    (0, 0, 0)
    """
    expected_number, predicted_number = _figures(expected, predicted) or (0, 0)
    for factor in _SCALES:
        if _is_rounding(predicted_number, expected_number * factor):
            return factor
        if _is_rounding(expected_number, predicted_number * factor):
            return -factor
    return 0


def _is_rounding(one: float, other: float) -> bool:
    """Tell whether two figures are the same to three significant digits."""
    if not one or not other:
        return False
    digits = math.floor(math.log10(max(abs(one), abs(other))))
    return abs(one - other) <= 0.5 * 10.0 ** (digits + 1 - _SCALE_DIGITS)


def _figures(expected: Json, predicted: Json) -> tuple[float, float] | None:
    """Return both as numbers other than 0; None where the expected one is no number."""
    if isinstance(expected, str):
        return None
    one, other = _figure(expected), _figure(predicted)
    return (one, other) if one and other else None


def _figure(value: Json) -> float | None:
    if isinstance(value, str):
        value = read_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < _FINITE else None


class TextDifference(StrEnum):
    """Difference of a predicted text from the expected one."""

    CASE = "case"
    PUNCTUATION = "punctuation"
    ADDED_BEFORE = "added_before"
    ADDED_AFTER = "added_after"
    ADDED_AROUND = "added_around"
    BROKEN_OFF = "broken_off"
    START_LOST = "start_lost"
    END_LOST = "end_lost"
    PART_LOST = "part_lost"
    REORDERED = "reordered"


ADDED: Final = frozenset(
    (TextDifference.ADDED_BEFORE, TextDifference.ADDED_AFTER, TextDifference.ADDED_AROUND)
)
LEFT_OUT: Final = frozenset(
    (TextDifference.START_LOST, TextDifference.END_LOST, TextDifference.PART_LOST)
)


def text_difference(expected: str, predicted: str) -> TextDifference | None:
    """Return how a text differs from another; None where neither is made of the other's words.

    >>> [text_difference("Acme Corp", text).value for text in ("ACME Corp", "Acme-Corp", "Acme Co")]
    ['case', 'punctuation', 'broken_off']
    >>> [text_difference("007", text).value for text in ("7", "00", "1007", "No. 007")]
    ['start_lost', 'broken_off', 'added_before', 'added_before']
    >>> text_difference("cat", "concatenate"), text_difference("1.5 mg", "15 mg")
    (None, None)
    >>> text_difference("xgrscl", "cl"), text_difference("S atoms", "S").value
    (None, 'end_lost')
    """
    want, got = fold(expected), fold(predicted)
    if want == got:
        return _same_words(expected, predicted)
    words, said_words = _words(want), _words(got)
    if not words or not said_words:
        return None
    if "".join(words) == "".join(said_words):
        return TextDifference.PUNCTUATION
    bare, answer = " ".join(words), " ".join(said_words)
    if _is_scrap(words, said_words):
        return None
    return (
        _added(bare, answer)
        or _broken_off(want, got)
        or _left_out(bare, answer)
        or (TextDifference.REORDERED if sorted(words) == sorted(said_words) else None)
    )


def _is_scrap(words: list[str], answer: list[str]) -> bool:
    """Tell whether an answer is a letter or two out of a longer word: more likely another code."""
    first, *more = answer
    return not more and first.isalpha() and len(first) <= _SCRAP and first not in words


def _same_words(expected: str, predicted: str) -> TextDifference | None:
    if expected == predicted:
        return None
    same = expected.casefold() == predicted.casefold()
    return TextDifference.CASE if same else TextDifference.PUNCTUATION


_WORD: Final = re.compile(
    r"[^\W_]+(?:[.,](?!\d{3}(?!\d))(?=\d)[^\W_]+)*|(?<![^\W_])[-+](?=\d)|[+\u25cb\u25ef]"
)
"""A word, a sign, a circle that stands for a letter, or a number with its decimals; a mark that
groups digits by three is none."""


def _words(folded: str) -> list[str]:
    return _WORD.findall(folded)


def _added(want: str, got: str) -> TextDifference | None:
    if got.startswith(want):
        return TextDifference.ADDED_AFTER
    if got.endswith(want):
        return TextDifference.ADDED_BEFORE
    return TextDifference.ADDED_AROUND if f" {want} " in f" {got} " else None


def _left_out(want: str, got: str) -> TextDifference | None:
    if want.startswith(got):
        return TextDifference.END_LOST
    if want.endswith(got):
        return TextDifference.START_LOST
    return TextDifference.PART_LOST if f" {got} " in f" {want} " else None


def _broken_off(want: str, got: str) -> TextDifference | None:
    """Tell a text that breaks off, in a word or with dots, from one that leaves something out."""
    cut = got.rstrip(".\u2026 ")
    if not cut or not want.startswith(cut):
        return None
    is_in_word = want[len(cut) : len(cut) + 1].isalnum() and cut[-1].isalnum()
    return TextDifference.BROKEN_OFF if got != cut or is_in_word else None


class FormatFault(StrEnum):
    """Fault of a value against the format of its field."""

    NUMBER_AS_TEXT = "number_as_text"
    BOOLEAN_AS_TEXT = "boolean_as_text"
    TEXT_AS_NUMBER = "text_as_number"
    DATE_FORM = "date_form"
    LETTER_CASE = "letter_case"
    LIST_AROUND_VALUE = "list_around_value"
    VALUE_WITHOUT_LIST = "value_without_list"
    WRONG_TYPE = "wrong_type"
    OUTSIDE_SCHEMA = "outside_schema"


_FRAMES: Final = {
    Tag.WRAPPED: FormatFault.LIST_AROUND_VALUE,
    Tag.UNWRAPPED: FormatFault.VALUE_WITHOUT_LIST,
}


def format_fault(
    expected: Json, predicted: Json, comparator: str, tags: Collection[Tag] = ()
) -> FormatFault:
    """Return how a value in the wrong format is written; `comparator` is the field's.

    >>> format_fault(3, "3", "number").value, format_fault("yes", True, "text").value
    ('number_as_text', 'wrong_type')
    """
    for tag, fault in _FRAMES.items():
        if tag in tags:
            return fault
    if isinstance(predicted, str):
        return _fault_of_text(expected, predicted, comparator)
    if type(predicted) in (int, float) and isinstance(expected, str):
        return FormatFault.TEXT_AS_NUMBER
    is_same_type = _number_type(expected) is _number_type(predicted)
    return FormatFault.OUTSIDE_SCHEMA if is_same_type else FormatFault.WRONG_TYPE


def _fault_of_text(expected: Json, predicted: str, comparator: str) -> FormatFault:
    if isinstance(expected, bool):
        return FormatFault.BOOLEAN_AS_TEXT
    if isinstance(expected, int | float):
        return FormatFault.NUMBER_AS_TEXT
    if not isinstance(expected, str):
        return FormatFault.WRONG_TYPE
    if comparator in _DATES:
        return FormatFault.DATE_FORM
    if text_difference(expected, predicted) is TextDifference.CASE:
        return FormatFault.LETTER_CASE
    return FormatFault.OUTSIDE_SCHEMA


def _number_type(value: Json) -> type:
    return float if type(value) is int else type(value)
