"""Validation of rule settings: the values each may have, and the message for one it may not."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias, TypeGuard

from harness.core.reading.currencies import CODES
from harness.core.reading.dates import read_offset
from harness.core.values import Json, is_blank
from harness.errors import did_you_mean

Alignment: TypeAlias = Literal["best", "key", "position", "sequence", "entity"]
Precision: TypeAlias = Literal["second", "minute", "hour", "day", "month", "year"]
Blank: TypeAlias = Literal["missing", "null", "empty_string"]
Reading: TypeAlias = str | int | float | bool

COMPARATORS: Final = (
    *("exact", "text", "number", "money", "date", "datetime", "duration"),
    *("enum", "boolean", "identifier", "circular", "set", "bag"),
)
BLANK: Final[tuple[Blank, ...]] = ("missing", "null", "empty_string")
"""What counts as an absent scalar by default; white space only is an empty string. A missing key is
absent always, and so are empty lists and objects: they hold no field."""

UNREADABLE: Final = "unreadable"
"""`unknown: unreadable`: dates that cannot be read match any, as absent ones do."""

_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "compare": COMPARATORS,
        "similarity": ("ratio", "token_set", "token_sort", "partial", "wratio", "jaro_winkler"),
        "bound": (">=", ">"),
        "decimal": (".", ","),
        "date_order": ("dmy", "mdy", "ymd"),
        "precision": ("second", "minute", "hour", "day", "month", "year"),
        "align": ("best", "key", "position", "sequence", "entity"),
    }
)
_FUNCTION: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")


def is_function(name: str) -> bool:
    """Tell whether a comparator's name is a user's own function, as `module:function`.

    >>> is_function("checks.lab:same_dose"), is_function("text"), is_function("a b:c")
    (True, False, False)
    """
    return _FUNCTION.fullmatch(name) is not None


class _Kind(NamedTuple):
    """Type of a setting."""

    fits: Callable[[object], bool]
    otherwise: str
    hint: str | None = None


def is_number(value: object) -> TypeGuard[int | float]:
    """Tell whether a value is a number; `true` is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_amount(value: object) -> bool:
    return is_number(value) and value >= 0


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _is_reading(value: object) -> bool:
    return isinstance(value, str | int | float) and not is_blank(value)


def _are_readings(value: object) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(map(_is_reading, value))


def _are_units(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(name, str) and _UNIT.fullmatch(name) for name in value)
        and all(is_number(worth) and 0 < worth < math.inf for worth in value.values())
    )


_UNIT: Final = re.compile(r"[^\d\s.,+\-]([^\d]*[^\d\s])?")


def _are_criteria(value: object) -> bool:
    weighed = isinstance(value, Mapping) and all(map(_is_amount, value.values()))
    return weighed or _is_list(value)


_LIST: Final = _Kind(_is_list, "must be a list", "write `[a, b]`")
_FLAG: Final = _Kind(_is_flag, "must be true or false")
_AMOUNT: Final = _Kind(_is_amount, "must be a number of at least 0")
_NAME: Final = _Kind(lambda v: isinstance(v, str) and bool(v), "must be a name")
_KINDS: Final[Mapping[str, _Kind]] = MappingProxyType(
    {
        "threshold": _Kind(
            lambda v: is_number(v) and 0 <= v <= 1,
            "must be a number from 0 to 1",
        ),
        "absolute": _AMOUNT,
        "relative": _AMOUNT,
        "percent": _FLAG,
        "units": _Kind(
            _are_units,
            "must map units to what each is worth",
            "write `{kg: 1, g: 0.001}`",
        ),
        "currency": _Kind(
            lambda v: isinstance(v, str) and v in CODES,
            "must be a currency's code (ISO 4217)",
            "write `USD`, `EUR`, ...",
        ),
        "days": _Kind(
            lambda v: isinstance(v, int) and _is_amount(v),
            "must be a whole number of at least 0",
        ),
        "timezone": _Kind(
            lambda v: isinstance(v, str) and read_offset(v) is not None,
            "must be an offset from UTC",
            'write "+02:00" or "Z"',
        ),
        "period": _Kind(lambda v: is_number(v) and 0 < v < math.inf, "must be a number over 0"),
        "delimiter": _Kind(lambda v: isinstance(v, str) and bool(v), "must be text", 'write ";"'),
        "synonyms": _Kind(
            lambda v: isinstance(v, Mapping),
            "must map a member to its other spellings",
            "write `{USD: [US$, dollars]}`",
        ),
        "any_of": _Kind(
            _are_readings,
            "must be a list of values that are not blank",
            "write `[a, b]`",
        ),
        "unknown": _Kind(
            lambda v: _is_list(v) or v == UNREADABLE,
            "must be a list of fields, or `unreadable`",
            "write `[a, b]`",
        ),
        "match": _Kind(_are_criteria, "must list fields, or map each to its weight"),
        "id": _NAME,
        "refers_to": _NAME,
        "blank": _Kind(
            lambda v: isinstance(v, list | tuple) and all(one in BLANK for one in v),
            f"must be a list out of {', '.join(BLANK)}",
        ),
        "weight": _Kind(
            lambda v: _is_amount(v) and v != math.inf,
            "must be a number of at least 0",
        ),
        "critical": _FLAG,
        "focus": _FLAG,
        "cumulative": _FLAG,
        "ignore": _FLAG,
    }
)


def choices_of(key: str) -> tuple[str, ...]:
    """Return the words a setting takes; none for settings that take other values.

    >>> choices_of("bound"), choices_of("days")
    (('>=', '>'), ())
    """
    return _CHOICES.get(key, ())


def flaw(key: str, value: object) -> tuple[str, str | None] | None:
    """Return what is wrong with a setting, and a hint if there is one; None if nothing is.

    >>> flaw("percent", "yes"), flaw("days", 3)
    (('must be true or false', None), None)
    >>> flaw("compare", "numbr")
    ("'numbr' is not one of its choices", "did you mean 'number'?")
    """
    if key in _CHOICES:
        if value in _CHOICES[key] or (key == "compare" and is_function(str(value))):
            return None
        return f"{value!r} is not one of its choices", did_you_mean(str(value), _CHOICES[key])
    kind = _KINDS.get(key, _LIST)
    return None if kind.fits(value) else (kind.otherwise, kind.hint)


def frozen(key: str, value: object) -> object:
    """Return a setting that fits as rules keep it: lists as tuples, mappings read-only."""
    if key == "match":
        return _weights(value)
    if isinstance(value, list | tuple):
        return tuple(value) if key == "any_of" else tuple(map(str, value))
    if isinstance(value, Mapping):
        read = {str(k): v if key == "units" else _texts(v) for k, v in value.items()}
        return MappingProxyType(read)
    return value


def _weights(value: object) -> Mapping[str, float]:
    """Return criteria with their weights; a plain list weighs each the same."""
    if isinstance(value, Mapping):
        return MappingProxyType({str(k): float(v) for k, v in value.items() if is_number(v)})
    names = value if isinstance(value, list | tuple) else ()
    return MappingProxyType({str(name): 1.0 for name in names})


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def thawed(value: object) -> Json:
    """Return a setting as JSON, as `frozen` takes it."""
    if isinstance(value, Mapping):
        return {k: v if is_number(v) else list(v) for k, v in value.items()}
    return list(value) if isinstance(value, tuple) else value  # type: ignore[return-value]  # checked when read
