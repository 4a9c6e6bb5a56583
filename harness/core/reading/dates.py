"""Dates written as text: what has one reading is read, the rest is not a date."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from harness.core.reading.month_names import MONTHS, WEEKDAYS, common_year
from harness.core.reading.text import plain_typography

DateParts: TypeAlias = tuple[int, ...]
"""Year; year and month; year, month and day; or those and hour, minute, second, microsecond, and
1 where the moment is in UTC or 0 where no zone was given."""
DateOrder: TypeAlias = Literal["dmy", "mdy", "ymd"]

_NAMES_OF_DAYS: Final = "|".join(sorted((n for n in WEEKDAYS if len(n) > 1), key=len, reverse=True))
_WEEKDAY: Final = rf"(?:(?P<w>{_NAMES_OF_DAYS})\.?,?\s+)?"
_DAY: Final = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|\u00ba)?\.?"
_MONTH: Final = r"\u05d1?(?P<m>[^\s\d.,/\-]{2,12})\.?"
"""A name, in Hebrew behind the letter that means "in"."""
_OF: Final = r"(?:(?:day\s+)?of\s+|de[l]?\s+)?"
_YEAR: Final = r"(?P<y>\d{4})(?:\s?[\u0433\u0440]\.?)?"
"""Four digits, in Russian and Ukrainian before the letter that means "year"."""
_WORDED: Final = tuple(
    re.compile(_WEEKDAY + shape)
    for shape in (
        rf"(?:the\s+)?{_DAY}[\s\-/]*{_OF}{_MONTH},?[\s\-/]*{_OF}{_YEAR}",
        rf"{_MONTH}[\s\-/]+{_DAY},?[\s\-/]+{_YEAR}",
        rf"(?P<y>\d{{4}})\.?[\s\-/]+{_MONTH}[\s\-/]+{_DAY}",
        rf"{_MONTH},?[\s\-/]+{_OF}{_YEAR}",
    )
)
_SHORT_YEAR: Final = re.compile(rf"(?P<d>\d{{1,2}})[\s\-/.]+{_MONTH}[\s\-/]+'?(?P<y>\d{{2}})")
"""`15-Jan-17`: by itself as likely the 17th of 2015."""
_NUMERIC: Final = re.compile(r"(\d{1,4})(\s*[./\-]\s*|\s+)(\d{1,2})\2(\d{1,4})\.?")
_YEAR_AND_MONTH: Final = re.compile(
    r"(?P<y>\d{4})[./](?P<m>\d{2})|(?P<mm>\d{1,2})[./\-](?P<yy>\d{4})"
)
_COMPACT: Final = re.compile(r"\d{8}")
_CJK: Final = re.compile(
    r"(?P<era>[\u4e00-\u9fff]{2})?(?P<y>\d{1,4}|\u5143)\s?[\u5e74\ub144]"
    r"(?:\s?(?P<m>\d{1,2})\s?[\u6708\uc6d4](?:\s?(?P<d>\d{1,2})\s?[\u65e5\u53f7\uc77c]"
    r"(?:\s?\((?P<w>[\u65e5\u6708\u706b\u6c34\u6728\u91d1\u571f])\))?)?)?"
)
_VIETNAMESE: Final = re.compile(
    r"(?:ng\u00e0y\s+)?(\d{1,2})\s+th\u00e1ng\s+(\d{1,2}),?\s+n\u0103m\s+(\d{4})"
)
_OF_THE_YEAR: Final = re.compile(r"(\d{4})-(\d{3})")
"""ISO 8601: the year, and the number of the day in it."""
_OF_THE_WEEK: Final = re.compile(r"\d{4}(-?)W\d{2}\1\d", re.ASCII)
_LIKELY_YEARS: Final = range(1800, 2200)
_ISO_PARTIAL: Final = re.compile(r"(\d{4})(?:-(\d{2}))?")
_LONGEST: Final = 40
_PIVOT: Final = 69
"""POSIX: two-digit years below it are 20xx."""


@lru_cache(maxsize=8192)
def read_date(text: str, order: DateOrder | None = None) -> DateParts | None:
    """Read a date or moment to the precision it is given in, or return None.

    ISO 8601, month names in some twenty-five languages, Chinese, Japanese and Korean dates with or
    without an era, and numeric dates in the declared order; undeclared, a numeric date is read only
    if a part over 12 leaves one reading. Nothing missing is ever filled in, and a date on another
    day of the week than it says is not read.

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
    >>> read_date("Sunday, 31 March 2024"), read_date("Monday, 31 March 2024")
    ((2024, 3, 31), None)
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
        year = 1 if match["y"] == "\u5143" else int(match["y"])
        common = common_year(year, match["era"])
        if common == year and len(match["y"]) < 4:  # noqa: PLR2004  # digits of a year
            return None
        return _on_its_day(_parts(f"{common:04d}", match["m"], match["d"]), match["w"])
    match = _VIETNAMESE.fullmatch(text.casefold())
    if match:
        return _parts(match[3], match[2], match[1])
    return _of_the_year(text) or _compact_or_none(text, order)


def _on_its_day(parts: DateParts | None, weekday: str | None) -> DateParts | None:
    """Return a date that is on the day of the week it names, if it names one; else None."""
    if parts is None or weekday is None or len(parts) < 3:  # noqa: PLR2004  # year, month, day
        return parts
    return parts if date(*parts[:3]).weekday() == WEEKDAYS[weekday] else None


def _of_the_year(text: str) -> DateParts | None:
    """Read a day by its number in the year or in a week (ISO 8601)."""
    match = _OF_THE_YEAR.fullmatch(text)
    try:
        if match is None:
            day = date.fromisoformat(text) if _OF_THE_WEEK.fullmatch(text) else None
        else:
            day = date(int(match[1]), 1, 1) + timedelta(int(match[2]) - 1)
            day = day if day.year == int(match[1]) else None
    except (ValueError, OverflowError):
        return None
    return None if day is None else (day.year, day.month, day.day)


def _compact_or_none(text: str, order: DateOrder | None) -> DateParts | None:
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
        if match and match["m"] in MONTHS:
            named = match.groupdict()
            year = f"{common_year(int(named['y']), named['m']):04d}"
            return _on_its_day(_parts(year, str(MONTHS[match["m"]]), named.get("d")), named["w"])
    short = _SHORT_YEAR.fullmatch(text)
    if short is None or short["m"] not in MONTHS:
        return None
    month, first, last = str(MONTHS[short["m"]]), short["d"], short["y"]
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
    if order == "ymd" and len(match[1]) == 2:  # noqa: PLR2004  # digits of a short year
        return _parts(match[1], match[3], match[4]) if len(match[4]) <= 2 else None  # noqa: PLR2004  # digits of a day
    by_order = {o: r for r, orders in _by_reading(match).items() for o in orders}
    if len(match[1]) == 4:  # noqa: PLR2004  # a year comes first, whatever order others have
        return by_order.get("ymd")
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
