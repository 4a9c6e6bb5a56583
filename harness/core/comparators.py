"""Comparators: how a value is read, and when two readings are the same value.

A comparator reads both sides leniently into keys. Whether the prediction's *format* was right is
the schema's business (`validity`), so that a right value in a wrong format can be told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from harness.core.comparator import (
    Comparator,
    Key,
    as_text,
    finite,
    number_near,
    reach_of,
    same_number,
    text_near,
)
from harness.core.dates import days_apart, read_date
from harness.core.delimited import bag_comparator, set_comparator
from harness.core.durations import duration_comparator
from harness.core.moments import datetime_comparator
from harness.core.money import money_comparator
from harness.core.numbers import read_number, read_quantity
from harness.core.rules import FieldRule
from harness.core.settings import is_number
from harness.core.text import fold, identifier, similar, similarity
from harness.core.validity import Schema
from harness.core.values import Json

__all__ = ["Comparator", "Key", "as_text", "comparator_for", "exact_key"]


def comparator_for(name: str, rule: FieldRule, schema: Schema) -> Comparator:
    """Return the named comparator with a rule's settings.

    >>> number = comparator_for("number", FieldRule(relative=0.01), {})
    >>> number.same(100, number.read("$100.90"))
    True
    """
    return _MAKERS[name](rule, schema)


def _exact(_rule: FieldRule, _schema: Schema) -> Comparator:
    return Comparator("exact", exact_key, text_near)


def exact_key(value: Json) -> Key:
    """Return a key that only the same JSON value has: `true` is not 1, 5 is 5.0.

    >>> exact_key(True) == exact_key(1), exact_key(5) == exact_key(5.0)
    (False, True)
    """
    if isinstance(value, list | dict):
        return None
    return ("boolean", value) if isinstance(value, bool) else value


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
    strictly = rule.bound == ">"

    def enough(similarity: float) -> bool:
        return similarity > threshold or (similarity == threshold and not strictly)

    def same(one: Key, other: Key) -> bool:
        return one == other or enough(near(one, other))

    def shortlist(one: str, others: Sequence[str]) -> list[tuple[int, float]]:
        found = similar(one, others, threshold, measure)
        return [(at, near) for at, near in found if enough(near) or one == others[at]]

    return Comparator("text", read, near, same, None, shortlist)


def _identifier(_rule: FieldRule, _schema: Schema) -> Comparator:
    def read(value: Json) -> Key:
        text = as_text(value)
        return None if text is None else identifier(text)

    return Comparator("identifier", read, text_near)


def _number(rule: FieldRule, _schema: Schema) -> Comparator:
    decimal, percent, units = rule.decimal or ".", bool(rule.percent), rule.units

    def read(value: Json) -> Key:
        if isinstance(value, str):
            return read_number(value, decimal, percent=percent)
        return value if isinstance(value, int | float) and value.__class__ is not bool else None

    def read_in_units(value: Json) -> Key:
        if isinstance(value, str) and units is not None:
            return read_quantity(value, units, decimal)
        return read(value)

    reader = read if units is None else read_in_units
    return Comparator("number", reader, number_near, same_number(rule), reach_of(rule))


def _circular(rule: FieldRule, _schema: Schema) -> Comparator:
    period, decimal = rule.period or FULL_CIRCLE, rule.decimal or "."
    reach = (rule.absolute or 0.0) + period * 1e-9

    def read(value: Json) -> Key:
        number = read_number(value, decimal) if isinstance(value, str) else value
        found = finite(number) if is_number(number) else None
        return None if found is None else found % period

    def apart(one: Key, other: Key) -> float:
        a, b = finite(one) or 0.0, finite(other) or 0.0
        return min(abs(a - b), period - abs(a - b))

    def same(one: Key, other: Key) -> bool:
        return apart(one, other) <= reach

    return Comparator("circular", read, lambda a, b: max(0.0, 1 - 2 * apart(a, b) / period), same)


FULL_CIRCLE: Final = 360.0
"""The period of an angle in degrees."""


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

    return Comparator("enum", read, text_near)


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


def _by_rule(make: Callable[[FieldRule], Comparator]) -> Callable[[FieldRule, Schema], Comparator]:
    return lambda rule, _schema: make(rule)


_MAKERS: Final[Mapping[str, Callable[[FieldRule, Schema], Comparator]]] = MappingProxyType(
    {
        "exact": _exact,
        "text": _text,
        "number": _number,
        "money": _by_rule(money_comparator),
        "date": _date,
        "datetime": _by_rule(datetime_comparator),
        "duration": _by_rule(duration_comparator),
        "enum": _enum,
        "boolean": _boolean,
        "identifier": _identifier,
        "circular": _circular,
        "set": _by_rule(set_comparator),
        "bag": _by_rule(bag_comparator),
    }
)
