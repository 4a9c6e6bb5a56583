"""Comparators: how a value is read, and when two readings are the same value.

A comparator reads both sides leniently into keys. Whether the prediction's *format* was right is
the schema's business (`validity`), so that a right value in a wrong format can be told apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from harness.core.dates import days_apart, read_date
from harness.core.numbers import read_number
from harness.core.rules import FieldRule
from harness.core.text import fold, identifier, similarity
from harness.core.validity import Schema
from harness.core.values import Json

Key: TypeAlias = Hashable
"""What a value reads as. Two values of one field are the same if their keys are equal, unless the
comparator has a tolerance. None: the value cannot be read."""

RELATIVE = 1e-9
"""How far apart, as a share of the expected value, two fractional numbers may be by default."""

FLOAT_NOISE = 1e-12
"""Slack at the edge of a declared tolerance, so that 1.1 is within 10 % of 1 in binary, too."""


@dataclass(frozen=True, slots=True)
class Comparator:
    """One way to decide whether two values are the same."""

    name: str
    read: Callable[[Json], Key]
    """From a present scalar to its key."""
    near: Callable[[Key, Key], float]
    """Similarity of two keys in [0, 1], for values that are not the same."""
    same: Callable[[Key, Key], bool] | None = None
    """Decides on two keys where equality of keys would be too strict; None: equal keys, no more."""
    reach: Callable[[float], float] | None = None
    """Numbers: how far from an expected key the same numbers lie; None for other comparators."""


def comparator_for(name: str, rule: FieldRule, schema: Schema) -> Comparator:
    """Return the named comparator with a rule's settings.

    >>> number = comparator_for("number", FieldRule(relative=0.01), {})
    >>> number.same(100, number.read("$100.90"))
    True
    """
    return _MAKERS[name](rule, schema)


def as_text(value: Json) -> str | None:
    """Write a scalar as the text a careful reader would expect; None for null and containers.

    >>> as_text(5.0), as_text(True), as_text(None) is None
    ('5', 'true', True)
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value) if isinstance(value, int) else None


def _exact(_rule: FieldRule, _schema: Schema) -> Comparator:
    return Comparator("exact", exact_key, _text_near)


def exact_key(value: Json) -> Key:
    """Return a key that only the same JSON value has: `true` is not 1, 5 is 5.0.

    >>> exact_key(True) == exact_key(1), exact_key(5) == exact_key(5.0)
    (False, True)
    """
    if isinstance(value, list | dict):
        return None
    return ("boolean", value) if isinstance(value, bool) else value


def _text_near(one: Key, other: Key) -> float:
    if not isinstance(one, str) or not isinstance(other, str):
        return 0.0
    return similarity(one, other)


def _text(rule: FieldRule, _schema: Schema) -> Comparator:
    measure = rule.similarity or "ratio"

    def read(value: Json) -> Key:
        if isinstance(value, str):
            return fold(value)
        text = as_text(value)
        return None if text is None else fold(text)

    def near(one: Key, other: Key) -> float:
        return similarity(str(one), str(other), measure)

    threshold = rule.threshold
    if threshold is None:
        return Comparator("text", read, near)
    if rule.bound == ">":
        return Comparator("text", read, near, lambda a, b: a == b or near(a, b) > threshold)
    return Comparator("text", read, near, lambda a, b: near(a, b) >= threshold)


def _identifier(_rule: FieldRule, _schema: Schema) -> Comparator:
    def read(value: Json) -> Key:
        text = as_text(value)
        return None if text is None else identifier(text)

    return Comparator("identifier", read, _text_near)


def _number(rule: FieldRule, _schema: Schema) -> Comparator:
    absolute, relative = rule.absolute or 0.0, rule.relative
    declared = rule.absolute is not None or relative is not None
    decimal, percent = rule.decimal or ".", bool(rule.percent)

    def read(value: Json) -> Key:
        if isinstance(value, str):
            return read_number(value, decimal, percent=percent)
        return value if isinstance(value, int | float) and value.__class__ is not bool else None

    def reach(expected: float) -> float:
        size = abs(expected)
        if not declared:
            return size * RELATIVE
        return max(absolute, (relative or 0.0) * size) + size * FLOAT_NOISE

    def same(expected: Key, predicted: Key) -> bool:
        if expected == predicted:
            return True
        if not declared and expected.__class__ is int and predicted.__class__ is int:
            return False
        a, b = _finite(expected), _finite(predicted)
        return a is not None and b is not None and abs(a - b) <= reach(a)

    return Comparator("number", read, _number_near, same, reach)


def _finite(value: Key) -> float | None:
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _number_near(one: Key, other: Key) -> float:
    a, b = _finite(one), _finite(other)
    if a is None or b is None or a == b:
        return float(a == b)
    largest = max(abs(a), abs(b))
    return max(0.0, 1 - abs(a / largest - b / largest))


def _date(rule: FieldRule, _schema: Schema) -> Comparator:
    order, days = rule.date_order, rule.days
    size = {"day": 3, "month": 2, "year": 1}.get(rule.precision or "")

    def read(value: Json) -> Key:
        text = as_text(value)
        return None if text is None or isinstance(value, bool) else read_date(text, order)

    def same(one: Key, other: Key) -> bool:
        a, b = _tuple(one), _tuple(other)
        if size is not None and len(a) >= size and len(b) >= size:
            a, b = a[:size], b[:size]
        if a == b:
            return True
        apart = None if days is None else days_apart(a, b)
        return apart is not None and days is not None and apart <= days

    def near(one: Key, other: Key) -> float:
        apart = days_apart(_tuple(one), _tuple(other))
        return 0.0 if apart is None else max(0.0, 1 - apart / (2 * days if days else 366))

    return Comparator("date", read, near, same if size or days else None)


def _tuple(key: Key) -> tuple[int, ...]:
    return key if isinstance(key, tuple) else ()


def _enum(rule: FieldRule, schema: Schema) -> Comparator:
    members = _synonyms(rule.synonyms)
    listed = schema.get("enum")
    for member in listed if isinstance(listed, list) else []:
        if isinstance(member, str):
            members.setdefault(fold(member), fold(member))

    def read(value: Json) -> Key:
        text = as_text(value)
        folded = None if text is None else fold(text)
        return None if folded is None else members.get(folded, folded)

    return Comparator("enum", read, _text_near)


def _synonyms(synonyms: Mapping[str, tuple[str, ...]] | None) -> dict[str, str]:
    """Map every folded spelling to its folded member."""
    pairs = (synonyms or {}).items()
    return {fold(s): fold(member) for member, others in pairs for s in (member, *others)}


def _boolean(rule: FieldRule, _schema: Schema) -> Comparator:
    spellings = {"true": "true", "yes": "true", "false": "false", "no": "false"}
    spellings |= _synonyms(rule.synonyms)

    def read(value: Json) -> Key:
        text = as_text(value) if isinstance(value, bool | str) else None
        spelled = spellings.get(fold(text)) if text is not None else None
        return {"true": True, "false": False}.get(spelled or "")

    return Comparator("boolean", read, lambda _a, _b: 0.0)


_MAKERS: Mapping[str, Callable[[FieldRule, Schema], Comparator]] = {
    "exact": _exact,
    "text": _text,
    "number": _number,
    "date": _date,
    "enum": _enum,
    "boolean": _boolean,
    "identifier": _identifier,
}
