"""What a comparator is: a reading of values into keys, and when two keys are the same value."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from harness.core.reading.text import similarity
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json

Key: TypeAlias = Hashable
"""What a value reads as. Two values of one field are the same if their keys are equal, unless the
comparator has a tolerance. None: the value cannot be read."""

RELATIVE: Final = 1e-9
"""How far apart, as a share of the expected value, two fractional numbers may be by default."""

FLOAT_NOISE: Final = 1e-12
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


def reach_of(rule: FieldRule) -> Callable[[float], float]:
    """Return what tells how far from an expected number the same numbers lie.

    >>> reach_of(FieldRule(absolute=5, relative=0.01))(100)
    5.0000000001
    """
    absolute, relative = rule.absolute or 0.0, rule.relative or 0.0
    if not _declared(rule):
        return lambda expected: abs(expected) * RELATIVE

    def reach(expected: float) -> float:
        size = abs(expected)
        return max(absolute, relative * size) + size * FLOAT_NOISE

    return reach


def same_number(rule: FieldRule) -> Callable[[Key, Key], bool]:
    """Return what tells whether two keys are the same number: whole ones exactly by default."""
    reach, declared = reach_of(rule), _declared(rule)

    def same(expected: Key, predicted: Key) -> bool:
        if expected == predicted:
            return True
        if not declared and expected.__class__ is int and predicted.__class__ is int:
            return False
        a, b = finite(expected), finite(predicted)
        return a is not None and b is not None and abs(a - b) <= reach(a)

    return same


def _declared(rule: FieldRule) -> bool:
    return rule.absolute is not None or rule.relative is not None


def finite(value: Key) -> float | None:
    """Return a key as a finite float, or None where it is none.

    >>> finite(3), finite("3") is None, finite(10**400) is None
    (3.0, True, True)
    """
    if not isinstance(value, int | float):
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
