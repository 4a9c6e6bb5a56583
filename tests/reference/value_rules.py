"""Comparators of the second scorer, written from docs/scoring.md alone: slow and plain."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, TypeAlias

Json: TypeAlias = Any
Rule: TypeAlias = Mapping[str, Any]

QUOTES: Final = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'}
DASHES: Final = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
CURRENCIES: Final = {"$": {"USD", "CAD", "AUD"}, "\u20ac": {"EUR"}, "\u00a3": {"GBP"}}
NUMBER: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+(\.\d+)?|\d+(\.\d+)?)")


def json_type(value: Json) -> str:
    """Return the JSON type of a value; integers are numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def identical(one: Json, other: Json) -> bool:
    """Return whether two scalars are equal JSON values: 5 is 5.0, true is not 1."""
    return json_type(one) == json_type(other) and bool(one == other)


def folded(text: str) -> str:
    """Return a text as comparators read it: case, spaces, quotes, dashes and width folded."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        if unicodedata.category(char) == "Cf":
            continue
        wide = unicodedata.decomposition(char).split()
        plain = chr(int(wide[1], 16)) if wide and wide[0] in ("<wide>", "<narrow>") else char
        kept.append(QUOTES.get(plain, DASHES.get(plain, plain)))
    return " ".join("".join(kept).casefold().split())


def likeness(one: str, other: str) -> float:
    """Return twice the longest common subsequence over both lengths."""
    if not one and not other:
        return 1.0
    row = [0] * (len(other) + 1)
    for a in one:
        last = row
        row = [0]
        for at, b in enumerate(other):
            row.append(last[at] + 1 if a == b else max(last[at + 1], row[at]))
    return 2 * row[-1] / (len(one) + len(other))


def number_of(value: Json) -> float | int | None:
    """Return the number that a value is or, as text, has as its only reading."""
    if json_type(value) == "number":
        return float(value) if isinstance(value, float) else int(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    sign = -1 if re.fullmatch(r"\(.*\)", text) else 1
    text = text[1:-1].strip() if sign < 0 else text
    if not NUMBER.fullmatch(text) or re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text):
        return None
    plain = text.replace(",", "")
    return sign * (float(plain) if "." in plain else int(plain))


def near(one: float, other: float, rule: Rule) -> bool:
    """Return whether two numbers are within the larger of both tolerances."""
    if one == other:
        return True
    asked = max(rule.get("absolute", 0), rule.get("relative", 0) * abs(one))
    if abs(one - other) <= asked * (1 + 1e-12):
        return True
    whole = float(one).is_integer() and float(other).is_integer()
    return not whole and math.isclose(one, other, rel_tol=1e-15)


def numbers(one: Json, other: Json, rule: Rule) -> bool:
    """Compare as `number`."""
    a, b = number_of(one), number_of(other)
    return a is not None and b is not None and near(a, b, rule)


def money_of(value: Json, rule: Rule) -> tuple[float, frozenset[str]] | None:
    """Return amount and the currencies it may be in."""
    names: set[str] = set()
    text = value
    if isinstance(value, str):
        sign = re.search(r"USD|CAD|AUD|EUR|GBP|[$\u20ac\u00a3]", value)
        if sign:
            names = CURRENCIES.get(sign[0], {sign[0]})
            text = value.replace(sign[0], "").strip()
    amount = number_of(text)
    said = rule.get("currency")
    if said and (not names or said in names):
        names = {said}
    return None if amount is None else (amount, frozenset(names))


def money(one: Json, other: Json, rule: Rule) -> bool:
    """Compare as `money`: amount and currency both."""
    a, b = money_of(one, rule), money_of(other, rule)
    if a is None or b is None:
        return False
    agree = bool(a[1] & b[1]) if a[1] and b[1] else a[1] == b[1]
    return agree and near(a[0], b[0], rule)


def date_of(value: Json, rule: Rule) -> date | None:
    """Return the day that a text names."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    text = str(value).strip()
    if m := re.fullmatch(r"(\d{4})(-?)(\d\d)\2(\d\d)", text):
        year, _, month, day = m.groups()
    elif m := re.fullmatch(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})", text):
        if m[2] not in MONTHS:
            return None
        year, month, day = m[3], str(MONTHS.index(m[2]) + 1), m[1]
    elif m := re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text):
        first, second, year = m.groups()
        order = rule.get("date_order") or ("DMY" if first > "12" >= second else "MDY")
        if "date_order" not in rule and max(first, second) <= "12" and first != second:
            return None
        day, month = (first, second) if order == "DMY" else (second, first)
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def dates(one: Json, other: Json, rule: Rule) -> bool:
    """Compare as `date`."""
    a, b = date_of(one, rule), date_of(other, rule)
    if a is None or b is None:
        return texts(one, other, {})
    if rule.get("precision") == "year":
        return a.year == b.year
    if rule.get("precision") == "month":
        return (a.year, a.month) == (b.year, b.month)
    return abs((a - b).days) <= int(rule.get("days", 0))


def texts(one: Json, other: Json, rule: Rule) -> bool:
    """Compare as `text`; a number stands for itself written out."""
    if not isinstance(one, str) or not isinstance(other, str):
        return numbers(one, other, {})
    a, b = folded(one), folded(other)
    if a == b:
        return True
    if "threshold" not in rule:
        return False
    alike = likeness(a, b)
    bound = float(rule["threshold"])
    return alike > bound if rule.get("bound") == ">" else alike >= bound


def members(one: Json, other: Json, rule: Rule, allowed: list[Json]) -> bool:
    """Compare as `enum`: an exact member is itself; folding leads to one member or none."""
    return identical(member_of(one, rule, allowed), member_of(other, rule, allowed))


def member_of(value: Json, rule: Rule, allowed: list[Json]) -> Json:
    """Return the member that a value stands for, else the value."""
    if any(identical(value, member) for member in allowed) or not isinstance(value, str):
        return value
    for member, spellings in rule.get("synonyms", {}).items():
        if folded(value) in map(folded, spellings):
            return member
    alike = [m for m in allowed if isinstance(m, str) and folded(m) == folded(value)]
    return alike[0] if len(alike) == 1 else folded(value)


def truths(one: Json, other: Json) -> bool:
    """Compare as `boolean`: `true` as text is true."""
    words = {"true": True, "false": False}
    a, b = (words.get(folded(v)) if isinstance(v, str) else v for v in (one, other))
    return isinstance(a, bool) and isinstance(b, bool) and a == b


def identifiers(one: Json, other: Json) -> bool:
    """Compare as `identifier`: separators and case dropped."""
    a, b = (re.sub(r"[\W_]", "", folded(str(v))) for v in (one, other))
    return a == b


def angles(one: Json, other: Json, rule: Rule) -> bool:
    """Compare as `circular`: on a scale that begins again at its period."""
    a, b = number_of(one), number_of(other)
    if a is None or b is None:
        return False
    period = float(rule.get("period", 360))
    apart = abs(a - b) % period
    return min(apart, period - apart) <= float(rule.get("absolute", 0)) + 1e-9


def same(one: Json, other: Json, compare: str, rule: Rule, allowed: list[Json]) -> bool:
    """Return whether a comparator says that two values are the same."""
    if identical(one, other):
        return True
    match compare:
        case "exact":
            return False
        case "enum":
            return members(one, other, rule, allowed)
        case "boolean":
            return truths(one, other)
        case "identifier":
            return identifiers(one, other)
        case _:
            by_rule = {"number": numbers, "money": money, "date": dates, "circular": angles}
            return by_rule.get(compare, texts)(one, other, rule)
