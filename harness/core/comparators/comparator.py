"""Comparator: a reading of values into keys, and when two keys are the same value."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeAlias

from harness.core.reading.text import similarity
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json

Key: TypeAlias = Hashable
"""What a value reads as. Two values of one field are the same if their keys are equal, unless the
comparator has a tolerance. None: the value cannot be read."""

_SEARCH_SLACK: Final = 1e-12
"""How much further than a declared tolerance a search for the same numbers looks, in binary."""


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
    """Numbers with a tolerance: how far from an expected key the same numbers can lie, rounded up;
    None for other comparators."""
    shortlist: Callable[[str, Sequence[str]], list[tuple[int, float]]] | None = None
    """Texts with a threshold: from a key and others to the places and similarities of those that
    are the same, all of them asked at once; None for other comparators."""


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
    if not isinstance(value, int):
        return None
    try:
        return str(value)
    except ValueError:  # Python writes no decimals beyond some thousand digits
        return hex(value)


def text_near(one: Key, other: Key) -> float:
    """Return how near two keys are as texts, in [0, 1]; 0 where either is no text."""
    if not isinstance(one, str) or not isinstance(other, str):
        return 0.0
    return similarity(one, other)


def reach_of(rule: FieldRule) -> Callable[[float], float] | None:
    """Return what tells how far from an expected number the same numbers can lie, rounded up.

    None where the rule has no tolerance.

    >>> reach_of(FieldRule(absolute=5, relative=0.01))(100)
    5.0000000001
    """
    absolute, relative = rule.absolute or 0.0, rule.relative or 0.0
    if rule.absolute is None and rule.relative is None:
        return None

    def reach(expected: float) -> float:
        return max(absolute, relative * abs(expected)) + search_width(expected)

    return reach


def search_width(expected: float) -> float:
    """Return how far from a number a search for equal ones looks, in binary.

    >>> search_width(-1000)
    1e-09
    """
    return abs(expected) * _SEARCH_SLACK


def same_number(rule: FieldRule) -> Callable[[Key, Key], bool] | None:
    """Return what tells whether two numbers are within a rule's tolerance, to the last digit.

    None where the rule has none: then the same numbers are those of equal keys.

    >>> within = same_number(FieldRule(relative=0.1))
    >>> within(1, 1.1), within(1, 1.1000001)
    (True, False)
    """
    if rule.absolute is None and rule.relative is None:
        return None
    absolute, relative = (Decimal(repr(bound or 0)) for bound in (rule.absolute, rule.relative))

    def same(expected: Key, predicted: Key) -> bool:
        if expected == predicted:
            return True
        a, b = _decimal(expected), _decimal(predicted)
        if a is None or b is None:
            return False
        return abs(a - b) <= max(absolute, relative * abs(a))

    return same


def _decimal(key: Key) -> Decimal | None:
    """Return a number as its digits say; None for other keys and infinity."""
    if isinstance(key, float):
        key = Decimal(repr(key))
    elif isinstance(key, int):
        key = Decimal(key)
    return key if isinstance(key, Decimal) and key.is_finite() else None


def finite(value: Key) -> float | None:
    """Return a key as a finite float, or None where it is none.

    >>> finite(3), finite("3") is None, finite(10**400) is None
    (3.0, True, True)
    """
    if not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def number_near(one: Key, other: Key) -> float:
    """Return how near two numbers are in [0, 1]: 1 less their difference as a share of the larger.

    >>> number_near(75, 100), number_near(5, -5)
    (0.75, 0.0)
    """
    a, b = finite(one), finite(other)
    if a is None or b is None or a == b:
        return float(a == b)
    largest = max(abs(a), abs(b))
    return max(0.0, 1 - abs(a / largest - b / largest))
