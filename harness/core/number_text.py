"""Number formatting: the one module where numbers become text, so that all outputs round alike."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from harness.core.statistics import paired_tests
from harness.core.statistics.intervals import FEW_DOCUMENTS

p_value: Final = paired_tests.p_value

UNDEFINED: Final = "n/a"
"""What stands where there is no number: a ratio with nothing to divide by."""

THIN: Final = "\u202f"
"""Narrow no-break space, between groups of three digits."""

_MINUTE: Final = 60
_HOUR: Final = 3600
_WHOLE: Final = 1000
"""One hundred percent, in tenths of a percent."""


def percent(value: float | None) -> str:
    """Return a share in [0, 1] as a percentage with one decimal.

    0 % and 100 % are said only when exact: what merely rounds to them stays a tenth away.

    >>> [percent(v) for v in (11 / 12, 0.9996, 0.0001, 0, 1, None)]
    ['91.7 %', '99.9 %', '0.1 %', '0 %', '100 %', 'n/a']
    """
    figure = bare_percent(value)
    return figure if value is None else f"{figure} %"


def bare_percent(value: float | None) -> str:
    """Return what `percent` returns, without the sign: for axes and headings that carry it.

    >>> bare_percent(0.917), bare_percent(1.0)
    ('91.7', '100')
    """
    if value is None:
        return UNDEFINED
    if value in (0, 1):
        return "100" if value else "0"
    tenths = min(max(round(value * _WHOLE), 1), _WHOLE - 1)
    return f"{tenths // 10}.{tenths % 10}"


def goal(value: float) -> str:
    """Return a percentage that someone set, with the decimals they gave it.

    >>> [goal(v) for v in (0.9, 0.925, 1.0)]
    ['90 %', '92.5 %', '100 %']
    """
    return f"{(Decimal(str(value)) * 100).normalize():f} %"


def ratio(hits: int, of: int) -> str:
    """Return a percentage with the fraction it was made of.

    >>> ratio(11, 12), ratio(12, 12), ratio(0, 0)
    ('91.7 % (11/12)', '100 % (12/12)', 'n/a (0/0)')
    """
    return f"{percent(hits / of if of else None)} ({count(hits)}/{count(of)})"


def count(number: int) -> str:
    """Return a whole number, its digits in groups of three.

    >>> count(999), count(1234567).replace(THIN, "_")
    ('999', '1_234_567')
    """
    return f"{number:,}".replace(",", THIN)


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(1, "omission"), counted(0, "omission"), counted(2, "reply", "replies")
    ('1 omission', '0 omissions', '2 replies')
    """
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"


def interval(bounds: tuple[float, float] | list[float] | None) -> str:
    """Return a confidence interval of a share, the sign said once.

    >>> interval([0.881, 0.9421]), interval([0.5, 1.0]), interval(None)
    ('88.1\u201394.2 %', '50.0\u2013100 %', 'n/a')
    """
    if bounds is None:
        return UNDEFINED
    low, high = bounds
    return f"{bare_percent(low)}\u2013{percent(high)}"


def share_within(value: float | None, bounds: tuple[float, float] | None) -> str:
    """Return a share in [0, 1] as a percentage, with its interval where it has one.

    >>> share_within(0.75, (0.5, 1.0)), share_within(1.0, None), share_within(None, None)
    ('75.0 % (50.0\u2013100 %)', '100 %', 'n/a')
    """
    if value is None or bounds is None:
        return percent(value)
    return f"{percent(value)} ({interval(bounds)})"


def coefficient(value: float | None, bounds: tuple[float, float] | None) -> str:
    """Return an agreement coefficient, which may be negative, with its interval where it has one.

    >>> coefficient(0.8125, (0.61, 1.0)), coefficient(-0.2, None), coefficient(None, None)
    ('0.81 (0.61 to 1.00)', '-0.20', 'undefined')
    """
    if value is None:
        return "undefined"
    if bounds is None:
        return f"{value:.2f}"
    low, high = bounds
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def points(difference: float | None) -> str:
    """Return a difference of two shares in percentage points, never 0 unless it is.

    >>> [points(v) for v in (0.0314, 0.0001, 0, -0.02, None)]
    ['3.1', '<0.1', '0', '-2.0', 'n/a']
    """
    if difference is None:
        return UNDEFINED
    if not difference:
        return "0"
    shown = f"{difference * 100:.1f}"
    return shown if float(shown) else f"{'<' if difference > 0 else '>-'}0.1"


def gain(difference: float | None) -> str:
    """Return a difference of two shares in percentage points, with its sign, as it is read aloud.

    >>> [gain(v) for v in (0.0314, 0.0001, 0, -0.02, -0.0001, None)]
    ['+3.1', '+<0.1', '0', '-2.0', '->0.1', 'n/a']
    """
    shown = points(difference)
    if difference is None or difference <= 0:
        return shown.replace(">-", "->")
    return f"+{shown}"


def gains(bounds: tuple[float, float] | None) -> str:
    """Return an interval of such a difference.

    >>> gains((-0.0112, 0.05)), gains(None)
    ('-1.1 to +5.0', 'n/a')
    """
    return UNDEFINED if bounds is None else f"{gain(bounds[0])} to {gain(bounds[1])}"


def similarity_text(value: float) -> str:
    """Return a likeness in [0, 1]; 0 and 1 only when exact.

    >>> similarity_text(0.5), similarity_text(0.999), similarity_text(1.0), similarity_text(0.001)
    ('0.50', '0.99', '1', '0.01')
    """
    if value in (0, 1):
        return str(int(value))
    return f"{min(max(value, 0.01), 0.99):.2f}"


def confidences(known: Mapping[str, float]) -> str:
    """Return how sure an answer is of a value, by source.

    >>> confidences({"logprobs": 0.9995, "votes": 2 / 3, "stated": 0.9})
    '0.99 by logprobs, 0.67 by votes, 0.90 as stated'
    """
    return ", ".join(
        f"{similarity_text(sure)} {_TOLD_BY.get(source, f'by {source}')}"
        for source, sure in known.items()
    )


_TOLD_BY: Final[Mapping[str, str]] = MappingProxyType(
    {"stated": "as stated", "extractor": "by the extractor"}
)


def seconds(duration: float) -> str:
    """Return a duration in the units a person would use.

    >>> [seconds(s) for s in (0.034, 8.25, 59.6, 72, 3725)]
    ['0.03 s', '8.2 s', '1 min 00 s', '1 min 12 s', '1 h 02 min']
    """
    if duration < 1:
        return f"{duration:.2f} s"
    if duration < 10:  # noqa: PLR2004  # below ten, a decimal still tells something
        return f"{duration:.1f} s"
    whole = math.floor(duration + 0.5)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


def money(usd: float) -> str:
    """Return an amount in US dollars, with the digits that tell something.

    >>> [money(v) for v in (12.5, 0.3, 0.0421, 0.00012, 0.0, 1234.5)]
    ['$12.50', '$0.30', '$0.042', '$0.00012', '$0', '$1\u202f234.50']
    """
    if not usd:
        return "$0"
    if usd >= 0.1:  # noqa: PLR2004  # below ten cents, cents are too coarse
        return f"${usd:,.2f}".replace(",", THIN)
    return f"${Decimal(f'{usd:.2g}'):f}"


def elapsed(started: str, finished: str | None) -> str | None:
    """Return the time between two ISO moments, or None if either cannot be read.

    >>> elapsed("2025-11-22T10:00:00Z", "2025-11-22T10:01:12Z")
    '1 min 12 s'
    """
    begin, end = _moment(started), _moment(finished)
    if begin is None or end is None or end < begin:
        return None
    return seconds((end - begin).total_seconds())


def moment(iso: str) -> str:
    """Return an ISO moment as people write it, in UTC; unreadable text comes back unchanged.

    >>> moment("2025-11-22T10:00:31+01:00"), moment("yesterday")
    ('2025-11-22 09:00 UTC', 'yesterday')
    """
    when = _moment(iso)
    return iso if when is None else f"{when:%Y-%m-%d %H:%M} UTC"


def moments(isos: Sequence[str]) -> list[str]:
    """Return moments as `moment` does, with seconds where several of them share a minute.

    >>> moments(["2025-11-22T09:00:31Z", "2025-11-22T09:00:58Z", "2025-11-22T09:01:00Z"])
    ['2025-11-22 09:00:31 UTC', '2025-11-22 09:00:58 UTC', '2025-11-22 09:01 UTC']
    """
    shown = [moment(iso) for iso in isos]
    number = Counter(shown)
    return [
        text if number[text] == 1 or (when := _moment(iso)) is None else f"{when:%F %T} UTC"
        for iso, text in zip(isos, shown, strict=True)
    ]


def _moment(iso: str | None) -> datetime | None:
    try:
        when = datetime.fromisoformat(iso or "")
    except ValueError:
        return None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def plain_count(number: int, noun: str) -> str:
    """Return a number with its noun, without separators between digits.

    >>> plain_count(1, "cluster"), plain_count(1200, "cluster")
    ('1 cluster', '1200 clusters')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def gained(difference: float) -> str:
    """Return a change of F1 with its unit, in points of a hundred.

    >>> gained(0.0123), gained(-0.1)
    ('+1.2 points', '-10.0 points')
    """
    return f"{gain(difference)} points"


def few_documents_note(documents: int | None) -> str | None:
    """Return what so few documents cannot tell, whatever an interval says; None for enough.

    >>> few_documents_note(12)
    '12 documents: kinds that are rare and read badly may not be among them'
    >>> few_documents_note(20) is few_documents_note(None) is None
    True
    """
    if not documents or documents >= FEW_DOCUMENTS:
        return None
    among = counted(documents, "document")
    return f"{among}: kinds that are rare and read badly may not be among them"
