"""Rate limit headers: how long a response says to wait."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_LENGTH: Final = re.compile(rf"(?:{_PART.pattern})+")
_WINDOW: Final = "ratelimit-{}"
"""The standard's window: nothing is left until the next one begins."""
_BUCKETS: Final = ("x-ratelimit-{}-requests", "anthropic-ratelimit-requests-{}")
"""Vendors' buckets, which fill up steadily: their reset is when they will be full again."""


def told_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds a refusal says to wait; None where it does not say, or not clearly.

    >>> told_to_wait({"retry-after": "2"}, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    2.0
    """
    thousandths = _number(headers.get("retry-after-ms", ""))
    if thousandths is not None:
        return thousandths / 1000
    if "retry-after" in headers:
        return _length(headers["retry-after"], now)
    return _reset(_WINDOW, headers, now)


def used_up(headers: Mapping[str, str], now: datetime) -> float:
    """Return the seconds until a request is left again; 0 while there is one.

    >>> used_up(
    ...     {
    ...         "x-ratelimit-remaining-requests": "0",
    ...         "x-ratelimit-limit-requests": "60",
    ...         "x-ratelimit-reset-requests": "1m0s",
    ...     },
    ...     datetime.fromisoformat("2026-01-01T00:00:00+00:00"),
    ... )
    1.0
    """
    waits = [_reset(_WINDOW, headers, now) or 0.0]
    for bucket in _BUCKETS:
        whole = _reset(bucket, headers, now) or 0.0
        waits.append(whole / max(1.0, _number(headers.get(bucket.format("limit"), "")) or 1.0))
    return max(waits)


def _reset(name: str, headers: Mapping[str, str], now: datetime) -> float | None:
    """Return how long until a limit that is used up is reset; None if it is not used up."""
    if headers.get(name.format("remaining"), "").strip() != "0":
        return None
    return _length(headers.get(name.format("reset"), ""), now)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _length(text: str, now: datetime) -> float | None:
    """Return a length of time in seconds: `2`, `1m30s`, a date of HTTP or of RFC 3339."""
    text = text.strip()
    plain = _number(text)
    if plain is not None:
        return plain
    if _LENGTH.fullmatch(text):
        return sum(float(count) * _UNITS[unit] for count, unit in _PART.findall(text))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return max(0.0, (read(text) - now).total_seconds())
        except (ValueError, TypeError):  # no such date; one without a time zone
            continue
    return None
