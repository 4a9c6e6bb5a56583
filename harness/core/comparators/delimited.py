"""Lists written as one text: items between delimiters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from harness.core.comparators.comparator import Comparator, Key, as_text
from harness.core.reading.text import fold, plain_typography
from harness.core.rules.field_rule import FieldRule
from harness.core.values import Json

DELIMITERS: Final = ("\n", ";", "|", ",", "/")
_BULLET: Final = re.compile(r"^\s*[-*\u2022\u00b7]\s+")
_LINE_END: Final = re.compile(r"\s*[,;|]?\s*\n\s*")
_GROUPED: Final = re.compile(r"[+\-]?\d{1,3}(,\d{3})+")
"""`1,234`: as likely one number as two items."""


def read_items(text: str, delimiter: str | None = None) -> tuple[str, ...] | None:
    r"""Return a text's items, folded as texts are compared, or None where they are not certain.

    Undeclared, the delimiter is a line end, `;`, `|`, `,` or `/`, whichever alone the text has;
    where it has two of them, there is no telling. Empty items are left out.

    >>> read_items("Red, green ,blue"), read_items("- Oslo\n- Bergen"), read_items("Oslo")
    (('red', 'green', 'blue'), ('oslo', 'bergen'), ('oslo',))
    >>> read_items("Doe, Jane; Smith, John") is None, read_items("Doe, Jane; Roe, Ann", ";")
    (True, ('doe, jane', 'roe, ann'))
    """
    text = (
        plain_typography(text).replace("\u3001", ",").replace("\u060c", ",").replace("\u061b", ";")
    )
    if delimiter is None:
        text = _LINE_END.sub("\n", text.strip())
        marks = [mark for mark in DELIMITERS if mark in text]
        if len(marks) > 1 or _GROUPED.fullmatch(text):
            return None
        delimiter = marks[0] if marks else "\n"
    items = text.split(delimiter)
    if delimiter == "\n":
        items = [_BULLET.sub("", item) for item in items]
    folded = tuple(item for item in map(fold, items) if item)
    return folded or None


def set_comparator(rule: FieldRule) -> Comparator:
    """Return the comparator of lists whose order and repetitions mean nothing (Jaccard)."""

    def near(one: Key, other: Key) -> float:
        a, b = set(_items(one)), set(_items(other))
        return len(a & b) / len(a | b)

    return _comparator("set", rule, lambda items: sorted(set(items)), near)


def bag_comparator(rule: FieldRule) -> Comparator:
    """Return the comparator of lists whose order means nothing (F1 of their items)."""

    def near(one: Key, other: Key) -> float:
        a, b = Counter(_items(one)), Counter(_items(other))
        return 2 * (a & b).total() / (a.total() + b.total())

    return _comparator("bag", rule, sorted, near)


def _comparator(
    name: str,
    rule: FieldRule,
    order: Callable[[tuple[str, ...]], list[str]],
    near: Callable[[Key, Key], float],
) -> Comparator:
    def read(value: Json) -> Key:
        text = as_text(value)
        items = None if text is None else read_items(text, rule.delimiter)
        return None if items is None else (name, tuple(order(items)))

    threshold = rule.threshold
    if threshold is None:
        return Comparator(name, read, near)
    if rule.bound == ">":
        return Comparator(name, read, near, lambda a, b: a == b or near(a, b) > threshold)
    return Comparator(name, read, near, lambda a, b: near(a, b) >= threshold)


def _items(key: Key) -> tuple[str, ...]:
    assert isinstance(key, tuple)  # noqa: S101  # keys are what `read` returns
    texts: tuple[str, ...] = key[1]
    return texts
