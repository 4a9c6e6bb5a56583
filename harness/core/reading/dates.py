"""Dates written as text: what has one reading is read, the rest is not a date."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

DateParts: TypeAlias = tuple[int, ...]
"""Year; year and month; year, month and day; or those and hour, minute, second, microsecond, and
1 where the moment is in UTC or 0 where no zone was given."""
DateOrder: TypeAlias = Literal["dmy", "mdy", "ymd"]

_MONTHS: Final[Mapping[str, int]] = MappingProxyType(
    {
        name[:size]: number
        for number, name in enumerate(
            (
                "january",
                "february",
                "march",
                "april",
                "may",
                "june",
                "july",
                "august",
                "september",
                "october",
                "november",
                "december",
            ),
            start=1,
        )
        for size in range(3, len(name) + 1)
    }
)
_WEEKDAY: Final = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\.?"
_MONTH: Final = r"(?P<m>[a-z]{3,9})\.?"
_WORDED: Final = tuple(
    re.compile(_WEEKDAY + shape)
    for shape in (
        rf"(?:the\s+)?{_DAY}[\s\-/]+(?:(?:day\s+)?of\s+)?{_MONTH},?[\s\-/]+(?P<y>\d{{4}})",
        rf"{_MONTH}[\s\-/]+{_DAY},?[\s\-/]+(?P<y>\d{{4}})",
        rf"(?P<y>\d{{4}})[\s\-/]+{_MONTH}[\s\-/]+{_DAY}",
        rf"{_MONTH},?[\s\-/]+(?P<y>\d{{4}})",
    )
)
_NUMERIC: Final = re.compile(r"(\d{1,4})\s*([./\-])\s*(\d{1,2})\s*\2\s*(\d{1,4})")
_ISO_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d{2}))?")
_LONGEST: Final = 40
_PIVOT: Final = 69
"""POSIX: two-digit years below it are 20xx."""


@lru_cache(maxsize=8192)
def read_date(text: str, order: DateOrder | None = None) -> DateParts | None:
    """Read a date or moment to the precision it is given in, or return None.

    ISO 8601, English month names, and numeric dates in the declared order; undeclared, a numeric
    date is read only if a part over 12 leaves one reading. Nothing missing is ever filled in.

    >>> read_date("2024-03-31"), read_date("31 March 2024"), read_date("Mar 31st, 2024")
    ((2024, 3, 31), (2024, 3, 31), (2024, 3, 31))
    >>> read_date("2024-03"), read_date("March 2024"), read_date("2024")
    ((2024, 3), (2024, 3), (2024,))
    >>> read_date("01/02/2024"), read_date("01/02/2024", "dmy"), read_date("31/03/2024")
    (None, (2024, 2, 1), (2024, 3, 31))
    >>> read_date("2024-03-31T10:00:00+02:00"), read_date("2024-02-30"), read_date("spring")
    ((2024, 3, 31, 8, 0, 0, 0, 1), None, None)
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    iso = _ISO_PARTIAL.fullmatch(text)
    if iso:
        return _parts(iso[1], iso[2])
    try:
        return _moment(text)
    except ValueError:
        return _worded(text.casefold()) or _numeric(text, order)


def is_ambiguous(text: str) -> bool:
    """Tell whether a text is a numeric date with more than one reading.

    >>> is_ambiguous("01/02/2024"), is_ambiguous("31/03/2024"), is_ambiguous("02/02/2024")
    (True, False, False)
    """
    match = _NUMERIC.fullmatch(text.strip())
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


def _worded(text: str) -> DateParts | None:
    for shape in _WORDED:
        match = shape.fullmatch(text)
        if match and match["m"] in _MONTHS:
            named = match.groupdict()
            return _parts(named["y"], str(_MONTHS[match["m"]]), named.get("d"))
    return None


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
    found: dict[DateParts, list[DateOrder]] = {}
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
            found.setdefault(reading, []).append(order)
    return found


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
