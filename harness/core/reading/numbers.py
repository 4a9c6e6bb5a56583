"""Numbers written as text: what is certain is read, the rest is not a number.

Numbers are kept in a canonical form, in which equal means the same number: 15 significant digits
of a fraction, every digit of a whole number.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from harness.core.reading.text import plain_typography
from harness.core.reading.units import SHARES, Beside, beside, joined_units, may_stand_before

_SHAPE: Final = re.compile(
    r"""(?P<open>\()?\s*
        (?P<before>(?:[^\W\d_]{1,4}[^\w\s(),+\-<>\u2264\u2265~\u2248\u00b1?]?
            |[^\w\s().,+\-<>\u2264\u2265~\u2248\u00b1?])?)\s*
        (?P<sign>[+\-])?\s*
        (?P<symbol>[^\w\s().,+\-<>\u2264\u2265~\u2248\u00b1?]?)\s*
        (?P<digits>\d[\d.,' ]*|[.,]\d+)
        (?P<exponent>[eE][+-]?\d{1,4})?\s*
        (?P<after>[^\W\d_]*[^\d().,+\-\w\s<>~\u00b1?]?[^\W\d_]*[\u00b2\u00b3]?\.?
            |[^\W\d_]+\.?[ ]?[^\w\s().,+\-<>~\u00b1?%])\s*
        (?P<close>\))?\s*""",
    re.VERBOSE,
)
"""An optional currency, sign, digits with separators, exponent, and one word or sign of unit. A
bound or an estimate (`<5`, `~5`, `5?`) is not the number it names."""

_LONGEST: Final = 60
_PLAIN: Final = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})*(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?")
"""A number as most are written; the reader below says the same of it."""
_NOTHING: Final = Beside()

SIGNIFICANT_DIGITS: Final = 15
"""In how many digits two fractions agree that are the same number, unless a rule has a tolerance:
what differs beyond them is binary noise."""
_FEW_CHARACTERS: Final = SIGNIFICANT_DIGITS + 1
"""A fraction written in so many, its point among them, has no more digits than count."""
_SHIFT: Final = 10_000.0
"""A fraction that is whole once multiplied by this has at most four decimals."""
_FIFTEEN_DIGITS: Final = 1e15
_EXACT_WHOLE: Final = 2.0**53
"""From here on not every whole number is a float of its own."""


def canonical_number(value: float) -> int | float:
    """Return the number that every number which is the same has in common.

    A fraction is rounded to 15 significant digits: what differs beyond them is binary noise. A
    whole number keeps every digit, also where it is written `2.0`.

    >>> canonical_number(0.1 + 0.2) == canonical_number(0.3)
    True
    >>> canonical_number(12345678.90) == canonical_number(12345678.91)
    False
    >>> canonical_number(2000000000) == canonical_number(2000000001.0)
    False
    """
    if isinstance(value, int):
        return value
    shifted = value * _SHIFT
    if shifted.is_integer() and abs(shifted) < _FIFTEEN_DIGITS and shifted / _SHIFT == value:
        return value
    if value.is_integer():
        return value if abs(value) <= _EXACT_WHOLE else int(Decimal(repr(value)))
    return value if len(repr(value)) <= _FEW_CHARACTERS else float(f"{value:.15g}")


def canonical_floats(values: Sequence[float]) -> list[int | float]:
    """Return the canonical number of each float.

    >>> canonical_floats([0.1 + 0.2, 2.0])
    [0.3, 2.0]
    """
    return [
        value
        if (shifted := value * _SHIFT).is_integer()
        and -_FIFTEEN_DIGITS < shifted < _FIFTEEN_DIGITS
        and shifted / _SHIFT == value
        else canonical_number(value)
        for value in values
    ]


_NO_CENTS: Final = re.compile(r"(?<=\d)[.,]-+(?=\D*\Z)")
_MINUS_BEHIND: Final = re.compile(r"(\D*)(\d[\d.,' ]*)-((?![^\W\d_])\D*)")
"""Not where a letter comes next: `5-kg` is no debt."""
_FRACTION: Final = re.compile(r"(?<!\d)(\d*+)\s?([\u00bc-\u00be\u2150-\u215e])(?=\W|\Z)")


def _arabic(text: str, decimal: str) -> str:
    """Write the marks of Arabic numbers, which have one reading, as those that are declared."""
    group = "," if decimal == "." else "."
    return text.replace("\u066b", decimal).replace("\u066c", group).replace("\u066a", "%")


_POWER_OF_TEN: Final = re.compile(
    r"(?<=\d)\s?[\u00d7x*\u00b7]\s?10(?:\^\s?([+\-]?\d{1,3})|([\u207a\u207b]?[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]{1,3}))"
)
_RAISED: Final = str.maketrans(
    "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b", "0123456789+-"
)
_CREDITED: Final = re.compile(
    r"(?P<before>[^\d()+\-]{0,4})\((?P<digits>\d[\d.,' ]*)\)(?P<after>[^\d()+\-]{0,4})"
)


def _plain_notation(text: str) -> str:
    """Write `1.5\u00d710\u00b3` as 1.5e3, and a sign that stands outside of brackets inside."""
    text = _POWER_OF_TEN.sub(lambda m: f"e{(m[1] or m[2]).translate(_RAISED)}", text)
    credited = _CREDITED.fullmatch(text)
    return f"({credited['before']}{credited['digits']}{credited['after']})" if credited else text


def _whole_fractions(text: str) -> str:
    """Write `5.-` as 5, `5-` as -5, and a vulgar fraction that ends as a decimal one."""
    if "-" not in text and text.isascii():
        return text
    text = _NO_CENTS.sub("", text)
    behind = _MINUS_BEHIND.fullmatch(text)
    if behind and "-" not in behind[1] and "(" not in behind[1]:
        text = f"{behind[1]}-{behind[2]}{behind[3]}"
    return _FRACTION.sub(_as_decimal, text)


def _as_decimal(match: re.Match[str]) -> str:
    value = Decimal(repr(unicodedata.numeric(match[2])))
    ends = len(value.as_tuple().digits) < SIGNIFICANT_DIGITS and len(match[1]) <= _LONGEST
    return str(int(match[1] or "0") + value) if ends else match[0]


def read_number(
    text: str, decimal: Literal[".", ","] = ".", *, percent: bool = False
) -> int | float | None:
    """Read a number out of a text that is nothing but a number, or return None.

    Reads digit groups, a known currency or unit beside the number, `(12)` as minus twelve. A scale
    word or a word that is not known leaves the text unread. The decimal mark is a setting and never
    guessed; with `percent`, `15 %` is 0.15, otherwise 15.

    >>> [read_number(t) for t in ("1,234.50", "$1,234.50", "(123.45)", "12 %", "EUR 7")]
    [1234.5, 1234.5, -123.45, 12, 7]
    >>> [read_number(t) for t in ("1.234,50", "12,5", "forty-two", "5M", "10\u00b2", "A5", "")]
    [None, None, None, None, None, None, None]
    >>> read_number("1.234,50", decimal=","), read_number("15%", percent=True)
    (1234.5, 0.15)
    """
    measure = _read(text, decimal, percent=percent)
    return None if measure is None or measure[1].scale else measure[0]


class Measure(float):
    """A number with what stands beside it. Equal are the same number with the same beside it."""

    __slots__ = ("beside", "number")

    beside: Beside
    number: int | float
    """In canonical form; as a float it is only as exact as one."""

    @classmethod
    def of(cls, number: float, beside: Beside) -> Measure:
        """Return a number with what stands beside it."""
        measure = cls(number)
        measure.number, measure.beside = canonical_number(number), beside
        return measure

    def __eq__(self, other: object) -> bool:
        """Tell whether another is the same number with the same beside it."""
        if not isinstance(other, Measure):
            return False
        return (self.number, self.beside) == (other.number, other.beside)

    def __hash__(self) -> int:
        """Hash by the number and what stands beside it."""
        return hash((self.number, self.beside))


def read_measure(
    text: str, decimal: Literal[".", ","] = ".", *, percent: bool = False
) -> int | float | None:
    """Read a number as `read_number` does, as a `Measure` where something stands beside it.

    >>> read_measure("3 kg") == read_measure("3 kilograms"), read_measure("3 kg") == 3
    (True, False)
    >>> read_measure("5 widgets") is None, read_measure("5")
    (True, 5)
    """
    measure = _read(text, decimal, percent=percent)
    if measure is None:
        return None
    return Measure.of(*measure) if any(measure[1]) else canonical_number(measure[0])


def _read(
    text: str, decimal: Literal[".", ","], *, percent: bool
) -> tuple[int | float, Beside] | None:
    """Return a number and what stands beside it; None where either is not certain."""
    if decimal == "." and len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        value = _value(text.replace(",", ""), "")
        return None if value is None else (value, _NOTHING)
    if _DIGIT.search(text) is None:
        return None
    read = _read_spelt if len(text) > _LONGEST else _read_again
    return read(text, decimal, percent=percent)


_DIGIT: Final = re.compile("[\\d\u00bc-\u00be\u2150-\u215e]")
"""One of these, digits and vulgar fractions, is in every number."""


def _read_spelt(
    text: str, decimal: Literal[".", ","], *, percent: bool
) -> tuple[int | float, Beside] | None:
    """Read a number with everything that may stand beside it."""
    text = _plain_notation(_arabic(plain_typography(text.strip()), decimal))
    text = joined_units(_whole_fractions(text))
    if not text or len(text) > _LONGEST:
        return None
    match = _SHAPE.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    before = [word for word in (match["before"], match["symbol"]) if word]
    known = all(map(may_stand_before, before))
    words = beside(*before, *match["after"].split()) if known else None
    if words is None:
        return None
    plain = plain_digits(match["digits"].rstrip(), decimal)
    if plain is None:
        return None
    value = _value(plain, match["exponent"] or "")
    if value is None:
        return None
    if match["open"] or match["sign"] == "-":
        value = -value
    share = SHARES.get(words.unit) if percent else None
    return (value, words) if share is None else (value / share, Beside())


_read_again = lru_cache(maxsize=4096)(_read_spelt)
"""Aligning a list and judging its pairs read the same texts several times."""


def read_quantity(
    text: str, units: Mapping[str, float], decimal: Literal[".", ","] = "."
) -> int | float | None:
    """Read a number with one of the given units behind it, converted, or return None.

    `units` are worth so many of the unit a bare number is in. Their case counts: mW is not MW.

    >>> kilograms = {"kg": 1, "g": 0.001, "t": 1000}
    >>> [read_quantity(text, kilograms) for text in ("500 g", "2t", "0.5", "1,200 kg")]
    [0.5, 2000, 0.5, 1200]
    >>> [read_quantity(text, kilograms) for text in ("5 lb", "5 G", "kg", "5 kg 200 g", "$5")]
    [None, None, None, None, None]
    """
    match = _QUANTITY.fullmatch(plain_typography(text.strip()))
    if match is None:
        return None
    unit = match["unit"].strip()
    number, worth = read_number(match["number"], decimal), units.get(unit) if unit else 1
    return None if number is None or worth is None else number * worth


_QUANTITY: Final = re.compile(r"(?P<number>[+\-]?[\d.,][\d.,' ]*)(?P<unit>\D*)")


def _value(plain: str, exponent: str) -> int | float | None:
    """Return the number that digits and an exponent name; None where no float can hold it."""
    whole, _, fraction = plain.partition(".")
    if not exponent and not fraction.strip("0"):
        return int(whole or "0")
    value = float(plain + exponent)
    vanished = value == 0 and bool(plain.strip("0."))
    return value if math.isfinite(value) and not vanished else None


def plain_digits(digits: str, decimal: str) -> str | None:
    """Drop well-formed digit groups and write the decimal mark as a point; None if ill-formed.

    >>> plain_digits("1,234.50", "."), plain_digits("1.234,50", ","), plain_digits("1,23,4", ".")
    ('1234.50', '1234.50', None)
    """
    whole, mark, fraction = digits.partition(decimal)
    if mark and not fraction.isdigit():
        return f"{whole}." if whole.isdigit() and not fraction else None
    groups = re.split(r"[.,' ]", whole)
    if len(groups) > 1:
        separators = set(re.sub(r"\d", "", whole))
        indian = all(len(g) in (2, 3) for g in groups[1:])
        formed = 1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3 and indian  # noqa: PLR2004  # digits in a group
        if len(separators) != 1 or decimal in separators or not formed:
            return None
    plain = "".join(groups)
    if not (plain.isdigit() or (mark and not plain)):
        return None
    return f"{plain}.{fraction}" if mark else plain
