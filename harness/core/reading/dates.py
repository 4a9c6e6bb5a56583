"""Dates written as text: what has one reading is read, the rest is not a date."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from harness.core.reading.text import plain_typography

DateParts: TypeAlias = tuple[int, ...]
"""Year; year and month; year, month and day; or those and hour, minute, second, microsecond, and
1 where the moment is in UTC or 0 where no zone was given."""
DateOrder: TypeAlias = Literal["dmy", "mdy", "ymd"]

_ENGLISH: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ABROAD: Final = (
    "januar j\u00e4nner jan janvier janv enero ene gennaio gen janeiro januari",
    "februar feber f\u00e9vrier fevrier f\u00e9vr fevr febrero febbraio feb fevereiro fev februari",
    "m\u00e4rz maerz m\u00e4r mrz mars marzo mar\u00e7o marco maart mrt",
    "avril avr abril abr aprile",
    "mai mayo maggio mag maio mei",
    "juni jun juin junio giugno giu junho",
    "juli jul juillet juil julio luglio lug julho",
    "ao\u00fbt aout agosto ago augustus",
    "septembre septiembre setiembre settembre set setembro",
    "oktober okt octobre octubre oct ottobre ott outubro out",
    "novembre noviembre novembro",
    "dezember dez d\u00e9cembre decembre d\u00e9c diciembre dic dicembre dezembro",
)
"""Further names by month: German, French, Spanish, Italian, Portuguese, Dutch."""
_MONTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        name[:size]: number
        for number, name in enumerate(_ENGLISH, start=1)
        for size in range(3, len(name) + 1)
    }
    | {name: number for number, names in enumerate(_ABROAD, start=1) for name in names.split()}
)
_WEEKDAY: Final = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|\u00ba)?\.?"
_MONTH: Final = r"(?P<m>[^\W\d_]{3,10})\.?"
_OF: Final = r"(?:(?:day\s+)?of\s+|de[l]?\s+)?"
_WORDED: Final = tuple(
    re.compile(_WEEKDAY + shape)
    for shape in (
        rf"(?:the\s+)?{_DAY}[\s\-/]+{_OF}{_MONTH},?[\s\-/]+{_OF}(?P<y>\d{{4}})",
        rf"{_MONTH}[\s\-/]+{_DAY},?[\s\-/]+(?P<y>\d{{4}})",
        rf"(?P<y>\d{{4}})[\s\-/]+{_MONTH}[\s\-/]+{_DAY}",
        rf"{_MONTH},?[\s\-/]+{_OF}(?P<y>\d{{4}})",
    )
)
_SHORT_YEAR: Final = re.compile(rf"(?P<d>\d{{1,2}})[\s\-/.]+{_MONTH}[\s\-/]+'?(?P<y>\d{{2}})")
"""`15-Jan-17`: by itself as likely the 17th of 2015."""
_NUMERIC: Final = re.compile(r"(\d{1,4})(\s*[./\-]\s*|\s+)(\d{1,2})\2(\d{1,4})")
_YEAR_AND_MONTH: Final = re.compile(
    r"(?P<y>\d{4})[./](?P<m>\d{2})|(?P<mm>\d{1,2})[./\-](?P<yy>\d{4})"
)
_COMPACT: Final = re.compile(r"\d{8}")
_CJK: Final = re.compile(
    r"(\d{4})\s?[\u5e74\ub144](?:\s?(\d{1,2})\s?[\u6708\uc6d4](?:\s?(\d{1,2})\s?[\u65e5\u53f7\uc77c])?)?"
)
_LIKELY_YEARS: Final = range(1800, 2200)
_ISO_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d{2}))?")
_LONGEST: Final = 40
_PIVOT: Final = 69
"""POSIX: two-digit years below it are 20xx."""


@lru_cache(maxsize=8192)
def read_date(text: str, order: DateOrder | None = None) -> DateParts | None:
    """Read a date or moment to the precision it is given in, or return None.

    ISO 8601, month names in seven languages, Chinese, Japanese and Korean dates, and numeric dates
    in the declared order; undeclared, a numeric date is read only if a part over 12 leaves one
    reading. Nothing missing is ever filled in.

    >>> read_date("2024-03-31"), read_date("31 March 2024"), read_date("Mar 31st, 2024")
    ((2024, 3, 31), (2024, 3, 31), (2024, 3, 31))
    >>> read_date("2024-03"), read_date("March 2024"), read_date("2024")
    ((2024, 3), (2024, 3), (2024,))
    >>> read_date("01/02/2024"), read_date("01/02/2024", "dmy"), read_date("31/03/2024")
    (None, (2024, 2, 1), (2024, 3, 31))
    >>> read_date("2024-03-31T10:00:00+02:00"), read_date("2024-02-30"), read_date("spring")
    ((2024, 3, 31, 8, 0, 0, 0, 1), None, None)
    >>> read_date("31. M\u00e4rz 2024"), read_date("2024\u5e743\u670831\u65e5")
    ((2024, 3, 31), (2024, 3, 31))
    >>> read_date("15-Jan-17"), read_date("15-Jan-17", "dmy"), read_date("03/2024")
    (None, (2017, 1, 15), (2024, 3))
    """
    text = plain_typography(text).strip()
    if not text or len(text) > _LONGEST:
        return None
    iso = _ISO_PARTIAL.fullmatch(text)
    if iso:
        return _parts(iso[1], iso[2])
    try:
        return _moment(text)
    except ValueError:
        return _worded(text.casefold(), order) or _numeric(text, order) or _other(text, order)


def is_ambiguous(text: str) -> bool:
    """Tell whether a text is a numeric date with more than one reading.

    >>> is_ambiguous("01/02/2024"), is_ambiguous("31/03/2024"), is_ambiguous("02/02/2024")
    (True, False, False)
    """
    match = _NUMERIC.fullmatch(plain_typography(text).strip())
    return match is not None and len(_readings(match)) > 1


def _moment(text: str) -> DateParts:
    if len(text) == len("2024-03-31") and text[4] == "-":
        day = date.fromisoformat(text)
        return (day.year, day.month, day.day)
    if not text[:4].isdigit() or "-" not in text or ":" not in text:
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    zoned = moment.tzinfo is not None
    try:
        moment = moment.astimezone(UTC) if zoned else moment
    except OverflowError as error:
        raise ValueError(text) from error
    return (*moment.timetuple()[:6], moment.microsecond, int(zoned))


def _other(text: str, order: DateOrder | None) -> DateParts | None:
    """Read a year with a month, a date without marks, or one in Chinese, Japanese or Korean."""
    match = _YEAR_AND_MONTH.fullmatch(text)
    if match:
        return _parts(match["y"] or match["yy"], match["m"] or match["mm"])
    match = _CJK.fullmatch(text)
    if match:
        return _parts(match[1], match[2], match[3])
    return _compact(text, order) if _COMPACT.fullmatch(text) else None


def _compact(text: str, order: DateOrder | None) -> DateParts | None:
    """Read eight digits in the declared order, else as `yyyymmdd` if nothing else is likely."""
    readings = {
        "ymd": _parts(text[:4], text[4:6], text[6:]),
        "dmy": _parts(text[4:], text[2:4], text[:2]),
        "mdy": _parts(text[4:], text[:2], text[2:4]),
    }
    likely = {name: day for name, day in readings.items() if day and day[0] in _LIKELY_YEARS}
    if order is not None:
        return likely.get(order)
    return likely.get("ymd") if len(likely) == 1 else None


def _worded(text: str, order: DateOrder | None) -> DateParts | None:
    for shape in _WORDED:
        match = shape.fullmatch(text)
        if match and match["m"] in _MONTHS:
            named = match.groupdict()
            return _parts(named["y"], str(_MONTHS[match["m"]]), named.get("d"))
    short = _SHORT_YEAR.fullmatch(text)
    if short is None or short["m"] not in _MONTHS:
        return None
    month, first, last = str(_MONTHS[short["m"]]), short["d"], short["y"]
    if order == "ymd":
        return _parts(first, month, last) if len(first) == len(last) else None
    forward = _parts(last, month, first)
    reverse = _parts(first, month, last) if len(first) == len(last) else None
    return forward if order is not None or reverse is None else None


def _numeric(text: str, order: DateOrder | None) -> DateParts | None:
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return None
    readings = _readings(match)
    if order is None:
        certain = len(match[4]) == 4 or len(match[1]) == 4  # noqa: PLR2004  # digits of a year
        return next(iter(readings.values())) if certain and len(readings) == 1 else None
    by_order = {o: r for r, orders in _by_reading(match).items() for o in orders}
    return by_order.get(order)


def _readings(match: re.Match[str]) -> dict[DateParts, DateParts]:
    return {reading: reading for reading in _by_reading(match)}


def _by_reading(match: re.Match[str]) -> dict[DateParts, list[DateOrder]]:
    """Return every real date the three parts can mean, each with the orders that mean it."""
    first, second, last = match[1], match[3], match[4]
    orders: dict[DateParts, list[DateOrder]] = {}
    candidates: tuple[tuple[DateOrder, str, str, str], ...] = (
        ("dmy", last, second, first),
        ("mdy", last, first, second),
        ("ymd", first, second, last),
    )
    for order, year, month, day in candidates:
        if len(year) not in (2, 4) or len(day) > 2 or len(month) > 2:  # noqa: PLR2004  # digits
            continue
        if order == "ymd" and len(year) != 4:  # noqa: PLR2004  # digits of a year
            continue
        reading = _parts(year, month, day)
        if reading:
            orders.setdefault(reading, []).append(order)
    return orders


def _parts(year: str, month: str | None = None, day: str | None = None) -> DateParts | None:
    y = int(year)
    if len(year) == 2:  # noqa: PLR2004  # digits of a short year
        y += 2000 if y < _PIVOT else 1900
    if y < 1:
        return None
    if month is None:
        return (y,)
    m = int(month)
    if not 1 <= m <= 12:  # noqa: PLR2004  # months
        return None
    if day is None:
        return (y, m)
    d = int(day)
    return (y, m, d) if 1 <= d <= monthrange(y, m)[1] else None


def days_apart(one: DateParts, other: DateParts) -> int | None:
    """Return the whole days between two dates, or None unless both are given to the day.

    >>> days_apart((2024, 3, 1), (2024, 2, 28)), days_apart((2024, 3), (2024, 3, 1))
    (2, None)
    """
    if len(one) < 3 or len(other) < 3:  # noqa: PLR2004  # year, month, day
        return None
    return abs((date(*one[:3]) - date(*other[:3])).days)


_OFFSET: Final = re.compile(
    r"z|utc|gmt|(?:utc|gmt)?(?P<sign>[+\-])(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?", re.ASCII
)
_MOST_HOURS: Final = 14
"""The furthest any time zone is from UTC."""


def read_offset(text: str) -> int | None:
    """Return the minutes a time zone is ahead of UTC; names other than UTC are not read.

    >>> read_offset("+02:00"), read_offset("Z"), read_offset("-0530"), read_offset("CET")
    (120, 0, -330, None)
    """
    match = _OFFSET.fullmatch(text.strip().casefold())
    if match is None or int(match["hours"] or 0) > _MOST_HOURS:
        return None
    minutes = 60 * int(match["hours"] or 0) + int(match["minutes"] or 0)
    return -minutes if match["sign"] == "-" else minutes
