"""Number formats of spreadsheets: zeros, currencies, per cent and units beside a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<digit>[0#?])|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_LONGEST: Final = 255
"""Characters of a format that Excel keeps."""
_MOST_PLACES: Final = 60
_SHAPE: Final = re.compile("([L%]*)(D?|D[DLC]*D)(?:P(D*))?(C*)([L%]*)")
"""Literals, the integer's places, those after the point, commas that divide, literals."""
_KINDS: Final = {"%": "%", ".": "P", ",": "C"}
_REFUSED: Final = re.compile("[ymdhse/@]", re.IGNORECASE)
"""Dates, exponents, fractions and text."""
_SIGNS: Final = (re.compile(r"\+"), re.compile(r"(?<!\w)[-+()]"))
"""Signs beside a number, which has its own: of a format's first section, and of its second."""


def shown_number(value: float, number_format: str) -> str:
    """Return a number in plain digits with what its format adds: leading zeros, a currency, %.

    No thousands separators; digits that a format would round away stay. Formats that are not
    understood (conditions, fractions, exponents) add nothing.

    >>> shown_number(42, "00000"), shown_number(1234.5, "#,##0.00 [$€-407]")
    ('00042', '1234.50 €')
    >>> shown_number(0.155, "0.0%"), shown_number(5, '0"%"'), shown_number(1500000, '0.0,,"M"')
    ('15.5%', '5%', '1.5M')
    >>> shown_number(42, '"INV-"00000'), shown_number(-5, "0;(0)")
    ('INV-00042', '-5')
    """
    plain = plain_number(value)
    if number_format in ("", "General") or "e" in plain:
        return plain
    sections = _sections(number_format[:_LONGEST])
    if sections is None:
        return plain
    section = sections[1] if value < 0 and len(sections) > 1 else sections[0]
    return section.shown(value)


def plain_number(value: float) -> str:
    """Return a number as its digits, 15 of them at the most.

    >>> plain_number(0.1 + 0.2), plain_number(5.0), plain_number(10**20)
    ('0.3', '5', '100000000000000000000')
    """
    return str(value) if isinstance(value, int) else f"{value:.15g}"


def shown_duration(value: timedelta) -> str:
    """Return hours, minutes and seconds, days counted as hours.

    >>> shown_duration(timedelta(hours=30, minutes=15)), shown_duration(timedelta(seconds=-5))
    ('30:15:00', '-0:00:05')
    """
    seconds = round(abs(value.total_seconds()))
    sign = "-" if value.total_seconds() < 0 else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the up to four parts of a format."""

    prefix: str
    suffix: str
    integer: str
    """Placeholders before the decimal point; with letters between them, those too."""
    decimals: int
    """Zeros after the point."""
    per_cents: int
    thousands: int
    """Commas after the last digit: each divides by a thousand."""

    def shown(self, value: float) -> str:
        """Return a number in this format."""
        scaled = Decimal(plain_number(value)) * 100**self.per_cents / 1000**self.thousands
        text = f"{abs(scaled.normalize()):f}" if scaled else "0"
        whole, _, part = text.partition(".")
        has_letters = bool(self.integer.strip("0#?"))
        if has_letters and not part and not self.decimals:
            whole = _filled(whole, self.integer)
        else:
            whole = whole.zfill(self.integer.count("0"))
        part = part.ljust(self.decimals, "0")
        sign = "-" if scaled < 0 else ""
        return f"{sign}{self.prefix}{whole}{'.' if part else ''}{part}{self.suffix}".strip()


def _filled(digits: str, pattern: str) -> str:
    """Return digits set into a pattern from the right, `000-00-0000` for one."""
    left = list(digits)
    written: list[str] = []
    for place in reversed(pattern):
        if place not in "0#?":
            written.append(place)
        elif left:
            written.append(left.pop())
        elif place == "0":
            written.append("0")
    return "".join([*left, *reversed(written)])


@lru_cache(1_000)
def _sections(number_format: str) -> Sequence[_Section] | None:
    """Return what a format's sections say; None if they are not understood."""
    texts: list[list[re.Match[str]]] = [[]]
    for match in _TOKEN.finditer(number_format):
        if match["other"] == ";":
            texts.append([])
        else:
            texts[-1].append(match)
    pairs = zip(texts, _SIGNS, strict=False)
    sections = [_section(tokens, signs) for tokens, signs in pairs]
    return None if None in sections else [each for each in sections if each is not None]


def _section(tokens: Sequence[re.Match[str]], signs: re.Pattern[str]) -> _Section | None:
    named = [_named(token) for token in tokens]
    match = _SHAPE.fullmatch("".join(kind for kind, _ in named))
    if match is None or len(named) > _MOST_PLACES or not (match[2] or match[3]):
        return None
    texts = [text for _, text in named]
    integer = [text for kind, text in named[slice(*match.span(2))] if kind != "C"]
    return _Section(
        prefix=_meant("".join(texts[slice(*match.span(1))]), signs),
        suffix=_meant("".join(texts[slice(*match.span(5))]), signs),
        integer="".join(integer),
        decimals=texts[slice(*match.span(3))].count("0") if match[3] else 0,
        per_cents=sum(kind == "%" for kind, _ in named),
        thousands=len(match[4]),
    )


def _named(token: re.Match[str]) -> tuple[str, str]:
    """Return what a token is, by the letters of `_SHAPE`, and what it shows."""
    bracket, other = token["bracket"], token["other"]
    if token["digit"] or token["general"]:
        return "D", token["digit"] or "#"
    if bracket is not None:
        condition = "X" if bracket[:1] in ("<", ">", "=") else "L"
        return condition, bracket[1:].partition("-")[0] if bracket.startswith("$") else ""
    if other is None:
        return "L", token["quoted"] or token["escaped"] or ""
    if other in _KINDS:
        return _KINDS[other], other
    return ("X" if _REFUSED.match(other) else "L"), other


def _meant(letters: str, signs: re.Pattern[str]) -> str:
    """Return letters beside a number, signs left out: the number has its own."""
    shown = " ".join(signs.sub("", letters).split(" "))
    return shown if shown.strip() else ""
