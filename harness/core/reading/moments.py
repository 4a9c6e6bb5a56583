"""Moments written as text: a date with a time of day, and perhaps a time zone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from harness.core.reading.dates import DateOrder, DateParts, read_date, read_offset
from harness.core.reading.text import ascii_digits, plain_typography

_WORDED: Final = re.compile(
    r"""(?P<day>\S.*?)(?:\s*,\s*|\s+)(?:at\s+)?
        (?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<part>\d{1,6}))?)?)?
        \s*(?P<half>[ap]\.?m\.?)?
        \s*(?P<zone>z|(?:utc|gmt)?[+\-]\d{1,2}(?::?[0-5]\d)?|utc|gmt)?""",
    re.VERBOSE | re.ASCII,
)
_COMPACT: Final = re.compile(r"\d{8}T\d{4}(?:\d{2})?(?:Z|[+\-]\d{2}:?\d{2})?", re.ASCII)
_GERMAN: Final = re.compile(r"(?<=[\s,])(\d{1,2})(?:[.:]([0-5]\d))?\s*uhr\Z", re.ASCII)
_FRENCH: Final = re.compile(r"(?<=[\s,])(\d{1,2})\s?h\s?([0-5]\d)?\Z", re.ASCII)
_EAST_ASIAN: Final = re.compile(
    r"\s?(?:(?P<am>\u5348\u524d|\u4e0a\u5348|\uc624\uc804)|(?P<pm>\u5348\u5f8c|\u4e0b\u5348|\uc624\ud6c4))?"
    r"\s?(?P<hour>\d{1,2})\s?[\u6642\u65f6\u70b9\uc2dc](?:\s?(?P<minute>[0-5]?\d)\s?[\u5206\ubd84])?\Z",
    re.ASCII,
)
_LONGEST: Final = 60
DAY_PARTS: Final = 3
"""Parts of a date given to the day."""
_NOON: Final = 12


class Moment(NamedTuple):
    """A moment, to the precision it is given in."""

    moment: DateParts
    """As `read_date` has it: in UTC where a zone is known."""
    written: DateParts
    """Year to microsecond as the text says them, or as many of them as it says."""
    offset: int | None
    """Minutes that the text's zone is ahead of UTC; None where no zone is known."""


def read_moment(
    text: str, order: DateOrder | None = None, offset: int | None = None
) -> Moment | None:
    """Read a date and time, or a date alone, or return None. `offset` is for times without a zone.

    ISO 8601, and any date that `read_date` reads with a time behind it. Seconds left out are 0.

    >>> read_moment("31 March 2024, 2:30 pm").moment
    (2024, 3, 31, 14, 30, 0, 0, 0)
    >>> read_moment("2024-03-31T10:00+02:00").moment, read_moment("2024-03-31").moment
    ((2024, 3, 31, 8, 0, 0, 0, 1), (2024, 3, 31))
    >>> [read_moment(t) for t in ("31 March 2024 10:00 CET", "01/02/2024 10:00", "noon", "14:30")]
    [None, None, None, None]
    """
    text = ascii_digits(plain_typography(text)).strip()
    if not text or len(text) > _LONGEST:
        return None
    day = read_date(text, order)
    if day is not None and len(day) <= DAY_PARTS:
        return Moment(day, day, None)
    moment = _iso(text) or _worded(text.casefold(), order)
    if moment is None:
        return None
    written, zone = moment
    return _moment(written, offset if zone is None else zone)


Written = tuple[datetime, int | None]
"""Date and time of day as written, and its zone's offset in minutes."""


def _iso(text: str) -> Written | None:
    dashed = text[:4].isdigit() and "-" in text and ":" in text
    if not dashed and _COMPACT.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    ahead = moment.utcoffset()
    zone = None if ahead is None else round(ahead / timedelta(minutes=1))
    return moment.replace(tzinfo=None), zone


def _worded(text: str, order: DateOrder | None) -> Written | None:
    match = _WORDED.fullmatch(_plain_time(text))
    day = None if match is None else read_date(match["day"], order)
    if match is None or day is None or len(day) != DAY_PARTS:
        return None
    hour = _hour(int(match["hour"]), match["half"], timed=match["minute"] is not None)
    zone = None if match["zone"] is None else read_offset(match["zone"])
    if hour is None or (match["zone"] is not None and zone is None):
        return None
    part = int((match["part"] or "").ljust(6, "0"))
    minute, second = int(match["minute"] or 0), int(match["second"] or 0)
    year, month, number = day
    return datetime(year, month, number, hour, minute, second, part), zone  # noqa: DTZ001  # as written


def _plain_time(text: str) -> str:
    """Write times of day as German, French and East Asian texts have them with a colon."""
    text = _GERMAN.sub(lambda m: f"{m[1]}:{m[2] or '00'}", text)
    text = _FRENCH.sub(lambda m: f"{m[1]}:{m[2] or '00'}", text)
    text = _EAST_ASIAN.sub(_with_colon, text)
    return re.sub(r"(?<=\d)t(?=\d)", " ", text)


def _with_colon(match: re.Match[str]) -> str:
    half = " am" if match["am"] else " pm" if match["pm"] else ""
    return f" {match['hour']}:{int(match['minute'] or 0):02d}{half}"


def _hour(hour: int, half: str | None, *, timed: bool) -> int | None:
    """Return the hour of the day; None where there is no such hour, or it says too little."""
    if half is None:
        return hour if timed and hour < 2 * _NOON else None
    if not 1 <= hour <= _NOON:
        return None
    return hour % _NOON + (_NOON if half.startswith("p") else 0)


def _moment(written: datetime, offset: int | None) -> Moment | None:
    try:
        moment = written - timedelta(minutes=offset or 0)
    except OverflowError:
        return None
    return Moment(
        (*moment.timetuple()[:6], moment.microsecond, int(offset is not None)),
        (*written.timetuple()[:6], written.microsecond),
        offset,
    )
