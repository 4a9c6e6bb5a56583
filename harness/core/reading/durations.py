"""Durations written as text: what is certain is read, the rest is not a duration."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from harness.core.reading.numbers import read_number
from harness.core.reading.text import ascii_digits, plain_typography


class Duration(NamedTuple):
    """A length of time. Months and years have no fixed length in days, so they are kept apart."""

    months: Fraction
    seconds: Fraction


Unit = Literal["year", "month", "week", "day", "hour", "minute", "second", "millisecond"]

_WORTH: Final[Mapping[Unit, Duration]] = MappingProxyType(
    {
        "year": Duration(Fraction(12), Fraction(0)),
        "month": Duration(Fraction(1), Fraction(0)),
        "week": Duration(Fraction(0), Fraction(604_800)),
        "day": Duration(Fraction(0), Fraction(86_400)),
        "hour": Duration(Fraction(0), Fraction(3600)),
        "minute": Duration(Fraction(0), Fraction(60)),
        "second": Duration(Fraction(0), Fraction(1)),
        "millisecond": Duration(Fraction(0), Fraction(1, 1000)),
    }
)
_SHORT: Final[Mapping[Unit, str]] = MappingProxyType(
    {
        "year": "y yr yrs",
        "month": "mo mos mth mths",
        "week": "w wk wks",
        "day": "d",
        "hour": "h hr hrs",
        "minute": "min mins",
        "second": "s sec secs",
        "millisecond": "ms msec",
    }
)
_ABROAD: Final[Mapping[Unit, str]] = MappingProxyType(
    {
        "year": "jahr jahre jahren an ans ann\u00e9e ann\u00e9es a\u00f1o a\u00f1os"
        " anno anni ano anos jaar \u00e5r lat lata rok"
        " \u5e74 \ub144 \u0433\u043e\u0434 \u0433\u043e\u0434\u0430 \u043b\u0435\u0442",
        "month": "monat monate monaten mois mes meses mese mesi m\u00eas maand maanden",
        "week": "woche wochen semaine semaines semana semanas settimana settimane week weken",
        "day": "tag tage tagen jour jours d\u00eda d\u00edas dia dias giorno giorni dag dagen",
        "hour": "stunde stunden std heure heures hora horas ora ore uur",
        "minute": "minuten minuto minutos minuti minuut",
        "second": "sekunde sekunden sek seconde secondes segundo segundos secondo secondi",
    }
)
_SPELLED: Final[Mapping[str, Unit]] = MappingProxyType(
    {
        spelling: unit
        for unit, spellings in _SHORT.items()
        for spelling in (*spellings.split(), unit, f"{unit}s")
    }
    | {spelling: unit for unit, spellings in _ABROAD.items() for spelling in spellings.split()}
)
_SMALL: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS: Final[Mapping[str, int]] = MappingProxyType(
    {word: number for number, word in enumerate(_SMALL)}
    | {word: 20 + 10 * number for number, word in enumerate(_TENS)}
    | {
        f"{ten}-{small}": 20 + 10 * number + digit
        for number, ten in enumerate(_TENS)
        for digit, small in enumerate(_SMALL[1:10], start=1)
    }
    | {"a": 1, "an": 1}
)

_NUMBER: Final = r"(\d+(?:[.,]\d+)?)"
_ISO: Final = re.compile(
    rf"([+\-])?P(?=\d|T)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?",
    re.IGNORECASE | re.ASCII,
)
_ISO_UNITS: Final[tuple[Unit, ...]] = (
    *("year", "month", "week", "day"),
    *("hour", "minute", "second"),
)
_PART: Final = re.compile(
    r"(?:(?P<digits>[0-9][0-9.,]*)|(?P<word>[a-z]+(?:-[a-z]+)?)(?:\s*\((?P<said>[0-9]+)\))?(?=\s))"
    r"\s*(?P<unit>[^\W\d_]+)\.?(?:\s*,\s*(?:(?:and|und|et|y|e|en)\s+)?"
    r"|\s+(?:and|und|et|y|e|en)\s+|\s+|(?=[0-9])|$)"
)
_CLOCK: Final = re.compile(r"(?:(\d+)\s+days?,\s*)?(\d{1,3}):([0-5]\d):([0-5]\d)(\.\d+)?", re.ASCII)
"""`1:30:00`, also as Python writes a timedelta. Two parts could be hours or minutes: not read."""
_HOURS_AND_MINUTES: Final = re.compile(r"\A(\d{1,3})\s?h\s?([0-5]\d)\Z", re.IGNORECASE)
_JOINED: Final = re.compile(
    r"(?<=\d)-(?=[^\W\d_]{2})|(?<=\d)\s+calendar\s+(?=days?\b)", re.IGNORECASE
)
"""`30-day`, `30 calendar days`: a business day is another thing and stays unread."""
_HALVES: Final = re.compile(r"(?<![\d.,])(\d{0,4})\s?([\u00bc-\u00be])(?=\s)")
_LONGEST: Final = 60


def read_duration(text: str, decimal: Literal[".", ","] = ".") -> Duration | None:
    """Read a text that is nothing but a duration, or return None.

    ISO 8601, English units, and `h:mm:ss`. A day is 24 hours, a year 12 months; a month is no
    number of days. `m` is read only beside a unit that tells minutes from months.

    >>> read_duration("90 minutes") == read_duration("PT1H30M") == read_duration("1 h 30 min")
    True
    >>> read_duration("2 years") == read_duration("twenty-four (24) months")
    True
    >>> [read_duration(t) for t in ("30m", "1:30", "90", "2-3 days", "1 day per week", "soon")]
    [None, None, None, None, None, None]
    """
    text = plain_typography(text).strip()
    if not text or len(text) > _LONGEST:
        return None
    text = _HOURS_AND_MINUTES.sub(r"\1 h \2 min", ascii_digits(text))
    text = _JOINED.sub(" ", _HALVES.sub(_as_decimal, text))
    return _iso(text) or _clock(text.casefold()) or _worded(text.casefold(), decimal)


def _as_decimal(match: re.Match[str]) -> str:
    return str(int(match[1] or "0") + unicodedata.numeric(match[2]))


def _iso(text: str) -> Duration | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    sign, *numbers = match.groups()
    parts = [
        (unit, Fraction(number.replace(",", ".")))
        for unit, number in zip(_ISO_UNITS, numbers, strict=True)
        if number
    ]
    return _sum(parts, -1 if sign == "-" else 1)


def _clock(text: str) -> Duration | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    days, hours, minutes, seconds, fraction = match.groups()
    return _sum(
        [
            ("day", Fraction(days or 0)),
            ("hour", Fraction(hours)),
            ("minute", Fraction(minutes)),
            ("second", Fraction(seconds + (fraction or ""))),
        ]
    )


def _worded(text: str, decimal: Literal[".", ","]) -> Duration | None:
    parts: list[tuple[str, Fraction]] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        number = None if match is None else _number(match, decimal)
        if match is None or number is None:
            return None
        parts.append((match["unit"], number))
        at = match.end()
    units = [_unit(name, {name for name, _ in parts}) for name, _ in parts]
    read = [(unit, n) for unit, (_, n) in zip(units, parts, strict=True) if unit]
    certain = len(read) == len(set(units)) == len(parts)
    return _sum(read) if certain and text[-1] not in ",( " else None


def _number(match: re.Match[str], decimal: Literal[".", ","]) -> Fraction | None:
    if match["word"] is not None:
        number = _WORDS.get(match["word"])
        agrees = match["said"] is None or number == int(match["said"])
        return Fraction(number) if number is not None and agrees else None
    value = read_number(match["digits"], decimal)
    return None if value is None else Fraction(str(value))


def _unit(name: str, beside: set[str]) -> Unit | None:
    """Return a spelling's unit; `m` is minutes beside hours or seconds, months beside years."""
    if name != "m":
        return _SPELLED.get(name)
    units = {_SPELLED.get(other) for other in beside}
    minutes, months = bool(units & {"hour", "second"}), bool(units & {"year"})
    if minutes == months:
        return None
    return "minute" if minutes else "month"


def _sum(parts: list[tuple[Unit, Fraction]], sign: int = 1) -> Duration:
    months = sum((number * _WORTH[unit].months for unit, number in parts), Fraction(0))
    seconds = sum((number * _WORTH[unit].seconds for unit, number in parts), Fraction(0))
    return Duration(sign * months, sign * seconds)
