"""Locations of numbers in a text: in tables, CSV, after dashes, in brackets, not inside names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from harness.core.reading.currencies import CODES
from harness.core.reading.numbers import read_number

NumberOffsets: TypeAlias = tuple[int, int]
"""Start and end in characters, the end not included."""

_RUN: Final = re.compile(
    r"[\d.](?:(?<=\d)|(?<![\w.]\.)(?=\d))"
    r"(?P<begun>(?<![^ \n|].)(?<![$\u20ac\u00a3\u00a5][ \n|].))?"
    r"\d*(?:[.,'\u2019\u00a0\u202f]\d+)*"
    r"(?(begun)(?P<alone>(?=[ \n|](?!%)|\.?\Z|\.[ \n|]))?)"
)
"""Digits with their marks; `alone` where they stand between spaces, as most do: nothing near them
says more of them."""
_MAY_GROUP: Final = re.compile(r",|\.\d{3}\Z|\..*\.")
"""Digits that a comma as the decimal mark may make another number of."""
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_BEFORE: Final = re.compile(r"(\()?([-+\u2212\u2013]*)([$\u20ac\u00a3\u00a5]\s?)?([-+\u2212]?)\Z")
_SIGNS: Final = frozenset("(-+\u2212\u2013$\u20ac\u00a3\u00a5")
_CURRENCIES: Final = frozenset("$\u20ac\u00a3\u00a5")
_JOINTS: Final = frozenset("-\u2013/:.")
_JOINED_BEFORE: Final = re.compile(r"\d\s?[-\u2013/:.]\Z")
_JOINED_AFTER: Final = re.compile(r"[-\u2013/:]\d")
_MAY_TOUCH: Final = frozenset((*CODES, "RP", "RS", "US", "X"))
"""Letters right before a number that make no name of it."""
_AFTER: Final = re.compile(r"\s?%|\)")
_LETTERS: Final = re.compile(r"[A-Za-z_]+\Z")
_UNIT: Final = re.compile(r"(?!(?:st|nd|rd|th)\b)(?:[a-z\u00b5\u03bc][A-Za-z]{0,4}|[CVWA])(?![\w])")
_GLUED: Final = re.compile(r"[A-Z]{1,4}(?![\w])")
"""Capitals right behind an amount: `12.50EUR`."""
_NAME_AFTER: Final = re.compile(r"-[A-Z]|-?[A-Za-z]+-?\d")
_DASHES: Final = "-\u2212\u2013\u2014"
_CSV_COMMAS: Final = 3
"""Commas without a space behind them from which a line is taken for CSV."""
_DECIMAL_COMMA: Final = re.compile(r"(?<!\S)\d{1,3}(?:\.\d{3})*,\d{1,2}(?!\S)")
"""An amount between spaces: three of them on a line do not make it CSV."""
_DECIMALS: Final = re.compile(r"[.,]\d{2}\Z")
_CITATION: Final = re.compile(r"[\w.,;)]\s?\[(?:\d+[,\u2013-]\s?)*\Z")
_CELL: Final = re.compile(r"\((?:row|col|column|cell)\s\Z")
"""What stands before the number of a cell in tables that were written out as text."""
_LOOK_BACK: Final = 12


def number_places(
    text: str, dates: Sequence[NumberOffsets] = ()
) -> tuple[Mapping[int | float, list[NumberOffsets]], Mapping[int | float, list[NumberOffsets]]]:
    """Return where each number stands plainly, and where it is part of a range, date or time.

    `dates` are the places of dates, in the document's order.

    >>> plain, parts = number_places("CO2, MOF-802, x,34,--1.4 and 10-20")
    >>> plain[34], plain[1.4], parts[10], 2 in plain, 802 in plain
    ([(16, 18)], [(19, 24)], [(29, 31)], False, False)
    >>> dict(number_places("(row 3) (col 2): 12")[0])
    {12: [(17, 19)]}
    >>> 12 in number_places("Sales 12,236,374 9,100,200")[0]
    False
    """
    by_number: tuple[dict[int | float, list[NumberOffsets]], dict[int | float, list[NumberOffsets]]]
    by_number = defaultdict(list), defaultdict(list)
    starts = [start for start, _ in dates]
    for match in _RUN.finditer(text):
        span = match.span()
        inside = bisect_right(starts, span[0]) - 1
        dated = inside >= 0 and span[0] < dates[inside][1]
        digits, alone = match.group(0, "alone")
        if alone is not None and "," not in digits and not _is_padded(digits):
            for value in _readings(digits):
                by_number[dated][value].append(span)
            continue
        for value, place, plain in _places(text, match, dated=dated):
            places = by_number[not plain][value]
            if places[-1:] != [place]:  # the same digits, read again
                places.append(place)
    return by_number


def _places(
    text: str, match: re.Match[str], *, dated: bool
) -> Iterator[tuple[int | float, NumberOffsets, bool]]:
    """Yield what a run of digits may mean, where, and whether it stands there for itself."""
    start, end = match.span()
    before, after = text[max(0, start - _LOOK_BACK) : start], text[end : end + _LOOK_BACK]
    if _is_in_name(before, _without_unit(match[0], after)) or _is_padded(match[0]):
        return
    parts = list(_pieces(text, match))
    if len(parts) > 1:
        for at, piece in parts:
            yield from ((v, (at, at + len(piece)), True) for v in _readings(piece))
        if not _GROUPED.fullmatch(match[0]):
            return
    whole = not dated and not _is_part(before, after)
    signs, left = _signs(before)
    closed = _AFTER.match(after)
    percent = bool(closed) and "%" in (closed or after)[0]
    right = end + (len(closed[0]) if closed and (percent or "(" in signs) else 0)
    for value in _readings(match[0]):
        for sign in (1, -1):
            if (sign < 0 and signs) or (sign > 0 and signs != "-"):
                yield sign * value, (start - left, right), whole
                if percent:
                    yield sign * value / 100, (start - left, right), whole


def _is_in_name(before: str, after: str) -> bool:
    """Tell a number from digits that are a name: CO2, 1A-8, a citation's [144], (row 12)."""
    letters = _LETTERS.search(before) if before[-1:].isalpha() or before[-1:] == "_" else None
    if letters and letters[0].upper() not in _MAY_TOUCH:
        return True
    if len(before) > 1 and before[-1] in _DASHES[:1] and before[-2].isalpha():
        return True
    if after[:1] == "]" and _CITATION.search(before):
        return True
    if _NAME_AFTER.match(after) or (after[:1] == ")" and _CELL.search(before)):
        return True
    return after[:1].isascii() and after[:1].isalpha() and not _UNIT.match(after)


def _without_unit(digits: str, after: str) -> str:
    """Leave out capitals that stand right behind an amount: a currency, or what OCR made of one."""
    glued = _GLUED.match(after)
    if glued is None or not (_DECIMALS.search(digits) or glued[0] in CODES):
        return after
    return after[glued.end() :]


def _is_padded(digits: str) -> bool:
    return digits[0] == "0" and len(digits) > len("00") and digits.isdigit()


def _is_part(before: str, after: str) -> bool:
    """Tell whether digits stand in a range, a fraction or a time."""
    joined = before[-1:] in _JOINTS and _JOINED_BEFORE.search(before)
    return bool(joined or _JOINED_AFTER.match(after))


def _pieces(text: str, match: re.Match[str]) -> Iterator[tuple[int, str]]:
    """Yield the cells of a run with commas where its line is CSV or it is no number."""
    run = match[0]
    if "," not in run:
        return
    first = text.rfind("\n", 0, match.start()) + 1
    last = text.find("\n", match.end())
    line = text[first : last if last >= 0 else len(text)]
    cells = _DECIMAL_COMMA.sub("", line)
    is_csv = cells.count(",") - cells.count(", ") >= _CSV_COMMAS
    around = text[first : match.start()][-1:] + text[match.end() : match.end() + 1].rstrip("\n")
    if around and "," not in around and _GROUPED.fullmatch(run):
        return
    if not is_csv and _readings(run):
        return
    at = match.start()
    for piece in run.split(","):
        yield at, piece
        at += len(piece) + 1


def _signs(before: str) -> tuple[str, int]:
    """Return the signs before digits ("-": only negative), and how far left the number begins."""
    last = before[-1:]
    may_sign = last in _SIGNS or (last.isspace() and before[-2:-1] in _CURRENCIES)
    match = _BEFORE.search(before) if may_sign else None
    if match is None:
        return "", 0
    opened, dashes, currency, inner = match.groups()
    ahead = before[: match.start()][-1:]
    joined = ahead.isalnum() or ahead == ")"
    width = len(currency or "") + len(inner)
    if opened and not dashes:
        return "(", width + 1
    if dashes and joined and not currency:
        return "", 0
    if len(dashes) > 1:
        return "--", width + len(dashes)
    if dashes.strip("+\u2013") or inner.strip("+"):
        return "-", width + len(dashes)
    return ("--" if dashes == "\u2013" else ""), width + len(dashes)


@lru_cache(maxsize=4096)
def _readings(digits: str) -> frozenset[int | float]:
    """Return every number that digits can mean: a reader who looks for a value is generous."""
    plain = f"0{digits}" if digits[0] == "." else digits
    values = {read_number(plain)}
    if _MAY_GROUP.search(plain) and not plain.startswith("0."):
        values.add(read_number(plain, ","))
    return frozenset(value for value in values if value is not None)
