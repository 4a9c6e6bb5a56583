"""Error signatures: the kind of mistake of a wrong value, and the detail that equal ones share."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rapidfuzz.distance import OSA

from harness.core.comparators.comparator import as_text
from harness.core.differ.tagging.value_differences import (
    FormatFault,
    TextDifference,
    differ_in_digits_only,
    format_fault,
    is_misspelling,
    is_opposite,
    scale_factor,
    text_difference,
)
from harness.core.entities.reference_ids import REFERENCE_NAME_KIND
from harness.core.explain.grounds import broken_keywords
from harness.core.fields.verdict_ledger import CODE, Verdict
from harness.core.outcomes import FORMAT_ONLY, Tag
from harness.core.reading.currencies import CODES, same_currency
from harness.core.reading.dates import read_date
from harness.core.reading.numbers import read_number
from harness.core.schema.validity import Schema
from harness.core.values import Json, json_type
from harness.improve.diagnosis.mistakes import WORDS, Mistake
from harness.improve.markdown_data import coded

_TIME: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
_PART: Final = re.compile(r"(?<!\d)\d{1,4}(?:st|nd|rd|th)?(?![\da-z])|[A-Za-z]{3,}\.?", re.ASCII)
_MONTH: Final = re.compile(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?", re.IGNORECASE
)
_WEEKDAY: Final = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?", re.IGNORECASE)
_ABBREVIATED: Final = re.compile(r"(?!may)[a-z]{3}|sept", re.IGNORECASE)


def date_shape(text: str, day: tuple[int, ...] | None) -> str:
    """Return the pattern a date is written in; `day` are its year, month and day if known.

    >>> date_shape("March 31, 2024", (2024, 3, 31)), date_shape("31/03/2024", (2024, 3, 31))
    ('MMMM D, YYYY', 'DD/MM/YYYY')
    >>> date_shape("2024-03-31T10:00:00Z", (2024, 3, 31)), date_shape("04/05/24", None)
    ('YYYY-MM-DDThh:mmZ', 'NN/NN/NN')
    """
    text = _TIME.sub("\0", text.strip())
    worded = any(_MONTH.fullmatch(part) for part in _PART.findall(text))
    parts_named: set[str] = set()

    def shape(match: re.Match[str]) -> str:
        part = match[0]
        named = _word(part) if part[0].isalpha() else _number(part, day, parts_named, worded=worded)
        parts_named.add(named[:1])
        return named

    return _PART.sub(shape, text).replace("\0", "hh:mm")


def _word(part: str) -> str:
    if _MONTH.fullmatch(part):
        dot = "." if part.endswith(".") else ""
        return ("MMM" if _ABBREVIATED.fullmatch(part.rstrip(".")) else "MMMM") + dot
    return "Weekday" if _WEEKDAY.fullmatch(part) else part


def _number(part: str, day: tuple[int, ...] | None, parts_named: set[str], *, worded: bool) -> str:
    """Name a number of a date by the part of the date it is."""
    digits = part.rstrip("sthndr")
    ending = "th" if digits != part else ""
    if len(digits) == len("2024"):
        return "YYYY"
    if worded:
        return "D" + ending if "D" not in parts_named else "YY"
    year, month, date = (*(day or ()), None, None, None)[:3]
    value = int(digits)
    if month == date and value == month:  # either reading is right: the year tells the order
        return (
            "MM" if "M" not in parts_named and ("Y" in parts_named or "D" in parts_named) else "DD"
        )
    if value == month and "M" not in parts_named:
        return "MM"
    if value == date and "D" not in parts_named:
        return "DD"
    return "YY" if year is not None and value == year % 100 else "NN"


_DIGITS: Final = 3
"""Digits a number must have for one of them to slip."""
_LONGEST: Final = 40
"""Characters of a value that a detail repeats."""
_DATES: Final = ("date", "datetime")
_CHOICES: Final = ("enum", "boolean")


@dataclass(frozen=True, slots=True)
class ErrorSignature:
    """A mistake and what is particular about it; equal for errors that are one mistake."""

    mistake: Mistake
    detail: str = ""

    @property
    def says(self) -> str:
        """Sentence about what is wrong."""
        return WORDS[self.mistake].says.format(self.detail)


@dataclass(frozen=True, slots=True)
class Around:
    """Context of a verdict, as far as it tells what went wrong."""

    tags: tuple[Tag, ...]
    schema: Schema
    """Of the field."""
    other_field: str | None = None
    """The field whose expected value the predicted one is; None where it is none's."""
    is_ordered: bool = False
    """The field is in a list whose order counts."""
    in_document: bool | None = None
    """The predicted value stands in the document; None where nobody looked."""


def wrong_value(verdict: Verdict, around: Around) -> ErrorSignature:
    """Return what is wrong with a value that stands for another one.

    >>> from harness.core.differ.plan import Plan
    >>> verdict = Plan().diff(1200, 1.2).verdicts[0]
    >>> wrong_value(verdict, Around((), {})).says
    'the number is 1000 times too small'
    """
    _, leaf, _, _, expected, predicted = verdict
    if isinstance(expected, list | dict) or isinstance(predicted, list | dict) or predicted is None:
        return _other_type(expected, predicted)
    if Tag.WRAPPED in around.tags or Tag.UNWRAPPED in around.tags:
        return ErrorSignature(Mistake.WRAPPED if Tag.WRAPPED in around.tags else Mistake.UNWRAPPED)
    if Tag.PLACEHOLDER in around.tags:
        return ErrorSignature(Mistake.PLACEHOLDER)
    name = leaf.scalar.comparator_of(expected).name
    if name == REFERENCE_NAME_KIND:
        return ErrorSignature(Mistake.OTHER_ENTITY)  # ids are local names: no digit of them tells
    if verdict[CODE] == FORMAT_ONLY:
        return _format_only(expected, predicted, name, around)
    signature = _as_choice(expected, predicted) if name in _CHOICES else None
    if signature is None and _is_number_of(expected, predicted):
        signature = ErrorSignature(Mistake.TEXT_AS_NUMBER)
    if signature is None and _is_other_century(expected, predicted):
        signature = ErrorSignature(Mistake.DATE_FORMAT, coded(date_shape(str(expected), None)))
    if signature is None and (name in _DATES or _is_day(expected)):
        signature = _as_dates(expected, predicted)
    signature = signature or _as_numbers(expected, predicted)
    if signature is None and isinstance(expected, str) and isinstance(predicted, str):
        signature = _as_texts(expected, predicted)
    return signature or _elsewhere(expected, predicted, around)


def invented_value(predicted: Json, around: Around) -> ErrorSignature:
    """Return what is wrong with a value where the truth has none.

    >>> invented_value(0, Around((), {"default": 0})).says
    '`0` is given where the truth has nothing'
    """
    if Tag.INVENTED_KEY in around.tags:
        return ErrorSignature(Mistake.UNKNOWN_KEY)
    if Tag.PLACEHOLDER in around.tags:
        return ErrorSignature(Mistake.PLACEHOLDER)
    plain = predicted if isinstance(predicted, str | int | float) else None
    if plain is not None and (plain in (0, "0", False) or around.schema.get("default") == plain):
        return ErrorSignature(Mistake.DEFAULT, _short(plain))
    if around.other_field is not None:
        return ErrorSignature(Mistake.OTHER_FIELD, around.other_field)
    return ErrorSignature(Mistake.BEYOND_TRUTH if around.in_document else Mistake.INVENTED)


def _format_only(expected: Json, predicted: Json, name: str, around: Around) -> ErrorSignature:
    """Tell of a value that is right but for how it is written."""
    fault = format_fault(expected, predicted, name)
    if fault is FormatFault.NUMBER_AS_TEXT:
        return ErrorSignature(Mistake.NUMBER_AS_TEXT, _kept(str(predicted)))
    if fault is FormatFault.TEXT_AS_NUMBER:
        return ErrorSignature(Mistake.TEXT_AS_NUMBER)
    if fault is FormatFault.DATE_FORM:
        wanted = coded(date_shape(str(expected), read_date(str(expected))))
        return _as_dates(expected, predicted) or ErrorSignature(Mistake.DATE_FORMAT, wanted)
    if fault is FormatFault.LETTER_CASE:
        return ErrorSignature(Mistake.CASE)
    return _broken(expected, predicted, around.schema)


def _broken(expected: Json, predicted: Json, schema: Schema) -> ErrorSignature:
    """Tell of a value by the words of the schema that it does not keep to."""
    if _a(json_type(expected)) != _a(json_type(predicted)):
        return _other_type(expected, predicted)
    words = broken_keywords(schema, predicted)
    if words:
        return ErrorSignature(Mistake.OTHER_FORMAT, " and ".join(map(coded, words)))
    return ErrorSignature(Mistake.OTHER_FORMAT, "what the field expects")


def _kept(text: str) -> str:
    """Say what beside the digits was kept in a number written as text; groups of them are digits.

    >>> _kept("$1,200"), _kept("12 kg"), _kept("12"), _kept("(1,200)")
    (', with its currency', ', with its unit', '', ', in parentheses')
    """
    letters = "".join(c for c in text if c.isalpha())
    if any(c in "$\u20ac\u00a3\u00a5\u20b9" for c in text) or letters.upper() in _CURRENCIES:
        return ", with its currency"
    if "%" in text:
        return ", with its percent sign"
    if letters:
        return ", with its unit"
    return ", in parentheses" if text.strip().startswith("(") else ""


_CURRENCIES: Final = frozenset(("USD", "EUR", "GBP", "CHF", "JPY", "INR", "CAD", "AUD", "IDR"))


def _is_day(value: Json) -> bool:
    """Tell whether a text is a date, whatever its field is declared to be."""
    return isinstance(value, str) and len(read_date(value) or ()) == len(("year", "month", "day"))


def _is_number_of(expected: Json, predicted: Json) -> bool:
    """Tell whether a number is given for a text that is the same number."""
    if not isinstance(expected, str) or isinstance(predicted, bool | str | list | dict):
        return False
    return predicted is not None and read_number(expected) == predicted


_DAY: Final = re.compile(r"(\d{4}|\d{2})([-/.])(\d{2})\2(\d{4}|\d{2})")


def _is_other_century(expected: Json, predicted: Json) -> bool:
    """Tell whether two dates differ only in whether the century is written.

    >>> _is_other_century("18-11-18", "2018-11-18"), _is_other_century("18-11-18", "2018-11-19")
    (True, False)
    """
    days = [_DAY.fullmatch(v) if isinstance(v, str) else None for v in (expected, predicted)]
    if days[0] is None or days[1] is None or days[0][0] == days[1][0]:
        return False
    one, other = ([part[-2:] for part in day.group(1, 3, 4)] for day in days if day)
    return one == other and len(days[0][0]) != len(days[1][0])


def _as_dates(expected: Json, predicted: Json) -> ErrorSignature | None:
    if not isinstance(expected, str) or not isinstance(predicted, str):
        return None
    day = (read_date(expected) or ())[:3] or None
    want, got = date_shape(expected, day), date_shape(predicted, day)
    readings = {(read_date(predicted, order) or ())[:3] for order in ("dmy", "mdy")}
    if day is not None and len(day) == 3 and (day[0], day[2], day[1]) in readings - {day}:  # noqa: PLR2004
        return ErrorSignature(Mistake.DAY_AND_MONTH)
    same = day is None or day in readings or day == (read_date(predicted) or ())[:3]
    return ErrorSignature(Mistake.DATE_FORMAT, coded(want)) if same and want != got else None


def _as_numbers(expected: Json, predicted: Json) -> ErrorSignature | None:
    if isinstance(expected, bool | str) or not isinstance(expected, int | float):
        return None
    if isinstance(predicted, bool):
        return _other_type(expected, predicted)
    if isinstance(predicted, str):
        return _number_text(expected, predicted)
    return _numbers(expected, predicted) if isinstance(predicted, int | float) else None


def _number_text(expected: float, predicted: str) -> ErrorSignature | None:
    """Tell of a text where another number is expected."""
    if any(read_number(predicted, mark) == expected for mark in (".", ",")):
        if read_number(predicted) == expected:
            return ErrorSignature(Mistake.NUMBER_AS_TEXT, _kept(predicted))
        return ErrorSignature(Mistake.DECIMAL_MARK)
    value = read_number(predicted)
    if value is None:
        return ErrorSignature(Mistake.NUMBER_AS_TEXT, ", with words beside it")
    return _numbers(expected, value)


def _numbers(expected: float, predicted: float) -> ErrorSignature | None:
    if is_opposite(expected, predicted):
        return ErrorSignature(Mistake.SIGN)
    factor = scale_factor(expected, predicted)
    if not factor:
        return None
    word = "large" if factor > 0 else "small"
    return ErrorSignature(Mistake.SCALE, f"{abs(factor)} times too {word}")


def _as_choice(expected: Json, predicted: Json) -> ErrorSignature:
    return ErrorSignature(Mistake.CONFUSED, f"{_short(predicted)} for {_short(expected)}")


def _as_texts(expected: str, predicted: str) -> ErrorSignature | None:
    if same_currency(expected, predicted):
        form = "as its code" if expected in CODES else "as the truth has it"
        return ErrorSignature(Mistake.CURRENCY_FORM, form)
    difference = text_difference(expected, predicted)
    if difference is not None:
        return ErrorSignature(*_TEXT_MISTAKES[difference])
    return ErrorSignature(Mistake.DIFFERENT) if expected == predicted else None


_TEXT_MISTAKES: Final[Mapping[TextDifference, tuple[Mistake, str]]] = MappingProxyType(
    {
        TextDifference.CASE: (Mistake.CASE, ""),
        TextDifference.PUNCTUATION: (Mistake.PUNCTUATION, ""),
        TextDifference.ADDED_AFTER: (Mistake.TEXT_ADDED, "after it"),
        TextDifference.ADDED_BEFORE: (Mistake.TEXT_ADDED, "before it"),
        TextDifference.ADDED_AROUND: (Mistake.TEXT_ADDED, "before and after it"),
        TextDifference.BROKEN_OFF: (Mistake.TRUNCATED, ""),
        TextDifference.START_LOST: (Mistake.START_LOST, ""),
        TextDifference.END_LOST: (Mistake.END_LOST, ""),
        TextDifference.PART_LOST: (Mistake.PART_LOST, ""),
        TextDifference.REORDERED: (Mistake.REORDERED_WORDS, ""),
    }
)


def _elsewhere(expected: Json, predicted: Json, around: Around) -> ErrorSignature:
    """Tell of a value by where it comes from."""
    if Tag.ROW_SWAP in around.tags:
        return ErrorSignature(Mistake.REORDERED if around.is_ordered else Mistake.OTHER_ITEM)
    if around.other_field is not None:
        return ErrorSignature(Mistake.OTHER_FIELD, around.other_field)
    want, got = as_text(expected) or "", as_text(predicted) or ""
    if is_misspelling(want, got):
        return ErrorSignature(Mistake.NEAR_MISS)
    if around.in_document:
        return ErrorSignature(Mistake.OTHER_CANDIDATE)
    if differ_in_digits_only(want, got) and _slipped(want, got):
        return ErrorSignature(Mistake.DIGIT_SLIP)
    return ErrorSignature(
        Mistake.DIFFERENT if around.in_document is None else Mistake.NOT_IN_DOCUMENT
    )


def _slipped(want: str, got: str) -> bool:
    """Tell whether one digit is another, left out, twice, or two have changed places."""
    long = min(len(want), len(got)) >= _DIGITS and max(len(want), len(got)) <= _LONGEST
    return long and OSA.distance(want, got, score_cutoff=1) == 1


def _other_type(expected: Json, predicted: Json) -> ErrorSignature:
    kinds = json_type(predicted), json_type(expected)
    return ErrorSignature(
        Mistake.OTHER_TYPE, "{} stands where {} is expected".format(*map(_a, kinds))
    )


def _a(kind: str) -> str:
    names = {"array": "a list", "object": "an object", "integer": "a number", "null": "null"}
    return names.get(kind, f"a {kind}")


def _short(value: Json) -> str:
    return coded(json.dumps(value, ensure_ascii=False), _LONGEST)


def first_of(tags: Sequence[Tag], *wanted: Tag) -> Tag | None:
    """Return the first of some tags that is there."""
    return next((tag for tag in wanted if tag in tags), None)
