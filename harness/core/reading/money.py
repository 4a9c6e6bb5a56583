"""Amounts of money written as text: what is certain is read, the rest is not an amount."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final, Literal, NamedTuple

from harness.core.reading.currencies import THREE_DECIMALS, currencies
from harness.core.reading.numbers import plain_digits
from harness.core.reading.text import plain_typography

_SHAPE: Final = re.compile(
    r"""(?P<open>\()?\s*(?P<sign>[+\-])?\s*
        (?P<before>[^\d()+\-]{0,12}?)\s*(?P<inner>[+\-])?\s*
        (?P<digits>\d[\d.,'\u0020]*|[.,]\d+)\s*
        (?P<after>[^\d()+\-]{0,18}?)\s*(?P<close>\))?""",
    re.VERBOSE,
)
_GROUP_OR_FRACTION: Final = re.compile(r"[1-9]\d{0,2}\.\d{3}")
"""`1.234`: as likely the thousands of one country as the fraction of another."""
_LONGEST: Final = 60


class Money(NamedTuple):
    """An amount and what is known of its currency."""

    amount: Decimal
    """In the form that the same amounts have in common, see `canonical_amount`."""
    currencies: frozenset[str]
    """The codes its currency can be: several for a sign that several share, none if unnamed."""


_NO_CENTS: Final = re.compile(r"(?<=\d)[.,]-+(?=\D*\Z)")
_MINUS_BEHIND: Final = re.compile(r"([^\d(\-]*)(\d[\d.,' ]*)-((?![^\W\d_])[^\d(\-]*)")


def _written_out(text: str) -> str:
    """Write `5.-` as 5 and `5-` as -5."""
    text = _NO_CENTS.sub("", text)
    behind = _MINUS_BEHIND.fullmatch(text)
    return f"{behind[1]}-{behind[2]}{behind[3]}" if behind else text


_NOISELESS: Final = Decimal(10) ** 12
"""From here on a cent lies within the 15 digits to which fractions are the same."""
_CENT: Final = Decimal("0.01")
_DIGITS: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)
_EVERY_DIGIT: Final = Context(prec=5000, rounding=ROUND_HALF_EVEN, Emax=999_999, Emin=-999_999)


def canonical_amount(amount: Decimal | float) -> Decimal:
    """Return the amount that every amount which is the same has in common.

    To 15 significant digits, so that binary noise is no difference; large amounts to the cent.

    >>> canonical_amount(0.1 + 0.2) == canonical_amount(0.3)
    True
    >>> canonical_amount(Decimal("12345678901234.56")), canonical_amount(12345678.91)
    (Decimal('12345678901234.56'), Decimal('12345678.91'))
    """
    value = Decimal(repr(amount)) if isinstance(amount, float) else Decimal(amount)
    if value == value.to_integral_value():
        return value
    if abs(value) < _NOISELESS:
        return _DIGITS.plus(value)
    return value.quantize(_CENT, context=_EVERY_DIGIT)


def read_money(text: str, decimal: Literal[".", ","] | None = None) -> Money | None:
    """Read a text that is nothing but an amount, with a currency or without, or return None.

    The currency is a code, a sign or a word, before or after the amount; both where they agree.
    The decimal mark is a point unless declared; undeclared, `1.234` is not read, since amounts
    hardly ever have three decimals.

    >>> [read_money(t) for t in ("USD 1,234.50", "1 234.50 EUR")] == [
    ...     Money(Decimal("1234.5"), frozenset({code})) for code in ("USD", "EUR")]
    True
    >>> read_money("1.234,50 EUR") is None, read_money("1.234,50 EUR", ",").amount
    (True, Decimal('1234.50'))
    >>> [read_money(t) for t in ("5 million USD", "5 kg", "$5 EUR", "1.234 EUR", "5-10 USD")]
    [None, None, None, None, None]
    """
    text = _written_out(plain_typography(text.strip()))
    match = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    negatives = [m for m in (match["open"], match["sign"], match["inner"]) if m]
    currency = _currency(match["before"], match["digits"], match["after"])
    if currency is None or len(negatives) > 1:
        return None
    known, digits = currency
    if decimal is None and _GROUP_OR_FRACTION.fullmatch(digits) and not known & THREE_DECIMALS:
        return None
    plain = plain_digits(digits, decimal or ".")
    if plain is None:
        return None
    amount = canonical_amount(Decimal(plain))
    return Money(-amount if negatives and negatives[0] != "+" else amount, known)


def _currency(before: str, digits: str, after: str) -> tuple[frozenset[str], str] | None:
    """Return what the signs beside an amount can mean, and its digits; None for other words."""
    if before and digits[0] in ".,":
        if currencies(f"{before}.") is not None:  # "Rs.500": the point belongs to the sign
            before, digits = f"{before}.", digits[1:]
        elif before[-1].isalnum():
            return None
    named = [name for name in (before, after) if name]
    read = [_known(name) for name in named]
    known = [codes for codes in read if codes is not None]
    if len(known) < len(named):
        return None
    shared = frozenset.intersection(*known) if known else frozenset()
    return (shared, digits.rstrip()) if shared or not named else None


def _known(name: str) -> frozenset[str] | None:
    codes = currencies(name)
    return currencies(name.rstrip(".:")) if codes is None else codes
