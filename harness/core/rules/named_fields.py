"""Names of fields in rules: names inside a rule that no item bears, and names nearly a field's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final

from rapidfuzz.distance import OSA

from harness.core.rules.field_rule import FieldRule
from harness.core.rules.rule_names import ANY_KEY, ITEM, FieldSteps, field_steps
from harness.core.rules.rule_settings import UNREADABLE
from harness.core.values import Json
from harness.errors import Problem, did_you_mean

_NAMING: Final = ("key", "match", "id", "unknown", "unordered")
"""The settings that name fields of a list's items."""
_FOLDS: Final = (ITEM, ANY_KEY)
_SLIP: Final = 4
"""Letters of a key from which one letter is a slip."""
_NEAR: Final = 0.8
"""Likeness of two keys from which one is taken for the other, misspelt."""


def named_fields(rule: FieldRule) -> Iterator[tuple[str, str]]:
    """Yield each setting of a list's rule that names fields of its items, with each name.

    >>> list(named_fields(FieldRule(align="key", key=("sku", "size"))))
    [('key', 'sku'), ('key', 'size')]
    """
    for setting in _NAMING:
        for name in _names(getattr(rule, setting)):
            yield setting, name


def _names(setting: object) -> Iterator[str]:
    """Yield the fields that a setting names; `name + last_name` names two."""
    if setting == UNREADABLE:
        return
    each = (
        (setting,) if isinstance(setting, str) else setting if isinstance(setting, Iterable) else ()
    )
    for one in each:
        yield from (part.strip() for part in str(one).split("+"))


def unborne(rule: str, setting: str, name: str, known: Iterable[str]) -> Problem:
    """Return the error about a name inside a rule that no item bears.

    >>> print(unborne("rows", "key", "sqku", ["sku", "qty"]))
    rules.rows.key: no item has a field 'sqku' [unknown-field]
      hint: did you mean 'sku'?
    """
    what = f"rules.{rule}.{setting}: no item has a field {name!r}"
    return Problem(what, "unknown-field", hint=did_you_mean(name, known))


def values_at(value: Json, steps: FieldSteps) -> Iterator[Json]:
    """Yield the values that stand at a field, one for each item on the way; null is one, too.

    >>> list(values_at({"rows": [{"sku": 1}, {}, {"sku": None}]}, ("rows", "[]", "sku")))
    [1, None]
    """
    if not steps:
        yield value
    elif isinstance(value, list) and steps[0] == ITEM:
        for item in value:
            yield from values_at(item, steps[1:])
    elif isinstance(value, dict) and steps[0] == ANY_KEY:
        for entry in value.values():
            yield from values_at(entry, steps[1:])
    elif isinstance(value, dict) and steps[0] in value:
        yield from values_at(value[steps[0]], steps[1:])


def near_field(name: str, fields: Iterable[str]) -> str | None:
    """Return the field that a rule's name is nearly: one key misspelt, or every `[]` left out.

    >>> near_field("rows[].Qty", ["rows", "rows[].qty"]), near_field("rows.qty", ["rows[].qty"])
    ('rows[].qty', 'rows[].qty')
    >>> near_field("rows[].qty", ["rows.qty"]) is None
    True
    """
    steps = field_steps(name)
    keys = _keys(steps)
    near: dict[str, float] = {}
    for other in fields:
        others = field_steps(other)
        apart = [pair for pair in zip(keys, _keys(others), strict=False) if pair[0] != pair[1]]
        is_alike = len(keys) == len(steps) or _folds(steps) == _folds(others)
        if len(_keys(others)) != len(keys) or len(apart) > 1 or not is_alike:
            continue
        near[other] = _likeness(*apart[0]) if apart else 1.0
    best = max(sorted(near), key=lambda other: near[other], default=None)
    return best if best is not None and near[best] >= _NEAR else None


def near_key(key: str, keys: Iterable[str]) -> str | None:
    """Return the key that another is nearly: that one misspelt.

    >>> near_key("kynd", ["kind", "note"]), near_key("when", ["kind", "who"])
    ('kind', None)
    """
    best = max(sorted(keys), key=lambda other: _likeness(key, other), default=None)
    return best if best is not None and _likeness(key, best) >= _NEAR else None


def _likeness(one: str, other: str) -> float:
    """Return how near two keys are in [0, 1]: case and one slip in four letters do not matter."""
    one, other = one.casefold(), other.casefold()
    if one == other or (min(len(one), len(other)) >= _SLIP and OSA.distance(one, other) == 1):
        return 1.0
    return SequenceMatcher(None, one, other).ratio()


def _keys(steps: FieldSteps) -> list[str]:
    """Return the keys of a field, those of items and entries left out."""
    return [step for step in steps if step not in _FOLDS]


def _folds(steps: FieldSteps) -> list[tuple[int, str]]:
    """Return where a field goes into items and entries."""
    return [(at, step) for at, step in enumerate(steps) if step in _FOLDS]
