"""How a date is written: `MMMM D, YYYY`, `DD/MM/YYYY`, `YYYY-MM-DDThh:mm`."""

from __future__ import annotations

import re
from typing import Final

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
    told: set[str] = set()

    def shape(match: re.Match[str]) -> str:
        part = match[0]
        named = _word(part) if part[0].isalpha() else _number(part, day, told, worded=worded)
        told.add(named[:1])
        return named

    return _PART.sub(shape, text).replace("\0", "hh:mm")


def _word(part: str) -> str:
    if _MONTH.fullmatch(part):
        dot = "." if part.endswith(".") else ""
        return ("MMM" if _ABBREVIATED.fullmatch(part.rstrip(".")) else "MMMM") + dot
    return "Weekday" if _WEEKDAY.fullmatch(part) else part


def _number(part: str, day: tuple[int, ...] | None, told: set[str], *, worded: bool) -> str:
    """Name a number of a date by the part of the date it is."""
    digits = part.rstrip("sthndr")
    ending = "th" if digits != part else ""
    if len(digits) == len("2024"):
        return "YYYY"
    if worded:
        return "D" + ending if "D" not in told else "YY"
    year, month, date = (*(day or ()), None, None, None)[:3]
    value = int(digits)
    if month == date and value == month:  # either reading is right: the year tells the order
        return "MM" if "M" not in told and ("Y" in told or "D" in told) else "DD"
    if value == month and "M" not in told:
        return "MM"
    if value == date and "D" not in told:
        return "DD"
    return "YY" if year is not None and value == year % 100 else "NN"
